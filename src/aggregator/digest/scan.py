"""Finds matching brackets in a line of Markdown.

Escaped brackets, and those in code or a tag, are text and do not count. Markdown-it's tokens have no position in the
line, so a title cannot be cut out byte for byte with them.
"""

from __future__ import annotations

from aggregator.digest.markdown import list_marks


def find_bracket_end(text: str, start: int) -> int | None:
    """The index of the ``]`` that closes the ``[`` at *start*; None if there is none."""
    depth = 0
    for at, mark in list_marks(text, start):
        depth += (mark == "[") - (mark == "]")
        if mark == "]" and depth == 0:
            return at
    return None


def find_last_parenthesis(text: str) -> int | None:
    """The index of the ``(`` whose ``)`` ends *text*; None if *text* ends differently."""
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
    """The index of the ``)`` that closes the address beginning at *start*; None if a space comes first.

    An address may have paired parentheses but no spaces; it has no code spans.
    """
    depth, at = 0, start
    while at < len(text) and text[at] > " ":
        if text[at] == ")" and depth == 0:
            return at
        depth += (text[at] == "(") - (text[at] == ")")
        at += 2 if text[at] == "\\" else 1
    return None


def is_balanced(text: str, pair: str) -> bool:
    """Whether every opening mark of *pair*, such as ``[]``, is closed."""
    depth = 0
    for _, mark in list_marks(text):
        depth += (mark == pair[0]) - (mark == pair[1])
        if depth < 0:
            return False
    return depth == 0
