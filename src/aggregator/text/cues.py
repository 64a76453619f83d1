"""Finds wording that says something about a text, by tables of forms. Pure.

A table has names, each with *forms* in lower case (``tables.load_table``):

- Latin words match as whole words, alone or in sequence. Hyphens and dots separate words, so that "text to image"
  matches text-to-image. A star stands for any ending of a word, ``<n>`` for any number.
- Hangul also matches inside words, because Korean adds endings to them, with or without the spaces of the form.
- A form with ``^`` before it matches only at the beginning of the text, with ``$`` after it only at the end, and with
  ``_`` only at the edge of a run of Hangul. After Hangul, ``]`` is the end of a bracket and ``<n>`` a number that
  follows: 뉴스레터 제3호.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from aggregator.text.tables import load_table, make_error
from aggregator.text.tokens import HANGUL, compile_token, stem_word

_NUMBER = "<n>"
_FORM = re.compile(r"([\^_]?)([^\^_$*\]]+)([$_*\]]?)")
_LONGEST_WORD = 40
# By mark, what the text before a form has to match, and what has to follow the form.
_BEFORE = {"": None, "^": re.compile(r"\W*+"), "_": re.compile(rf"(?:.*[^{HANGUL}0-9])?", re.DOTALL)}
_BEHIND = {"": "", "*": "", "$": r"(?=\W*+\Z)", "_": f"(?![{HANGUL}])", "]": r"(?=\])", _NUMBER: r"(?=\W*+제?+[0-9])"}


class _Form(NamedTuple):
    """The name that a form stands for. *behind* has to follow; a match ends where that ends."""

    table: str
    name: str
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None


_Value = TypeVar("_Value")
#: Start and end in characters, and the form found there.
_Found = tuple[int, int, _Form]


class Reading(NamedTuple):
    """A text as a finder reads it: Latin words in the form in which they are compared, and runs of Hangul."""

    words: list[str]
    runs: list[str]
    #: Start and end of each find in characters, and its name; in the order of the text.
    found: list[tuple[int, int, str]]


class Finder:
    """Finds the forms in tables of *package*. *tables* has the prefix of the names by table.

    A find inside a longer one of the same table does not count. With *stems*, Latin words are compared by their stems.
    With *numbers*, numbers are tokens, which ``<n>`` needs; without it, they are ignored. With *wide*, a sequence of
    Latin words extends to the next Latin word, so that it hides forms in the Hangul between.

    Raises ConfigError for a form that can never match.
    """

    def __init__(
        self, package: str, tables: dict[str, str], *, stems: bool = False, numbers: bool = False, wide: bool = False
    ) -> None:
        self._token = compile_token(numbers=numbers)
        #: Splits a text into tokens and what is between them, alternately.
        self._parts = re.compile(f"({self._token.pattern})")
        self._stems, self._wide = stems, wide
        #: By compared words joined by spaces, by the letters before a star with the star, or by Hangul.
        self._forms: dict[str, tuple[_Form, ...]] = {}
        #: The numbers of words by the first of several, and the numbers of characters by the first two of Hangul.
        self._lengths: dict[str, tuple[int, ...]] = {}
        for table, before in tables.items():
            for name, forms in load_table(package, table).items():
                for form in forms:
                    try:
                        self._add(form, table, before + name)
                    except ValueError as error:
                        raise make_error(package, table, name, str(error), form=form) from error
        self._read_word = lru_cache(10_000)(self._look_up_word)
        self._read_run = lru_cache(5_000)(lambda run: tuple(self._find_in_run(run)))

    def read(self, text: str) -> Reading:
        """Read a text in lower case."""
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        heads: list[int] = []
        runs: list[str] = []
        found: list[_Found] = []
        end = 0
        pieces = self._parts.split(text)
        for gap, token in zip(pieces[::2], pieces[1::2], strict=False):
            start = end + len(gap)
            end = start + len(token)
            if token[0] >= "가":
                runs.append(token)
                if inside := self._read_run(token):
                    found += [(start + first, start + last, form) for first, last, form in inside]
            else:
                word, forms, is_head = self._read_word(token)
                if is_head:
                    heads.append(len(words))
                words.append(word)
                spans.append((start, end))
                if forms:
                    found += [(start, end, form) for form in forms]
        if self._wide:
            spans = list(pairwise([*(start for start, _ in spans), end]))
        for head in heads:
            found += self._find_phrases(head, words, spans)
        return Reading(words, runs, _keep_longest(_check_marks(found, text)))

    def _add(self, text: str, table: str, name: str) -> None:
        match = _FORM.fullmatch(text)
        tokens = self._token.findall(match[2].replace(_NUMBER, "0")) if match else []
        if match is None or not tokens or text != text.lower():
            raise ValueError("is not a form of wording")
        mark = match[3]
        is_hangul = [token[0] >= "가" for token in tokens]
        if is_hangul[0] and tokens[-1] == "0":
            mark = _NUMBER
            del tokens[-1], is_hangul[-1]
        if any(is_hangul) != all(is_hangul) or (mark == "*" and (is_hangul[0] or len(tokens) > 1)):
            raise ValueError("is not a form of one script, with a star behind one Latin word")
        before, behind = _BEFORE[match[1]], _BEHIND[mark]
        form = _Form(table, name, before, re.compile(behind) if behind else None)
        if is_hangul[0]:
            self._put_run("".join(tokens), form)
            if len(tokens) > 1:
                first, *others = tokens
                self._put_run(first, form._replace(behind=re.compile(r"\W+".join(["", *others]) + behind)))
        elif mark == "*":
            _put(self._forms, f"{tokens[0]}*", form)
        else:
            words = [self._name(token) for token in tokens]
            _put(self._forms, " ".join(words), form)
            if len(words) > 1:
                _put(self._lengths, words[0], len(words))

    def _put_run(self, run: str, form: _Form) -> None:
        _put(self._forms, run, form)
        _put(self._lengths, run[:2], len(run))

    def _name(self, token: str) -> str:
        """The form in which a Latin word or a number is compared."""
        if token.isdecimal():
            return _NUMBER
        return stem_word(token[:_LONGEST_WORD]) if self._stems else token

    def _look_up_word(self, token: str) -> tuple[str, tuple[_Form, ...], bool]:
        """The compared word, the forms that it matches, and whether forms of several words begin with it."""
        word = self._name(token)
        found = [*self._forms.get(word, ())]
        for length in range(2, min(len(token), _LONGEST_WORD) + 1):
            found += self._forms.get(f"{token[:length]}*", ())
        return word, tuple(dict.fromkeys(found)), word in self._lengths

    def _find_phrases(self, head: int, words: Sequence[str], spans: Sequence[tuple[int, int]]) -> Iterator[_Found]:
        for length in self._lengths[words[head]]:
            end = head + length
            if end <= len(words):
                for form in self._forms.get(" ".join(words[head:end]), ()):
                    yield spans[head][0], spans[end - 1][1], form

    def _find_in_run(self, run: str) -> Iterator[_Found]:
        for start in range(len(run)):
            for length in self._lengths.get(run[start : start + 2], ()):
                end = start + length
                if end <= len(run):
                    yield from ((start, end, form) for form in self._forms.get(run[start:end], ()))


def _check_marks(found: Sequence[_Found], text: str) -> list[_Found]:
    """The finds whose marks allow their place, and whose rest follows."""
    placed = []
    for start, end, form in found:
        if form.before is None or form.before.fullmatch(text, 0, start):
            if form.behind is None:
                placed.append((start, end, form))
            elif match := form.behind.match(text, end):
                placed.append((start, match.end(), form))
    return placed


def _keep_longest(found: list[_Found]) -> list[tuple[int, int, str]]:
    """The finds that are not inside a longer one of the same table: "reinforcement learning" is not about training."""
    found.sort(key=lambda each: (each[0], -each[1]))
    kept = []
    ends: dict[str, tuple[int, int]] = {}
    for start, end, form in found:
        first, last = ends.get(form.table, (-1, -1))
        if end > last or (start, end) == (first, last):
            ends[form.table] = (start, end)
            kept.append((start, end, form.name))
    return kept


def _put(table: dict[str, tuple[_Value, ...]], key: str, value: _Value) -> None:
    held = table.get(key, ())
    if value not in held:
        table[key] = (*held, value)
