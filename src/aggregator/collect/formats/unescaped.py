"""Documents whose maker forgot what XML asks of text: references of HTML, bare ampersands, bare tags in titles."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

# What stands in CDATA is as it is. An ampersand begins a reference, or one that only HTML knows, or none.
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#(?:[0-9]|[xX][0-9a-fA-F])|(?:amp|lt|gt|quot|apos);|([A-Za-z][A-Za-z0-9]{1,40};)?)",
    re.DOTALL,
)
# A title that is no XHTML, up to its end or to whatever says that it has none.
_TITLE = re.compile(
    rb"(<title(?:\s(?![^<>]*xhtml)[^<>]*)?>)((?:[^<]|<(?!/?title\b|!\[CDATA\[|/item\b|/entry\b))*+)(?=</title)",
    re.IGNORECASE,
)


def escape_forgotten(document: bytes) -> bytes:
    """UTF-8 in which each name that only HTML knows (``&nbsp;``) is its character, and each ampersand that begins no
    reference ("Q&A") and each bracket inside a title ("The <think> token") stands for itself. A name that the document
    may declare stays.
    """
    declares = b"<!ENTITY" in document
    document = _AMPERSAND.sub(lambda found: _escape_ampersand(found, declares=declares), document)
    return _TITLE.sub(lambda found: found[1] + found[2].replace(b"<", b"&lt;"), document)


def _escape_ampersand(found: re.Match[bytes], *, declares: bool) -> bytes:
    name = found[1]
    if found[0] == b"&":
        return b"&amp;"
    if name is None:
        return found[0]
    if character := html5.get(name.decode()):
        return escape(character, quote=False).encode()
    return found[0] if declares else b"&amp;" + name
