"""Measures the guesses on a file of labelled posts, and gathers what the curator chose."""

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
from aggregator.locales import t
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest, list_printed
from aggregator.types import Month, Taxonomy

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Measured:
    """The metrics of a file by group ("all" first), and how fast its records were guessed."""

    groups: dict[str, GroupMetrics]
    n: int
    posts_per_second: float


def load_examples(file: Path, taxonomy: Taxonomy) -> list[Example]:
    """Load labelled posts. Raises ExampleError with the line if the file cannot be read or has a mistake."""
    return read_examples(load_text(file), str(file), taxonomy)


def measure_examples(model: SectionModel, examples: Sequence[Example]) -> Measured:
    """Guess each example and compare. The time is processor time, from record to guess.

    Raises ModelNotTrainedError if the model has not learned parts, topics and scope.
    """
    start = time.process_time()
    posts = [example.to_post(number) for number, example in enumerate(examples)]
    guesses = [guess for first in range(0, len(posts), _BATCH) for guess in model.guess(posts[first : first + _BATCH])]
    seconds = time.process_time() - start
    if any(guess.section is None or guess.out_of_scope is None for guess in guesses):
        raise ModelNotTrainedError(
            t(
                "{version} cannot tell parts, topics and scope yet; `aggregator model list` says what it needs",
                version=model.version,
            )
        )
    judged = [Judged(*each) for each in zip(examples, posts, guesses, strict=True)]
    return Measured(measure_groups(judged, model.taxonomy), len(examples), len(examples) / max(seconds, 1e-9))


def gather_printed(connection: Connection) -> list[tuple[Month, list[Row]]]:
    """Gather the lines of every published digest as rows, oldest month first."""
    return sorted(
        ((month, _list_rows(month, printed)) for printed in list_printed(connection) if (month := _name(printed))),
        key=lambda pair: pair[0],
    )


def _name(printed: StoredDigest) -> Month | None:
    """The month of a digest, or of the newest line of a page."""
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
