"""Walking through a line of Markdown: which bracket closes which.

Only brackets and parentheses that count are seen: what is escaped, and what stands in code or a tag, is text.
Markdown-it's tokens do not say where in a line they stand, so a title cannot be cut out by them byte for byte.
"""

from __future__ import annotations

from aggregator.digest.markdown import list_marks


def find_bracket_end(text: str, start: int) -> int | None:
    """The index of the ``]`` that closes the ``[`` at *start*; None where none does."""
    depth = 0
    for at, mark in list_marks(text, start):
        depth += (mark == "[") - (mark == "]")
        if mark == "]" and depth == 0:
            return at
    return None


def find_last_parenthesis(text: str) -> int | None:
    """The index of the ``(`` whose ``)`` ends *text*; None where the text ends otherwise."""
    opened: list[int] = []
    for at, mark in list_marks(text):
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
    for _, mark in list_marks(text):
        depth += (mark == pair[0]) - (mark == pair[1])
        if depth < 0:
            return False
    return depth == 0
