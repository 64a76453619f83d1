"""A published page as lines in their places, for what changes or checks single lines of it and leaves the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.digest.blocks import Block, Sort, find_feet, list_opaque, split_blocks
from aggregator.digest.bullet import Bullet, parse_bullet
from aggregator.digest.foot import Foot
from aggregator.digest.order import get_place
from aggregator.digest.read import Heading, find_first_heading, parse_heading, to_line
from aggregator.exceptions import DigestError
from aggregator.types import Line, LineStyle, Section, Texts

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Edit:
    """The lines of a page from index *first* up to *end* are replaced by others; ``first == end`` inserts."""

    first: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A bullet of the page, with everything that belongs to it."""

    block: Block
    #: None if it has no link.
    bullet: Bullet | None
    line: Line | None

    @property
    def text(self) -> str:
        return "\n".join(self.block.lines)

    @property
    def first(self) -> int:
        """The index of its first line."""
        return self.block.number - 1

    def replace(self, lines: Iterable[str]) -> Edit:
        return Edit(self.first, self.first + len(self.block.lines), tuple(lines))


@dataclass(slots=True)
class Place:
    """A heading of the page with what follows it."""

    block: Block
    #: What it says; None for a heading that is not of this digest.
    heading: Heading | None
    blocks: list[Block] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    #: Whether the foot of the page has followed.
    is_over: bool = False

    @property
    def numbers(self) -> tuple[int, int] | None:
        """The numbers of part and topic."""
        return self.heading.place if self.heading else None

    @property
    def first(self) -> int:
        """The index of its line."""
        return self.block.number - 1

    @property
    def end(self) -> int:
        """The index after its last line that is not blank."""
        return max([self.first + 1, *(block.number - 1 + len(block.lines) for block in self.blocks)])


@dataclass(slots=True)
class Page:
    """A page as it stands."""

    texts: Texts
    lines: list[str]
    #: The end of each line; empty for a last line without one.
    ends: list[str]
    places: list[Place] = field(default_factory=list)
    #: What this program wrote below the lines.
    feet: tuple[Foot, ...] = ()

    @property
    def end(self) -> int:
        """The index after the last line that is not blank and above the foot, if that ends the page."""
        places = [place.first for place in self.places]
        last = next((foot.first for foot in self.feet if not places or foot.first > places[-1]), len(self.lines))
        return next((at for at in range(last, 0, -1) if self.lines[at - 1].strip()), 0)

    @property
    def entries(self) -> list[Entry]:
        return [entry for place in self.places for entry in place.entries]

    def apply(self, edits: Sequence[Edit]) -> str:
        """Return the page after edits, which are in order and do not overlap. New lines end as the others do."""
        end = next((each for each in self.ends if each), "\n")
        pieces: list[str] = []
        at = 0
        for edit in edits:
            pieces += self._list_as_they_are(at, edit.first)
            if edit.lines and pieces and not pieces[-1].endswith(("\n", "\r")):
                pieces.append(end)
            pieces += [line + end for line in edit.lines]
            at = max(at, edit.end)
        pieces += self._list_as_they_are(at, len(self.lines))
        return "".join(pieces)

    def _list_as_they_are(self, first: int, end: int) -> list[str]:
        return [line + ending for line, ending in zip(self.lines[first:end], self.ends[first:end], strict=True)]


def read_page(text: str, texts: Texts) -> Page:
    """Read a page. What is not a line of this digest is kept as it is.

    Raises DigestError, naming the line, if a code fence or a comment is never closed.
    """
    lines, ends = split_lines(text)
    page = Page(texts, lines, ends)
    opaque = list_opaque(lines)
    page.feet = tuple(find_feet(lines, opaque))
    try:
        first = find_first_heading(lines, opaque)
    except DigestError:
        if any(one.hides_the_rest for one in opaque):
            raise
        # It only has a head so far.
        return page
    sections = {get_place(section): section for section in texts.taxonomy.sections}
    # The section only matters below one of our headings.
    any_section = next(iter(sections.values()))
    for block in split_blocks(lines, opaque, first):
        if block.sort is Sort.HEADING:
            page.places.append(Place(block, _read_heading(block, texts)))
            continue
        place = page.places[-1]
        # What stands below the foot stays there.
        place.is_over = place.is_over or block.sort is Sort.FOOT
        if place.is_over:
            continue
        place.blocks.append(block)
        if block.sort is Sort.BULLET:
            section = sections.get(place.numbers, any_section) if place.numbers else any_section
            place.entries.append(_read_entry(block, section, texts.style))
    return page


def split_lines(text: str) -> tuple[list[str], list[str]]:
    """Split a text into its lines and the end of each; the last line may have none."""
    ends, lines = _LINE_END.findall(text), _LINE_END.split(text)
    if lines[-1]:
        ends.append("")
    else:
        lines.pop()
    return lines, ends


def name_line(line: Line) -> str:
    """Return what tells its post from others: the canonical address."""
    url = clean_url(line.url)
    return canonicalise_url(url) if url else line.url


def _read_heading(block: Block, texts: Texts) -> Heading | None:
    try:
        return parse_heading(block.number, block.lines[0], texts.taxonomy)
    except DigestError:
        return None


def _read_entry(block: Block, section: Section, style: LineStyle) -> Entry:
    bullet = parse_bullet(block.lines[0])
    line = to_line(bullet, section, block.lines[1:], style) if bullet else None
    return Entry(block, bullet, line)
