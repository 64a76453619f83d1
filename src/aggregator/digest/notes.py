"""Joining a curator's note to its line, and refusing one that would take the page apart."""

from __future__ import annotations

import re

from aggregator.digest.blocks import Opaque, hide, is_heading, list_opaque
from aggregator.digest.bullet import is_bullet
from aggregator.exceptions import DigestError
from aggregator.text.characters import keep_direction

#: Nested bullets and code fences are seen by Markdown only at the beginning of a line.
_NEEDS_OWN_LINE = re.compile(r"\n|[ \t]+(?:[*+-]|\d{1,9}[.)])[ \t]|[ \t]*(?:```|~~~)")

#: GitHub lets a tag alone in its line end the words of the bullet above, which CommonMark does not, as it lets a <div>.
_LONE_TAG = re.compile(r" ?</?(?!pre|script|style|textarea)[a-z][^<>]*+>\s*+", re.IGNORECASE)


def join_note(note: str) -> str:
    """The note with what joins it to its line: a line break before nested bullets and code, else ``": "``.

    Line ends become LF (a browser sends CR LF); blank lines at the end go, and so do characters that would turn the
    line round. All else is kept byte for byte. A note that is joined already stays as it is. Raises DigestError with
    the reason when it would not stay inside its line.
    """
    note = keep_direction(re.sub(r"\r\n?", "\n", note))
    end = note.find("\n", len(note.rstrip()))
    note = note if end < 0 else note[:end]
    if not note.strip():
        return ""
    if needs_own_line(note):
        tail = note if note.startswith("\n") else "\n" + note
    else:
        tail = note if note.startswith(": ") else ": " + note
    _check(tail)
    return tail


def needs_own_line(note: str) -> bool:
    """Whether Markdown sees what the note begins with only at the beginning of a line."""
    return _NEEDS_OWN_LINE.match(note) is not None


def _check(tail: str) -> None:
    # As it stands on the page: behind a link, and another line of the page below it.
    lines = f"* [](){tail}".split("\n")
    seen = ["<div>" if _LONE_TAG.fullmatch(line) else line for line in lines]
    opaque = list_opaque(seen, following="* []()")
    if unended := next((one for one in opaque if not one.closed), None):
        raise DigestError(_describe(unended, lines[unended.first]))
    hidden = hide(opaque)
    for at, line in enumerate(lines):
        if at and at not in hidden:
            _check_line(line)


def _describe(unended: Opaque, line: str) -> str:
    if unended.is_html:
        return f"the note holds HTML, “{line}”, that would take in the next line; indent it by two spaces"
    return "the note opens a code fence or a comment and does not close it"


def _check_line(line: str) -> None:
    if is_heading(line):
        raise DigestError(f"the note holds a heading, “{line}”, which would end the section")
    if is_bullet(line):
        raise DigestError(
            f"the note holds “{line}”, which would be a line of its own; indent nested bullets by two spaces"
        )
