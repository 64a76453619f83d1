"""Text taken apart: stems of Latin words, runs of Hangul, and the names of what is said in either script.

The usual token pattern of vectorizers drops all Hangul or keeps whole eojeol, which hardly ever repeat; so Hangul goes
through character n-grams and the rest through words. Both scripts meet in *terms*: the tables of ``data/`` say which
forms are one thing (``synonyms.toml``) and which are services of AWS (``services.toml``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from aggregator.text.tokens import compile_token, stem_word

# Hyphens, slashes and dots part words: "text-to-image" is "text to image", and "A/B" is "a b".
_TOKEN = compile_token()
_HANGUL = re.compile(r"[가-힣]")
_LONGEST_FORM = 6


@dataclass(frozen=True, slots=True)
class Wording:
    """A stretch of text: stems in order, runs of Hangul in order, and the terms found, as often as they are found."""

    words: tuple[str, ...] = ()
    hangul: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


#: The tables of ``classify/data``.
TABLES = ("publishers", "services", "synonyms")


def read_table(name: str) -> dict[str, list[str]]:
    """A table of ``classify/data``: names and what belongs to each."""
    text = (resources.files("aggregator.classify") / "data" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def read_wording(text: str) -> Wording:
    table = _load_terms()
    words: list[str] = []
    places: list[int] = []
    hangul: list[str] = []
    found: list[_Found] = []
    before = ""
    place = 0
    for token in _TOKEN.findall(text.lower()):
        if token[0] >= "가":
            hangul.append(token)
            if spans := _read_run(token):
                found += [(place + start, place + end, term) for start, end, term in spans]
            if before and before[-1] in table.pair_ends:
                table.find_across(before, token, place, found)
            before = token
        else:
            stem, terms = _read_word(token)
            words.append(stem)
            places.append(place)
            if terms:
                found += [(place, place + len(token), term) for term in terms]
            before = ""
        place += len(token)
    places.append(place)
    table.find_phrases(words, places, found)
    return Wording(tuple(words), tuple(hangul), tuple(_keep_longest(found)))


#: From and to, in characters of tokens, and the name of the term.
_Found = tuple[int, int, str]


def _keep_longest(found: list[_Found]) -> list[str]:
    """Without what lies inside a longer find of the same table: "reinforcement learning" is not about training."""
    found.sort(key=lambda each: (each[0], -each[1]))
    kept: list[str] = []
    ends: dict[str, tuple[int, int]] = {}
    for start, end, term in found:
        table = term[0]
        first, last = ends.get(table, (-1, -1))
        if end <= last and (start, end) != (first, last):
            continue
        ends[table] = (start, end)
        kept.append(term)
    return kept


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
        elif len(tokens) > 1:
            _put(self.phrases, " ".join(map(stem_word, tokens)), term)
        elif form.endswith("*"):
            _put(self.beginnings, tokens[0], term)
        else:
            _put(self.words, stem_word(tokens[0]), term)

    def finish(self) -> _Terms:
        for phrase in self.phrases:
            _put(self.phrase_heads, phrase.partition(" ")[0], phrase.count(" ") + 1)
        for run in self.runs:
            _put(self.run_heads, run[:2], len(run))
        for first, _ in self.pairs:
            _put(self.pair_ends, first[-1], first)
        return self

    def find_phrases(self, words: list[str], places: list[int], found: list[_Found]) -> None:
        for number, word in enumerate(words):
            for length in self.phrase_heads.get(word, ()):
                end = number + length
                if end <= len(words):
                    for term in self.phrases.get(" ".join(words[number:end]), ()):
                        found.append((places[number], places[end], term))

    def find_in_run(self, run: str) -> Iterator[_Found]:
        for start in range(len(run) - 1):
            for length in self.run_heads.get(run[start : start + 2], ()):
                end = start + length
                if end <= len(run):
                    yield from ((start, end, term) for term in self.runs.get(run[start:end], ()))

    def find_across(self, before: str, run: str, place: int, found: list[_Found]) -> None:
        for first in self.pair_ends[before[-1]]:
            if before.endswith(first):
                for length in range(1, min(len(run), _LONGEST_FORM) + 1):
                    for term in self.pairs.get((first, run[:length]), ()):
                        found.append((place - len(first), place + length, term))

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
    """Every term with its forms: ``=recommendation``, ``service:strong``."""
    tables: Mapping[str, str] = {"synonyms": "=", "services": "service:"}
    for table, mark in tables.items():
        for name, forms in read_table(table).items():
            yield f"{mark}{name}", forms


@lru_cache(maxsize=20_000)
def _read_run(run: str) -> tuple[_Found, ...]:
    return tuple(_load_terms().find_in_run(run))


@lru_cache(maxsize=50_000)
def _read_word(token: str) -> tuple[str, tuple[str, ...]]:
    stem = stem_word(token[:40])
    return stem, _load_terms().find_word(token[:40], stem)
