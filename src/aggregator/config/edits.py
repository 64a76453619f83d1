"""One change of a text, kept so that it can be taken back to the byte. Pure.

Only what differs is kept, with a digest of the whole: a text that has changed elsewhere since is recognised and left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any


def describe_edit(before: str, after: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Describe each of two texts by what the other one lacks, as JSON."""
    start = _count_alike(before, after)
    end = _count_alike(reversed(before[start:]), reversed(after[start:]))
    return _describe(before, start, end), _describe(after, start, end)


def _count_alike(first: Iterable[str], second: Iterable[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _describe(text: str, start: int, end: int) -> dict[str, Any]:
    return {"at": start, "text": text[start : len(text) - end], "digest": _digest(text)}


def take_back(text: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> str | None:
    """Return the text as *there* describes it; None if it is not the one that *here* describes."""
    if _digest(text) != here["digest"]:
        return None
    at = here["at"]
    return f"{text[:at]}{there['text']}{text[at + len(here['text']) :]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
