"""How good guesses of sections are on posts that were not fitted, how sure, and how fast.

    python bench/sections.py [FOLDER WITH labelled.jsonl AND candidates.jsonl]

The model is fitted on the written rows alone: then the lines of the January 2023 digest are posts it never saw, and so
are, where they are at hand, those of other printed posts and the titles of a public list (topics only). "aggregator
evaluate classify" has the cross-validation. The lines of the digest are also measured with the organisation that a feed
would give to all that AWS publishes. Times are those of the processor.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from aggregator.classify.features import Document, describe
from aggregator.classify.metrics import AxisMetrics, measure_axis
from aggregator.classify.model import SectionModel, fit_model, load_model
from aggregator.classify.training import load_shipped_rows
from aggregator.evaluate.holdout import measure_sections
from aggregator.shipped import SHIPPED
from world import make_post

Thing = TypeVar("Thing")
DATA = Path(__file__).parents[1] / "src" / "aggregator" / "classify" / "data"


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def to_document(record: dict[str, Any]) -> Document:
    return describe(
        title=record["title"],
        text=record.get("summary") or "",
        url=record.get("url") or f"https://{record['host']}/",
        organisation=record.get("organisation") or record.get("org"),
    )


def tell(name: str, axis: str, figures: AxisMetrics, rest: str = "") -> None:
    print(
        f"{name:40} {axis:6} n {figures.n:5}  right {figures.accuracy:.3f}  macro-F1 {figures.macro_f1:.3f}  "
        f"among first two {figures.top2_accuracy:.3f}  ECE {figures.ece:.3f}  {rest}"
    )


def tell_sections(name: str, model: SectionModel, records: Sequence[dict[str, Any]]) -> None:
    belief = model.believe([to_document(record) for record in records])
    figures = measure_sections(
        [SHIPPED.get_section(record["part"], record["topic"]) for record in records],
        [dict(zip(SHIPPED.parts, map(float, row), strict=True)) for row in belief.parts],
        [dict(zip(SHIPPED.topics, map(float, row), strict=True)) for row in belief.topics],
        SHIPPED,
    )
    tell(name, "topic", figures.topic)
    _, aws = figures.reserved
    tell(name, "part", figures.part, f"AWS {aws.precision:.3f} {aws.recall:.3f} {aws.f1:.3f}")


def tell_topics(name: str, model: SectionModel, records: Sequence[dict[str, Any]]) -> None:
    belief = model.believe([to_document(record) for record in records])
    beliefs = [dict(zip(map(str, SHIPPED.topics), map(float, row), strict=True)) for row in belief.topics]
    tell(name, "topic", measure_axis([record["topic"] for record in records], beliefs))


def name_aws(records: Sequence[dict[str, Any]], organisation: str | None) -> list[dict[str, Any]]:
    """As a feed gives them that names the same organisation for all posts of the AWS blogs."""
    return [
        record | {"organisation": organisation} if "aws.amazon.com" in record["host"] else record for record in records
    ]


def bench_quality(folder: Path) -> None:
    digest = read(DATA / "digest-2023-01.jsonl")
    model = fit_model([row for row in load_shipped_rows() if not row.is_real])
    tell_sections("January 2023 digest", model, digest)
    for organisation in ("Amazon", "AWS", None):
        tell_sections(f"  with {organisation} for all of AWS", model, name_aws(digest, organisation))
    if (folder / "candidates.jsonl").is_file():
        known = {record["title"].casefold() for record in digest}
        printed = [record for record in read(folder / "candidates.jsonl") if record["printed"]]
        tell_sections("printed, October to January", model, printed)
        others = [record for record in printed if record["title"].casefold() not in known]
        tell_sections("  of these not by the digest's title", model, others)
    if (folder / "labelled.jsonl").is_file():
        listed = read(folder / "labelled.jsonl")
        tell_topics("public list", model, listed)
        tell_topics("  of these in Korean", model, [each for each in listed if each.get("language") == "ko"])


def timed(work: Callable[[], Thing]) -> tuple[float, Thing]:
    """Seconds of the processor, and what came of the work."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def bench_speed() -> None:
    rows = load_shipped_rows()
    seconds, model = timed(lambda: fit_model(rows))
    print(f"fit {len(rows):,} rows: {seconds:.2f} s, {len(model.vocabulary.weights):,} features")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.npz"
        seconds, _ = timed(lambda: model.save(file))
        print(f"save {seconds:.2f} s, {file.stat().st_size / 1e6:.2f} MB")
        seconds, _ = timed(lambda: load_model(file, model.version))
        print(f"load {seconds:.3f} s")
    for language in ("en", "ko"):
        posts = make_posts(language)
        seconds, _ = timed(partial(model.guess, posts))
        print(f"guess {len(posts):,} posts of 4,000 characters ({language}): {len(posts) / seconds:,.0f} posts/s")


def make_posts(language: str) -> list[Any]:
    """Of the sentences of the written rows, in another order for each."""
    random = Random(1)
    rows = [row for file in sorted(DATA.glob("written-*.jsonl")) for row in read(file) if row["language"] == language]
    texts = [row["summary"] for row in rows if row["summary"]]
    return [
        make_post(
            number,
            title=random.choice(rows)["title"],
            text=" ".join(random.choices(texts, k=60))[:4000],
            url=f"https://tech.haneul.example/2022/12/some-words-of-the-title-{number}",
        )
        for number in range(5000)
    ]


if __name__ == "__main__":
    bench_quality(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared")
    bench_speed()
