"""Joins a curator's note to its line, and rejects one that would break the page."""

from __future__ import annotations

import re

from aggregator.digest.blocks import Opaque, hide, is_heading, list_opaque
from aggregator.digest.bullet import is_bullet
from aggregator.digest.escape import escape_alternative
from aggregator.digest.pictures import FOLDER
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.characters import keep_direction
from aggregator.types import NoteStyle

#: Markdown recognises nested bullets and code fences only at the beginning of a line.
_NEEDS_OWN_LINE = re.compile(r"\n|[ \t]+(?:[*+-]|\d{1,9}[.)])[ \t]|[ \t]*(?:```|~~~)")

#: On GitHub a tag alone on its line ends the text of the bullet above; in CommonMark only some do, such as <div>.
_LONE_TAG = re.compile(r" ?</?(?!pre|script|style|textarea)[a-z][^<>]*+>\s*+", re.IGNORECASE)


def join_note(note: str, style: NoteStyle = NoteStyle.COLON) -> str:
    """The note with what joins it to its line: a line break before nested bullets and code, else ``": "``, or a nested
    bullet for each of its lines.

    Line ends become LF (a browser sends CR LF); blank lines at the end and characters that reverse the direction of the
    line are removed. All else is kept byte for byte. A note that is already joined stays as it is. Raises DigestError
    with the reason if it would not stay inside its line.
    """
    note = keep_direction(re.sub(r"\r\n?", "\n", note))
    end = note.find("\n", len(note.rstrip()))
    note = note if end < 0 else note[:end]
    if not note.strip():
        return ""
    if needs_own_line(note):
        tail = note if note.startswith("\n") else "\n" + note
    elif note.startswith(": "):
        tail = note
    else:
        tail = _nest(note) if style is NoteStyle.NESTED else ": " + note
    _check(tail)
    return tail


def is_same_note(note: str, printed: str) -> bool:
    """Whether a note that was joined after a colon was printed like this, in either style."""
    return note == printed or (note.startswith(": ") and _nest(note.removeprefix(": ")) == printed)


def _nest(note: str) -> str:
    """Put each line of a note into a nested bullet. Code, pictures and what is indented stay with the line above."""
    lines = note.split("\n")
    hidden = hide(list_opaque(lines))
    nested = [
        "  * " + line
        if not at or not (at in hidden or not line or line.startswith((" ", "\t", "![")))
        else f"    {line}".rstrip()
        for at, line in enumerate(lines)
    ]
    return "\n" + "\n".join(nested)


def write_picture(name: str, text: str) -> str:
    """Write a picture as Markdown for a note, with the words for those who do not see it."""
    return f"![{escape_alternative(text)}]({FOLDER}/{name})"


def needs_own_line(note: str) -> bool:
    """Whether Markdown recognises the beginning of the note only at the beginning of a line."""
    return _NEEDS_OWN_LINE.match(note) is not None


def _check(tail: str) -> None:
    # As on the page: after a link, with another line of the page below.
    lines = f"* [](){tail}".split("\n")
    seen = ["<div>" if _LONE_TAG.fullmatch(line) else line for line in lines]
    opaque = list_opaque(seen, following="* []()")
    if unended := next((one for one in opaque if not one.closed), None):
        raise DigestError(_describe(unended, lines[unended.first]), field="note")
    hidden = hide(opaque)
    for at, line in enumerate(lines):
        if at and at not in hidden:
            _check_line(line)


def _describe(unended: Opaque, line: str) -> str:
    if unended.is_html:
        return t(
            "the note contains HTML, “{line}”, that would swallow the next line; indent it by two spaces", line=line
        )
    return t("the note opens a code fence or a comment and does not close it")


def _check_line(line: str) -> None:
    if is_heading(line):
        said = t("the note contains a heading, “{line}”, which would end the section", line=line)
        raise DigestError(said, field="note")
    if is_bullet(line):
        said = t(
            "the note contains “{line}”, which would be a line of its own; indent nested bullets by two spaces",
            line=line,
        )
        raise DigestError(said, field="note")
