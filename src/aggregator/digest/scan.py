"""Walking through a line of Markdown: what is escaped, what is code, which bracket closes which.

Follows the CommonMark specification 0.31, sections 2.4 (backslash escapes), 6.1 (code spans) and 6.3 (links), as far as
one line of a digest needs it. Only brackets and parentheses that count are seen: an escaped one, and one inside a code
span, is text. Brackets inside HTML tags count as well, which Markdown would not do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TICKS = re.compile("`+")
_DECLARATION = re.compile("<[!?]")
_TAG = re.compile("<[A-Za-z/]")
_AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]+:[^\s<>]*>")


def _list_marks(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Index and character of everything from *start* on that is neither escaped nor code."""
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "`":
            at = find_code_end(text, at) or at + _count_backticks(text, at)
        else:
            yield at, text[at]
            at += 1


def _count_backticks(text: str, at: int) -> int:
    ticks = _TICKS.match(text, at)
    return len(ticks[0]) if ticks else 0


def find_code_end(text: str, at: int) -> int | None:
    """The index behind the code span that the backticks at *at* open; None where they stay open."""
    ticks = _count_backticks(text, at)
    closing = re.compile(rf"(?<!`)`{{{ticks}}}(?!`)").search(text, at + ticks)
    return closing.end() if closing else None


def has_open_code(text: str) -> bool:
    """Whether backticks stay open, so that they could pair with others further on in the line."""
    at = 0
    while at < len(text):
        if text[at] == "`":
            end = find_code_end(text, at)
            if end is None:
                return True
            at = end
        else:
            at += 2 if text[at] == "\\" else 1
    return False


def find_bracket_end(text: str, start: int) -> int | None:
    """The index of the ``]`` that closes the ``[`` at *start*; None where none does."""
    depth = 0
    for at, mark in _list_marks(text, start):
        depth += (mark == "[") - (mark == "]")
        if mark == "]" and depth == 0:
            return at
    return None


def find_last_parenthesis(text: str) -> int | None:
    """The index of the ``(`` whose ``)`` ends *text*; None where the text ends otherwise."""
    opened: list[int] = []
    for at, mark in _list_marks(text, 0):
        if mark == "(":
            opened.append(at)
        elif mark == ")":
            start = opened.pop() if opened else None
            if at == len(text) - 1:
                return start
    return None


def find_address_end(text: str, start: int) -> int | None:
    """The index of the ``)`` that closes the address beginning at *start*; None where a space comes first.

    An address may hold parentheses in pairs, but no spaces; code spans are not known inside it.
    """
    depth, at = 0, start
    while at < len(text) and text[at] > " ":
        if text[at] == ")" and depth == 0:
            return at
        depth += (text[at] == "(") - (text[at] == ")")
        at += 2 if text[at] == "\\" else 1
    return None


def is_balanced(text: str, pair: str) -> bool:
    """Whether every opening mark of *pair*, such as ``[]``, has its closing one behind it."""
    depth = 0
    for _, mark in _list_marks(text, 0):
        depth += (mark == pair[0]) - (mark == pair[1])
        if depth < 0:
            return False
    return depth == 0


def has_open_tag(text: str) -> bool:
    """Whether an HTML tag, comment or the like stays open, so that it could reach beyond the link."""
    closed = text.rfind(">")
    signs = (at for at, mark in _list_marks(text, 0) if mark == "<")
    return any(_DECLARATION.match(text, at) or (at > closed and _TAG.match(text, at)) for at in signs)


def has_link(text: str) -> bool:
    """Whether the text holds a link of its own; an image is none. A link inside a link undoes the outer one."""
    opened: list[int] = []
    for at, mark in _list_marks(text, 0):
        if mark == "<" and _AUTOLINK.match(text, at):
            return True
        if mark == "[":
            opened.append(at)
        elif mark == "]" and opened:
            start = opened.pop()
            if text[start - 1 : start] != "!" and text.startswith("(", at + 1):
                return True
    return False
