"""Merges the lines of a month into a page that a person keeps: a cumulative README, edited by hand between two prints.

What a hand wrote stays byte for byte where it is: nothing is sorted anew, and a line that was edited or removed since
the last print is left alone, with a remark. Every edit is an insertion, a replacement or a removal of whole lines, so
the difference is known without comparing the two pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.digest.blocks import Block, Sort, list_opaque, split_blocks
from aggregator.digest.bullet import parse_bullet
from aggregator.digest.order import get_order_key, get_place, order_lines
from aggregator.digest.read import Remark, find_first_heading, parse_heading, to_line
from aggregator.digest.render import render_digest, render_line, render_part_heading, render_section_heading
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.types import Digest, Line, Section, Texts

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Edit:
    """The lines of the page from index *first* up to *end* are replaced by others; ``first == end`` inserts."""

    first: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A page after a merge, and what was done to it."""

    text: str
    #: In the order of the page, without overlaps.
    edits: tuple[Edit, ...]
    #: What was left as a hand wrote it, although the month says something else.
    remarks: tuple[Remark, ...]


@dataclass(slots=True)
class _Place:
    """A heading of the page with what follows it."""

    #: The numbers of part and topic; None for a heading that is not of this digest.
    numbers: tuple[int, int] | None
    #: The index of its line.
    at: int
    blocks: list[Block] = field(default_factory=list)
    entries: list[_Entry] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The index after its last line that is not blank."""
        return max([self.at + 1, *(block.number - 1 + len(block.lines) for block in self.blocks)])


@dataclass(frozen=True, slots=True)
class _Entry:
    """A bullet of the page."""

    block: Block
    #: None if it has no link.
    line: Line | None

    @property
    def text(self) -> str:
        return "\n".join(self.block.lines)


@dataclass(slots=True)
class _Page:
    """The page as it stands."""

    texts: Texts
    lines: list[str]
    ends: list[str]
    places: list[_Place] = field(default_factory=list)

    @property
    def entries(self) -> list[_Entry]:
        return [entry for place in self.places for entry in place.entries]


def merge_digest(page: str, now: Digest, before: Digest | None = None) -> Merged:
    """Merge the lines of *now* into a page. *before* is what the last print merged into it, if there was one.

    A line that is not on the page is inserted into its section, which is added if it is missing: newer months first,
    as ``order_lines`` sorts, before the first line that belongs below it. A line of the last print that stands there
    unchanged is replaced, or removed if *now* does not have it. Raises DigestError, naming the line, if a code fence or
    a comment of the page is never closed.
    """
    if not page.strip():
        text = render_digest(now)
        return Merged(text, (Edit(0, 0, tuple(text.splitlines())),), ())
    read = _read_page(page, now.texts)
    edits, remarks, missing = _compare(read, now, before)
    edits += _insert(read, missing, {edit.first for edit in edits if not edit.lines})
    edits.sort(key=lambda edit: (edit.first, edit.end))
    return Merged(_apply(read, edits), tuple(edits), tuple(sorted(remarks, key=lambda remark: remark.number)))


# --- reading ----------------------------------------------------------------------------------------------------------


def _read_page(page: str, texts: Texts) -> _Page:
    ends = _LINE_END.findall(page)
    lines = _LINE_END.split(page)
    if lines[-1]:
        ends.append("")
    else:
        lines.pop()
    read = _Page(texts, lines, ends)
    opaque = list_opaque(lines)
    try:
        first = find_first_heading(lines, opaque)
    except DigestError:
        if any(one.hides_the_rest for one in opaque):
            raise
        # A page that has only a head so far.
        return read
    for block in split_blocks(lines, opaque, first):
        if block.sort is Sort.HEADING:
            read.places.append(_Place(_number(block, texts), block.number - 1))
            continue
        place = read.places[-1]
        place.blocks.append(block)
        if block.sort is Sort.BULLET:
            place.entries.append(_Entry(block, _read_line(place, block, texts)))
    return read


def _number(block: Block, texts: Texts) -> tuple[int, int] | None:
    try:
        return parse_heading(block.number, block.lines[0], texts.taxonomy).place
    except DigestError:
        return None


def _read_line(place: _Place, block: Block, texts: Texts) -> Line | None:
    section = next((one for one in texts.taxonomy.sections if get_place(one) == place.numbers), None)
    bullet = parse_bullet(block.lines[0])
    # Where it stands only matters for a line of one of our sections.
    return to_line(bullet, section or texts.taxonomy.sections[0], block.lines[1:]) if bullet else None


# --- what stands there already ----------------------------------------------------------------------------------------


def _compare(read: _Page, now: Digest, before: Digest | None) -> tuple[list[Edit], list[Remark], list[Line]]:
    """Compare the page with what is to be printed: edits of lines that stand there, remarks, and the missing lines."""
    standing: dict[str, _Entry] = {}
    for entry in read.entries:
        if entry.line:
            standing.setdefault(_name(entry.line), entry)
    printed = {_name(line): line for line in before.lines} if before else {}
    wanted = {_name(line): line for line in now.lines}
    found = [_decide(standing.get(name), printed.get(name), line) for name, line in wanted.items()]
    found += [_decide(standing.get(name), old, None) for name, old in printed.items() if name not in wanted]
    return (
        [one.edit for one in found if one.edit],
        [one.remark for one in found if one.remark],
        [one.missing for one in found if one.missing],
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What to do about one line."""

    edit: Edit | None = None
    remark: Remark | None = None
    #: A line to insert.
    missing: Line | None = None


