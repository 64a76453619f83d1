"""The words of a title as the preference reads them. Pure.

Only titles are read: what else feeds give differs from source to source, and a missing summary says something about
the feed, not about the post. Words in Latin script count by their stems and as pairs of neighbours. Hangul counts by
pairs and triples of syllables, because Korean attaches endings to words.
"""

from __future__ import annotations

from itertools import chain

from aggregator.text.terms import fold
from aggregator.text.tokens import compile_token, list_grams, stem_word

_TOKEN = compile_token(signs=True)
_EMPTY_WORDS = """
    a an and are as at be by can do for from has have how i in into is it its more my new not of on or our s that the
    their this to us via vs was we what when why will with you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


def list_words(title: str) -> dict[str, str]:
    """List the terms of a title in order, each with the text to show a person."""
    folded = fold(title)
    found: dict[str, str] = {}
    words: list[str] = []
    runs: list[str] = []
    for token in _TOKEN.findall(folded):
        (words if token.isascii() else runs).append(token)
    stems = [stem_word(word) if word.isascii() and word.isalpha() else word for word in words]
    are_empty = [word in _EMPTY for word in words]
    for word, stem, is_empty in zip(words, stems, are_empty, strict=True):
        if not is_empty:
            found.setdefault(stem, word)
    for place in range(len(words) - 1):
        if not (are_empty[place] and are_empty[place + 1]):
            found.setdefault(f"{stems[place]} {stems[place + 1]}", f"{words[place]} {words[place + 1]}")
    for run in runs:
        for gram in chain(list_grams(run, 2), list_grams(run, 3)):
            found.setdefault(gram, run)
    return found
