"""Joining a curator's note to its line, and refusing one that would take the page apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.characters import keep_direction
from aggregator.digest.blocks import hide, is_heading, list_opaque
from aggregator.digest.bullet import is_bullet
from aggregator.exceptions import DigestError

#: Nested bullets and code fences are seen by Markdown only at the beginning of a line.
_NEEDS_OWN_LINE = re.compile(r"\n|[ \t]+(?:[*+-]|\d{1,9}[.)])[ \t]|[ \t]*(?:```|~~~)")

# HTML in the first columns, which Markdown passes on unread (CommonMark 0.31, section 4.6): to a mark of its own, or to
# the next blank line. The tags of the third kind do so only where no text runs on.
_RAW = re.compile(r" ?<(?:[!?]|(?:pre|script|style|textarea)(?:[\s>]|$))", re.IGNORECASE)
_BLOCK = re.compile(
    r" ?</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div"
    r"|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu"
    r"|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|source|summary|table|tbody|td|tfoot|th|thead|title"
    r"|tr|track|ul)(?:[\s>]|/>|$)",
    re.IGNORECASE,
)
_TAG = re.compile(r" ?</?[A-Za-z][^<>]*>\s*$")


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
    # The first line stands behind the link, where nothing can begin.
    lines = tail.split("\n")[1:]
    opaque = list_opaque(lines)
    if any(not one.closed for one in opaque):
        raise DigestError("the note opens a code fence or a comment and does not close it")
    hidden = hide(opaque)
    visible = [None if at in hidden else line for at, line in enumerate(lines)]
    for at, line in enumerate(visible):
        if line is not None:
            _check_line(line)
            _check_html(line, visible[at - 1] if at else line, visible[at + 1 :])


def _check_line(line: str) -> None:
    if is_heading(line):
        raise DigestError(f"the note holds a heading, “{line}”, which would end the section")
    if is_bullet(line):
        raise DigestError(
            f"the note holds “{line}”, which would be a line of its own; indent nested bullets by two spaces"
        )


def _check_html(line: str, before: str | None, below: Sequence[str | None]) -> None:
    """None stands for a line of a fence or comment: no text runs on from it, and inside HTML it would be none."""
    starts = _BLOCK.match(line) or (_TAG.match(line) and not (before and before.strip()))
    if _RAW.match(line) or (starts and _runs_on(below)):
        raise DigestError(f"the note holds HTML, “{line}”, that would take in the next line; indent it by two spaces")


def _runs_on(below: Sequence[str | None]) -> bool:
    end = next((line for line in below if line is None or not line.strip()), None)
    return end is None
