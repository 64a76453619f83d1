"""Reads any page of links in Markdown: bullets, nested ones, tables, and paragraphs or headings that begin with a link.
Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from aggregator.adopt.line import ListedLine, add_notes, is_bare, read_line
from aggregator.adopt.source import link_addresses, prepare
from aggregator.adopt.table import read_table
from aggregator.adopt.words import (
    LONGEST_HEADING,
    begins_with_link,
    has_links,
    has_other_links,
    has_picture_link,
    is_below,
    is_site,
    list_links,
    say,
    unwrap,
    write,
)
from aggregator.digest.markdown import read_tree
from aggregator.digest.read import Remark
from aggregator.locales import t
from aggregator.types import NoteStyle

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode as Node

#: An item of a table of contents, and the words above it.
_CONTENTS = re.compile(r"\s*(?:[*+-]|\d{1,3}\.)\s+\[[^\]]*\]\(#")
_ABOVE_CONTENTS = re.compile(r"(?i)[\W_]*(?:table of contents?|contents?|toc|목차|차례)[\W_]*")
_RULE = re.compile(r"\s*(?:=+|-+)\s*")
_MARK = re.compile(r"^\s*(?:[*+-]|\d{1,9}[.)])\s+")
_TAG = re.compile(r"<[^<>]*>")
#: Below all headings: a paragraph of which all is bold.
_BOLD_LEVEL = 7
_LONGEST_BOLD = 60
_ENDS = (".", "!", "?", ",", ";", "다")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page lists, in its order."""

    #: What stands before the headings of the first line.
    head: str
    lines: tuple[ListedLine, ...]
    #: What was not understood, by line.
    left: tuple[Remark, ...]
    #: The day that the page names before it begins.
    day: date | None = None
    #: Its title, if one heading stands above all others.
    title: str | None = None


class _Heading(NamedTuple):
    level: int
    name: str
    #: The line where it begins.
    number: int


@dataclass(slots=True)
class _Reading:
    #: The lines of the page.
    source: Sequence[str]
    #: By level; the deeper ones are gone when a higher one comes.
    headings: list[_Heading] = field(default_factory=list)
    #: How many of each level there are.
    levels: Counter[int] = field(default_factory=Counter)
    #: The first heading, which may be the title of the page.
    title: _Heading | None = None
    lines: list[ListedLine] = field(default_factory=list)
    left: list[Remark] = field(default_factory=list)
    #: Where the first line begins, or the bullets or the table that it is in, and the headings above it.
    first: int | None = None
    above: tuple[_Heading, ...] = ()
    #: Whether a paragraph belongs to the line before it, and the pieces of its note.
    is_open: bool = False
    notes: list[tuple[str, NoteStyle]] = field(default_factory=list)

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.headings)

    def add(self, number: int, words: Node, groups: tuple[str, ...] = ()) -> bool:
        self.begin(number)
        line = read_line(number, (*self.path, *groups), words)
        if line is None:
            self.leave(number, t("The title of this line was not found."))
            return False
        if line.before:
            self.leave(number, t("The words before the link are not kept: {words}", words=line.before))
        self.append(line)
        return True

    def append(self, line: ListedLine) -> None:
        self.end_note()
        self.lines.append(line)

    def begin(self, number: int) -> None:
        """Note where the first line stands, if it is the first."""
        if self.first is None:
            self.first, self.above = number, tuple(self.headings)

    def end_note(self) -> None:
        """Give the line before what belongs to it, all at once: a note may have thousands of pieces."""
        if self.notes:
            self.lines[-1] = add_notes(self.lines[-1], self.notes)
            self.notes = []

    def leave(self, number: int, sentence: str) -> None:
        self.left.append(Remark(number, sentence))


