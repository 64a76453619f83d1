"""Text of feeds: HTML made harmless, and HTML made plain."""

from __future__ import annotations

import html
import re

import nh3

from aggregator.characters import compose

#: Characters of the longest title that is stored and looked at.
LONGEST_TITLE = 500

# Control characters that XML forbids; real feeds carry U+0008 in titles (velog).
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f￾￿]")
# Escaped once too often; other escaped tags, as in "Styling &lt;select&gt;", are what the title is about.
_ESCAPED = re.compile(r"&lt;/?(?:em|strong|b|i|code|span|sub|sup|br)\b|&amp;(?:\w+|#\d+);")
#: A tag; exact on what nh3 writes: every attribute stands in double quotes, and every other < is escaped.
TAG = re.compile(r'<[^<>"]*+(?:"[^"<]*+"[^<>"]*+)*+>')
# No character has such a number, and Python refuses to read the longest of them.
_ENDLESS = re.compile(r"&#\d{20,};?")
# The halves of a character beyond the first plane, as two references; what programs of UTF-16 make of it.
_HALVES = re.compile(
    r"&#(?:(5[56]\d{3})|[xX]([dD][89abAB][0-9a-fA-F]{2}));&#(?:(5[67]\d{3})|[xX]([dD][c-fC-F][0-9a-fA-F]{2}));"
)
_BLOCKS = {
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "table",
    "tr",
    "td",
    "th",
    "figure",
    "hr",
    "dt",
    "dd",
}
_BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})\b" + TAG.pattern[1:])
_SANITISER = nh3.Cleaner(url_schemes={"http", "https", "mailto"})


def sanitise_html(markup: str) -> str:
    """HTML without scripts, styles, forms, frames and event handlers; links only http, https and mailto.

    The work is nh3's (ammonia), with its default allow-list.
    """
    clean = _SANITISER.clean(join_halves(_ILLEGAL.sub("", markup)))
    # A reference may name what may not stand there itself.
    return _ILLEGAL.sub("", clean) if "&#" in markup else clean


def plain_text(markup: str) -> str:
    """The text of HTML on one line, entities resolved, NFC; blocks are set apart by a space."""
    # Most titles, names and tags are text already.
    return normalise(markup) if "<" not in markup and "&" not in markup else text_of(sanitise_html(markup))


def text_of(sanitised: str) -> str:
    """The same of HTML from ``sanitise_html``."""
    return normalise(html.unescape(TAG.sub("", _BLOCK.sub(" ", sanitised))))


def plain_title(markup: str) -> str:
    """A title as plain text. Feeds give titles as text, as HTML, and as HTML escaped once more."""
    return plain_text(unescape(markup) if _ESCAPED.search(markup) else markup)


def unescape(markup: str) -> str:
    """Text with its entities resolved, whoever wrote it; a number that is no character becomes U+FFFD."""
    return html.unescape(_ENDLESS.sub("\ufffd", join_halves(markup)))


def join_halves(markup: str) -> str:
    """Text in which each pair of references to half characters is the reference to their character (😀)."""
    return _HALVES.sub(_join_halves, markup) if "&#" in markup else markup


def _join_halves(found: re.Match[str]) -> str:
    high = int(found[1] or found[2], 10 if found[1] else 16)
    low = int(found[3] or found[4], 10 if found[3] else 16)
    is_pair = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return f"&#{0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00};" if is_pair else found[0]


def normalise(text: str) -> str:
    """NFC, no control characters, single spaces."""
    text = " ".join(_ILLEGAL.sub("", text).split())
    return text if text.isascii() else compose(text)


def shorten(text: str, limit: int) -> str:
    """At most *limit* characters, cut at a space where there is one near."""
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", limit - 40, limit)
    return text[: cut if cut > 0 else limit]


def shorten_title(title: str) -> str:
    """A title as it is stored: at most 500 characters; one that is cut ends in "…", at a word where one is near."""
    return title if len(title) <= LONGEST_TITLE else f"{shorten(title, LONGEST_TITLE - 1).rstrip()}…"


def excerpt_of(body: bytes) -> str:
    """The first 200 characters of a document that is not what it should be, fit to be shown on one line.

    UTF-16 where a mark says so, else UTF-8; what cannot be read is U+FFFD, and what cannot be seen a dot.
    """
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = " ".join(body[:4000].decode(encoding, "replace").split())
    return "".join(character if character.isprintable() else "·" for character in text[:200])
