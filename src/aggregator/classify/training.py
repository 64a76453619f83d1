"""The rows that the project ships to learn from, each with its provenance.

``digest-2023-01.jsonl`` holds bibliographic facts of the published January 2023 digest (title, address, organisation,
section); ``written-*.jsonl`` holds examples invented for this project: no row of them is a real post.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib import resources

from aggregator.classify.features import Document, describe
from aggregator.types import Part, Section, Topic

_AWS_HOST = "aws.amazon.com"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled example. No section means: none of the digest's business."""

    document: Document
    section: Section | None
    origin: str
    #: How much the row counts: what the curator really printed counts more than what was invented.
    weight: float = 1.0


def load_shipped_rows() -> list[Row]:
    """All rows of ``classify/data``, in the order of their files."""
    return [_read_row(data) for data in _load_data()]


def load_shipped_titles() -> list[tuple[str, bool]]:
    """Titles that a digest printed (True), and titles written as examples of what is none of its business (False)."""
    rows = _load_data()
    return [
        (data["title"] or "", data["part"] != "out")
        for data in rows
        if data["part"] == "out" or (data["origin"] or "").startswith("digest")
    ]


def _load_data() -> list[dict[str, str | None]]:
    folder = resources.files("aggregator.classify") / "data"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".jsonl")), key=lambda file: file.name)
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def name_version(rows: Sequence[Row], recipe: str) -> str:
    """A name that changes exactly when the rows or the recipe change, so that every guess tells what made it."""
    mark = blake2b(recipe.encode(), digest_size=5)
    for row in rows:
        mark.update(repr(row).encode())
    return f"sections-{mark.hexdigest()}"


def _read_row(data: dict[str, str | None]) -> Row:
    host = data["host"] or ""
    document = describe(
        title=data["title"] or "",
        text=data.get("summary") or "",
        host=host,
        organisation=data["organisation"],
        aws_blog=host == _AWS_HOST,
    )
    origin = data["origin"] or ""
    section = None if data["part"] == "out" else Section(Part(data["part"] or ""), Topic(data["topic"] or ""))
    return Row(document, section, origin, weight=2.0 if origin.startswith("digest") else 1.0)
