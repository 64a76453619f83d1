"""Joining a curator's note to its line, and refusing one that would take the page apart."""

from __future__ import annotations

import re

from aggregator.digest.blocks import hide, is_heading, list_opaque
from aggregator.digest.bullet import is_bullet
from aggregator.exceptions import DigestError

#: Nested bullets and code fences are seen by Markdown only at the beginning of a line.
_NEEDS_OWN_LINE = re.compile(r"\n|[ \t]+(?:[*+-]|\d{1,9}[.)])[ \t]|[ \t]*(?:```|~~~)")


def join_note(note: str) -> str:
    """The note with what joins it to its line: a line break before nested bullets and code, else ``": "``.

    Line ends become LF (a browser sends CR LF) and blank lines at the end go; all else is kept byte for byte. A note
    that is joined already stays as it is. Raises DigestError with the reason when it would not stay inside its line.
    """
    note = re.sub(r"\r\n?", "\n", note)
    note = re.sub(r"(?:\n[^\S\n]*)+\Z", "", note)
    if not note.strip():
        return ""
    if _NEEDS_OWN_LINE.match(note):
        tail = note if note.startswith("\n") else "\n" + note
    else:
        tail = note if note.startswith(": ") else ": " + note
    _check(tail)
    return tail


def _check(tail: str) -> None:
    # The first line stands behind the link, where nothing can begin.
    lines = tail.split("\n")[1:]
    opaque = list_opaque(lines)
    if any(not one.closed for one in opaque):
        raise DigestError("the note opens a code fence or a comment and does not close it")
    hidden = hide(opaque)
    for at, line in enumerate(lines):
        if at not in hidden:
            _check_line(line)


def _check_line(line: str) -> None:
    if is_heading(line):
        raise DigestError(f"the note holds a heading, “{line}”, which would end the section")
    if is_bullet(line):
        raise DigestError(
            f"the note holds “{line}”, which would be a line of its own; indent nested bullets by two spaces"
        )
