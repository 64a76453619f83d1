"""The lines of a page sorted into headings, bullets with all that belongs to them, and other text.

What counts as outside a bullet is what Markdown takes for it: less than two columns of indentation. Inside a code fence
or a comment that stands there nothing is a heading or a bullet. A fence that is indented further belongs to its bullet
and ends with it, open or not, so it can never hide a line of the page (CommonMark 0.31, sections 4.5, 4.6 and 5.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from aggregator.digest.bullet import is_bullet

#: A fence may follow the markers of nested bullets and quotes. Backticks behind backticks make it code in a sentence.
#: No space is given back, or a rule such as "-  -  -" would be tried in every way to part its spaces.
_FENCE = re.compile(r"(?P<lead>[\s>]*(?:(?:[*+-]|\d{1,9}[.)])[ \t]++[\s>]*+)*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})")
_COMMENT = re.compile(r"(?P<lead> ?)<!--")
#: The second form lacks its space; Markdown takes it for text, but no writer means it so.
_HEADING = re.compile(r" ?#{1,6}(?:[ \t]|$)| ?#{2,3}[0-9]{1,2}\.")


def is_heading(line: str) -> bool:
    """Whether the line is a heading of the page, of whatever level and text."""
    return bool(_HEADING.match(line))


# --- what Markdown does not look into ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opaque:
    """A code fence or a comment: its first and last line (indexes, both included)."""

    first: int
    last: int
    #: Whether its end is in the text; otherwise it ends where Markdown gives up waiting.
    closed: bool
    #: Whether it stands inside a bullet and so ends with it.
    nested: bool

    @property
    def hides_the_rest(self) -> bool:
        return not self.closed and not self.nested


def list_opaque(lines: Sequence[str]) -> list[Opaque]:
    """The code fences and comments of the page, in order."""
    found: list[Opaque] = []
    at = 0
    while at < len(lines):
        opaque = _find_opaque(lines, at)
        if opaque:
            found.append(opaque)
        at = opaque.last + 1 if opaque else at + 1
    return found


def _find_opaque(lines: Sequence[str], at: int) -> Opaque | None:
    line = lines[at]
    if _COMMENT.match(line):
        return _close(lines, at, at if "-->" in line else at + 1, lambda text: "-->" in text, None)
    # A bullet of the page that begins with a fence is seen as the bullet that it is.
    if (fence := _FENCE.match(line)) and not is_bullet(line):
        closing = re.compile(rf"(?P<lead>[\s>]*){fence['fence'][0]}{{{len(fence['fence'])},}}\s*")
        leaves = _find_leaving(fence["lead"])
        return _close(lines, at, at + 1, lambda text: _ends_fence(closing, text, nested=leaves is not None), leaves)
    return None


def _ends_fence(closing: re.Pattern[str], line: str, *, nested: bool) -> bool:
    match = closing.fullmatch(line)
    return bool(match) and (nested or _indent(line) < 4)


def _find_leaving(lead: str) -> Callable[[str], bool] | None:
    """The test for lines that leave the quote or bullet in which a fence stands; None for a fence in neither."""
    if ">" in lead:
        return lambda line: not line.lstrip().startswith(">")
    if len(lead.expandtabs()) >= 2:
        return lambda line: bool(line.strip()) and _indent(line) < 2
    return None


def _close(
    lines: Sequence[str], first: int, start: int, is_end: Callable[[str], bool], leaves: Callable[[str], bool] | None
) -> Opaque:
    """Find where the fence or comment that begins at *first* ends, looking from *start* on."""
    for at in range(start, len(lines)):
        if is_end(lines[at]):
            return Opaque(first, at, closed=True, nested=leaves is not None)
        if leaves and leaves(lines[at]):
            return Opaque(first, _find_last_written(lines, at - 1), closed=False, nested=True)
    return Opaque(first, _find_last_written(lines, len(lines) - 1), closed=False, nested=leaves is not None)


def _find_last_written(lines: Sequence[str], at: int) -> int:
    # Blank lines behind an open fence belong to the page, not to the code.
    while not lines[at].strip():
        at -= 1
    return at


def _indent(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())


# --- blocks -----------------------------------------------------------------------------------------------------------


class Sort(Enum):
    HEADING = "heading"
    BULLET = "bullet"
    TEXT = "text"


@dataclass(slots=True)
class Block:
    """A heading, a bullet with everything up to the next block, or text that belongs to neither."""

    sort: Sort
    #: Number of its first line, from 1.
    number: int
    lines: list[str]
    #: The blank lines that follow it.
    gap: list[str] = field(default_factory=list)


def split_blocks(lines: Sequence[str], opaque: Sequence[Opaque], first: int) -> list[Block]:
    """Sort the lines from index *first* on into blocks. Blank lines at the end of a block are its gap."""
    hidden = hide(opaque)
    blocks: list[Block] = []
    for at in range(first, len(lines)):
        line = lines[at]
        sort = Sort.TEXT if at in hidden else _sort(line)
        if not line.strip() and at not in hidden and blocks:
            blocks[-1].gap.append(line)
        elif sort is Sort.TEXT and blocks and blocks[-1].sort is not Sort.HEADING:
            blocks[-1].lines += [*blocks[-1].gap, line]
            blocks[-1].gap = []
        else:
            blocks.append(Block(sort, at + 1, [line]))
    return blocks


def hide(opaque: Sequence[Opaque]) -> frozenset[int]:
    """The indexes of all lines inside fences and comments."""
    return frozenset(at for one in opaque for at in range(one.first, one.last + 1))


def _sort(line: str) -> Sort:
    if is_heading(line):
        return Sort.HEADING
    return Sort.BULLET if is_bullet(line) else Sort.TEXT
