"""The decided posts that a post is most like, by title: evidence for or against its score. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregator.rank.similarity import Titles

# What is less alike has a common word or two.
_LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Decided:
    """A post that something was said of, as far as titles are compared."""

    post_id: int
    title: str
    #: Whether it was printed or approved; rejected otherwise.
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Near:
    """A decided post, and how like it is, 0 to 1."""

    post_id: int
    similarity: float


class Neighbourhood:
    """The posts decided so far, read once and asked often."""

    def __init__(self, decided: Sequence[Decided]) -> None:
        self._decided = list(decided)
        self._titles = Titles([each.title for each in decided])
        self._is_approved = np.array([each.is_approved for each in decided], dtype=bool)

    def find_near(self, post_id: int, title: str, *, most: int) -> tuple[list[Near], list[Near]]:
        """The approved and the rejected posts nearest to a title, without the post itself; the nearest first."""
        if not self._decided:
            return [], []
        row = self._titles.compare([title])
        order = sorted(
            (-round(float(value), 6), self._decided[place].post_id, place)
            for place, value in zip(row.indices, row.data, strict=True)
            if value >= _LEAST and self._decided[place].post_id != post_id
        )
        found: tuple[list[Near], list[Near]] = ([], [])
        for value, number, place in order:
            side = found[0] if self._is_approved[place] else found[1]
            if len(side) < most:
                side.append(Near(number, min(-value, 1.0)))
        return found
