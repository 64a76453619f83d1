"""Finds wording in titles that says what sort of post it is: first-hand, an announcement, a round-up, an event. Pure.

Only titles are read: a text may mention anything, and how much of it feeds give differs from source to source.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from aggregator.rank.evidence import HEADLINES
from aggregator.text.cues import Finder
from aggregator.text.html import LONGEST_TITLE

# So many headlines, of so many words each in the mean, make a title the contents of a round-up.
_HEADLINES, _HEADLINE_WORDS = 4, 3


class Cue(NamedTuple):
    """What speaks for a sort first, in words, and how much different wording does."""

    said: str
    times: int


def find_cues(title: str) -> dict[str, Cue]:
    """For each sort that the wording of a title speaks for, what was found."""
    title = title[:LONGEST_TITLE]
    low = title.lower()
    hits: dict[str, dict[str, None]] = {}
    ends: dict[str, int] = {}
    for start, end, sort in _load_cues().read(low).found:
        # What overlaps is one wording: "how we built".
        if start >= ends.get(sort, 0):
            hits.setdefault(sort, {})[f"“{low[start:end]}”"] = None
            ends[sort] = end
    if headlines := _count_headlines(title):
        hits.setdefault("round_up", {})[HEADLINES.format(number=headlines)] = None
    return {sort: Cue(next(iter(said)), len(said)) for sort, said in hits.items()}


@cache
def _load_cues() -> Finder:
    return Finder("aggregator.rank", {"cues": ""}, numbers=True)


def _count_headlines(title: str) -> int:
    """How many headlines a title strings together with commas; 0 for a mere list of words."""
    if title.count(", ") < _HEADLINES - 1:
        return 0
    lengths = [len(headline.split()) for headline in title.split(", ")]
    is_contents = sum(length > 1 for length in lengths) >= _HEADLINES and sum(lengths) >= _HEADLINE_WORDS * len(lengths)
    return len(lengths) if is_contents else 0
