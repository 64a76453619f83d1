"""Wording that tells something of a text, found by tables. Pure.

A table has names with *forms* (``tables.load_table``), all in small letters:

- Latin words are found whole, one or several in a row: hyphens and dots part words, so that "text to image" finds
  text-to-image. A star stands for any ending of a word, ``<n>`` for any number.
- Hangul is found inside words as well, for Korean puts its endings there, and with the spaces of the form or without.
- ``^`` before a form counts at the beginning of the text alone, ``$`` behind it at the end, and ``_`` at the edge of a
  run of Hangul. Behind Hangul ``]`` is the end of a bracket, and ``<n>`` a number that follows: 뉴스레터 제3호.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from aggregator.text.tables import load_table, make_error
from aggregator.text.tokens import HANGUL, compile_token, stem_word

_NUMBER = "<n>"
_FORM = re.compile(r"([\^_]?)([^\^_$*\]]+)([$_*\]]?)")
_HANGUL = re.compile(f"[{HANGUL}]")
_LONGEST_WORD = 40
# What the marks of a form ask of the text before it and behind it.
_BEFORE = {
    "": re.compile(""),
    "^": re.compile(r"\W*+\Z"),
    "_": re.compile(rf"(?:.*[^{HANGUL}0-9])?\Z", re.DOTALL),
}
_BEHIND = {
    "": re.compile(""),
    "$": re.compile(r"\W*+\Z"),
    "_": re.compile(f"(?![{HANGUL}])"),
    "]": re.compile("]"),
    _NUMBER: re.compile(r"\W*+제?+[0-9]"),
}


class _Form(NamedTuple):
    """What a form stands for. Of one *table* the longest of nested forms counts."""

    table: str
    name: str
    before: str
    behind: str


#: From and to, in characters of the tokens, and what was found there.
_Found = tuple[int, int, _Form]


class Reading(NamedTuple):
    """A text as a finder reads it: Latin words, as they are compared, and runs of Hangul."""

    words: list[str]
    runs: list[str]
    #: What was found: from and to, in characters of the tokens, and its name; in the order of the text.
    found: list[tuple[int, int, str]]


class Finder:
    """Finds the forms of tables of *package*, each under its name with what *tables* says to put before it.

    - *stems*: Latin words are compared by their stems.
    - *numbers*: numbers are tokens, as ``<n>`` needs them; otherwise they are passed over in texts and forms.
    - *nested*: forms inside a longer one of the same table count too.
    - *wide*: several Latin words reach to the next one, so that Hangul between is inside of them.

    Raises ConfigError for a form that can never be found.
    """

    def __init__(
        self,
        package: str,
        tables: Mapping[str, str],
        *,
        stems: bool = False,
        numbers: bool = False,
        nested: bool = False,
        wide: bool = False,
    ) -> None:
        self._token = compile_token(numbers=numbers)
        self._stems, self._nested, self._wide, self._has_marks = stems, nested, wide, False
        self._words: dict[str, tuple[_Form, ...]] = {}
        #: Forms with a star, by the letters before it.
        self._beginnings: dict[str, tuple[_Form, ...]] = {}
        self._phrases: dict[str, tuple[_Form, ...]] = {}
        #: First words of phrases, with the lengths of the phrases that they begin.
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._runs: dict[str, tuple[_Form, ...]] = {}
        #: The first two characters of runs, with the lengths of the runs that they begin.
        self._run_lengths: dict[str, tuple[int, ...]] = {}
        #: Forms of several runs: the last character of the first run, then that run, then the others.
        self._across: dict[str, dict[str, tuple[tuple[tuple[str, ...], _Form], ...]]] = {}
        for table, before in tables.items():
            for name, forms in load_table(package, table).items():
                for form in forms:
                    try:
                        self._add(form, table, before + name)
                    except ValueError as error:
                        raise make_error(package, table, name, str(error), form=form) from error
        self._read_word = lru_cache(50_000)(self._look_up_word)
        self._read_run = lru_cache(20_000)(lambda run: tuple(self._find_in_run(run)))

    def read(self, text: str) -> Reading:
        """What is found in *text*, which is in small letters."""
        tokens = self._token.findall(text)
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        runs: list[str] = []
        found: list[_Found] = []
        place, is_behind_run = 0, False
        for number, token in enumerate(tokens):
            if token[0] >= "가":
                runs.append(token)
                if inside := self._read_run(token):
                    found += [(place + start, place + end, form) for start, end, form in inside]
                if is_behind_run and tokens[number - 1][-1] in self._across:
                    found += self._find_across(tokens, number, place)
                is_behind_run = True
            else:
                word, forms = self._read_word(token)
                words.append(word)
                spans.append((place, place + len(token)))
                if forms:
                    found += [(place, place + len(token), form) for form in forms]
                is_behind_run = False
            place += len(token)
        if self._wide:
            spans = list(pairwise([*(start for start, _ in spans), place]))
        found += self._find_phrases(words, spans)
        if self._has_marks and found:
            found = self._drop_misplaced(found, text)
        found.sort(key=lambda each: (each[0], -each[1]))
        kept = found if self._nested else _keep_longest(found)
        return Reading(words, runs, [(start, end, form.name) for start, end, form in kept])

    def quote(self, text: str, found: Sequence[tuple[int, int, str]]) -> list[str]:
        """The wording of what was *found* in a text, as ``read`` has it."""
        places = self._list_places(text)
        return [text[places[start] : places[end - 1] + 1] for start, end, _ in found]

    def _list_places(self, text: str) -> list[int]:
        """Where in the text each character of its tokens stands."""
        return [place for match in self._token.finditer(text) for place in range(*match.span())]

    def _add(self, text: str, table: str, name: str) -> None:
        match = _FORM.fullmatch(text)
        tokens = self._token.findall(match[2].replace(_NUMBER, "0")) if match else []
        if match is None or not tokens or text != text.lower():
            raise ValueError("is not a form of wording")
        before, behind = match[1], match[3]
        is_hangul = [_HANGUL.match(token) is not None for token in tokens]
        if is_hangul[0] and tokens[-1] == "0":
            behind = _NUMBER
            tokens, is_hangul = tokens[:-1], is_hangul[:-1]
        if any(is_hangul) != all(is_hangul) or (behind == "*" and (is_hangul[0] or len(tokens) > 1)):
            raise ValueError("is not a form of one script, with a star behind one Latin word")
        form = _Form(table, name, before, "" if behind == "*" else behind)
        self._has_marks = self._has_marks or bool(form.before or form.behind)
        if is_hangul[0]:
            run = "".join(tokens)
            _put(self._runs, run, form)
            _put(self._run_lengths, run[:2], len(run))
            if len(tokens) > 1:
                _put(self._across.setdefault(tokens[0][-1], {}), tokens[0], (tuple(tokens[1:]), form))
        elif behind == "*":
            _put(self._beginnings, tokens[0], form)
        elif len(tokens) == 1:
            _put(self._words, self._name(tokens[0]), form)
        else:
            words = [self._name(token) for token in tokens]
            _put(self._phrases, " ".join(words), form)
            _put(self._lengths, words[0], len(words))

    def _name(self, token: str) -> str:
        """A Latin word or a number as it is compared."""
        if token.isdecimal():
            return _NUMBER
        return stem_word(token[:_LONGEST_WORD]) if self._stems else token

    def _look_up_word(self, token: str) -> tuple[str, tuple[_Form, ...]]:
        word = self._name(token)
        found = list(self._words.get(word, ()))
        if self._beginnings:
            for length in range(2, min(len(token), _LONGEST_WORD) + 1):
                found += self._beginnings.get(token[:length], ())
        return word, tuple(dict.fromkeys(found))

    def _find_phrases(self, words: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterator[_Found]:
        for number, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                end = number + length
                if end <= len(words):
                    for form in self._phrases.get(" ".join(words[number:end]), ()):
                        yield spans[number][0], spans[end - 1][1], form

    def _find_in_run(self, run: str) -> Iterator[_Found]:
        for start in range(len(run) - 1):
            for length in self._run_lengths.get(run[start : start + 2], ()):
                end = start + length
                if end <= len(run):
                    yield from ((start, end, form) for form in self._runs.get(run[start:end], ()))

    def _find_across(self, tokens: Sequence[str], number: int, place: int) -> Iterator[_Found]:
        """Forms of several runs, of which the second is the token of this number."""
        before = tokens[number - 1]
        for first, forms in self._across[before[-1]].items():
            if before.endswith(first):
                for rest, form in forms:
                    *whole, last = rest
                    behind = tokens[number : number + len(rest)]
                    if len(behind) == len(rest) and behind[:-1] == whole and behind[-1].startswith(last):
                        yield place - len(first), place + sum(map(len, rest)), form

    def _drop_misplaced(self, found: Sequence[_Found], text: str) -> list[_Found]:
        """Without the forms whose marks ask for another place."""
        places = self._list_places(text)
        return [
            (start, end, form)
            for start, end, form in found
            if _BEFORE[form.before].match(text[: places[start]])
            and _BEHIND[form.behind].match(text, places[end - 1] + 1)
        ]


def _keep_longest(found: list[_Found]) -> list[_Found]:
    """Without what lies inside a longer find of the same table: "reinforcement learning" is not about training."""
    kept: list[_Found] = []
    ends: dict[str, tuple[int, int]] = {}
    for start, end, form in found:
        first, last = ends.get(form.table, (-1, -1))
        if end <= last and (start, end) != (first, last):
            continue
        ends[form.table] = (start, end)
        kept.append((start, end, form))
    return kept


def _put(table: dict[Any, tuple[Any, ...]], key: Any, value: Any) -> None:
    held = table.get(key, ())
    if value not in held:
        table[key] = (*held, value)
