"""Posts that explain a score: the nearest ones that the curator approved, and the nearest ones they rejected. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.rank.preference import Label
from aggregator.rank.ranking import find_label
from aggregator.rank.similarity import Titles
from aggregator.rank.wording import list_words
from aggregator.types import Candidate

# Less is chance: one common word.
_LEAST_NEARNESS = 0.1


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A post that something was said of, and how near its title is, 0 to 1."""

    candidate: Candidate
    nearness: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The nearest first."""

    approved: tuple[Neighbour, ...]
    rejected: tuple[Neighbour, ...]


def find_evidence(candidate: Candidate, decided: Sequence[Candidate], most: int = 3) -> Evidence:
    """The approved (or printed) and the rejected posts that are nearest to a candidate, itself left out."""
    others = [other for other in decided if other.post.id != candidate.post.id]
    titles = Titles([list_words(other.post.title) for other in others])
    nearness = titles.compare([list_words(candidate.post.title)]).toarray()[0]
    neighbours = [
        Neighbour(other, round(min(float(near), 1.0), 3))
        for other, near in zip(others, nearness, strict=True)
        if near >= _LEAST_NEARNESS
    ]
    neighbours.sort(key=lambda each: (-each.nearness, each.candidate.post.id))

    def pick(label: Label) -> tuple[Neighbour, ...]:
        return tuple(each for each in neighbours if find_label(each.candidate, is_closed=False) is label)[:most]

    return Evidence(approved=pick(Label.PRINTED), rejected=pick(Label.REJECTED))
