"""Sanitises the HTML of feeds, and converts it to plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import nh3

from aggregator.addresses.urls import clean_url
from aggregator.text.characters import clean
from aggregator.text.nesting import flatten

#: Characters of the longest title that is stored and looked at.
LONGEST_TITLE = 500

# Control characters that XML forbids; real feeds carry U+0008 in titles (velog).
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f￾￿]")
#: A tag; exact on what nh3 writes: every attribute stands in double quotes, and every other < is escaped.
TAG = re.compile(r'<[^<>"]*+(?:"[^"<]*+"[^<>"]*+)*+>')
# No character has such a number, and Python refuses to read the longest of them.
_ENDLESS = re.compile(r"&#\d{20,};?")
CDATA, CDATA_END = "<![CDATA[", "]]>"
_CDATA_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
# HTML parsers drop the first line end, so that every reading would give another text.
_PRE_LINES = re.compile(r"(<pre(?: [^<>\n]*)?>)\n+")
# A surrogate pair (UTF-16) as two references.
_HALVES = re.compile(r"&#(5[5-7]\d{3}|[xX][dD][89abAB][0-9a-fA-F]{2});&#(5[5-7]\d{3}|[xX][dD][c-fC-F][0-9a-fA-F]{2});")
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
BLOCK = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})\b" + TAG.pattern[1:])
# Elements whose content HTML parsers read as text, tags included.
_RAW_TAG = re.compile(
    # The lookahead at two letters saves time: nearly all tags are others.
    r"<(/?)(?=[iInNpPsStTxX][fFoOlLcCtTeEiImM])"
    r"((?i:iframe|noembed|noframes|noscript|plaintext|script|style|textarea|title|xmp))(?=[\s/>])" + TAG.pattern[1:]
)
# Of these, those whose content is shown like any other, and those whose content may write tags.
_SHOWN = {"noscript", "plaintext"}
_SCRIPTS = {"script", "style"}
_SCHEMES = {"http", "https", "mailto"}
_SANITISER = nh3.Cleaner(url_schemes=_SCHEMES)
_REL = "noopener noreferrer"
# Keeps which links somebody paid for.
_MARKING = nh3.Cleaner(
    url_schemes=_SCHEMES,
    attributes={**nh3.ALLOWED_ATTRIBUTES, "a": {*nh3.ALLOWED_ATTRIBUTES["a"], "rel"}},
    attribute_filter=lambda _, name, value: _mark_rel(value) if name == "rel" else value,
    link_rel=None,
)


# What the head of a digest may show: no landmarks, and of a picture, which would be fetched from elsewhere, only its
# address. A line of the digest may not have headings either.
_OF_HEAD, _OF_LINE = (
    nh3.Cleaner(
        tags=nh3.ALLOWED_TAGS - {"header", "footer", "nav", "main", "article", "aside"} - without,
        attributes={**nh3.ALLOWED_ATTRIBUTES, "img": {"src", "alt"}},
        url_schemes=_SCHEMES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    for without in (set[str](), {"h1", "h2", "h3", "h4", "h5", "h6"})
)
_PICTURE = re.compile(r"<img\b" + TAG.pattern[1:])
_SRC, _ALT = re.compile(r' src="([^"]*)"'), re.compile(r' alt="([^"]*)"')

# What a person reads of a post, without attributes but those below.
_TAGS_OF_ARTICLE = {
    *("p", "div", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"),
    *("pre", "code", "kbd", "samp", "var", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("a", "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "q", "cite"),
    *("ruby", "rb", "rt", "rp", "details", "summary", "figure", "figcaption", "img"),
    # These separate texts, but would be landmarks of our page: they become div.
    *("article", "aside", "center", "footer", "header", "hgroup", "main", "nav", "section"),
}
_ATTRIBUTES_OF_ARTICLE = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
_SECTIONING = re.compile(r"<(/?)(?:article|aside|center|footer|header|hgroup|main|nav|section)>")
_LARGEST_NUMBER = 5
# trafilatura puts blocks of code into blocks of code.
_NESTED_PRE = re.compile(r"<pre>\s*+(?=<pre>)")

# A formula, of which nh3 would keep nothing; and how it is written in TeX.
_FORMULA = re.compile(r"<math\b([^<>]*+)>([^<]*+(?:<(?!/?math\b)[^<]*+)*+)</math>")
_TEX = re.compile(r"<annotation encoding=[\"']application/x-tex[\"']>([^<]*+)</annotation>")
_ALTERNATIVE = re.compile(r"\balttext=\"([^\"]*+)\"")
_ANY_TAG = re.compile(r"<[^<>]*+>")
# KaTeX writes each formula once more, as text.
_SAID_AGAIN = re.compile(r"\s*+</span>\s*+<span class=\"katex-html\"")

# The pages of videos, and the addresses of players inside other pages, each up to the number of the video.
_VIDEOS = {
    "www.youtube.com/watch?v=": re.compile(r"[/.]youtube(?:-nocookie)?\.com/embed/(?!videoseries)([\w-]{11})\b"),
    "vimeo.com/": re.compile(r"//player\.vimeo\.com/video/(\d+)"),
    "tv.naver.com/v/": re.compile(r"//tv\.naver\.com/embed/(\d+)"),
    "tv.kakao.com/v/": re.compile(r"//(?:play-)?tv\.kakao\.com/embed/player/cliplink/(\d+)"),
}


def _mark_rel(value: str) -> str:
    return f"{_REL} sponsored" if "sponsored" in value.lower().split() else _REL


def sanitise_html(markup: str) -> str:
    """HTML without scripts, styles, forms, frames and event handlers; links only http, https and mailto.

    nh3 (ammonia) does the work, with its default allow-list. Tags inside elements whose content browsers do not read as
    HTML (``noscript``, ``iframe``, ``textarea``, …) are never shown as text. ``rel="sponsored"`` stays.
    """
    # First of all, since these may be inside a tag or a reference.
    markup = _ILLEGAL.sub("", markup)
    sanitiser = _MARKING if "sponsored" in markup.lower() else _SANITISER
    clean = sanitiser.clean(flatten(_open_cdata_sections(join_halves(_write_formulas(_open_raw_text(markup))))))
    # A reference may name what may not stand there itself.
    clean = _ILLEGAL.sub("", clean) if "&#" in markup else clean
    return _PRE_LINES.sub(r"\1", clean) if "<pre" in clean else clean


def sanitise_line(markup: str, find_own: Callable[[str], str | None] = lambda _: None) -> str:
    """The HTML of a line of the digest as our pages may show it.

    Of a picture, which would be fetched from elsewhere, only the address is shown; unless *find_own* returns the
    address at which we have it.
    """
    return _name_pictures(_OF_LINE.clean(markup), find_own)


def sanitise_head(markup: str, find_own: Callable[[str], str | None] = lambda _: None) -> str:
    """The HTML of the head of a digest, or of a whole one, as our pages may show it; pictures as in a line."""
    return _name_pictures(_OF_HEAD.clean(markup), find_own)


def _name_pictures(markup: str, find_own: Callable[[str], str | None]) -> str:
    def show(tag: re.Match[str]) -> str:
        source, text = _SRC.search(tag[0]), _ALT.search(tag[0])
        address = source[1] if source else ""
        if own := find_own(address):
            return f'<img src="{html.escape(own)}"{text[0] if text else ""}>'
        # An address that is relative leads nowhere from here.
        said = address if "://" in address or not text else text[1]
        return f'<span class="picture">picture {said}</span>'

    return _PICTURE.sub(show, markup)


def sanitise_article(markup: str, base: str) -> str:
    """The HTML of a post as our pages may show it: text, tables, code, links and pictures. Safe for any HTML, and
    meant for what ``sanitise_html`` wrote: of elements in 200 others only the content is left.

    Addresses are resolved against *base* and cleaned (``clean_url``), and links open a tab of their own. Numbers have
    at most five digits. There are no other attributes; elements that divide a page are ``div``.
    """

    def filter_value(_: str, name: str, value: str) -> str | None:
        if name in {"href", "src"}:
            return clean_url(value, base)
        if name in {"target", "rel", "alt"}:
            return value
        return value if value.isascii() and value.isdecimal() and len(value) <= _LARGEST_NUMBER else None

    cleaner = nh3.Cleaner(
        tags=_TAGS_OF_ARTICLE,
        attributes=_ATTRIBUTES_OF_ARTICLE,
        attribute_filter=filter_value,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https"},
    )
    return _SECTIONING.sub(r"<\1div>", cleaner.clean(flatten(_NESTED_PRE.sub("", markup))))


def _open_raw_text(markup: str) -> str:
    """HTML without elements whose content is raw text.

    The content of ``noscript`` is kept, and that of ``xmp`` becomes code; that of the others is not shown by browsers
    and goes; of a video in an ``iframe``, a link without text is left. An element that is never closed would hold the
    rest of the document: only its tag is removed.
    """
    tags = list(_RAW_TAG.finditer(markup))
    pieces, place = [], 0
    for tag, end in zip(tags, _find_raw_ends(tags), strict=True):
        name = tag[2].lower()
        if tag.start() < place or (end is None and name in _SCRIPTS and not tag[0].endswith("/>")):
            # Inside another one; or the rest of a text that was cut inside a script: that is not prose.
            continue
        pieces.append(markup[place : tag.start()])
        place = end.end() if end else tag.end()
        if name == "iframe" and (video := _find_video(tag[0])):
            pieces.append(f'<a href="{video}"></a>')
        if end and name == "xmp":
            pieces.append(f"<pre>{html.escape(markup[tag.end() : end.start()], quote=False)}</pre>")
    return "".join([*pieces, markup[place:]]) if tags else markup


def _find_raw_ends(tags: list[re.Match[str]]) -> list[re.Match[str] | None]:
    """For each tag the one that closes it: the next of its name, in scripts the next end tag of its name."""
    ends: list[re.Match[str] | None] = []
    following: dict[str, re.Match[str]] = {}
    for tag in reversed(tags):
        name = tag[2].lower()
        after = following.get(name)
        is_closed = after and after[1] and not tag[1] and not tag[0].endswith("/>") and name not in _SHOWN
        ends.append(after if is_closed else None)
        if tag[1] or name not in _SCRIPTS:
            following[name] = tag
    return ends[::-1]


def _find_video(tag: str) -> str | None:
    """The address of the page of a video, from the tag of its player."""
    found = ((page, player.search(tag)) for page, player in _VIDEOS.items())
    return next((f"https://{page}{video[1]}" for page, video in found if video), None)


def is_video(address: str) -> bool:
    """Whether it is of a page that shows a video."""
    return address.removeprefix("https://").startswith(tuple(_VIDEOS))


def _write_formulas(markup: str) -> str:
    """HTML with formulas (MathML) as text: in TeX if they say how, else the characters that they show."""

    def write(formula: re.Match[str]) -> str:
        if _SAID_AGAIN.match(markup, formula.end()):
            return ""
        tex = _TEX.search(formula[2]) or _ALTERNATIVE.search(formula[1])
        return f"${tex[1].strip()}$" if tex else _ANY_TAG.sub("", formula[2])

    return _FORMULA.sub(write, markup) if "<math" in markup else markup


def _open_cdata_sections(markup: str) -> str:
    """HTML without marks of CDATA that were escaped along with it: browsers read them as broken comments."""
    if CDATA not in markup and CDATA_END not in markup:
        return markup
    return _CDATA_SECTION.sub(r"\1", markup).rstrip().removesuffix(CDATA_END)


def plain_text(markup: str) -> str:
    """Return the text of HTML on one line, with entities resolved, in NFC; blocks are separated by a space."""
    # Most titles, names and tags are text already.
    return normalise(markup) if "<" not in markup and "&" not in markup else text_of(sanitise_html(markup))


def text_of(sanitised: str) -> str:
    """Return the same for HTML from ``sanitise_html``."""
    return normalise(html.unescape(TAG.sub("", BLOCK.sub(" ", sanitised))))


def unescape(markup: str) -> str:
    """Resolve the entities of untrusted text; a number that is not a character becomes U+FFFD."""
    return html.unescape(_ENDLESS.sub("\ufffd", join_halves(markup)))


def join_halves(markup: str) -> str:
    """Markup in which two references to the halves of one character (``&#55357;&#56832;``) are that character."""
    return _HALVES.sub(_join, markup) if "&#" in markup else markup


def _join(found: re.Match[str]) -> str:
    high, low = (int(number[1:], 16) if number[0] in "xX" else int(number) for number in found.groups())
    is_pair = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)) if is_pair else found[0]


