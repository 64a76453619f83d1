"""HTML as a tree, and what is visible in it. Owns lxml.html and the selectors compiled for it.

The parser keeps no more than 256 elements open, so that what looks up or down from each element stays linear.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree, html

from aggregator.feeds.formats.common import resolve
from aggregator.text.charset import decode_document
from aggregator.text.html import normalise
from aggregator.text.selectors import Place, translate

#: A longer page is read so far.
MAX_BYTES = 5_000_000
# Their text is not shown.
_HIDDEN = {"script", "style", "template", "noscript", "svg", "head"}
# They belong to the text around them.
_INLINE = {
    "a",
    "abbr",
    "b",
    "bdi",
    "br",
    "code",
    "em",
    "font",
    "i",
    "kbd",
    "mark",
    "s",
    "small",
    "strong",
    "sub",
    "sup",
}
_INLINE |= {"u", "wbr"}
# Characters of the text of one element that are looked at.
_LONGEST_TEXT = 5000
# A page that shows fewer characters, and has a script, shows the rest by the script.
_FEWEST_SHOWN = 300


def parse_page(body: bytes, content_type: str | None) -> Any:
    """Parse HTML in any charset. Raises ValueError if nothing is in it."""
    document, _ = decode_document(body[:MAX_BYTES], content_type)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return html.document_fromstring(document, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ValueError("the page is not readable HTML") from error


def find_base(tree: Any, url: str) -> str:
    """The address that the links of a page are resolved against (base href)."""
    for element in tree.iter("base"):
        if href := (element.get("href") or "").strip():
            return resolve(url, href)
    return url


@lru_cache(maxsize=512)
def _compile(selector: str, prefix: str) -> Any:
    return etree.XPath(translate(selector, prefix))


def select(element: Any, selector: str) -> list[Any]:
    """The elements inside an element that a selector names, in document order."""
    return list(_compile(selector, "descendant::")(element))


def list_values(element: Any, place: Place) -> Iterator[str]:
    """The texts, or the attributes, at a place inside an element; empty ones are left out."""
    for found in select(element, place.selector) if place.selector else [element]:
        if value := (found.get(place.attribute) or "").strip() if place.attribute else read_text(found):
            yield value


def read_text(element: Any) -> str:
    """The visible text of an element on one line."""
    pieces: list[str] = []
    length = 0
    for piece in _list_pieces(element):
        pieces.append(piece)
        length += len(piece)
        if length > _LONGEST_TEXT:
            break
    return normalise("".join(pieces))


def _list_pieces(element: Any) -> Iterator[str]:
    if not is_shown(element):
        return
    yield element.text or ""
    for child in element:
        if child.tag not in _INLINE:
            yield " "
        yield from _list_pieces(child)
        if child.tag not in _INLINE:
            yield " "
        yield child.tail or ""


def is_shown(element: Any) -> bool:
    return isinstance(element.tag, str) and element.tag not in _HIDDEN


def list_lines(element: Any) -> Iterator[Any]:
    """The elements with a text of their own, in document order, without those inside them."""
    if not is_shown(element):
        return
    own = [element.text, *(child.tail for child in element)]
    is_line = any(text and text.strip() for text in own)
    if is_line or (len(element) and all(child.tag in _INLINE - {"a"} for child in element)):
        yield element
        return
    for child in element:
        yield from list_lines(child)


def is_drawn_by_script(tree: Any) -> bool:
    """Whether a page shows next to nothing without its scripts."""
    body = tree.find("body")
    return body is not None and len(read_text(body)) < _FEWEST_SHOWN and next(tree.iter("script"), None) is not None
