"""The reference reader, also for all that is broken: feedparser. The only file that knows it."""

from __future__ import annotations

import io
import itertools
import re
import warnings
from typing import Any

from aggregator.feeds.formats.asides import drop_asides, find_root, hide_asides
from aggregator.feeds.formats.common import (
    HTML,
    ISSUE_DATES,
    OUT_OF_LINE,
    XHTML,
    FoundEntry,
    FoundFeed,
    Link,
    Text,
    strip_illegal,
)
from aggregator.feeds.formats.inline import drop_void_ends
from aggregator.feeds.formats.names import read_relation
from aggregator.text.charset import repair_text

# feedparser reads 2 to 6 MB a second. A warning says what is left out of a longer document.
MAX_BYTES = 8_000_000
# A longer entity is not a name or a character but an expansion attack.
_LONGEST_ENTITY = 100
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
# feedparser needs an address to leave an xml:base that has ended, and makes everything absolute with it, even ids. So
# it gets an address with a made-up scheme that allows relative links, and the result is undone.
_SCHEME = "prospero://"
_HOST = _SCHEME + "document.invalid/"
_FOLDER = "~0/"
_DEPTH = 4
_HEADERS = {"content-type": "application/xml; charset=utf-8", "content-location": _HOST + _FOLDER * _DEPTH}
# Texts for which feedparser's time grows with the square of their length or number: people and tags.
_SHORT_TEXT = re.compile(
    rb"(<(?:[\w.-]++:)?(?:author|creator|managingeditor|webmaster|publisher|owner|keywords|tags)\b[^<>]*+>"
    rb"(?:<!\[CDATA\[)?[^<\]]{2000})[^<\]]++",
    re.IGNORECASE,
)
_TAG = re.compile(rb"<(?:[\w.-]++:)?(?:category|subject|keywords|tags)\b", re.IGNORECASE)
_MOST_TAGS = 10_000
_BASE = re.compile(rb"\b(?:xml:)?base(?=\s*+=)")
_MOST_BASES = 5_000
_FIRST_TAG = re.compile(rb"<\w")
_ENTITY = re.compile(rb"<!ENTITY\s++([^<>]*+)>")
_ENTRY_END = re.compile(rb"</(?:[\w.-]++:)?(?:item|entry)\s*+>", re.IGNORECASE)
_THREADING = "http://purl.org/syndication/thread/1.0"
_SKIP_TAGS = {
    "hours": re.compile(rb"<skiphours\s*+>", re.IGNORECASE),
    "days": re.compile(rb"<skipdays\s*+>", re.IGNORECASE),
}
_SKIP_END = re.compile(rb"</skip", re.IGNORECASE)
_LONGEST_SKIP = 2000
_SKIP = re.compile(rb"<(?:hour|day)\s*+>\s*+(\w{1,9})\s*+</(?:hour|day)\s*+>", re.IGNORECASE)
_PAGE_TYPES = {"html": "text/html", "xhtml": XHTML, "text": "text/plain", "plain": "text/plain"}


def read_tolerantly(document: bytes) -> FoundFeed:
    """What feedparser finds in a document in UTF-8; ``version`` is empty if it finds no feed.

    Raises ValueError, in words, if it gives up.
    """
    document = _shorten(_mend_prolog(document))
    # Importing it takes as long as reading some hundred documents without it.
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # A stream, because a string that looks like an address or a file name is opened as one.
            read = feedparser.parse(
                io.BytesIO(document), response_headers=_HEADERS, resolve_relative_uris=False, sanitize_html=False
            )
        except Exception as error:  # feedparser promises none, and raises anything on damaged bytes
            raise ValueError(f"the parser gives up over the document ({type(error).__name__}: {error})") from error
    threading = next((prefix for prefix, uri in read.get("namespaces", {}).items() if uri == _THREADING), "thr")
    title, title_type = _read_title(read.feed)
    return FoundFeed(
        version=read.get("version") or "",
        title=title or None,
        title_type=title_type,
        links=_list_links(read.feed),
        ttl=_text(read.feed, "ttl") or None,
        period=_text(read.feed, "sy_updateperiod") or None,
        frequency=_text(read.feed, "sy_updatefrequency") or None,
        hours=_list_skips(document, "hours"),
        days=_list_skips(document, "days"),
        entries=[_read_entry(entry, threading.lower()) for entry in read.entries],
        names_base=b"xml:base" in document,
        warning=_describe(read),
    )


def keep_complete(document: bytes) -> bytes:
    """The document up to the end of its last complete entry."""
    end = 0
    for match in _ENTRY_END.finditer(hide_asides(document)):
        end = match.end()
    return document[:end]


def _mend_prolog(document: bytes) -> bytes:
    """Reduce what comes before the first element to the document type and its harmless entities.

    The time of feedparser's patterns grows with the square of its length, and they expand all entities.
    """
    begin = find_root(document)
    if begin is None and (first := _FIRST_TAG.search(document)):
        begin = first.start()
    if begin is None:
        return _DECLARATION + document
    head, body = document[:begin], drop_asides(document[begin:])
    harmless = [entity[0] for entity in _ENTITY.finditer(head) if len(entity[0]) <= _LONGEST_ENTITY]
    doctype = b""
    if re.search(rb"(?i)<!DOCTYPE", head):
        kind = b"netscape" if b"netscape" in head.lower() else b"feed"
        doctype = b"<!DOCTYPE " + kind + (b" [\n" + b"\n".join(harmless[:1000]) + b"\n]>\n" if harmless else b">\n")
    return _DECLARATION + doctype + body


