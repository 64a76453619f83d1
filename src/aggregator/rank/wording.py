"""The words of a title as the preference reads them. Pure.

Only titles are read: what else feeds give differs from source to source, and a missing summary says something about
the feed, not about the post. Words in Latin script count by their stems and as pairs of neighbours. Hangul counts by
pairs and triples of syllables, because Korean attaches endings to words.
"""

from __future__ import annotations

import re
from itertools import pairwise

from aggregator.text.terms import fold, stem_word

_RUNS = re.compile(r"[가-힣]+")
_WORDS = re.compile(r"(?:[a-z]|(?<![0-9])[0-9]++[a-z])[a-z0-9]*(?:[+#]+)?")
_EMPTY_WORDS = """
    a an and are as at be by can do for from has have how i in into is it its more my new not of on or our s that the
    their this to us via vs was we what when why will with you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


def list_words(title: str) -> dict[str, str]:
    """List the terms of a title in order, each with the text to show a person."""
    folded = fold(title)
    found: dict[str, str] = {}
    words = _WORDS.findall(folded)
    stems = [stem_word(word) if word.isascii() and word.isalpha() else word for word in words]
    for word, stem in zip(words, stems, strict=True):
        if word not in _EMPTY:
            found.setdefault(stem, word)
    for (word, stem), (next_word, next_stem) in pairwise(zip(words, stems, strict=True)):
        if word not in _EMPTY or next_word not in _EMPTY:
            found.setdefault(f"{stem} {next_stem}", f"{word} {next_word}")
    for run in _RUNS.findall(folded):
        for length in (2, 3):
            for place in range(len(run) - length + 1):
                piece = run[place : place + length]
                found.setdefault(piece, run)
    return found