def read_listing(text: str) -> Listing:
    """Read a page; what it does not understand is in ``left``. Raises DigestError for bullets nested too deeply."""
    source = prepare(text)
    reading = _Reading(source.text.split("\n"))
    for node in read_tree(link_addresses(source.text)).children:
        _read_block(reading, node)
    reading.end_note()
    title, end = _find_title(reading), _find_head_end(reading)
    left = tuple(remark for remark in reading.left if remark.number > end)
    head = _take_head(reading.source[:end])
    return Listing(head, tuple(reading.lines), left, source.day, title.name if title else None)


def _find_title(reading: _Reading) -> _Heading | None:
    title = reading.title
    is_title = title and reading.levels[title.level] == 1 and (title.level == 1 or len(reading.levels) > 1)
    return title if is_title else None


def _find_head_end(reading: _Reading) -> int:
    """The line before the headings of the first line, without the title of the page."""
    title = _find_title(reading)
    above = [each.number for each in reading.above if each != title]
    return min([*above, reading.first or len(reading.source) + 1]) - 1


def _take_head(source: Sequence[str]) -> str:
    """The head without a table of contents, which would not lead to the headings of other pages."""
    kept = list[str]()
    for line in source:
        if not _CONTENTS.match(line):
            kept.append(line)
            continue
        while kept and (not kept[-1].strip() or _RULE.fullmatch(kept[-1]) or _ABOVE_CONTENTS.fullmatch(kept[-1])):
            kept.pop()
        kept.append("")
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n").rstrip()
    return f"{said}\n\n" if said else ""


# --- blocks -----------------------------------------------------------------------------------------------------------


def _read_block(reading: _Reading, node: Node) -> None:
    number = _number(node)
    match node.type:
        case "heading" if node.children:
            _read_heading(reading, node, number)
        case "bullet_list" | "ordered_list":
            _read_bullets(reading, node)
        case "hr":
            reading.is_open = False
        case "table":
            reading.is_open = False
            for found in read_table(reading.path, node):
                if isinstance(found, Remark):
                    reading.left.append(found)
                else:
                    reading.begin(number)
                    reading.append(found)
        case "paragraph":
            _read_paragraph(reading, node, number)
        case "blockquote" | "fence" | "code_block":
            _read_other(reading, node, number)
        case "html_block" if _TAG.sub("", node.content).strip() and not node.content.lstrip().startswith("<!--"):
            reading.leave(number, t("HTML is not read."))


def _read_bullets(reading: _Reading, node: Node) -> None:
    if reading.is_open and not has_links(node):
        reading.notes += [(_as_bullet(reading, item), NoteStyle.NESTED) for item in node.children]
        return
    reading.is_open = False
    for item in node.children:
        _read_item(reading, item, ())


def _number(node: Node) -> int:
    return (node.map or (0, 0))[0] + 1


def _read_heading(reading: _Reading, node: Node, number: int) -> None:
    level, words = int(node.tag[1]), node.children[0]
    reading.headings = [each for each in reading.headings if each.level < level]
    reading.is_open = begins_with_link(words) and reading.add(number, words)
    if not reading.is_open:
        heading = _Heading(level, unwrap(say(words.children))[:LONGEST_HEADING], number)
        reading.headings.append(heading)
        reading.levels[level] += 1
        reading.title = reading.title or heading


def _read_paragraph(reading: _Reading, node: Node, number: int) -> None:
    words = node.children[0]
    if bold := _read_bold(words):
        reading.is_open = False
        reading.headings = [each for each in reading.headings if each.level < _BOLD_LEVEL]
        reading.headings.append(_Heading(_BOLD_LEVEL, bold, number))
    elif several := _cut_lines(words):
        for at, each in enumerate(several):
            reading.is_open = reading.add(number + at, each)
    elif begins_with_link(words):
        reading.is_open = reading.add(number, words)
    elif reading.is_open:
        reading.notes.append((write(words.children), NoteStyle.COLON))
    elif has_links(words):
        reading.leave(number, t("This text has links, but does not begin with one."))
    else:
        reading.leave(number, t("This text belongs to no line."))


