"""Blocking: which pairs of posts are compared at all. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

#: A key that more posts share is not a sign of copies: a licence, a much used repository.
LARGEST_BLOCK = 24
#: A post is compared with this many others: those that share most of its keys.
MOST_COMPARED = 12


def choose_pairs(keys: Mapping[int, Collection[int]], stored: Mapping[int, Collection[int]]) -> set[tuple[int, int]]:
    """The pairs to compare, each with the smaller number first.

    *keys* are the blocking keys of some posts; *stored* are, for each of these keys, the posts stored with it.
    """
    here: dict[int, set[int]] = defaultdict(set)
    for number, own in keys.items():
        for key in own:
            here[key].add(number)
    pairs: set[tuple[int, int]] = set()
    for number, own in keys.items():
        shared: dict[int, float] = defaultdict(float)
        for key in own:
            block = here[key].union(stored.get(key, ()))
            if len(block) <= LARGEST_BLOCK:
                for other in block - {number}:
                    # A key that few posts share says more.
                    shared[other] += 1 / len(block)
        best = sorted(shared, key=lambda other: (-shared[other], other))[:MOST_COMPARED]
        pairs.update((min(number, other), max(number, other)) for other in best)
    return pairs


def drop_large_blocks(
    keys: Mapping[int, Collection[int]], stored: Mapping[int, Collection[int]]
) -> dict[int, set[int]]:
    """The keys that are worth storing. A block that is too large already stays so without more posts."""
    return {
        number: {key for key in own if len({number, *stored.get(key, ())}) <= LARGEST_BLOCK + 1}
        for number, own in keys.items()
    }