def _decide(entry: _Entry | None, old: Line | None, new: Line | None) -> _Decision:
    """Decide about a line that was printed as *old*, stands on the page as *entry* and is to be *new*."""
    if entry is None:
        if new is None or old is None:
            return _Decision(missing=new)
        said = t("“{title}” was removed from the page by hand. It stays out.", title=new.title)
        return _Decision(remark=Remark(0, said))
    if new and entry.text == render_line(new) and (old is None or old.section == new.section):
        return _Decision()
    if old is None or entry.text != render_line(old):
        said = t("This line was written by hand. It stays as it is.")
        return _Decision(remark=Remark(entry.block.number, said) if old != new else None)
    if new and new.section == old.section:
        return _Decision(edit=_replace(entry, render_line(new).split("\n")))
    return _Decision(edit=_replace(entry, []), missing=new)


def _name(line: Line) -> str:
    url = clean_url(line.url)
    return canonicalise_url(url) if url else line.url


def _replace(entry: _Entry, lines: Iterable[str]) -> Edit:
    first = entry.block.number - 1
    return Edit(first, first + len(entry.block.lines), tuple(lines))


# --- what is added ----------------------------------------------------------------------------------------------------


def _insert(read: _Page, missing: Sequence[Line], removed: set[int]) -> list[Edit]:
    """Insert lines; entries that begin at one of the *removed* indexes are not looked at."""
    by_section: dict[Section, list[Line]] = {}
    for line in order_lines(missing):
        by_section.setdefault(line.section, []).append(line)
    places = {place.numbers: place for place in reversed(read.places) if place.numbers}
    known = set(places)
    edits: list[Edit] = []
    for section, lines in by_section.items():
        if place := places.get(get_place(section)):
            edits += _insert_into(place, lines, removed)
        else:
            edits.append(_add_section(read, section, lines, known))
    return _join(edits)


def _insert_into(place: _Place, lines: Sequence[Line], removed: set[int]) -> Iterator[Edit]:
    """Insert ordered lines, each before the first entry that belongs below it."""
    left = iter([entry for entry in place.entries if entry.line and entry.block.number - 1 not in removed])
    entry = next(left, None)
    for line in lines:
        # What comes before one line comes before the next one too, because the lines are in order.
        while entry and entry.line and get_order_key(entry.line) <= get_order_key(line):
            entry = next(left, None)
        at = entry.block.number - 1 if entry else place.end
        yield Edit(at, at, tuple(render_line(line).split("\n")))


def _add_section(read: _Page, section: Section, lines: Sequence[Line], known: set[tuple[int, int]]) -> Edit:
    """Add a section with its heading, and with that of its part if the page has none, before the next one by number."""
    numbers = get_place(section)
    texts = read.texts
    part = [render_part_heading(section.part, texts)] if section.part.number and (numbers[0], 0) not in known else []
    heading = [render_section_heading(section, texts)] if section.topic.number else []
    known |= {numbers, (numbers[0], 0)}
    block = [*part, *heading, *(each for line in lines for each in render_line(line).split("\n"))]
    following = next((place for place in read.places if place.numbers and place.numbers > numbers), None)
    if following:
        return Edit(following.at, following.at, (*block, ""))
    end = next((at for at in range(len(read.lines), 0, -1) if read.lines[at - 1].strip()), 0)
    is_first = (
        not part and bool(read.places) and read.places[-1].numbers == (numbers[0], 0) and read.places[-1].end == end
    )
    return Edit(end, end, (*([] if is_first or not end else [""]), *block))


def _join(edits: Sequence[Edit]) -> list[Edit]:
    """Join insertions at one place, in their order."""
    joined: dict[int, tuple[str, ...]] = {}
    for edit in edits:
        joined[edit.first] = (*joined.get(edit.first, ()), *edit.lines)
    return [Edit(at, at, lines) for at, lines in joined.items()]


# --- writing ----------------------------------------------------------------------------------------------------------


def _apply(read: _Page, edits: Sequence[Edit]) -> str:
    end = next((each for each in read.ends if each), "\n")
    pieces: list[str] = []
    at = 0
    for edit in edits:
        pieces += _list_as_they_are(read, at, edit.first)
        if edit.lines and pieces and not pieces[-1].endswith(("\n", "\r")):
            pieces.append(end)
        pieces += [line + end for line in edit.lines]
        at = max(at, edit.end)
    pieces += _list_as_they_are(read, at, len(read.lines))
    return "".join(pieces)


def _list_as_they_are(read: _Page, first: int, end: int) -> list[str]:
    return [line + ending for line, ending in zip(read.lines[first:end], read.ends[first:end], strict=True)]
