"""The difference that edits make to a page, as rows to show. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.digest.order import find_longest_run
from aggregator.digest.page import Edit, split_lines

# Rows above and below a change that show where it is.
_CONTEXT = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a difference."""

    #: ``+``, ``-``, a space for a line that stays, ``@`` for the heading of a group of changes.
    sign: str
    text: str
    #: Its numbers before and after, from 1; None where it is not there.
    old: int | None = None
    new: int | None = None


def list_difference(text: str, edits: Sequence[Edit]) -> Iterator[Row]:
    """List what *edits*, in order, change in the page *text*, with a line of context. A group of changes begins with
    the heading that it stands below.
    """
    lines, _ = split_lines(text)
    headings = iter([*((at, line) for at, line in enumerate(lines) if line.startswith("#")), (len(lines) + 1, "")])
    next_heading, heading = next(headings), ""
    shown = moved = 0
    for edit, following in zip(edits, [*edits[1:], None], strict=False):
        while next_heading[0] < edit.first:
            heading, next_heading = next_heading[1], next(headings)
        start = max(shown, edit.first - _CONTEXT)
        if start > shown or not shown:
            yield Row("@", heading)
        yield from (Row(" ", lines[at], at + 1, at + 1 + moved) for at in range(start, edit.first))
        yield from (Row("-", lines[at], old=at + 1) for at in range(edit.first, edit.end))
        yield from (Row("+", line, new=edit.first + moved + place) for place, line in enumerate(edit.lines, 1))
        moved += len(edit.lines) - (edit.end - edit.first)
        shown = min(edit.end + _CONTEXT, following.first if following else len(lines), len(lines))
        yield from (Row(" ", lines[at], at + 1, at + 1 + moved) for at in range(edit.end, shown))


def render_difference(text: str, edits: Sequence[Edit]) -> str:
    """Write the difference for a terminal."""
    return "".join(f"{row.sign} {row.text}".rstrip() + "\n" for row in list_difference(text, edits))


def find_edits(before: str, after: str) -> tuple[Edit, ...]:
    """Find the edits that lead from one page to another. Lines that each of them has once, in the same order, stay."""
    old, new = split_lines(before)[0], split_lines(after)[0]
    edits: list[Edit] = []
    start = at = 0
    for end, until in [*_list_kept(old, new), (len(old), len(new))]:
        edits += _compare(old, new, (start, end), (at, until))
        start, at = end + 1, until + 1
    return tuple(edits)


def _compare(old: list[str], new: list[str], of_old: tuple[int, int], of_new: tuple[int, int]) -> Iterator[Edit]:
    """Compare two ranges of lines, without what is equal at their beginnings and ends."""
    (start, end), (at, until) = of_old, of_new
    while start < end and at < until and old[start] == new[at]:
        start, at = start + 1, at + 1
    while start < end and at < until and old[end - 1] == new[until - 1]:
        end, until = end - 1, until - 1
    if start < end or at < until:
        yield Edit(start, end, tuple(new[at:until]))


def _list_kept(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """List the indexes of lines that stay: the longest row of unique lines that comes in the same order in both."""
    in_old, in_new = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if in_new[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if in_old[line] == 1 and line in places]
    return [pairs[number] for number in find_longest_run([at for _, at in pairs])]
