"""Parses a published page into data: the inverse of :mod:`aggregator.digest.render`.

Printing what was read gives the same bytes, or there is a remark for each difference. The two directions test each
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from aggregator.digest.blocks import Block, Opaque, Sort, hide, is_heading, list_opaque, split_blocks
from aggregator.digest.bullet import Bullet, parse_bullet
from aggregator.digest.foot import join_feet
from aggregator.digest.order import get_place
from aggregator.digest.render import render_line, render_part_heading, render_section_heading
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.characters import clean, keep_direction
from aggregator.types import Digest, Line, LineStyle, Part, Section, Taxonomy, Texts, Topic

#: "## 1. …" or "### 1.1. …", with some tolerance; a heading with a third number is not ours.
_HEADING = re.compile(r" ?#{2,3}[ \t]*([0-9]{1,2})(?:\.([0-9]{1,2}))?(?:(?:\.(?![0-9])|\s)(.*))?")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something on the page that could be read, but is printed differently or does not show as intended."""

    #: The line of the page, from 1.
    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ReadDigest:
    """What a page says, and what to know before it is printed again. Remarks are in the order of the page."""

    digest: Digest
    #: For each line of the digest, the line of the page where it begins, from 1.
    numbers: tuple[int, ...]
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part (topic None) or of a section; in a digest without topics, a part's heading is both."""

    part: Part
    topic: Topic | None
    text: str

    @property
    def is_of_topic(self) -> bool:
        """Whether its text is that of its topic."""
        return bool(self.topic and self.topic.number)

    @property
    def place(self) -> tuple[int, int]:
        return self.part.number, self.topic.number if self.topic else 0


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    defaults: Texts
    head: str
    parts: dict[Part, str] = field(default_factory=dict)
    topics: dict[Topic, str] = field(default_factory=dict)
    #: Each with the line of the page where it begins.
    lines: list[tuple[int, Line]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    #: Every heading with its line; the last one is in force.
    headings: list[tuple[int, Heading]] = field(default_factory=list)
    feet: list[str] = field(default_factory=list)

    @property
    def texts(self) -> Texts:
        known = self.defaults
        parts, topics = {**known.parts, **self.parts}, {**known.topics, **self.topics}
        return Texts(self.head, parts, topics, known.style)

    def remark(self, number: int, sentence: str) -> None:
        self.remarks.append(Remark(number, sentence))


def read_digest(text: str, defaults: Texts) -> ReadDigest:
    """Parse a page. Headings that are not on it take their text from *defaults*; its head never does.

    Raises DigestError, naming the line, for what cannot be understood: no numbered heading, a heading without a number
    or with an unknown one, a bullet outside the sections or without a link, a code fence or comment that hides the
    rest.
    """
    text, remarks = _unify_line_ends(text)
    lines = text.split("\n")
    # The empty rest after the last line end is not a line.
    lines.pop()
    opaque = list_opaque(lines)
    first = find_first_heading(lines, opaque)
    reading = _Reading(defaults, "".join(line + "\n" for line in lines[:first]), remarks=remarks)
    blocks = split_blocks(lines, opaque, first)
    for block in blocks:
        _read_block(reading, block)
    _remark_gaps(reading, blocks)
    _remark_headings(reading)
    # sorted() is stable: lines of one section keep their order.
    numbered = sorted(reading.lines, key=lambda pair: get_place(pair[1].section))
    return ReadDigest(
        Digest(reading.texts, tuple(line for _, line in numbered), join_feet(*reading.feet)),
        tuple(number for number, _ in numbered),
        tuple(sorted(reading.remarks, key=lambda remark: remark.number)),
    )


def _unify_line_ends(text: str) -> tuple[str, list[Remark]]:
    remarks: list[Remark] = []
    if text.startswith("\ufeff"):
        text = text[1:]
        remarks.append(Remark(1, t("The page begins with a byte order mark; it is not printed.")))
    if (at := text.find("\r")) >= 0:
        number = text.count("\n", 0, at) + 1
        remarks.append(Remark(number, t("Lines end in CR or CR LF from here on; they are printed with LF alone.")))
        text = re.sub(r"\r\n?", "\n", text)
    if not text.endswith("\n"):
        text += "\n"
        remarks.append(Remark(text.count("\n"), t("The last line has no line end; one is printed.")))
    return text, remarks


def find_first_heading(lines: Sequence[str], opaque: Sequence[Opaque]) -> int:
    hiding = next((one for one in opaque if one.hides_the_rest), None)
    if hiding:
        number = hiding.first + 1
        if hiding.is_html:
            raise DigestError(t("line {number}: the HTML that begins here is never closed", number=number))
        raise DigestError(t("line {number}: the code fence or comment that begins here is never closed", number=number))
    hidden = hide(opaque)
    for at, line in enumerate(lines):
        if at not in hidden and is_heading(line) and _HEADING.fullmatch(line):
            return at
    raise DigestError(
        t("line {number}: the page ends without a heading such as “## 1. …” or “### 1.1. …”", number=len(lines))
    )


# --- blocks -----------------------------------------------------------------------------------------------------------


def _read_block(reading: _Reading, block: Block) -> None:
    if block.sort is Sort.HEADING:
        _read_heading(reading, block)
    elif block.sort is Sort.BULLET:
        _read_bullet(reading, block)
    elif block.sort is Sort.FOOT:
        reading.feet.append("".join(line + "\n" for line in block.lines))
    elif reading.feet:
        reading.remark(block.number, t("This text is below the foot of the page; it is not printed."))
    else:
        reading.remark(block.number, t("This text is between a heading and the first line; it is not printed."))


def _read_heading(reading: _Reading, block: Block) -> None:
    heading = parse_heading(block.number, block.lines[0], reading.defaults.taxonomy)
    if heading.text and heading.topic and heading.is_of_topic:
        reading.topics.setdefault(heading.topic, heading.text)
    elif heading.text:
        reading.parts.setdefault(heading.part, heading.text)
    printed = _render_heading(heading, reading.texts)
    if printed != block.lines[0]:
        reading.remark(block.number, t("The heading is printed as “{heading}”.", heading=printed))
    reading.headings.append((block.number, heading))


def parse_heading(number: int, line: str, taxonomy: Taxonomy) -> Heading:
    match = _HEADING.fullmatch(line)
    if not match:
        raise DigestError(
            t(
                "line {number}: “{line}” is neither a part (“## 1. …”) nor a section (“### 1.1. …”)",
                number=number,
                line=line.strip(),
            )
        )
    text, sections = (match[3] or "").strip(), taxonomy.sections
    numbered = ".".join(str(int(each)) for each in match.groups()[:2] if each)
    if section := next((section for section in sections if str(section) == numbered), None):
        return Heading(section.part, section.topic, text)
    is_part = not (match[2] or taxonomy.is_flat)
    if part := next((part for part in taxonomy.parts if is_part and str(part.number) == numbered), None):
        return Heading(part, None, text)
    last = sections[-1]
    if is_part:
        said = t(
            "line {number}: “{line}” has an unknown number; parts go from 1 to {last}",
            number=number,
            line=line.strip(),
            last=last.part.number,
        )
    else:
        said = t(
            "line {number}: “{line}” has an unknown number; sections go from {first} to {last}",
            number=number,
            line=line.strip(),
            first=sections[0],
            last=last,
        )
    raise DigestError(said)


def _render_heading(heading: Heading, texts: Texts) -> str:
    if heading.topic is None or not heading.is_of_topic:
        return render_part_heading(heading.part, texts)
    return render_section_heading(Section(heading.part, heading.topic), texts)


def _read_bullet(reading: _Reading, block: Block) -> None:
    bullet = parse_bullet(block.lines[0])
    if bullet is None:
        raise DigestError(
            t(
                "line {number}: the bullet is not a link; it should look like “* [Title (Dec 2022)](url)”",
                number=block.number,
            )
        )
    heading = reading.headings[-1][1]
    if heading.topic is None:
        raise DigestError(
            t(
                "line {number}: the bullet comes before any section of part {part}",
                number=block.number,
                part=heading.part.number,
            )
        )
    section = Section(heading.part, heading.topic)
    line = to_line(bullet, section, block.lines[1:], reading.defaults.style)
    reading.lines.append((block.number, line))
    _remark_bullet(reading, block, bullet, line)


def to_line(bullet: Bullet, section: Section, below: Sequence[str], style: LineStyle) -> Line:
    """The line of a bullet with the lines *below* it; the mark of a *style* is not part of its title."""
    organisation = bullet.organisation and clean(bullet.organisation)
    note = keep_direction("\n".join([bullet.tail, *below]))
    star, title = _take_star(clean(bullet.title), style.mark)
    return Line(section, title, bullet.url, bullet.month, organisation, note, star, bullet.label)


def _take_star(title: str, mark: str) -> tuple[str | None, str]:
    # An editor may have added the sign for a picture, or left it out.
    bare = mark.removesuffix("\ufe0f")
    rest = title.removeprefix(bare).lstrip("\ufe0f ")
    return (mark, rest) if title.startswith(bare) and rest else (None, title)


def _remark_bullet(reading: _Reading, block: Block, bullet: Bullet, line: Line) -> None:
    if bullet.flaw:
        reading.remark(block.number, t("Markdown shows no link here: {why}.", why=t(bullet.flaw)))
    note = "\n".join([bullet.tail, *block.lines[1:]])
    link = render_line(line).removesuffix(line.note)
    if link != "\n".join(block.lines).removesuffix(note):
        reading.remark(block.number, t("The line is printed as “{line}”.", line=link))
    if line.note != note:
        reading.remark(block.number, t("The note is printed without the characters that turn its line round."))


# --- what only the whole page shows -----------------------------------------------------------------------------------


def _remark_gaps(reading: _Reading, blocks: Sequence[Block]) -> None:
    parts = {number for number, heading in reading.headings if heading.topic is None}
    for block, following in pairwise([*blocks, None]):
        if block is None or Sort.TEXT in (block.sort, following and following.sort):
            # Text that is not printed has its own remark.
            continue
        before_heading = following is not None and following.sort in {Sort.HEADING, Sort.FOOT}
        expected = [""] if before_heading and block.number not in parts else []
        if block.gap != expected:
            reading.remark(block.number + len(block.lines), _describe_gap(block.gap, expected))


def _describe_gap(gap: Sequence[str], expected: Sequence[str]) -> str:
    if len(gap) > len(expected):
        return t("One blank line is printed here, not more.") if expected else t("No blank line is printed here.")
    return (
        t("A blank line is printed before this heading or foot.")
        if len(expected) > len(gap)
        else t("The blank line contains spaces; they are removed.")
    )


def _remark_headings(reading: _Reading) -> None:
    for number, sentence in [*_list_misplaced(reading), *_list_empty(reading)]:
        reading.remark(number, sentence)


def _list_misplaced(reading: _Reading) -> Iterator[tuple[int, str]]:
    highest, part = (0, 0), None
    for number, heading in reading.headings:
        if heading.place <= highest:
            yield number, t("The heading is out of its order; its lines are printed where their number belongs.")
        if heading.is_of_topic and heading.part.number and heading.part != part:
            printed = render_part_heading(heading.part, reading.texts)
            yield number, t("The section is not in its part; it is printed below “{heading}”.", heading=printed)
        highest, part = max(highest, heading.place), heading.part


def _list_empty(reading: _Reading) -> Iterator[tuple[int, str]]:
    filled = {get_place(line.section) for _, line in reading.lines}
    filled |= {(part, 0) for part, _ in filled}
    for number, heading in reading.headings:
        if heading.place not in filled:
            yield number, t("No line follows this heading; it is not printed.")
