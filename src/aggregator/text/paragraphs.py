"""Splits the sanitised HTML of an entry or a page into paragraphs and sentences. Pure.

The patterns are exact on what nh3 writes (``text.html``), and take linear time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from aggregator.text.content import CODE_BLOCK, cut_appendix
from aggregator.text.html import BLOCK, TAG, text_of

# As much as the page shows of an article.
_LONGEST = 200_000
#: A numbered item of a list, and any other text in a list.
ITEM, IN_LIST = "item", "list"
_LISTS = {"ol", "ul"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# Cells are neither sentences nor headings.
_CELLS = {"td", "th"}
_NAME = re.compile(r"</?(\w+)")
_LINK = re.compile(rf'<a\b(?=[^<>]*?href="(https?://[^"]*)"){TAG.pattern[1:]}((?:[^<]|<(?!/?a\b))*+)</a>')


class Paragraph(NamedTuple):
    """A text that stands alone, on one line."""

    #: ``p``, ``h1`` to ``h6``, ITEM or IN_LIST.
    kind: str
    text: str


def read_paragraphs(sanitised: str) -> list[Paragraph]:
    """The paragraphs of HTML from ``text.sanitise_html``, without code, tables, and what a feed appends; of a long
    text, those of its first 200,000 characters.
    """
    if len(sanitised) > _LONGEST:
        sanitised = sanitised[: sanitised.rfind(">", 0, _LONGEST) + 1]
    found = [one for one in _split(CODE_BLOCK.sub("<p></p>", sanitised)) if one.text]
    if found and found[-1].kind not in _HEADINGS:
        found[-1] = found[-1]._replace(text=cut_appendix(found[-1].text))
    return found


def _split(markup: str) -> Iterator[Paragraph]:
    lists: list[str] = []
    # The heading or cell that is open, and whether an item has just begun.
    inside, is_item, place = "", False, 0
    for tag in [*BLOCK.finditer(markup), None]:
        piece = markup[place : tag.start() if tag else len(markup)]
        if inside not in _CELLS and (text := text_of(piece)):
            is_numbered = is_item and lists[-1:] == ["ol"]
            yield Paragraph(inside or (ITEM if is_numbered else IN_LIST if lists else "p"), text)
            is_item = False
        if tag is None:
            break
        place, is_end = tag.end(), tag[0].startswith("</")
        match = _NAME.match(tag[0])
        name = match[1] if match else ""
        if name in _HEADINGS or name in _CELLS:
            inside = "" if is_end else name
        elif name in _LISTS and not is_end:
            lists.append(name)
        elif name in _LISTS and lists:
            lists.pop()
        elif name == "li":
            is_item = not is_end


def name_links(sanitised: str) -> dict[str, str]:
    """The words that each linked address stands behind, by address; the first that are words."""
    named: dict[str, str] = {}
    for address, words in _LINK.findall(sanitised):
        if text := text_of(words):
            named.setdefault(html.unescape(address), text)
    return named


# --- sentences --------------------------------------------------------------------------------------------------------

_END = re.compile(r'[.!?。…][.!?…"”’\')\]]{0,4}+(?: (?=["“‘\'(\[]?[^\W_a-z])|$)|。')
# A full stop behind these does not end a sentence: e.g., A. Smith, the number of a list.
_NO_END = re.compile(
    r"(?:^|[ (])(?:e\.g|i\.e|cf|vs|al|approx|Fig|Figs|Eq|Sec|No|Vol|Dr|Mr|Mrs|Ms|Prof|St|Inc|Corp|Co|Ltd"
    r"|[A-Z](?:\.[A-Z])?|\d{1,2})$"
)
_BACK = 8


def split_sentences(text: str) -> Iterator[str]:
    """Split a text on one line into its sentences."""
    start = 0
    for end in _END.finditer(text):
        if end[0][0] == "." and _NO_END.search(text[max(start, end.start() - _BACK) : end.start()]):
            continue
        yield text[start : end.end()].strip()
        start = end.end()
    if rest := text[start:].strip():
        yield rest
