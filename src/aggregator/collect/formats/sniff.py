"""What a body is that is no feed, in words for a person."""

from __future__ import annotations

import re

from aggregator.text import unescape

# Magic numbers as the formats define them.
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data, packed more than twice"),
    (b"\x28\xb5\x2f\xfd", "zstd data, which was not asked for"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"\x7fELF", "a program"),
)
_HTML = re.compile(rb"(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s++html|html)\b", re.IGNORECASE | re.DOTALL)
# What pages begin with that leave out what HTML allows to leave out.
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


def name_binary(body: bytes) -> str | None:
    """What the bytes are, when they are no text."""
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "a WebP picture"
    return next((name for magic, name in _MAGIC if body.startswith(magic)), None)


def is_html_page(document: bytes) -> bool:
    """Whether a document in UTF-8 begins as an HTML page does."""
    return _HTML.match(document[:4000]) is not None


def describe_document(document: bytes, content_type: str | None) -> str:
    """What a text is, such as "an HTML page (Just a moment...)"; *content_type* speaks where it does not itself."""
    start = document[:20_000].decode("utf-8", "replace")
    root = _ROOT.search(start) if start.lstrip().startswith("<") else None
    if is_html_page(document) or (root and root[1].lower() in _HTML_ROOTS):
        title = _TITLE.search(start)
        words = " ".join(unescape(title[1]).split()) if title else ""
        return f"an HTML page ({words[:_LONGEST_TITLE]})" if words else "an HTML page"
    if root:
        return f"an XML document of another kind (<{root[1]}>)"
    return (content_type or "").partition(";")[0].strip() or "something unknown"
