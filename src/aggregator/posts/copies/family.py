"""What the pairs in force say of a post and its copies. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aggregator.types import Pair, Sameness

#: Two posts, the lower number first.
Ordered = tuple[int, int]


def find_best(number: int, family: Iterable[int], pairs: Mapping[Ordered, Pair]) -> Pair | None:
    """What says most that a post belongs to its family: a person's word, else the highest score."""
    said = [pairs.get((min(number, other), max(number, other))) for other in family if other != number]
    same = [pair for pair in said if pair and pair.said is Sameness.SAME]
    return max(same, key=lambda pair: (pair.is_by_hand, pair.score, -pair.id), default=None)


def list_proposed(family: set[int], pairs: Mapping[Ordered, Pair]) -> dict[int, Pair]:
    """The posts outside of a family that may belong to it, unless the curator told one of the family from them.

    What is the same as one of the family may stand outside too: it has a verdict, or is apart from another of them.
    """
    proposed: dict[int, Pair] = {}
    parted = set()
    for (first, second), pair in sorted(pairs.items()):
        inside, outside = (first, second) if first in family else (second, first)
        if inside not in family or outside in family:
            continue
        if pair.said is not Sameness.DIFFERENT and (outside not in proposed or pair.score > proposed[outside].score):
            proposed[outside] = pair
        elif pair.is_by_hand and pair.said is Sameness.DIFFERENT:
            parted.add(outside)
    return {number: pair for number, pair in proposed.items() if number not in parted}
