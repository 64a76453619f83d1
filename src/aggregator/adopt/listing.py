"""Reads any page of links in Markdown: bullets, nested ones, tables, and paragraphs or headings that begin with a link.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aggregator.adopt.line import ListedLine, add_note, read_line
from aggregator.adopt.table import read_table
from aggregator.adopt.words import begins_with_link, has_links, is_site, list_links, say
from aggregator.digest.markdown import read_tree
from aggregator.digest.read import Remark
from aggregator.locales import t
from aggregator.types import NoteStyle

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode as Node

#: An item of a table of contents.
_CONTENTS = re.compile(r"\s*(?:[*+-]|\d{1,3}\.)\s+\[[^\]]*\]\(#")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:\s|$)")
_TABLE = re.compile(r" {0,3}\|")
_MARK = re.compile(r"^\s*(?:[*+-]|\d{1,9}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page lists, in its order."""

    #: What stands before the headings of the first line.
    head: str
    lines: tuple[ListedLine, ...]
    #: What was not understood, by line.
    left: tuple[Remark, ...]


@dataclass(slots=True)
class _Reading:
    #: The lines of the page.
    source: Sequence[str]
    #: By level; the deeper ones are gone when a higher one comes.
    headings: list[tuple[int, str]] = field(default_factory=list)
    lines: list[ListedLine] = field(default_factory=list)
    left: list[Remark] = field(default_factory=list)
    #: Where the first bullet that groups lines begins.
    first_group: int | None = None
    #: Whether a paragraph belongs to the line before it.
    is_open: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.headings)

    def add(self, number: int, words: Node, groups: tuple[str, ...] = ()) -> bool:
        line = read_line(number, (*self.path, *groups), words)
        if line is None:
            self.leave(number, t("The title of this line was not found."))
            return False
        self.lines.append(line)
        return True

    def add_note(self, more: str, style: NoteStyle = NoteStyle.COLON) -> None:
        self.lines[-1] = add_note(self.lines[-1], more, style)

    def leave(self, number: int, sentence: str) -> None:
        self.left.append(Remark(number, sentence))


def read_listing(text: str) -> Listing:
    """Read a page. It never fails: what it does not understand is in ``left``."""
    source = text.split("\n")
    reading = _Reading(source)
    for node in read_tree(text).children:
        _read_block(reading, node)
    first = min((line.number for line in reading.lines), default=len(source) + 1)
    first = min(first, reading.first_group or first)
    left = tuple(remark for remark in reading.left if remark.number >= first)
    return Listing(_take_head(source, first), tuple(reading.lines), left)


def _take_head(source: Sequence[str], first: int) -> str:
    end = first - 1
    while end and (not (line := source[end - 1]).strip() or _HEADING.match(line) or _TABLE.match(line)):
        end -= 1
    if not end:
        return _take_title(source, first)
    # What leads to the headings of the page would not lead to others.
    kept = [line for line in source[:end] if not _CONTENTS.match(line)]
    return "\n".join(kept).rstrip() + "\n\n"


def _take_title(source: Sequence[str], first: int) -> str:
    """The heading that the page begins with, if it is the only one of its level."""
    levels = [found[1] for line in source if (found := _HEADING.match(line))]
    title = next((line for line in source[: first - 1] if line.strip()), "")
    return f"{title}\n\n" if levels and levels.count(levels[0]) == 1 and _HEADING.match(title) else ""


# --- blocks -----------------------------------------------------------------------------------------------------------


def _read_block(reading: _Reading, node: Node) -> None:
    number = _number(node)
    match node.type:
        case "heading" if node.children:
            _read_heading(reading, node, number)
        case "bullet_list" | "ordered_list":
            reading.is_open = False
            for item in node.children:
                _read_item(reading, item, ())
        case "table":
            reading.is_open = False
            for found in read_table(reading.path, node):
                reading.lines.append(found) if isinstance(found, ListedLine) else reading.left.append(found)
        case "paragraph":
            _read_paragraph(reading, node, number)
        case "blockquote" | "fence" | "code_block":
            _read_other(reading, node, number)
        case "html_block" if not node.content.lstrip().startswith("<!--"):
            reading.leave(number, t("HTML is not read."))


def _number(node: Node) -> int:
    return (node.map or (0, 0))[0] + 1


def _read_heading(reading: _Reading, node: Node, number: int) -> None:
    level, words = int(node.tag[1]), node.children[0]
    reading.headings = [each for each in reading.headings if each[0] < level]
    reading.is_open = begins_with_link(words) and reading.add(number, words)
    if not reading.is_open:
        reading.headings.append((level, say(words.children)))


def _read_paragraph(reading: _Reading, node: Node, number: int) -> None:
    words = node.children[0]
    if begins_with_link(words):
        reading.is_open = reading.add(number, words)
    elif reading.is_open:
        reading.add_note(words.content)
    elif has_links(words):
        reading.leave(number, t("This text has links, but does not begin with one."))
    else:
        reading.leave(number, t("This text belongs to no line."))


def _read_other(reading: _Reading, node: Node, number: int) -> None:
    if reading.is_open:
        reading.add_note(_take_source(reading, node))
    else:
        reading.leave(number, t("A quotation or code is not a line."))


def _take_source(reading: _Reading, node: Node) -> str:
    return "\n".join(reading.source[slice(*(node.map or (0, 0)))]).rstrip()


# --- bullets ----------------------------------------------------------------------------------------------------------


def _read_item(reading: _Reading, item: Node, groups: tuple[str, ...]) -> None:
    """A bullet: a line, with what is nested in it as its note, or a name for the lines that are nested in it."""
    number, words = _number(item), _words_of(item)
    nested = [each for child in item.children if child.type.endswith("_list") for each in child.children]
    if words and has_links(words) and not _is_group(words, nested):
        if reading.add(number, words, groups):
            for each in nested:
                reading.add_note(_MARK.sub("", _take_source(reading, each)), NoteStyle.NESTED)
    elif words and any(has_links(each) for each in nested):
        reading.first_group = reading.first_group or number
        for each in nested:
            _read_item(reading, each, (*groups, say(words.children).rstrip(" :：")))
    else:
        reading.leave(number, t("The bullet has no link."))


def _words_of(item: Node) -> Node | None:
    return next((child.children[0] for child in item.children if child.type == "paragraph"), None)


def _is_group(words: Node, nested: Sequence[Node]) -> bool:
    """Whether a bullet with a link only names those that are nested in it: it leads to a site as a whole."""
    inner = [own for each in nested if (own := _words_of(each))]
    return is_site(next(list_links(words))) and any(begins_with_link(own) for own in inner)
