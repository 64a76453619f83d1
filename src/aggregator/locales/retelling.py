"""Says in the present language what was said in English before: what was stored, or what a library says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from string import Formatter

from aggregator.locales import ENGLISH, get_language, t

# Between two sentences.
_SEPARATOR = "; "
# Characters. Longer texts stay in English.
_LONGEST = 2000


def retell(english: str, messages: Iterable[str]) -> str:
    """Say an English sentence again: one of the *messages*, the first that fits, or several of them with "; " between.

    The values of a message may be messages themselves. What fits none stays as it is.
    """
    if get_language() == ENGLISH or len(english) > _LONGEST:
        return english
    messages = tuple(messages)
    # The whole comes first, since some messages have a semicolon.
    for said, rest in [(english, ""), *_split(english)]:
        for message in messages:
            values = _find_values(said, message)
            if values is not None:
                told = t(message, **{name: retell(value, messages) for name, value in values.items()})
                return f"{told}{_SEPARATOR}{retell(rest, messages)}" if rest else told
    return english


def _split(english: str) -> Iterator[tuple[str, str]]:
    """Split a sentence in two, in each way."""
    at = english.find(_SEPARATOR)
    while at >= 0:
        yield english[:at], english[at + len(_SEPARATOR) :]
        at = english.find(_SEPARATOR, at + 1)


def _find_values(said: str, message: str) -> dict[str, str] | None:
    """Find what was filled in for the names of a message; None if it is another message."""
    values: dict[str, str] = {}
    at, name = 0, None
    for literal, following in _parse(message):
        if name is None:
            end = at if said.startswith(literal, at) else -1
        else:
            end = said.find(literal, at + 1) if following else len(said) - len(literal)
            values[name] = said[at:end]
        if end < at or not said.startswith(literal, end):
            return None
        at, name = end + len(literal), following
    return values if at == len(said) else None


@cache
def _parse(message: str) -> tuple[tuple[str, str | None], ...]:
    """The texts of a message, each with the name that follows it; the last one has none."""
    pieces = [(literal, name) for literal, name, *_ in Formatter().parse(message)]
    return (*pieces, ("", None)) if pieces[-1][1] else tuple(pieces)
