"""How often a proposed title is the one that was printed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.digest.escape import escape_text
from aggregator.digest.house.lessons import NOTHING, learn_apart
from aggregator.digest.house.propose import propose_title
from aggregator.evaluate.json_lines import read_records
from aggregator.types import TitlePair


@dataclass(frozen=True, slots=True)
class Proposed:
    """A pair, and what was proposed for its own title by all other pairs."""

    pair: TitlePair
    title: str

    @property
    def is_equal(self) -> bool:
        return self.title == self.pair.printed

    @property
    def is_closer(self) -> bool:
        """Whether fewer words have to be typed than without the proposal."""
        printed = self.pair.printed.split()
        return _count_changes(self.title.split(), printed) < _count_changes(self.pair.original.split(), printed)


@dataclass(frozen=True, slots=True)
class TitleMetrics:
    """Shares of all pairs."""

    n: int
    #: Proposed as printed.
    equal_share: float
    #: Printed as they came.
    baseline_share: float
    #: Proposed closer to what was printed than they came; those that came as printed cannot be.
    closer_share: float


def read_pairs(text: str, file: str) -> list[TitlePair]:
    """Read the object with ``url``, ``original`` and ``printed`` on each line. Raises ExampleError with the line."""
    return read_records(text, file, _read_pair)


def _read_pair(data: dict[str, Any]) -> TitlePair:
    for key in ("original", "printed"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise ValueError(f"{key}: {data.get(key)!r} is not a title")
    url = data.get("url") or ""
    if not isinstance(url, str):
        raise ValueError(f"url: {url!r} is not a text")
    return TitlePair(data["original"], data["printed"], url)


def propose_each(pairs: Sequence[TitlePair], *, rules_only: bool = False) -> list[Proposed]:
    """Propose a title for each pair by the rules and by what all other pairs teach."""
    lessons, votes = learn_apart(pairs)
    return [
        Proposed(
            pair,
            propose_title(escape_text(pair.original), NOTHING if rules_only else lessons.leave_out(own), url=pair.url)[
                0
            ],
        )
        for pair, own in zip(pairs, votes, strict=True)
    ]


def measure_titles(proposed: Sequence[Proposed]) -> TitleMetrics:
    """Measure proposals; there is at least one."""
    n = len(proposed)
    return TitleMetrics(
        n=n,
        equal_share=sum(one.is_equal for one in proposed) / n,
        baseline_share=sum(one.pair.original == one.pair.printed for one in proposed) / n,
        closer_share=sum(one.is_closer for one in proposed) / n,
    )


def _count_changes(own: Sequence[str], new: Sequence[str]) -> int:
    """The number of words to insert, remove or replace."""
    row = list(range(len(new) + 1))
    for count, word in enumerate(own, 1):
        before, row[0] = row[0], count
        for at, other in enumerate(new, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1]
