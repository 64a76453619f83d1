"""Markup inside feeds: whether a text is HTML, and links in it made absolute."""

from __future__ import annotations

import html
import re

from aggregator.addresses.urls import join_address
from aggregator.text.html import unescape

# An attribute with an address that has no scheme and is not a fragment of the same text (RFC 3986, 4.4), also if it is
# escaped. Each pattern begins with a literal, which makes the search fast, and never backtracks, which keeps it linear
# on hostile text.
_RELATIVE = r"""=\s*+(?:["']|&quot;|&apos;|&#3[49];)?+(?!\s*+(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\#|["'>]))"""
_ATTRIBUTES = ("href", "src")
_IN_TEXT = tuple(re.compile(name + _RELATIVE) for name in _ATTRIBUTES)
_IN_DOCUMENT = tuple(re.compile((name + _RELATIVE).encode()) for name in _ATTRIBUTES)
_VALUE = re.compile(r"""\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""")
# How far before an attribute its tag may begin.
_LONGEST_TAG = 4000
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|\#")
_MARKUP = re.compile(
    r"</?(?:p|br|a|div|span|ul|ol|li|h[1-6]|img|em|strong|pre|blockquote|table|figure)(?:\s[^<>]*)?/?>", re.IGNORECASE
)


_TAG_AT_START = re.compile(r"\s*<[a-z][a-z0-9]*[\s/>]", re.IGNORECASE)
_TAG_AT_END = re.compile(r"<(?:/[a-z][a-z0-9]*+\s*+|(?:br|hr|img)\b[^<>]*+)>\Z", re.IGNORECASE)
_SOURCE = re.compile(r"""<(?:a\s[^<>]{0,200}?href|img\s[^<>]{0,200}?src)\s*=\s*["']?https?://""", re.IGNORECASE)


def open_twice_escaped(text: str) -> str:
    """HTML that was escaped twice, with one level of escapes resolved.

    A text about tags keeps its escapes. It has tags of its own, or has no escaped link and does not begin and end with
    an escaped tag.
    """
    if "<" in text or "&lt;" not in text:
        return text
    opened = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#39;", "'")
    # Last, so that the text's own references are resolved only once.
    opened = opened.replace("&amp;", "&")
    is_markup = _TAG_AT_START.match(opened) and _TAG_AT_END.search(opened.rstrip()[-_LONGEST_TAG:])
    return opened if is_markup or _SOURCE.search(opened) else text


def looks_like_markup(text: str) -> bool:
    """Whether a text that the feed calls plain holds tags of the kind that blogs write."""
    return "<" in text and _MARKUP.search(text) is not None


def has_relative_links(document: bytes, start: int) -> bool:
    """Whether a text of the document from *start* on may have relative links; fast, never wrongly False."""
    return any(pattern.search(document, start) for pattern in _IN_DOCUMENT)


def resolve_links(markup: str, base: str, document: str) -> str:
    """The HTML with the relative addresses of its links and pictures made absolute; all else byte for byte.

    They are resolved against *base*, which may itself be relative to *document*. Links in the text (``#note``) stay.
    """
    places = sorted(found.start() for pattern in _IN_TEXT for found in pattern.finditer(markup))
    if not places:
        return markup
    try:
        origin = join_address(document, base)
    except ValueError:
        origin = document
    pieces, done = [], 0
    for place in places:
        if place < done or not _is_attribute(markup, place):
            continue
        value = _VALUE.match(markup, markup.index("=", place) + 1)
        if value and (link := _resolve(value, origin)):
            pieces += [markup[done : value.start()], link]
            done = value.end()
    return "".join([*pieces, markup[done:]])


def _is_attribute(markup: str, place: int) -> bool:
    begin = max(0, place - _LONGEST_TAG)
    return markup[place - 1 : place].isspace() and markup.rfind("<", begin, place) > markup.rfind(">", begin, place)


def _resolve(value: re.Match[str], origin: str) -> str | None:
    address = unescape(value[value.lastindex or 0]).strip()
    if not address or _SCHEME.match(address):
        return None
    try:
        return '"' + html.escape(join_address(origin, address)) + '"'
    except ValueError:
        return None
