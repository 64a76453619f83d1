"""Splits the lines of a page into headings, bullets with all that belongs to them, and other text.

As in Markdown, a line is outside a bullet if it is indented by less than two columns. Inside a code fence or comment
there, nothing is a heading or a bullet. A fence that is indented further belongs to its bullet and ends with it, open
or not, so it can never hide a line of the page (CommonMark 0.31, sections 4.5, 4.6 and 5.2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from aggregator.digest.bullet import is_bullet, straighten
from aggregator.digest.foot import Foot, list_feet
from aggregator.digest.markdown import list_blocks

#: The second form lacks its space. Markdown reads that as text, but no author means text.
_HEADING = re.compile(r" ?#{1,6}(?:[ \t]|$)| ?#{2,3}[0-9]{1,2}\.")


def is_heading(line: str) -> bool:
    """Whether the line is a heading of the page, of any level and text."""
    return bool(_HEADING.match(line))


# --- what Markdown does not parse -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opaque:
    """A code fence, a comment, or other HTML without an end."""

    #: The index of its first line, and the index after its last.
    first: int
    end: int
    #: Whether its end is in the text; otherwise Markdown closes it.
    closed: bool
    #: Whether it is inside a bullet or quote, and ends with it.
    nested: bool
    #: Whether it is HTML other than a comment.
    is_html: bool

    @property
    def hides_the_rest(self) -> bool:
        return not self.closed and not self.nested


def list_opaque(lines: Sequence[str], following: str = "") -> Sequence[Opaque]:
    """The code fences and comments of a text, in order, and the HTML that swallows the line *following* it, if any.

    HTML with an end is read as text, so that no line of the page is lost in it.

    Raises DigestError, naming the line, for bullets and quotes that are nested too deeply.
    """
    return _list_opaque(tuple(lines), following)


# What is about to be printed is merged, shown and looked through, each time from the text of the whole page.
@lru_cache(maxsize=4)
def _list_opaque(lines: tuple[str, ...], following: str) -> tuple[Opaque, ...]:
    found: list[Opaque] = []
    for token in list_blocks([*map(straighten, lines), following, "#"]):
        first, end = token.map or (0, 0)
        is_html = False
        if token.type == "fence":
            closed = token.content.count("\n") == end - first - 2
        elif token.type == "html_block" and token.content.lstrip().startswith("<!--"):
            closed = "-->" in token.content
        elif token.type == "html_block" and token.level == 0 and end > len(lines) + 1:
            closed, is_html = False, True
        else:
            continue
        found.append(Opaque(first, end, closed, token.level > 0, is_html))
    return tuple(found)


# --- blocks -----------------------------------------------------------------------------------------------------------


class Sort(Enum):
    HEADING = "heading"
    BULLET = "bullet"
    TEXT = "text"
    #: A piece of the foot, which this program wrote: see ``digest.foot``.
    FOOT = "foot"


@dataclass(slots=True)
class Block:
    """A heading, a bullet with everything up to the next block, a piece of the foot, or text that belongs to none."""

    sort: Sort
    #: Number of its first line, from 1.
    number: int
    lines: list[str]
    #: The blank lines that follow it.
    gap: list[str] = field(default_factory=list)


def split_blocks(lines: Sequence[str], opaque: Sequence[Opaque], first: int) -> list[Block]:
    """Split the lines from index *first* on into blocks. Blank lines at the end of a block are its gap."""
    hidden = hide(opaque)
    found = [foot for foot in find_feet(lines, opaque) if foot.first >= first]
    feet = {at: foot for foot in found for at in range(foot.first, foot.end)}
    blocks: list[Block] = []
    for at in range(first, len(lines)):
        line = lines[at]
        if foot := feet.get(at):
            if at == foot.first:
                blocks.append(Block(Sort.FOOT, at + 1, list(lines[at : foot.end])))
            continue
        sort = Sort.TEXT if at in hidden else _sort(line)
        if not line.strip() and at not in hidden and blocks:
            blocks[-1].gap.append(line)
        elif sort is Sort.TEXT and blocks and blocks[-1].sort not in {Sort.HEADING, Sort.FOOT}:
            blocks[-1].lines += [*blocks[-1].gap, line]
            blocks[-1].gap = []
        else:
            blocks.append(Block(sort, at + 1, [line]))
    return blocks


def find_feet(lines: Sequence[str], opaque: Sequence[Opaque]) -> list[Foot]:
    """Find the pieces of the foot of a page."""
    return list_feet(lines, {one.first: one.end for one in opaque if not one.nested and one.closed})


def hide(opaque: Sequence[Opaque]) -> frozenset[int]:
    """The indexes of all lines inside fences and comments of the page."""
    return frozenset(at for one in opaque if not one.nested for at in range(one.first, one.end))


def _sort(line: str) -> Sort:
    if is_heading(line):
        return Sort.HEADING
    return Sort.BULLET if is_bullet(line) else Sort.TEXT
