"""The text of a page before it is read as Markdown: what generators of sites read before it, footnotes, bare addresses.
Pure. The numbers of the lines stay.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from aggregator.adopt.days import find_day
from aggregator.adopt.history import trim_address

#: What a generator of sites reads before the page: YAML between lines of dashes, or TOML between plus signs.
_FRONT = re.compile(
    r"---[ \t]*\n(?:(?!---|\.\.\.)[^\n]*\n)*(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
    r"|\+\+\+[ \t]*\n(?:(?!\+\+\+)[^\n]*\n)*\+\+\+[ \t]*(?:\n|\Z)"
)
#: The same without a fence; it begins with a key that pages have.
_META = re.compile(r"(?i)(?:title|date|slug|layout|author)[ ]?:[^\n]*\n(?:[A-Za-z][\w-]{0,30}[ ]?:[^\n]*\n)+(?=\n|\Z)")
_DATE = re.compile(r"""(?im)^(?:date|published(?:_at)?|publishdate)[ \t]*[:=][ \t]*["']?([^\n"']{4,40})""")
_BEFORE_TIME = re.compile(r"(?<=\d)T(?=\d)")
_FOOTNOTE = re.compile(r"^\[\^([^\]\s]{1,40})\]:[ \t]*(.*)$")
_MARK = re.compile(r"\[\^([^\]\s]{1,40})\](?!:)")
#: An address without brackets, where it can be nothing else.
_ADDRESS = re.compile(r"""(?<![^\s:,;（(\]】])https?://[^\s<>\[\]"'`|{}]+""")
#: Signs of a line whose addresses have a place already: links, references, tags, code.
_TAKEN = ("](", "][", "]:", "<", "`")


class Source(NamedTuple):
    """A page as it is read."""

    text: str
    #: The day that the page itself names before it begins.
    day: date | None


def prepare(text: str) -> Source:
    """Take apart what stands before the page, and give footnotes to the places that they are about."""
    text, day = re.sub(r"\r\n?", "\n", text), None
    if front := _FRONT.match(text) or _META.match(text):
        if dated := _DATE.search(front[0]):
            said = find_day(_BEFORE_TIME.sub(" ", dated[1]))
            day = said.day if said else None
        text = "\n" * front[0].count("\n") + text[front.end() :]
    return Source(_place_footnotes(text), day)


def _place_footnotes(text: str) -> str:
    """Each footnote of one line in parentheses where it is named first."""
    lines = text.split("\n")
    known = {found[1]: (at, found[2].strip()) for at, line in enumerate(lines) if (found := _FOOTNOTE.match(line))}
    if not known:
        return text
    placed = set[str]()

    def place(mark: re.Match[str]) -> str:
        if mark[1] not in known or mark[1] in placed:
            return "" if mark[1] in placed else mark[0]
        placed.add(mark[1])
        return f" ({known[mark[1]][1]})"

    notes = {at for at, _ in known.values()}
    said = [line if at in notes else _MARK.sub(place, line) for at, line in enumerate(lines)]
    for name, (at, _) in known.items():
        # Markdown would not show one that nobody names.
        said[at] = "" if name in placed else f"\\{said[at]}"
    return "\n".join(said)


def link_addresses(text: str) -> str:
    """The text with links in place of bare addresses, in lines that have no other links, tags or code."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if "://" in line and not any(sign in line for sign in _TAKEN):
            lines[at] = _ADDRESS.sub(_link, line)
    return "\n".join(lines)


def _link(found: re.Match[str]) -> str:
    address = trim_address(found[0])
    return f"<{address}>{found[0][len(address) :]}"
