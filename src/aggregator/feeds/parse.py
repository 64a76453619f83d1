"""Parses feed documents: bytes in, data out, or the reason in words why they are not a feed.

It detects the format of a document and chooses a reader (``feeds.formats``): a fast one for well-formed XML, a tolerant
one for what that leaves in doubt, one for JSON Feed. Pure and without state, so that it can run in any process.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.dates.read import parse_date
from aggregator.exceptions import ParseError
from aggregator.feeds.formats.asides import hide_asides
from aggregator.feeds.formats.common import FoundFeed, build_feed
from aggregator.feeds.formats.json_feed import read_json_feed
from aggregator.feeds.formats.sniff import describe_unfit, is_html_page, name_binary
from aggregator.feeds.formats.tolerant import MAX_BYTES, keep_complete, read_tolerantly
from aggregator.feeds.formats.unescaped import escape_forgotten
from aggregator.feeds.formats.wellformed import read_wellformed
from aggregator.text.charset import decode_document, is_claimed_utf8, strip_illegal
from aggregator.text.html import excerpt_of
from aggregator.types import ParsedEntry, ParsedFeed

# Bytes that are put before a document by mistake.
_BLANK = b"\xef\xbb\xbf \t\r\n"
_FEED_TAG = re.compile(rb"<(?:[\w.-]++:)?(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
_ENTRY_TAG = re.compile(rb"<(?:[\w.-]++:)?(?:item|entry)\b", re.IGNORECASE)
_END_TAG = re.compile(rb"</(?:[\w.-]++:)?(?:rss|feed|rdf)\s*+>", re.IGNORECASE)
_TAIL = 2000
_OLDEST = datetime.min.replace(tzinfo=UTC)


def parse_document(
    body: bytes,
    url: str,
    content_type: str | None = None,
    *,
    max_entries: int | None = None,
    is_cut: bool = False,
) -> ParsedFeed:
    """Read a feed that came from *url*: RSS, RDF, Atom or JSON Feed, in any charset.

    Links are absolute as far as the document allows. Titles are plain text. Texts are HTML, also if the feed has plain
    text, and neither sanitised nor shortened. If there are more than *max_entries*, the newest are read. *is_cut* says
    that the body is not the whole document. An incomplete last entry is left out.

    A broken document that could be read has a warning. Raises ParseError, with the reason and the first characters, if
    the document is not a feed, or so broken that no entry could be read.
    """
    try:
        found = _read(body, url, content_type, is_cut=is_cut)
    except ValueError as error:
        raise ParseError(url, str(error), excerpt=excerpt_of(body) or None) from error
    return _limit(build_feed(found, url), max_entries)


def _read(body: bytes, url: str, content_type: str | None, *, is_cut: bool) -> FoundFeed:
    """Raises ValueError with the reason in words."""
    if not body.strip(_BLANK):
        raise ValueError("the answer is empty")
    if not body.strip(b"\x00"):
        raise ValueError("the answer contains only zero bytes")
    if binary := name_binary(body):
        raise ValueError(f"the answer is {binary}, not a feed")
    # Most documents are UTF-8 and well-formed: then only the parser looks at all bytes.
    if is_claimed_utf8(body, content_type) and (quick := read_wellformed(body.lstrip(_BLANK))):
        return quick
    document, remark = decode_document(body, content_type)
    document = document.lstrip(_BLANK)
    if document.startswith((b"{", b"[")):
        found = _read_json(document)
    else:
        found = _read_xml(document, url, content_type, is_cut=is_cut)
    found.warning = "; ".join(filter(None, (remark, found.warning))) or None
    return found


def _read_json(document: bytes) -> FoundFeed:
    try:
        found = read_json_feed(document.decode("utf-8", "replace"))
    except ValueError as error:
        raise ValueError(f"the answer begins like JSON, but cannot be read ({error})") from error
    if found is None:
        raise ValueError("the answer is JSON, but not a JSON Feed")
    return found


def _read_xml(document: bytes, url: str, content_type: str | None, *, is_cut: bool) -> FoundFeed:
    if is_html_page(document) or not _FEED_TAG.search(document):
        raise ValueError(f"the answer is {describe_unfit(document, content_type, url)}")
    found = read_wellformed(document)
    if found is None:
        legal = strip_illegal(document)
        found = read_wellformed(legal) if legal != document else None
        found = found or _read_mended(legal, url, content_type, is_cut=is_cut)
    return found


def _read_mended(document: bytes, url: str, content_type: str | None, *, is_cut: bool) -> FoundFeed:
    """Read a document with unescaped characters, or that is broken in other ways."""
    escaped = escape_forgotten(document)
    found = read_wellformed(escaped) if escaped != document else None
    if found is None:
        return _read_broken(escaped, url, content_type, is_cut=is_cut)
    if not found.is_cut:
        found.warning = "the document does not escape all that XML asks to escape, such as a bare & or &nbsp;"
    return found


def _read_broken(document: bytes, url: str, content_type: str | None, *, is_cut: bool) -> FoundFeed:
    document, warning = _cut(document, is_cut=is_cut)
    found = read_tolerantly(document)
    if not found.version:
        raise ValueError(f"the answer is {describe_unfit(document, content_type, url)}")
    if found.warning and not found.entries:
        raise ValueError(f"no entry could be read: {found.warning}")
    if warning:
        found.is_cut = True
        found.warning = f"{warning}; its {len(found.entries)} complete entries are read"
    return found


def _cut(document: bytes, *, is_cut: bool) -> tuple[bytes, str | None]:
    """The document up to the end of its last complete entry if it is incomplete, and why it is."""
    if len(document) > MAX_BYTES:
        document = document[:MAX_BYTES]
        why = f"the document is broken, and only its first {MAX_BYTES / 1e6:g} MB were looked at"
    elif is_cut or not _END_TAG.search(hide_asides(document), max(0, len(document) - _TAIL)):
        why = "the document ends too early"
    else:
        return document, None
    whole = keep_complete(document)
    if whole:
        return whole, why
    if is_cut or len(_ENTRY_TAG.findall(hide_asides(document))) < 2:
        raise ValueError(f"{why}, before the end of its first entry")
    # A feed of an old format, which does not mark where an entry ends.
    return document, None


def _limit(feed: ParsedFeed, max_entries: int | None) -> ParsedFeed:
    """The feed with only its newest entries, in document order, if it has too many."""
    if max_entries is None or len(feed.entries) <= max_entries:
        return feed
    by_age = sorted(range(len(feed.entries)), key=lambda place: (_date_of(feed.entries[place]), -place), reverse=True)
    kept = sorted(by_age[:max_entries])
    remark = f"the document has {len(feed.entries)} entries; the newest {max_entries} are read"
    warning = f"{feed.warning}; {remark}" if feed.warning else remark
    return replace(feed, entries=tuple([feed.entries[place] for place in kept]), warning=warning)


def _date_of(entry: ParsedEntry) -> datetime:
    return parse_date(entry.published_raw) or parse_date(entry.updated_raw) or _OLDEST
