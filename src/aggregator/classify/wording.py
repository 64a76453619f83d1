"""Wording as the model reads it: stems of Latin words, runs of Hangul, and terms that are found in either script.

The usual token pattern of vectorizers drops all Hangul or keeps whole eojeol, which hardly ever repeat; so Hangul goes
through character n-grams and the rest through words. Both scripts meet in *terms*: the tables of ``data/`` say which
forms are one thing (``synonyms.toml``) and which are services of AWS (``services.toml``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from aggregator.text.cues import Finder
from aggregator.text.tables import load_table

#: The tables of ``classify/data``.
TABLES = ("publishers", "services", "synonyms")


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording of a text: its stems, its runs of Hangul and its terms, in order and as often as they occur."""

    words: tuple[str, ...] = ()
    hangul: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


def read_table(name: str) -> dict[str, list[str]]:
    """A table of ``classify/data``: names and what belongs to each."""
    return load_table("aggregator.classify", name)


def read_wording(text: str) -> Wording:
    words, runs, found = _load_terms().read(text.lower())
    return Wording(tuple(words), tuple(runs), tuple(term for _, _, term in found))


@cache
def _load_terms() -> Finder:
    """Terms are named ``=recommendation``, ``service:strong``."""
    # Without *wide*, other terms would be found in 50 of the 9,627 shipped texts, and the model would be another one.
    return Finder("aggregator.classify", {"synonyms": "=", "services": "service:"}, stems=True, wide=True)
