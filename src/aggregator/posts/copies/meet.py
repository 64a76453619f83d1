"""Which posts are compared: those that meet often enough, and not in a crowd. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

#: Where more posts than these share something, it is not a sign of copies: a licence, a much used repository.
CROWD = 24
#: Posts that one is compared with: those with which it shares most.
MOST_MET = 12


def choose_met(found: Mapping[int, Collection[int]], stored: Mapping[int, Collection[int]]) -> set[tuple[int, int]]:
    """Pairs to compare, each with the smaller number first.

    *found* are the meetings of some posts, *stored* for each of these meetings other posts that have it.
    """
    here: dict[int, set[int]] = defaultdict(set)
    for number, meetings in found.items():
        for meeting in meetings:
            here[meeting].add(number)
    pairs: set[tuple[int, int]] = set()
    for number, meetings in found.items():
        shared: dict[int, float] = defaultdict(float)
        for meeting in meetings:
            others = here[meeting].union(stored.get(meeting, ()))
            if len(others) <= CROWD:
                for other in others - {number}:
                    # What few share says more.
                    shared[other] += 1 / len(others)
        best = sorted(shared, key=lambda other: (-shared[other], other))[:MOST_MET]
        pairs.update((min(number, other), max(number, other)) for other in best)
    return pairs


def leave_crowds(found: Mapping[int, Collection[int]], stored: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    """The meetings that are worth storing: those that a crowd has already stay a crowd without more posts."""
    return {
        number: {meeting for meeting in meetings if len({number, *stored.get(meeting, ())}) <= CROWD + 1}
        for number, meetings in found.items()
    }
