"""No regular expression of the package takes more than linear time, on texts made from what it repeats.

Every pattern is taken apart (``re`` gives its tree); each repeat in it gives texts in which what it repeats comes a
thousand times, with what the pattern wants before it and something behind it that does not fit.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

import aggregator
from aggregator.text.html import sanitise_html
from growth import find_growth

#: Characters of the longest text that some patterns are given, by the beginning of their names.
LONGEST = {
    "dates.read:": 100,
    "dates.read._FORMS": 100,
    "posts.series.": 400,
    "posts.copies.fingerprint._PREFIX": 500,
    "posts.copies.fingerprint._SUFFIX": 500,
    "text.cues._BEFORE": 500,
    "text.content._APPENDICES": 700,
    # What stands before the last @ of one value of feeds.toml.
    "config.mistakes:_hide_secrets": 500,
}
#: Read what nh3 writes, in which every element and every attribute is closed.
READ_SANITISED = ("text.content.CODE_BLOCK", "text.content._IMAGE", "posts.copies.fingerprint._ANCHOR")
#: Made of values that only a call knows; the laws of texts call these.
MADE_IN_CALLS = {
    ("text.terms", "accepts"),
    ("text.cues", "__init__"),
    ("text.cues", "_add"),
    ("text.tokens", "compile_token"),
    ("pipeline.sessions", "name_browser"),
}
_CALLS = {"fullmatch": "fullmatch", "match": "match", "search": "search"} | dict.fromkeys(
    ("findall", "finditer", "split", "sub"), "findall"
)
_FUNCTIONS = {"re.compile", *(f"re.{name}" for name in _CALLS)}


class Found(NamedTuple):
    """A pattern of the package, by its flags; what it is called is where it stands."""

    pattern: str | bytes
    flags: int


# --- all patterns of the package, and how they are called -------------------------------------------------------------


@cache
def collect() -> tuple[dict[str, tuple[Found, frozenset[str]]], frozenset[tuple[str, str]]]:
    """The patterns by name with the methods that are called; and where patterns are made that only a call knows."""
    found: dict[str, tuple[Found, frozenset[str]]] = {}
    unknown = set()
    for module_info in pkgutil.walk_packages(aggregator.__path__, "aggregator."):
        if module_info.name.endswith("__main__"):
            continue
        module = importlib.import_module(module_info.name)
        short = module_info.name.removeprefix("aggregator.")
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        calls = _list_calls(tree)
        for name, value in vars(module).items():
            for number, pattern in enumerate(_find_patterns(value)):
                methods = frozenset(calls.get(name, ())) or frozenset({"search", "findall"})
                found[f"{short}.{name} {number}"] = (Found(pattern.pattern, pattern.flags), methods)
        for function, call in _list_literal_calls(tree):
            try:
                made = _evaluate(call, vars(module))
            except NameError:
                unknown.add((short, function))
                continue
            method = _CALLS.get(call.func.attr, "search")  # type: ignore[attr-defined]
            found[f"{short}:{function} {call.lineno}"] = (Found(made.pattern, made.flags), frozenset({method}))
    return found, frozenset(unknown)


def _find_patterns(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, Mapping):
        for part in value.values():
            yield from _find_patterns(part, depth + 1)
    elif depth < 3 and isinstance(value, (tuple, list)):
        for part in value:
            yield from _find_patterns(part, depth + 1)


def _list_calls(tree: ast.Module) -> dict[str, set[str]]:
    """How the patterns of a module are called: names to methods."""
    calls: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _CALLS and isinstance(node.value, ast.Name):
            calls[node.value.id].add(_CALLS[node.attr])
    return calls


def _list_literal_calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in _FUNCTIONS:
                    yield function.name, node


def _evaluate(call: ast.Call, names: dict[str, Any]) -> re.Pattern[Any]:
    def value_of(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), "", "eval"), names)

    flags = [word.value for word in call.keywords if word.arg == "flags"]
    flags += [part for part in call.args[1:] if isinstance(part, ast.Attribute) and ast.unparse(part).startswith("re.")]
    return re.compile(value_of(call.args[0]), value_of(flags[0]) if flags else 0)


# --- texts that a pattern has its trouble with ------------------------------------------------------------------------

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SOME = "a0A .-_/,<>[]()\"'&;:=#?\n\u3000가é!~"
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
#: What fits behind no repeat, and what looks as if it did.
_ENDS = ("", "\0", "a")
_MOST_LITERALS = 5
#: Characters; few patterns take long for a step.
_SIZE = 2000


def list_shapes(found: Found) -> Iterator[tuple[str, str, str]]:
    """Head, what comes again and again, and tail."""
    seen = set()
    tree = _parser.parse(found.pattern, found.flags)
    repeats = list(_list_repeats(tree))
    # What a pattern looks for behind what it takes in.
    repeats += [(before, mark) for before in {before for before, _ in repeats} for mark in _list_literals(tree)]
    for before, body in repeats:
        for head, pump in (("", body), (before, body), ("", before + body), ("", before)):
            for end in _ENDS:
                if pump and (head, pump, end) not in seen:
                    seen.add((head, pump, end))
                    yield head, pump, end


def _list_repeats(nodes: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """What may come many times, and an example of what the pattern wants before it."""
    for code, value in nodes:
        if code in _REPEATS and value[1] >= 30:
            yield from ((before, body) for body in _list_bodies(value[2]))
        for part in _list_parts(code, value):
            yield from _list_repeats(part, before)
        before += _make_example(code, value)


def _list_literals(nodes: Iterable[Any]) -> list[str]:
    found = []
    for code, value in nodes:
        if code is op.LITERAL:
            found.append(chr(value))
        for part in _list_parts(code, value):
            found += _list_literals(part)
    return list(dict.fromkeys(found))[:_MOST_LITERALS]


def _list_parts(code: Any, value: Any) -> list[Any]:
    if code in _REPEATS:
        return [value[2]]
    if code is op.SUBPATTERN:
        return [value[3]]
    if code is op.ATOMIC_GROUP:
        return [value]
    if code is op.BRANCH:
        return list(value[1])
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    if code is op.GROUPREF_EXISTS:
        return [part for part in value[1:] if part]
    return []


def _list_bodies(nodes: Any) -> list[str]:
    if len(nodes) == 1:
        code, value = nodes[0]
        if code in (op.IN, op.ANY, op.NOT_LITERAL):
            return _list_characters(code, value)
        if code in (op.SUBPATTERN, op.ATOMIC_GROUP, op.BRANCH):
            return [body for part in _list_parts(code, value) for body in _list_bodies(part)]
    return ["".join(_make_example(code, value) for code, value in nodes)]


def _make_example(code: Any, value: Any) -> str:
    if code is op.LITERAL:
        return chr(value)
    if code in (op.IN, op.ANY, op.NOT_LITERAL):
        return _list_characters(code, value)[0]
    if code in (op.ASSERT_NOT, op.AT) or (code is op.ASSERT and value[0] > 0):
        return ""
    parts = _list_parts(code, value)
    example = "".join(_make_example(*node) for node in parts[0]) if parts else ""
    return example * min(max(value[0], 1), value[1], 50) if code in _REPEATS else example


def _list_characters(code: Any, value: Any) -> list[str]:
    if code is op.ANY:
        return list('a 0<"')
    if code is op.NOT_LITERAL:
        return [character for character in _SOME if ord(character) != value]
    ends = [chr(part if kind is op.LITERAL else part[0]) for kind, part in value if kind in (op.LITERAL, op.RANGE)]
    return [one for one in dict.fromkeys([*_SOME, *ends]) if _is_in(value, one)] or ["a"]


def _is_in(items: Iterable[tuple[Any, Any]], character: str) -> bool:
    is_in = is_negated = False
    for kind, value in items:
        is_negated |= kind is op.NEGATE
        is_in |= kind is op.LITERAL and ord(character) == value
        is_in |= kind is op.RANGE and value[0] <= ord(character) <= value[1]
        is_in |= kind is op.CATEGORY and re.match(_CATEGORIES[value], character) is not None
    return is_in is not is_negated


# --- the law ----------------------------------------------------------------------------------------------------------


def measure(name: str, found: Found, method: str) -> str | None:
    """What is wrong with a pattern; None where nothing is."""
    call = getattr(re.compile(found.pattern, found.flags), method)
    limit = _find_limit(name)

    def read(text: str) -> None:
        call(text[:limit] if isinstance(found.pattern, str) else text.encode("utf-8", "surrogatepass"))

    prepare: Callable[[str], str] = sanitise_html if name.startswith(READ_SANITISED) else str
    for head, pump, end in list_shapes(found):
        if growth := find_growth(read, head, pump, end, size=10 * limit if limit else _SIZE, prepare=prepare):
            return f"{name} {method}: {head!r} + {pump!r} * n + {end!r}: {growth}"
    return None


def _find_limit(name: str) -> int | None:
    return next((most for beginning, most in LONGEST.items() if name.startswith(beginning)), None)


def test_no_pattern_takes_more_than_linear_time() -> None:
    patterns, _ = collect()
    assert len(patterns) > 200
    # A pattern that several modules know is measured once for each way in which it is read.
    calls = {
        (found, method, _find_limit(name), name.startswith(READ_SANITISED)): name
        for name, (found, methods) in patterns.items()
        for method in methods
    }
    flaws = [measure(name, found, method) for (found, method, *_), name in calls.items()]
    assert not [flaw for flaw in flaws if flaw]


def test_every_pattern_is_known() -> None:
    assert collect()[1] == MADE_IN_CALLS


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"\d+(?:\.\d+)+", "findall"),
        (r"\s*\n\s*", "findall"),
        (r"<[^>]*>", "findall"),
        (r"(?:a+)+b", "search"),
        (r"\w*:\w*;", "search"),
        (r"a.*b.*c", "fullmatch"),
    ],
)
def test_the_measure_finds_what_is_not_linear(pattern: str, method: str) -> None:
    assert measure("sample", Found(pattern, 0), method)
