"""Finds wording in titles that says what sort of post it is: first-hand, an announcement, a round-up, an event. Pure.

Only titles are read: a text may mention anything, and how much of it feeds give differs from source to source.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from aggregator.text.html import LONGEST_TITLE

_WORD = re.compile(r"[a-z0-9']+|[가-힣]+")
_HANGUL = re.compile("[가-힣]")
_NUMBER = "<n>"
# What the marks of the table say of what stands before and behind a piece of Hangul.
_BEFORE = {"^": re.compile(r"\W*$"), "_": re.compile(r"(.*[^가-힣0-9])?$", re.DOTALL)}
_BEHIND = {"$": re.compile(r"\W*$"), "_": re.compile(r"([^가-힣]|$)")}


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
    table = _load_cues()
    for found, sorts in (*_find_phrases(low, table), *_find_pieces(low, table)):
        for sort in sorts:
            hits.setdefault(sort, {})[f"“{found}”"] = None
    if headlines := _count_headlines(title):
        hits.setdefault("round_up", {})[f"{headlines} headlines in one title"] = None
    return {sort: Cue(next(iter(said)), len(said)) for sort, said in hits.items()}


def _count_headlines(title: str) -> int:
    """How many headlines a title strings together with commas; 0 for a mere list of words."""
    if title.count(", ") < _HEADLINES - 1:
        return 0
    lengths = [len(headline.split()) for headline in title.split(", ")]
    is_contents = sum(length > 1 for length in lengths) >= _HEADLINES and sum(lengths) >= _HEADLINE_WORDS * len(lengths)
    return len(lengths) if is_contents else 0


def _find_phrases(low: str, table: _Table) -> Iterator[tuple[str, Sequence[str]]]:
    words = _WORD.findall(low)
    plain = [_NUMBER if word.isdecimal() else word for word in words]
    for place, word in enumerate(plain):
        for length in table.lengths.get(word, ()):
            end = place + length
            phrase = " ".join(plain[place:end])
            sorts = [
                sort
                for mark, counts in (("", True), ("^", place == 0), ("$", end == len(words)))
                if counts
                for sort in table.phrases.get((phrase, mark), ())
            ]
            if sorts:
                yield " ".join(words[place:end]), sorts


def _find_pieces(low: str, table: _Table) -> Iterator[tuple[str, Sequence[str]]]:
    if table.hangul and _HANGUL.search(low):
        for match in table.hangul.finditer(low):
            for piece in table.pieces[match[0]]:
                if piece.stands_at(low, match.start()):
                    yield piece.text, (piece.sort,)
                    break


class _Piece(NamedTuple):
    """Hangul that speaks for a sort, perhaps at some places alone."""

    text: str
    sort: str
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None

    def stands_at(self, low: str, start: int) -> bool:
        return (self.before is None or self.before.match(low[:start]) is not None) and (
            self.behind is None or self.behind.match(low, start + len(self.text)) is not None
        )


class _Table(NamedTuple):
    """Cues by how they are looked for."""

    #: First word of a phrase → how many words the phrases that begin with it have.
    lengths: dict[str, tuple[int, ...]]
    #: Phrase and where in a title it counts (^, $, or anywhere) → sorts.
    phrases: dict[tuple[str, str], list[str]]
    #: Text of a piece of Hangul → the pieces with this text, and those that it begins with, the longest first.
    pieces: dict[str, list[_Piece]]
    hangul: re.Pattern[str] | None


@cache
def _load_cues() -> _Table:
    text = (resources.files("aggregator.rank") / "data" / "cues.toml").read_text("utf-8")
    lengths: dict[str, set[int]] = {}
    phrases: dict[tuple[str, str], list[str]] = {}
    pieces: list[_Piece] = []
    for sort, terms in tomllib.loads(text).items():
        for term in terms:
            if _HANGUL.search(term):
                pieces.append(
                    _Piece(term.strip("^$_"), sort, _BEFORE.get(term[0]), _BEHIND.get(term[-1])),
                )
                continue
            mark = "^" if term.startswith("^") else "$" if term.endswith("$") else ""
            words = term.strip("^$").split()
            lengths.setdefault(words[0], set()).add(len(words))
            phrases.setdefault((" ".join(words), mark), []).append(sort)
    pieces.sort(key=lambda piece: (-len(piece.text), piece.text, piece.sort))
    texts = list(dict.fromkeys(piece.text for piece in pieces))
    return _Table(
        {word: tuple(sorted(each)) for word, each in lengths.items()},
        phrases,
        {text: [piece for piece in pieces if text.startswith(piece.text)] for text in texts},
        re.compile("|".join(map(re.escape, texts))) if texts else None,
    )
