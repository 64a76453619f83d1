"""The data that Next.js streams into a page: calls of ``self.__next_f.push`` whose texts, put together, are rows of
JSON. Linear in the length of the page.

Where a list stands among the rows changes with every build of the site. So each list of objects is known by the name
of the property that it is the value of; of several with one name the longest is kept.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from aggregator.text.html import normalise

_PUSH = "self.__next_f.push("
_ROW = re.compile(rb"([0-9a-f]{1,8}):([A-Z]{0,2})")
_LENGTH = re.compile(rb"([0-9a-f]{1,8}),")
# A reference to another row.
_REFERENCE = re.compile(r"\$[A-Z]?([0-9a-f]{1,8})")
_DATE = "$D"
_MOST_NODES = 200_000
_FEWEST = 2


def read_flight(tree: Any) -> dict[str, list[dict[str, Any]]]:
    """The lists of objects in the streamed data of a page, by name; empty if it has none."""
    rows = dict(_list_rows("".join(_list_texts(tree)).encode("utf-8", "surrogatepass")))
    found: dict[str, list[dict[str, Any]]] = {}
    # Many rows may refer to one list, and a list many times to one object: each is read once.
    lists: dict[int, list[dict[str, Any]]] = {}
    objects: dict[int, dict[str, Any]] = {}
    for name, value in _list_properties(rows):
        if isinstance(value, list) and len(value) > len(found.get(name, ())):
            if id(value) not in lists:
                lists[id(value)] = _read_list([_follow(one, rows) for one in value], objects)
            if lists[id(value)]:
                found[name] = lists[id(value)]
    return found


def _list_texts(tree: Any) -> Iterator[str]:
    """The texts that the calls push, in their order."""
    decoder = json.JSONDecoder(strict=False)
    for script in tree.iter("script"):
        text = script.text or ""
        start = text.find(_PUSH)
        while start >= 0:
            start += len(_PUSH)
            try:
                pushed, start = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                # What is broken is left; the rest of this script is not read twice.
                break
            if isinstance(pushed, list) and len(pushed) > 1 and pushed[0] == 1 and isinstance(pushed[1], str):
                yield pushed[1]
            start = text.find(_PUSH, start)


def _list_rows(stream: bytes) -> Iterator[tuple[str, Any]]:
    """The rows that are JSON, by their numbers. A row of text says how many bytes it has, any other ends its line."""
    place = 0
    while row := _ROW.match(stream, place):
        place = row.end()
        if row[2] == b"T" and (length := _LENGTH.match(stream, place)):
            place = length.end() + int(length[1], 16)
            continue
        end = stream.find(b"\n", place)
        end = len(stream) if end < 0 else end
        if not row[2]:
            with contextlib.suppress(ValueError, RecursionError):
                yield row[1].decode(), json.loads(stream[place:end].decode("utf-8", "replace"), strict=False)
        place = end + 1


def _list_properties(rows: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The properties of all objects, with the rows that they refer to in their places."""
    waiting, seen = list(reversed(rows.values())), 0
    while waiting and seen < _MOST_NODES:
        seen += 1
        value = waiting.pop()
        if isinstance(value, dict):
            yield from ((name, _follow(each, rows)) for name, each in value.items())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _follow(value: Any, rows: dict[str, Any]) -> Any:
    if isinstance(value, str) and (reference := _REFERENCE.fullmatch(value)):
        return rows.get(reference[1], value)
    return value


def _read_list(given: list[Any], objects: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects of a list; empty if it has too few, or something else."""
    if len(given) < _FEWEST or not all(isinstance(each, dict) for each in given):
        return []
    for each in given:
        if id(each) not in objects:
            objects[id(each)] = _read_object(each)
    return [objects[id(each)] for each in given]


def _read_object(given: dict[str, Any]) -> dict[str, Any]:
    return {name: _read_text(value) if isinstance(value, str) else value for name, value in given.items()}


def _read_text(value: str) -> str:
    text = value.removeprefix(_DATE)
    return normalise(text[1:] if text.startswith("$$") else text)
