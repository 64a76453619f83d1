"""Wording of titles that tells what sort of post it is: first-hand, an announcement, a round-up, an event. Pure.

Titles alone: a text may mention anything, and what feeds give of it differs from source to source.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NamedTuple

_WORD = re.compile(r"[a-z0-9']+|[가-힣]+")
_HANGUL = re.compile("[가-힣]")


class Cue(NamedTuple):
    """The first wording that speaks for a sort, and how many different ones there are."""

    found: str
    times: int


def find_cues(title: str) -> dict[str, Cue]:
    """For each sort that the wording of a title speaks for, what was found."""
    low = title.lower()
    words = _WORD.findall(low)
    table = _load_cues()
    hits: dict[str, dict[str, None]] = {}
    for place, word in enumerate(words):
        for length in table.lengths.get(word, ()):
            phrase = " ".join(words[place : place + length])
            for sort in table.phrases.get(phrase, ()):
                hits.setdefault(sort, {})[phrase] = None
            for sort in table.openings.get(phrase, ()) if place == 0 else ():
                hits.setdefault(sort, {})[phrase] = None
    if table.hangul and _HANGUL.search(low):
        for match in table.hangul.finditer(low):
            for sort in table.pieces[match[0]]:
                hits.setdefault(sort, {})[match[0]] = None
    return {sort: Cue(next(iter(found)), len(found)) for sort, found in hits.items()}


class _Table(NamedTuple):
    """Cues by how they are looked for."""

    #: First word of a phrase → how many words the phrases that begin with it have.
    lengths: dict[str, tuple[int, ...]]
    phrases: dict[str, tuple[str, ...]]
    #: Phrases that count at the beginning of a title alone.
    openings: dict[str, tuple[str, ...]]
    #: Hangul, found inside words as well.
    pieces: dict[str, tuple[str, ...]]
    hangul: re.Pattern[str] | None


@cache
def _load_cues() -> _Table:
    text = (resources.files("aggregator.rank") / "data" / "cues.toml").read_text("utf-8")
    lengths: dict[str, set[int]] = {}
    phrases: dict[str, list[str]] = {}
    openings: dict[str, list[str]] = {}
    pieces: dict[str, list[str]] = {}
    for sort, terms in tomllib.loads(text).items():
        for term in terms:
            if _HANGUL.search(term):
                pieces.setdefault(term, []).append(sort)
                continue
            words = term.removeprefix("^").split()
            lengths.setdefault(words[0], set()).add(len(words))
            (openings if term.startswith("^") else phrases).setdefault(" ".join(words), []).append(sort)
    longest_first = sorted(pieces, key=lambda piece: (-len(piece), piece))
    return _Table(
        {word: tuple(sorted(each)) for word, each in lengths.items()},
        {phrase: tuple(sorts) for phrase, sorts in phrases.items()},
        {phrase: tuple(sorts) for phrase, sorts in openings.items()},
        {piece: tuple(sorts) for piece, sorts in pieces.items()},
        re.compile("|".join(map(re.escape, longest_first))) if pieces else None,
    )
