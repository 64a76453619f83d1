"""Which entries of a feed become posts, by its filter (``Feed.only``). Pure, and linear in the length of an entry."""

from __future__ import annotations

import re
from collections.abc import Callable

from aggregator.text.characters import compose
from aggregator.text.html import plain_text
from aggregator.types import Only, ParsedEntry

#: Characters of a summary that are looked at: some feeds put whole articles there, which mention nearly everything.
SUMMARY = 1000
_MARKUP = 4 * SUMMARY
# Words of Korean and of other scripts are apart: "LLM을" has the word LLM. Signs that make another name belong to it,
# as in the search (``text.terms``): C++, C#; also .NET and R&D.
_WORD = re.compile(
    r"[가-힣]++|(?<![\w.])\.(?=[a-z])[^\W가-힣]++|(?<![^\W가-힣])[a-z](?:\#(?!\w)|(?:&[a-z]){1,4}+(?![^\W가-힣]))"
    r"|[^\W가-힣]++(?:\+\+)?"
)
_HANGUL = re.compile("[가-힣]")


def make_filter(only: Only | None) -> Callable[[ParsedEntry], bool]:
    """Make the function that says whether an entry becomes a post. Without a filter, every one does.

    Words are found as whole words, in any case; Korean ones anywhere, because endings are written without a space.
    Categories are compared exactly, in NFC as settings are: some systems write Korean in pieces.
    """
    if only is None:
        return lambda item: True
    korean = [_fold(word) for word in only.words if _HANGUL.search(word)]
    others = [_line_up(word) for word in only.words if not _HANGUL.search(word)]
    categories = frozenset(only.categories)

    def wants(item: ParsedEntry) -> bool:
        if not categories.isdisjoint(map(compose, item.tags)):
            return True
        text = f"{item.title}\n{plain_text((item.summary or item.content)[:_MARKUP])[:SUMMARY]}"
        folded, lined = _fold(text), _line_up(text)
        return any(word in folded for word in korean) or any(word in lined for word in others)

    return wants


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _line_up(text: str) -> str:
    """The words of a text between single spaces, so that a phrase in it begins and ends at a word."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
