"""The order of the printed page, as the curator keeps it (section 4 of the design)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from aggregator.digest.escape import unescape_text
from aggregator.text.characters import compose
from aggregator.types import Line, Month, Section

#: Jamo, compatibility Jamo, Jamo extended A, syllables with Jamo extended B.
_HANGUL = (("\u1100", "\u11ff"), ("\u3130", "\u318f"), ("\ua960", "\ua97f"), ("\uac00", "\ud7ff"))


def get_place(section: Section) -> tuple[int, int]:
    """The sort key of a section: its numbers."""
    return section.part.number, section.topic.number


def order_lines(lines: Iterable[Line], *, stars_first: bool = False) -> tuple[Line, ...]:
    """Sort lines by section; inside a section newer months first, lines without a month last; inside a month
    highlights with *stars_first*, then titles that begin with Hangul, then the others, ignoring case and ``*``. Ties go
    by address.
    """
    return tuple(sorted(lines, key=lambda line: get_order_key(line, stars_first=stars_first)))


def get_order_key(line: Line, *, stars_first: bool = False) -> tuple[object, ...]:
    """The sort key of a line."""
    title = _fold(line.title)
    is_below = not (stars_first and line.is_highlight)
    month = get_place(line.section), -_count_months(line.month)
    place = *month, is_below, not _is_hangul(title[:1]), title, line.url
    # The rest only makes the order unique.
    return *place, line.title, line.organisation or "", line.note


def find_longest_run(keys: Sequence[Any]) -> list[int]:
    """Find the positions of a longest part of *keys* that is in order (patience sorting)."""
    # By the length of a run: the key and the position where the one that ends lowest ends.
    ends, last = list[Any](), list[int]()
    before: list[int | None] = []
    for at, key in enumerate(keys):
        length = bisect_right(ends, key)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1], last[length : length + 1] = [key], [at]
    run = []
    back = last[-1] if last else None
    while back is not None:
        run.append(back)
        back = before[back]
    return run[::-1]


def _count_months(month: Month | None) -> int:
    return month.year * 12 + month.month if month else 0


def _fold(title: str) -> str:
    # Composed, so that titles with decomposed Hangul are sorted like the others.
    return compose(unescape_text(title).replace("*", "")).strip().casefold()


def _is_hangul(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _HANGUL)