def _shorten(document: bytes) -> bytes:
    """Drop overlong texts and surplus tags, which no real feed has and which would take minutes."""
    document = _SHORT_TEXT.sub(rb"\1", document)
    document = _rename_after(_MOST_TAGS, _TAG, b"<passed-over", document)
    return _rename_after(_MOST_BASES, _BASE, b"passed-over", document)


def _rename_after(count: int, pattern: re.Pattern[bytes], name: bytes, document: bytes) -> bytes:
    numbers = itertools.count(1)
    return pattern.sub(lambda found: found[0] if next(numbers) <= count else name, document)


def _describe(read: Any) -> str | None:
    if not read.get("bozo"):
        return None
    problem = read.get("bozo_exception")
    line, text = getattr(problem, "getLineNumber", None), getattr(problem, "getMessage", None)
    if line and text:
        return f"the document is not well-formed XML (line {line()}: {text()})"
    return f"the document is not well-formed XML ({problem})"


def _read_entry(entry: Any, threading: str) -> FoundEntry:
    contents = [_read_content(content) for content in _list_of(entry, "content")]
    title, title_type = _read_title(entry)
    return FoundEntry(
        id=_make_relative(_text(entry, "id")) or None,
        title=title,
        title_type=title_type,
        summary=_read_summary(entry, contents),
        contents=contents,
        links=[*_list_links(entry), *_list_sources(entry)],
        discussion=_make_relative(_text(entry, "comments")) or None,
        original=_text(entry, "feedburner_origlink") or None,
        authors=_list_authors(entry),
        tags=[term for tag in _list_of(entry, "tags") if (term := _text(tag, "term"))],
        published=_text(entry, "published") or None,
        created=_text(entry, "created") or None,
        updated=_text(entry, "updated") or None,
        issue=next(filter(None, (_text(entry, name) for name in ISSUE_DATES)), None),
        media=_list_media(entry, "media_content"),
        thumbnails=_list_media(entry, "media_thumbnail"),
        comments=_text(entry, "slash_comments") or None,
        total=_text(entry, f"{threading}_total") or None,
    )


def _text(found: Any, key: str) -> str:
    # dict.get, because feedparser's own returns "published" for a missing "updated". A strange document may put
    # anything under any key.
    value = dict.get(found, key)
    return strip_illegal(value) if isinstance(value, str) else ""


def _make_relative(link: str) -> str:
    """The link as it was before feedparser resolved it."""
    if not link.startswith(_SCHEME):
        return link
    if not link.startswith(_HOST):
        return "//" + link.removeprefix(_SCHEME)
    path, depth = link.removeprefix(_HOST), 0
    while path.startswith(_FOLDER):
        path, depth = path.removeprefix(_FOLDER), depth + 1
    return ("../" * (_DEPTH - depth) if depth else "/") + path


def _list_of(found: Any, key: str) -> list[dict[str, Any]]:
    values = dict.get(found, key)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _read_title(found: Any) -> tuple[str, str]:
    title, detail = _text(found, "title"), dict.get(found, "title_detail")
    kind = detail.get("type") or HTML if isinstance(detail, dict) else HTML
    return (drop_void_ends(title) if kind == XHTML else title), kind


def _read_content(content: dict[str, Any]) -> Text:
    value = strip_illegal(content.get("value") or "")
    kind = content.get("type") or HTML
    return Text(drop_void_ends(value) if kind == XHTML else value, kind, _make_relative(content.get("base") or ""))


def _read_summary(entry: Any, contents: list[Text]) -> Text | None:
    if "summary" not in entry:
        return None
    value = _text(entry, "summary")
    detail = dict.get(entry, "summary_detail")
    if isinstance(detail, dict):
        return _read_content({**detail, "value": value})
    # A copy of the first content, without a type of its own.
    return contents[0] if contents else Text(value)


def _list_links(found: Any) -> list[Link]:
    links = []
    for link in _list_of(found, "links"):
        url = link.get("href")
        if isinstance(url, str) and (url := _make_relative(strip_illegal(url))):
            kind = link.get("type")
            count = next((value for name, value in link.items() if name.endswith(":count")), None)
            links.append(Link(read_relation(link.get("rel") or ""), _PAGE_TYPES.get(kind or "", kind), url, count))
    return links


def _list_sources(entry: Any) -> list[Link]:
    """The addresses of contents outside the document."""
    contents = [(content.get("src"), content.get("type")) for content in _list_of(entry, "content")]
    return [
        Link(OUT_OF_LINE, kind, _make_relative(strip_illegal(src))) for src, kind in contents if isinstance(src, str)
    ]


def _list_authors(entry: Any) -> list[str]:
    """The text of a single author as it stands; of several, which feedparser has split, their names."""
    authors = _list_of(entry, "authors")
    if len(authors) < 2:
        return [repair_text(author)] if (author := _text(entry, "author")) else []
    return [repair_text(_text(author, "name") or _text(author, "email")) for author in authors]


def _list_media(entry: Any, key: str) -> list[tuple[str, str | None]]:
    return [(url, medium.get("type")) for medium in _list_of(entry, key) if (url := _text(medium, "url"))]


def _list_skips(document: bytes, what: str) -> list[str]:
    """The hours or days of skipHours or skipDays; feedparser keeps only the last one."""
    start = _SKIP_TAGS[what].search(document)
    if start is None:
        return []
    inside = _SKIP_END.split(document[start.end() : start.end() + _LONGEST_SKIP], maxsplit=1)[0]
    return [value.decode("utf-8", "replace") for value in _SKIP.findall(inside)]
