"""How good the guesses are: on a file of labelled posts, and on what the curator chose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.classify.examples import Example, read_examples
from aggregator.classify.holdout import Figures, measure_sections
from aggregator.classify.model import SectionModel
from aggregator.classify.training import Row, make_row
from aggregator.digest.escape import unescape_text
from aggregator.exceptions import ExampleError
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest, list_printed
from aggregator.types import Month

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a file, and how fast its records became guesses."""

    figures: Figures
    n: int
    posts_per_second: float


def load_examples(file: Path) -> list[Example]:
    """Raises ExampleError for a file that cannot be read, naming the line where one is wrong."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExampleError("this is no text in UTF-8", file=str(file)) from error
    except OSError as error:
        raise ExampleError(error.strerror or str(error), file=str(file)) from error
    return read_examples(text.split("\n"), str(file))


def measure_examples(model: SectionModel, examples: Sequence[Example]) -> Measured:
    """Guess the section of each example and compare; the time is that of the processor, from record to guess."""
    start = time.process_time()
    guesses = [
        guess
        for first in range(0, len(examples), _BATCH)
        for guess in model.guess([each.to_post(first + n) for n, each in enumerate(examples[first : first + _BATCH])])
    ]
    seconds = time.process_time() - start
    figures = measure_sections(
        [example.section for example in examples],
        [{str(part): p for part, p in guess.parts.items()} for guess in guesses],
        [{str(topic): p for topic, p in guess.topics.items()} for guess in guesses],
    )
    return Measured(figures, len(examples), len(examples) / max(seconds, 1e-9))


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
