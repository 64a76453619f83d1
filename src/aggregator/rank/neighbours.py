"""The decided posts that a post is most like, by title: evidence for or against its score. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from aggregator.rank.similarity import Array, Titles
from aggregator.rank.wording import list_words

# Less is chance: one common word.
_LEAST = 0.1


class Decided(NamedTuple):
    """A post that something was said of, as far as titles are compared."""

    post_id: int
    title: str
    #: Whether it was approved; rejected otherwise.
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Near:
    """A decided post, and how like it is, 0 to 1."""

    post_id: int
    similarity: float


class Neighbourhood:
    """The posts decided so far. Words are read once, for verdicts are many and titles stay."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: dict[str, Array] = {}
        self._decided: list[Decided] = []
        self._titles = Titles([])

    def read(self, decided: Sequence[Decided]) -> None:
        """Know these posts, in place of those known before."""
        self._words = {each.title: self._read_words(each.title) for each in decided}
        self._decided = list(decided)
        self._titles = Titles([self._words[each.title] for each in decided])

    def find_near(self, post_id: int, title: str, *, most: int) -> tuple[list[Near], list[Near]]:
        """The approved and the rejected posts nearest to a title, without the post itself; the nearest first."""
        if not self._decided:
            return [], []
        row = self._titles.compare([self._read_words(title)])
        near = sorted(
            (-min(round(float(value), 6), 1.0), self._decided[place])
            for place, value in zip(row.indices, row.data, strict=True)
            if value >= _LEAST and self._decided[place].post_id != post_id
        )
        approved, rejected = (
            [Near(each.post_id, -value) for value, each in near if each.is_approved is is_approved][:most]
            for is_approved in (True, False)
        )
        return approved, rejected

    def _read_words(self, title: str) -> Array:
        if (known := self._words.get(title)) is not None:
            return known
        numbers = self._numbers
        return np.array([numbers.setdefault(word, len(numbers)) for word in list_words(title)], dtype=np.int32)
