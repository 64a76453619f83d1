"""What a body is if it is not a feed, in words for a person."""

from __future__ import annotations

import re

from aggregator.addresses.urls import hide_credentials
from aggregator.feeds.formats.asides import name_root
from aggregator.feeds.formats.page import read_page
from aggregator.text.html import shorten, unescape

# Magic numbers as the formats define them.
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"\x7fELF", "a program"),
)
_HTML = re.compile(rb"(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s++html|html)\b", re.IGNORECASE | re.DOTALL)
# First elements of pages that omit what HTML allows to omit.
_HTML_ROOTS = {
    "head",
    "body",
    "title",
    "meta",
    "link",
    "script",
    "style",
    "div",
    "p",
    "h1",
    "center",
    "table",
    "iframe",
}
_TITLE = re.compile(r"<title\b[^>]{0,200}>([^<]{1,1000})", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z][\w.:-]{0,40})[\s>/]")
_LONGEST_TITLE = 80
_FEED_ROOTS = {"rss", "feed", "rdf"}
_MOST_NAMED = 3
_LONGEST_NAMED = 200


def name_binary(body: bytes) -> str | None:
    """What the bytes are, if they are not text."""
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "a WebP picture"
    return next((name for magic, name in _MAGIC if body.startswith(magic)), None)


def is_html_page(document: bytes) -> bool:
    """Whether a document in UTF-8 begins as an HTML page does and is not a feed."""
    return _HTML.match(document[:4000]) is not None and name_root(document) not in _FEED_ROOTS


def describe_unfit(document: bytes, content_type: str | None, url: str) -> str:
    """What a text from *url* is, such as "an HTML page (Blog), not a feed; it names https://blog.example/rss"."""
    said = f"{describe_document(document, content_type)}, not a feed"
    named = list_named_feeds(document, url)
    if not named:
        return said
    shown = ", ".join(hide_credentials(shorten(address, _LONGEST_NAMED)) for address in named[:_MOST_NAMED])
    more = len(named) - _MOST_NAMED
    return f"{said}; it names {shown}" + (f" and {more} more" if more > 0 else "")


def list_named_feeds(document: bytes, url: str) -> list[str]:
    """The addresses of the feeds that an HTML page from *url* names (rel=alternate, rel=feed), in page order."""
    return [named.url for named in read_page(document, url).named]


def describe_document(document: bytes, content_type: str | None) -> str:
    """What a text is, such as "an HTML page (Just a moment...)"; *content_type* is used if the text does not tell."""
    start = document[:20_000].decode("utf-8", "replace")
    root = _ROOT.search(start) if start.lstrip().startswith("<") else None
    if is_html_page(document) or (root and root[1].lower() in _HTML_ROOTS):
        title = _TITLE.search(start)
        words = " ".join(unescape(title[1]).split()) if title else ""
        return f"an HTML page ({words[:_LONGEST_TITLE]})" if words else "an HTML page"
    if root:
        return f"an XML document of another kind (<{root[1]}>)"
    return (content_type or "").partition(";")[0].strip() or "something unknown"
