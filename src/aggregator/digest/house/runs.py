"""Marked titles: plain text with names in italics or bold. Reads them from Markdown, and writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from aggregator.digest.escape import escape_text, unescape_text
from aggregator.types import Mark

#: Longer titles are left alone; it bounds the time of every pattern.
LONGEST = 400
_MARKED = re.compile(r"(?<![\\*])(\*\*?)(?=[^\s*])([^*]*[^\s*\\])\1(?!\*)")
_EASTERN = "가-힣ぁ-ヿ一-鿿"
EASTERN = re.compile(f"[{_EASTERN}]")
#: A word of any other script.
WORD = re.compile(rf"[^\W_{_EASTERN}]+")


class Run(NamedTuple):
    """A piece of a title with its mark."""

    text: str
    mark: Mark = Mark.PLAIN


def read_runs(markdown: str) -> list[Run]:
    """Read a title in Markdown."""
    found, place = [], 0
    for match in _MARKED.finditer(markdown):
        found += [Run(unescape_text(markdown[place : match.start()])), Run(unescape_text(match[2]), Mark(match[1]))]
        place = match.end()
    return [run for run in [*found, Run(unescape_text(markdown[place:]))] if run.text]


def write_runs(runs: Iterable[Run]) -> str:
    """Write a title as Markdown."""
    return "".join(f"{run.mark}{_escape(run.text)}{run.mark}" for run in runs).strip()


def join_runs(runs: Iterable[Run]) -> str:
    """The plain text of a title."""
    return "".join(run.text for run in runs)


def _escape(text: str) -> str:
    # The spaces around a name belong to the runs beside it.
    core = text.strip()
    before = text[: len(text) - len(text.lstrip())]
    return before + escape_text(core) + text[len(before) + len(core) :]
