"""One line of a list: its title, address, organisation, month and note. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from aggregator.addresses.urls import clean_url
from aggregator.adopt.days import find_day
from aggregator.adopt.words import address_of, flatten, list_links, say, unwrap, write, write_title
from aggregator.digest.bullet import Bullet, parse_bullet
from aggregator.digest.escape import escape_organisation, escape_text
from aggregator.types import LabelStyle, Month, NoteStyle

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode as Node

#: Words of links that say nothing about where they lead: the title stands beside them.
_BARE = re.compile(
    r"(?i)(?:links?|here|read(?: more)?|more|blog(?: post)?|post|article|source|url|web|site|paper|pdf|code|slides|"
    r"video|comments?|링크|바로 ?가기|원문|본문|글|보기|블로그|영상|여기|"
    # Of newsletters: about the letter itself.
    r"(?:view|read)[\w ]{0,20} (?:web|browser|online)|(?:un)?subscribe[\w ]{0,10}|(?:manage |update )?preferences|"
    r"구독(?:하기)?|수신 ?거부|웹에서 보기)"
)
#: What stands in brackets before a link and is not who wrote it.
_KINDS = re.compile(
    r"(?i)video|audio|podcast|series|slides|paper|book|course|tutorial|talk|code|tool|demo|ad|sponsor(?:ed)?|new|"
    r"영상|논문|강의|발표|연재|코드|도구|광고"
)
_TICK = re.compile(r"\[[ xX]\]\s*")
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_SIGN = re.compile(r"[\W_]")
_LETTER = re.compile(r"\w")
#: An end that abbreviations of names do not have.
_SENTENCE = re.compile(r"(?<!\bal)(?<!\bInc)(?<!\bCo)(?<!\bLtd)(?<!\bCorp)[.!?]$")
_ADDRESS = re.compile(r"(?i)\W*https?://")
#: Longer ones are texts of which all is a link.
_LONGEST_TITLE = 300
_LONGEST_NAME = 40
_BEHIND = re.compile(r"\s*(?:[-–—|,]\s*)?\(([^()]{2,80})\)")
_BEFORE = re.compile(r"\[([^\[\]]{2,40})\]|([^\[\]:|]{2,40}?)\s?(?:[:|]|\s[-–—])")
_BY = re.compile(r"by ([^.,;:()\[\]]{2,40})")
_MOST_WORDS = 4
#: Names in code behind a link, such as `Netflix` `2021`.
_CODES = re.compile(r"(?:[\s,]*`[^`\n]{2,40}`)+\s*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d$")
_JOIN = re.compile(r"\s*(?:[:：,]|[-–—|·])?\s*")
#: A name and a day behind a link without parentheses; longer ones are remarks.
_LONGEST_LABEL = 60
_ORGANISATION = re.compile(r"\[([^\[\]]{2,40})\]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class ListedLine:
    """A link that a page lists, as its keeper wrote it."""

    #: The line of the page where it begins, from 1.
    number: int
    #: The headings above it, the outermost first, and the bullets without a link that group it.
    path: tuple[str, ...]
    #: Markdown, as the note.
    title: str
    url: str
    month: Month | None = None
    organisation: str | None = None
    note: str = ""
    #: How month and organisation stand; None if they do not stand behind the title.
    label: LabelStyle | None = None
    #: None without a note.
    note_style: NoteStyle | None = None
    #: Words before the link that are not kept.
    before: str = ""


class _Label(NamedTuple):
    """What stands behind a link."""

    month: Month | None
    organisation: str | None
    rest: str


def read_line(number: int, path: tuple[str, ...], words: Node) -> ListedLine | None:
    """Read a line by its words; None if it has no title."""
    first, _, more = words.content.partition("\n")
    bullet = None if _has_references(words) or _has_pictures(words) else parse_bullet(f"* {first}")
    if bullet is None or bullet.flaw or is_bare(bullet.title) or clean_url(bullet.url) is None:
        return _read_midst(number, path, words)
    line = _read_bullet(number, path, bullet)
    return add_notes(line, [(more, NoteStyle.COLON)] if more else [])


def _has_references(words: Node) -> bool:
    """Whether the address of a link stands elsewhere on the page, where a line that is printed cannot have it."""
    links = sum(node.type == "link" and node.markup != "autolink" for node in words.walk(include_self=False))
    return links > words.content.count("](")


def _has_pictures(words: Node) -> bool:
    """Whether the words of a link have a picture, which no line can have."""
    return any(node.type == "image" for link in list_links(words) for node in link.walk(include_self=False))


def is_bare(title: str) -> bool:
    """Whether the words of a link say nothing about where it leads, such as “link”, a number or its address."""
    if len(title) > _LONGEST_TITLE:
        return False
    said = " ".join(_SIGN.sub(" ", title).split())
    return not said or said.isdigit() or _BARE.fullmatch(said) is not None or _ADDRESS.match(title) is not None


def add_notes(line: ListedLine, pieces: Sequence[tuple[str, NoteStyle]]) -> ListedLine:
    """The line with more of a note; the style of its first piece counts. What is nested has its marks, and the lines of
    a note stay inside that of the bullet.
    """
    if not pieces:
        return line
    said = "\n".join(piece for piece, _ in pieces)
    is_first = not line.note and pieces[0][1] is NoteStyle.COLON
    note = (said if is_first else f"{line.note}\n{said}").replace("\n", "\n  ")
    return replace(line, note=note, note_style=line.note_style or pieces[0][1])


def _read_bullet(number: int, path: tuple[str, ...], bullet: Bullet) -> ListedLine:
    """A line that begins with its link, as our own page writes them."""
    label = _Label(bullet.month, bullet.organisation, bullet.tail) if bullet.month else _read_label(bullet.tail)
    note = _drop_join(label.rest)
    return ListedLine(
        number,
        path,
        bullet.title,
        bullet.url,
        label.month,
        label.organisation,
        note,
        bullet.label if bullet.month else None,
        NoteStyle.COLON if note else None,
    )


def _read_midst(number: int, path: tuple[str, ...], words: Node) -> ListedLine | None:
    """A line whose link stands in its midst, or in bold."""
    link = next(list_links(words), None)
    if link is None:
        return None
    nodes = list(flatten(words.children))
    at = next(place for place, node in enumerate(nodes) if node is link or link in node.walk())
    before, title = _TICK.sub("", unwrap(say(nodes[:at])), count=1), " ".join(write_title(link).split())
    said = find_day(before)
    if said:
        before = _EMPTY.sub("", said.rest).strip(" :-–—|")
    organisation = None
    if is_bare(title):
        if (named := _ORGANISATION.match(before)) and not _KINDS.fullmatch(named[1]):
            organisation, before = escape_organisation(named[1].strip()) or None, before[named.end() :]
        title, before = escape_text(before.strip(" :-–—|(")), ""
    elif (named := _BEFORE.fullmatch(before)) and len(before.split()) <= _MOST_WORDS and not _is_kind(named[1]):
        organisation, before = escape_organisation((named[1] or named[2]).strip()) or None, ""
    if is_bare(title):
        return None
    label = _read_label(write(nodes[at + 1 :]))
    month, note = said.month if said else label.month, _drop_join(label.rest).replace("\n", "\n  ")
    return ListedLine(
        number,
        path,
        title,
        address_of(link),
        month,
        organisation or label.organisation,
        note,
        None,
        NoteStyle.COLON if note else None,
        before if re.search(r"\w{2}", before) else "",
    )


def _is_kind(bracketed: str | None) -> bool:
    return bracketed is not None and _KINDS.fullmatch(bracketed) is not None


def _read_label(behind: str) -> _Label:
    """Month and organisation in parentheses behind a link, or a name behind “by”, and what follows them."""
    if by := _BY.fullmatch(behind.strip()):
        return _Label(None, by[1].strip(), "")
    if (at := behind.find("`")) >= 0 and behind[:at].strip()[-1:] in {"", ")"} and _CODES.fullmatch(behind, at):
        names = [name for name in behind[at:].split("`")[1::2] if not is_bare(name)]
        if names and not names[0].islower():
            return _Label(None, names[0].strip(), behind[:at])
    found = _BEHIND.match(behind)
    if not found:
        return _read_open_label(behind)
    said = find_day(found[1])
    name = (said.rest if said else _YEAR.sub("", found[1])).strip(" ,;:-–—|*_")
    if not said and (len(name) > _LONGEST_NAME or name[:1].islower() or is_bare(name) or _SENTENCE.search(name)):
        # A remark and not a name.
        return _Label(None, None, behind)
    return _Label(said.month if said else None, name or None, behind[found.end() :])


def _read_open_label(behind: str) -> _Label:
    """A day behind a link, perhaps after a name, and nothing else."""
    said = find_day(behind) if len(behind) <= _LONGEST_LABEL and "](" not in behind else None
    name = said.rest.strip(" ,;:：-–—|·()") if said else ""
    if said is None or len(name) > _LONGEST_NAME or name[:1].islower() or len(name.split()) > _MOST_WORDS:
        return _Label(None, None, behind)
    return _Label(said.month, escape_organisation(name) if _LETTER.search(name) else None, "")


def _drop_join(rest: str) -> str:
    joined = _JOIN.match(rest)
    return rest[joined.end() :].rstrip() if joined else rest.rstrip()
