"""Reads any page of links in Markdown: bullets, nested ones, tables, and paragraphs or headings that begin with a link.
Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from aggregator.adopt.line import ListedLine, add_notes, read_line
from aggregator.adopt.table import read_table
from aggregator.adopt.words import (
    LONGEST_HEADING,
    begins_with_link,
    has_links,
    has_other_links,
    is_site,
    list_links,
    say,
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
#: What a generator of sites reads before the page, between two lines of three dashes.
_FRONT = re.compile(r"---[ \t]*\n(?:(?!---|\.\.\.)[^\n]*\n)*(?:---|\.\.\.)[ \t]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page lists, in its order."""

    #: What stands before the headings of the first line.
    head: str
    lines: tuple[ListedLine, ...]
    #: What was not understood, by line.
    left: tuple[Remark, ...]


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
    text = re.sub(r"\r\n?", "\n", text)
    if front := _FRONT.match(text):
        # The numbers of the lines stay.
        text = "\n" * front[0].count("\n") + text[front.end() :]
    reading = _Reading(text.split("\n"))
    for node in read_tree(text).children:
        _read_block(reading, node)
    reading.end_note()
    end = _find_head_end(reading)
    left = tuple(remark for remark in reading.left if remark.number > end)
    return Listing(_take_head(reading.source[:end]), tuple(reading.lines), left)


def _find_head_end(reading: _Reading) -> int:
    """The line before the headings of the first line, without the title of the page."""
    title = reading.title
    is_title = title and reading.levels[title.level] == 1 and (title.level == 1 or len(reading.levels) > 1)
    above = [each.number for each in reading.above if not (is_title and each == title)]
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
            reading.is_open = False
            for item in node.children:
                _read_item(reading, item, ())
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


def _number(node: Node) -> int:
    return (node.map or (0, 0))[0] + 1


def _read_heading(reading: _Reading, node: Node, number: int) -> None:
    level, words = int(node.tag[1]), node.children[0]
    reading.headings = [each for each in reading.headings if each.level < level]
    reading.is_open = begins_with_link(words) and reading.add(number, words)
    if not reading.is_open:
        heading = _Heading(level, say(words.children)[:LONGEST_HEADING], number)
        reading.headings.append(heading)
        reading.levels[level] += 1
        reading.title = reading.title or heading


def _read_paragraph(reading: _Reading, node: Node, number: int) -> None:
    words = node.children[0]
    if several := _cut_lines(words):
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


def _cut_lines(words: Node) -> list[Node]:
    """The lines of a paragraph, if it has several that all begin with a link; else empty."""
    lines = words.content.split("\n")
    if len(lines) < 2 or not all(line.lstrip(" *_").startswith(("[", "<")) for line in lines):
        return []
    read = [read_tree(line.strip()).children for line in lines]
    found = [block[0].children[0] for block in read if len(block) == 1 and block[0].type == "paragraph"]
    return found if len(found) == len(lines) and all(begins_with_link(each) for each in found) else []


def _read_other(reading: _Reading, node: Node, number: int) -> None:
    if reading.is_open:
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
            for each in nested:
                reading.notes.append((_MARK.sub("* ", _take_source(reading, each)), NoteStyle.NESTED))
        return
    for each in more:
        reading.leave(_number(each), t("This text belongs to no line."))
    if words and any(has_links(each) for each in nested):
        reading.begin(number)
        name = say(words.children).rstrip(" :：")[:LONGEST_HEADING]
        for each in nested:
            _read_item(reading, each, (*groups, name))
    elif words and has_other_links(words):
        reading.begin(number)
        reading.leave(number, t("The link of this line does not lead to a page elsewhere."))
    else:
        reading.leave(number, t("The bullet has no link."))


def _words_of(item: Node) -> Node | None:
    return next((child.children[0] for child in item.children if child.type == "paragraph"), None)


def _is_group(words: Node, nested: Sequence[Node]) -> bool:
    """Whether a bullet with a link only names those that are nested in it: it leads to a site as a whole."""
    inner = [own for each in nested if (own := _words_of(each))]
    return is_site(next(list_links(words))) and any(begins_with_link(own) for own in inner)
