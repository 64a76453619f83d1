"""How good the guesses are: on a file of labelled posts, and on what the curator chose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.classify.model import SectionModel
from aggregator.classify.training import Row, make_row
from aggregator.digest.escape import unescape_text
from aggregator.evaluate.examples import Example, read_examples
from aggregator.evaluate.groups import GroupMetrics, Judged, measure_groups
from aggregator.evaluate.json_lines import load_text
from aggregator.exceptions import ModelNotTrainedError
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest, list_printed
from aggregator.types import Month, Taxonomy

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a file by groups ("all" first), and how fast its records became guesses."""

    groups: dict[str, GroupMetrics]
    n: int
    posts_per_second: float


def load_examples(file: Path, taxonomy: Taxonomy) -> list[Example]:
    """Raises ExampleError for a file that cannot be read, naming the line where one is wrong."""
    return read_examples(load_text(file), str(file), taxonomy)


def measure_examples(model: SectionModel, examples: Sequence[Example]) -> Measured:
    """Guess each example and compare; the time is that of the processor, from record to guess.

    Raises ModelNotTrainedError for a model that has not learned to tell parts, topics and scope.
    """
    start = time.process_time()
    posts = [example.to_post(number) for number, example in enumerate(examples)]
    guesses = [guess for first in range(0, len(posts), _BATCH) for guess in model.guess(posts[first : first + _BATCH])]
    seconds = time.process_time() - start
    if any(guess.section is None or guess.out_of_scope is None for guess in guesses):
        raise ModelNotTrainedError(
            f"{model.version} cannot tell parts, topics and scope yet; `aggregator model list` says what it needs"
        )
    judged = [Judged(*each) for each in zip(examples, posts, guesses, strict=True)]
    return Measured(measure_groups(judged, model.taxonomy), len(examples), len(examples) / max(seconds, 1e-9))


def gather_printed(connection: Connection) -> list[tuple[Month, list[Row]]]:
    """The lines of every digest that was published, as rows, oldest month first."""
    return sorted(
        ((month, _list_rows(month, printed)) for printed in list_printed(connection) if (month := _name(printed))),
        key=lambda pair: pair[0],
    )


def _name(printed: StoredDigest) -> Month | None:
    """The month of a digest; of a page, that of its newest line."""
    return printed.month or max((line.month for line in printed.digest.lines if line.month), default=None)


def _list_rows(month: Month, printed: StoredDigest) -> list[Row]:
    return [
        make_row(
            unescape_text(line.title).replace("*", ""),
            line.url,
            line.organisation and unescape_text(line.organisation),
            line.section,
            origin=f"digest {month}",
        )
        for line in printed.digest.lines
    ]