def _read_bold(words: Node) -> str:
    """What a short paragraph says of which all is bold, as a heading is written in letters; else empty."""
    parts = [node for node in words.children if node.type != "text" or node.content.strip()]
    if len(parts) != 1 or parts[0].type != "strong" or has_links(words):
        return ""
    said = unwrap(say(parts[0].children)).strip(" :：")
    return said if len(said) <= _LONGEST_BOLD and not said.endswith(_ENDS) else ""


def _cut_lines(words: Node) -> list[Node]:
    """The lines of a paragraph, if it has several that all begin with a link; else empty."""
    lines = words.content.split("\n")
    if len(lines) < 2 or not all(line.lstrip(" *_").startswith(("[", "<")) for line in lines):
        return []
    read = [read_tree(line.strip()).children for line in lines]
    found = [block[0].children[0] for block in read if len(block) == 1 and block[0].type == "paragraph"]
    return found if len(found) == len(lines) and all(begins_with_link(each) for each in found) else []


def _read_other(reading: _Reading, node: Node, number: int) -> None:
    """A quotation or code: part of a note, or around lines of its own."""
    if any(each.type.endswith("_list") and has_links(each) for each in node.children):
        reading.is_open = False
        for each in node.children:
            _read_block(reading, each)
    elif reading.is_open:
        reading.notes.append((_take_source(reading, node), NoteStyle.COLON))
    else:
        reading.leave(number, t("A quotation or code is not a line."))


def _take_source(reading: _Reading, node: Node) -> str:
    """How a block stands on the page, without the indent of its first line."""
    lines = reading.source[slice(*(node.map or (0, 0)))]
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    return "\n".join(line[min(indent, len(line) - len(line.lstrip())) :] for line in lines).rstrip()


# --- bullets ----------------------------------------------------------------------------------------------------------


def _read_item(reading: _Reading, item: Node, groups: tuple[str, ...]) -> None:
    """A bullet: a line, with what is nested in it as its note, or a name for the lines that are nested in it."""
    number, words = _number(item), _words_of(item)
    more = [child for child in item.children if not child.type.endswith("_list") and words not in child.children]
    nested = [each for child in item.children if child.type.endswith("_list") for each in child.children]
    if words and has_links(words) and not _is_group(words, nested):
        if reading.add(number, words, groups):
            reading.notes += [(_take_source(reading, each), NoteStyle.COLON) for each in more]
            reading.notes += [(_as_bullet(reading, each), NoteStyle.NESTED) for each in nested]
        return
    for each in more:
        reading.leave(_number(each), t("This text belongs to no line."))
    if words and any(has_links(each) for each in nested):
        reading.begin(number)
        name = unwrap(say(words.children)).rstrip(" :：")[:LONGEST_HEADING]
        for each in nested:
            _read_item(reading, each, (*groups, name))
    elif words and has_picture_link(words):
        reading.begin(number)
        reading.leave(number, t("The link of this line is a picture alone."))
    elif words and has_other_links(words):
        reading.begin(number)
        reading.leave(number, t("The link of this line does not lead to a page elsewhere."))
    else:
        reading.leave(number, t("The bullet has no link."))


def _words_of(item: Node) -> Node | None:
    return next((child.children[0] for child in item.children if child.type == "paragraph"), None)


def _as_bullet(reading: _Reading, item: Node) -> str:
    return _MARK.sub("* ", _take_source(reading, item))


def _is_group(words: Node, nested: Sequence[Node]) -> bool:
    """Whether a bullet with a link only names those that are nested in it: it leads to a site as a whole, or to a place
    of it where all of them are.
    """
    link, inner = next(list_links(words)), [own for each in nested if (own := _words_of(each))]
    if not any(begins_with_link(own) for own in inner):
        return False
    if is_site(link):
        return True
    places = [next(list_links(own), None) for own in inner]
    is_alone = say(words.children).rstrip(" :：") == say(link.children)
    return is_alone and all(place and is_below(place, link) and not is_bare(say(place.children)) for place in places)
