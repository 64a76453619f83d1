"""Text taken apart: stems of Latin words, runs of Hangul, and the names of what is said in either script.

The usual token pattern of vectorizers drops all Hangul or keeps whole eojeol, which hardly ever repeat; so Hangul goes
through character n-grams and the rest through words. Both scripts meet in *terms*: the tables of ``data/`` say which
forms are one thing (``synonyms.toml``), which tell a part or a topic (``cues.toml``), and which are services of AWS.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from aggregator.terms import stem_word

# Hyphens, slashes and dots part words: "text-to-image" is "text to image", and "A/B" is "a b".
_TOKEN = re.compile(r"[가-힣]+|[a-z0-9]*[a-z][a-z0-9]*")
_HANGUL = re.compile(r"[가-힣]")
_LONGEST_FORM = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """A stretch of text: stems in order, runs of Hangul in order, and the terms found, as often as they are found."""

    words: tuple[str, ...] = ()
    hangul: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


def read_table(name: str) -> dict[str, list[str]]:
    """A table of ``classify/data``: names and what belongs to each."""
    text = (resources.files("aggregator.classify") / "data" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def read_wording(text: str) -> Wording:
    tokens = _TOKEN.findall(text.lower())
    table = _load_terms()
    words: list[str] = []
    hangul: list[str] = []
    found: list[str] = []
    before = ""
    for token in tokens:
        if token[0] >= "가":
            hangul.append(token)
            found += table.find_in_run(token)
            if before and table.pair_ends:
                found += table.find_across(before, token)
            before = token
        else:
            stem, terms = _read_word(token)
            words.append(stem)
            found += terms
            before = ""
    found += table.find_phrases(words)
    return Wording(tuple(words), tuple(hangul), tuple(found))


@dataclass(slots=True)
class _Terms:
    """All forms of all tables, by how they are looked up."""

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Forms with a star, by the letters before it.
    beginnings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: First words of phrases, with the lengths of the phrases that they begin.
    phrase_heads: dict[str, tuple[int, ...]] = field(default_factory=dict)
    runs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    run_heads: dict[str, tuple[int, ...]] = field(default_factory=dict)
    #: Forms of two eojeol: the first, then the second.
    pairs: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    pair_ends: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, form: str, term: str) -> None:
        tokens = _TOKEN.findall(form.lower())
        if _HANGUL.search(form):
            # Korean puts the space of a compound or leaves it out.
            _put(self.runs, "".join(tokens), term)
            if len(tokens) == 2:
                _put(self.pairs, (tokens[0], tokens[1]), term)
        elif form.endswith("*"):
            _put(self.beginnings, tokens[-1], term)
        elif len(tokens) == 1:
            _put(self.words, stem_word(tokens[0]), term)
        else:
            _put(self.phrases, " ".join(map(stem_word, tokens)), term)

    def finish(self) -> _Terms:
        for phrase in self.phrases:
            _put(self.phrase_heads, phrase.partition(" ")[0], phrase.count(" ") + 1)
        for run in self.runs:
            _put(self.run_heads, run[:2], len(run))
        for first, _ in self.pairs:
            _put(self.pair_ends, first[-1], first)
        return self

    def find_phrases(self, words: list[str]) -> list[str]:
        found: list[str] = []
        for place, word in enumerate(words):
            for length in self.phrase_heads.get(word, ()):
                found += self.phrases.get(" ".join(words[place : place + length]), ())
        return found

    def find_in_run(self, run: str) -> list[str]:
        found: list[str] = []
        for place in range(len(run) - 1):
            for length in self.run_heads.get(run[place : place + 2], ()):
                found += self.runs.get(run[place : place + length], ())
        return found

    def find_across(self, before: str, run: str) -> list[str]:
        found: list[str] = []
        for first in self.pair_ends.get(before[-1], ()):
            if before.endswith(first):
                for length in range(1, min(len(run), _LONGEST_FORM) + 1):
                    found += self.pairs.get((first, run[:length]), ())
        return found

    def find_word(self, word: str, stem: str) -> tuple[str, ...]:
        found = list(self.words.get(stem, ()))
        for length in range(2, len(word) + 1):
            found += self.beginnings.get(word[:length], ())
        return tuple(dict.fromkeys(found))


def _put(table: dict[Any, tuple[Any, ...]], key: Any, value: Any) -> None:
    held = table.get(key, ())
    if value not in held:
        table[key] = (*held, value)


@cache
def _load_terms() -> _Terms:
    table = _Terms()
    for name, forms in list_forms():
        for form in forms:
            table.add(form, name)
    return table.finish()


def list_forms() -> Iterable[tuple[str, list[str]]]:
    """Every term with its forms: ``=recommendation``, ``cue:case``, ``service:strong``."""
    tables: Mapping[str, str] = {"synonyms": "=", "cues": "cue:", "services": "service:"}
    for table, mark in tables.items():
        for name, forms in read_table(table).items():
            yield f"{mark}{name}", forms


@lru_cache(maxsize=200_000)
def _read_word(token: str) -> tuple[str, tuple[str, ...]]:
    stem = stem_word(token[:40])
    return stem, _load_terms().find_word(token[:40], stem)
