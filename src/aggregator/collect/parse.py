"""Bytes → data. The only file that knows the feed parsers."""

from __future__ import annotations

import html
import io
import re
import warnings
from datetime import timedelta
from typing import Any

import feedparser
from feedparser.exceptions import CharacterEncodingOverride, NonXMLContentType

from aggregator.exceptions import ParseError
from aggregator.types import ParsedEntry, ParsedFeed

# Control characters that XML forbids, as bytes of any charset that keeps ASCII.
_ILLEGAL_BYTES = bytes([*range(9), 11, 12, *range(14, 32)])
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"\x00\x00")


def parse_document(body: bytes, url: str, content_type: str | None = None) -> ParsedFeed:
    """Read an RSS, Atom or RDF document; relative links are resolved against its base, else against *url*.

    Texts come as they are, neither sanitised nor shortened; titles are HTML. Raises ParseError with the reason in words
    when the document is no feed, or so broken that no entry could be read. What is broken but could be read comes
    with a warning.
    """
    if not body.strip():
        raise ParseError(url, "the answer is empty")
    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A stream, for a string would be taken for an address or a file name when it looks like one.
        try:
            read = feedparser.parse(io.BytesIO(_strip_illegal(body)), response_headers=headers, sanitize_html=False)
        except Exception as error:  # feedparser promises none, and raises anything on damaged bytes
            raise ParseError(url, f"the parser gives up over the document: {type(error).__name__}: {error}") from error
    if not read.get("version"):
        raise ParseError(url, _what_instead(body, content_type))
    problem = _find_problem(read)
    if problem is not None and not read.entries:
        raise ParseError(url, f"the document breaks off before its first entry: {problem}")
    return ParsedFeed(
        title=read.feed.get("title"),
        site=read.feed.get("link"),
        version=read.version,
        entries=tuple(_read_entry(entry, read.version) for entry in read.entries),
        warning=str(problem) if problem is not None else None,
        ttl=_read_ttl(read.feed.get("ttl")),
    )


def _find_problem(read: Any) -> Exception | None:
    """What is wrong with the document itself; a wrong header that did not hinder the reading is nothing to tell."""
    problem: Exception | None = read.get("bozo_exception") if read.get("bozo") else None
    return None if isinstance(problem, CharacterEncodingOverride | NonXMLContentType) else problem


def _read_entry(entry: Any, version: str) -> ParsedEntry:
    # dict.get, for feedparser's own answers "published" when asked for a missing "updated".
    title = dict.get(entry, "title") or ""
    if version.startswith("atom") and entry.get("title_detail", {}).get("type") == "text/plain":
        title = html.escape(title, quote=False)
    contents = [content.get("value") or "" for content in dict.get(entry, "content") or []]
    return ParsedEntry(
        id=dict.get(entry, "id") or None,
        url=dict.get(entry, "link") or None,
        title=title,
        summary=dict.get(entry, "summary") or "",
        content=max(contents, key=len, default=""),
        author=dict.get(entry, "author") or None,
        tags=tuple(dict.fromkeys(tag["term"] for tag in dict.get(entry, "tags") or [] if tag.get("term"))),
        published_raw=dict.get(entry, "published") or dict.get(entry, "created") or None,
        updated_raw=dict.get(entry, "updated") or None,
    )


def _read_ttl(text: str | None) -> timedelta | None:
    return timedelta(minutes=int(text)) if text and re.fullmatch(r"\d{1,6}", text.strip()) else None


def _strip_illegal(body: bytes) -> bytes:
    return body if body[:4].startswith(_UTF16_OR_32) else body.translate(None, _ILLEGAL_BYTES)


def _what_instead(body: bytes, content_type: str | None) -> str:
    start = body[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"(?i)<!doctype html|<html", start):
        what = "an HTML page"
    elif start[:1] in {b"{", b"["}:
        what = "JSON"
    elif start.startswith(b"%PDF"):
        what = "a PDF"
    else:
        what = (content_type or "something unknown").partition(";")[0]
    excerpt = " ".join(start[:80].decode("utf-8", "replace").split())
    return f"the answer is {what}, not a feed; it begins with {excerpt!r}"
