"""Mends documents with unescaped text: HTML's named references, bare ampersands, bare tags in titles."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

# CDATA sections stay as they are. The group is a name that XML does not define, such as nbsp.
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#(?:[0-9]|[xX][0-9a-fA-F])|(?:amp|lt|gt|quot|apos);|([A-Za-z][A-Za-z0-9]{1,40};)?)",
    re.DOTALL,
)
# A title that is not XHTML. If its end tag is missing, nothing matches.
_TITLE = re.compile(
    rb"(<title(?:\s(?![^<>]*xhtml)[^<>]*)?>)((?:[^<]|<(?!/?title\b|!\[CDATA\[|/item\b|/entry\b))*+)(?=</title)",
    re.IGNORECASE,
)


def escape_forgotten(document: bytes) -> bytes:
    """Escape what was not escaped in a document (UTF-8).

    HTML's names (``&nbsp;``) become their characters. Ampersands outside references ("Q&A") and angle brackets in
    titles ("The <think> token") are escaped. A name that the document may declare itself stays.
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
