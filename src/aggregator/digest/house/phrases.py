"""Shortens terms: language models become LMs, and others as the curator writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, Protocol

from aggregator.text.tables import load_table

#: The longest phrase that is looked up, in words; a hyphenated word counts as several.
MOST_WORDS = 5
_WORD = re.compile(r"[^\W_]+")
_PLURALS = re.compile(r"(model|network|net)$")


class Phrase(NamedTuple):
    """Words of a title, with their place."""

    start: int
    end: int
    key: str


class Weighing(Protocol):
    """Weighs what a rule says of something against what was printed; see ``lessons``."""

    def __call__(self, key: str, rule: str | None, /) -> tuple[str | None, int]: ...


@cache
def load_short_forms() -> dict[str, str]:
    """Load the short forms that the project ships, by the words that they stand for, in small letters."""
    table = load_table("aggregator.digest.house", "abbreviations")
    forms = {long.lower(): short for short, longs in table.items() for long in longs}
    plurals = {f"{long}s": f"{short}s" for long, short in forms.items() if _PLURALS.search(long)}
    return {**forms, **plurals}


def find_phrases(text: str, is_known: Callable[[Phrase], bool]) -> Iterator[Phrase]:
    """Find the known phrases in a title that do not overlap: at each word the longest."""
    words, place = [word.span() for word in _WORD.finditer(text)], 0
    for at, (start, _) in enumerate(words):
        # Part of a longer word: "vision-language models" are not language models.
        if start < place or (start and text[start - 1] in "-_'.@/"):
            continue
        ends = [end for _, end in words[at : at + MOST_WORDS]]
        phrases = (Phrase(start, end, text[start:end].lower()) for end in reversed(ends))
        if phrase := next(filter(is_known, phrases), None):
            yield phrase
            place = phrase.end


def shorten(text: str, weigh: Weighing) -> tuple[str, list[tuple[str, str, int]]]:
    """Shorten the terms of a text; also return each as it was and as it is now, and how many printed titles say so.

    *weigh* is asked for each phrase, with the short form that the project ships.
    """
    forms = load_short_forms()
    outcomes: dict[str, tuple[str, int]] = {}

    def is_known(phrase: Phrase) -> bool:
        outcome, printed = weigh(phrase.key, forms.get(phrase.key))
        if outcome is not None:
            outcomes[phrase.key] = outcome, printed
        return outcome is not None

    pieces, place, done = [], 0, []
    for phrase in find_phrases(text, is_known):
        outcome, printed = outcomes[phrase.key]
        # A phrase that became itself is kept, with what is shorter inside it.
        if outcome != phrase.key and phrase.start >= place:
            end = _skip_repeated(text, phrase.end, outcome)
            pieces += [text[place : phrase.start], outcome]
            done.append((text[phrase.start : end], outcome, printed))
            place = end
    return "".join([*pieces, text[place:]]), done


def _skip_repeated(text: str, end: int, form: str) -> int:
    """The place behind a short form in parentheses that repeats the one before it: "language models (LMs)"."""
    for repeated in (f" ({form})", f" ({form.removesuffix('s')})", f" ({form}s)"):
        if text.startswith(repeated, end):
            return end + len(repeated)
    return end