def open_cdata(text: str) -> str:
    """Text without marks of CDATA around it that were escaped along with it; or only their end, if that is left."""
    inner = text.strip()
    if inner.startswith(CDATA):
        # A long one may be written in parts.
        return inner.removeprefix(CDATA).removesuffix(CDATA_END).replace(CDATA_END + CDATA, "")
    is_left_over = inner.endswith(CDATA_END) and CDATA not in inner
    # As a word of its own it is part of the text.
    return inner.removesuffix(CDATA_END) if is_left_over and not inner[: -len(CDATA_END)].endswith(" ") else text


def normalise(text: str) -> str:
    """Text on one line: NFC, no invisible characters (``characters.clean``), single spaces."""
    line = " ".join(text.split())
    cleaned = clean(line)
    # What was removed may have been between two spaces.
    return cleaned if cleaned == line else " ".join(cleaned.split())


def shorten(text: str, limit: int) -> str:
    """Shorten a text to at most *limit* characters, at a space if one is near."""
    if len(text) <= limit:
        return text
    cut = text.rfind(" ", limit - 40, limit)
    return text[: cut if cut > 0 else limit]


def shorten_title(title: str) -> str:
    """Shorten a title for storage to at most 500 characters; a cut one ends in "…", after a whole word if possible."""
    return title if len(title) <= LONGEST_TITLE else f"{shorten(title, LONGEST_TITLE - 1).rstrip()}…"


def excerpt_of(body: bytes) -> str:
    """The first 200 characters of a document that is not what it should be, fit to be shown on one line.

    UTF-16 where a mark says so, else UTF-8; what cannot be read is U+FFFD, and what cannot be seen a dot.
    """
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = " ".join(body[:4000].decode(encoding, "replace").split())
    return "".join(character if character.isprintable() else "·" for character in text[:200])
