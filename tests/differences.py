"""How our reader of feeds and feedparser differ, field by field, over recorded documents and over ones made odd.

feedparser is called as its users call it, with the bytes and their address. Disagreements are counted by kind.
"""

from __future__ import annotations

import calendar
import io
import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aggregator.dates.read import EARLIEST, parse_date
from aggregator.exceptions import ParseError
from aggregator.feeds.parse import parse_document
from aggregator.text.html import plain_text
from aggregator.types import ParsedEntry, ParsedFeed

URL = "https://feeds.example/blog/feed.xml"
_HEADERS = {"content-type": "application/xml", "content-location": URL}
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)>", re.IGNORECASE)
_ITEMS = 5
_DATE = re.compile(rb"(<(?:pubDate|published|updated|dc:date)>)[^<]*(<)", re.IGNORECASE)
_TITLE = re.compile(rb"(<title[^>]*>)(?=[^<])", re.IGNORECASE)


class Disagreement(NamedTuple):
    """One value that the two give differently."""

    field: str
    #: Such as "only ours" or "spaces".
    kind: str
    ours: object
    theirs: object


def list_disagreements(body: bytes) -> Iterator[Disagreement]:
    """Where our reader (*ours*) and feedparser (*theirs*) differ over one document."""
    ours = _read_ours(body)
    try:
        theirs = _read_theirs(body)
    except Exception as error:  # feedparser promises none
        yield Disagreement("document", "feedparser raises", ours, error)
        return
    if ours is None or not theirs.get("version"):
        if ours is not None or (theirs.get("version") and theirs.entries):
            yield Disagreement("document", "only feedparser's" if ours is None else "only ours", ours, theirs)
        return
    yield from _compare("feed title", plain_text(ours.title or ""), plain_text(theirs.feed.get("title", "")))
    if len(ours.entries) != len(theirs.entries):
        kind = "more of ours" if len(ours.entries) > len(theirs.entries) else "fewer of ours"
        yield Disagreement("entries", kind, len(ours.entries), len(theirs.entries))
        return
    for one, other in zip(ours.entries, theirs.entries, strict=True):
        yield from _compare_entry(one, other)


def _read_ours(body: bytes) -> ParsedFeed | None:
    try:
        return parse_document(body, URL, "application/xml")
    except ParseError:
        return None


def _read_theirs(body: bytes) -> Any:
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(io.BytesIO(body), response_headers=_HEADERS, sanitize_html=False)


def _compare_entry(ours: ParsedEntry, theirs: Any) -> Iterator[Disagreement]:
    contents = [content.get("value", "") for content in dict.get(theirs, "content") or []]
    text = max([dict.get(theirs, "summary") or "", *contents], key=len)
    yield from _compare("title", plain_text(ours.title), plain_text(dict.get(theirs, "title") or ""))
    yield from _compare("text", plain_text(ours.content or ours.summary), plain_text(text))
    yield from _compare("address", ours.url, dict.get(theirs, "link"))
    yield from _compare("id", ours.id, dict.get(theirs, "id"))
    yield from _compare("author", ours.author, dict.get(theirs, "author"))
    yield from _compare(
        "tags", sorted(ours.tags), sorted({tag["term"] for tag in theirs.get("tags", []) if tag["term"]})
    )
    yield from _compare("media", [media.url for media in ours.media][:1], _list_enclosures(theirs)[:1])
    for field, raw in (("published", ours.published_raw), ("updated", ours.updated_raw)):
        yield from _compare_dates(field, parse_date(raw), dict.get(theirs, f"{field}_parsed"))


def _list_enclosures(theirs: Any) -> list[str]:
    found = [link.get("href") for link in theirs.get("links", []) if link.get("rel") == "enclosure"]
    found += [media.get("url") for name in ("media_content", "media_thumbnail") for media in theirs.get(name, [])]
    return [address for address in found if address and address.startswith("http")]


def _compare(field: str, ours: object, theirs: object) -> Iterator[Disagreement]:
    if ours == theirs or not (ours or theirs):
        return
    if not theirs:
        kind = "only ours"
    elif not ours:
        kind = "only feedparser's"
    elif "".join(str(ours).split()) == "".join(str(theirs).split()):
        kind = "spaces"
    elif "\ufffd" in str(theirs) or "\ufffd" in str(ours):
        kind = "broken characters"
    elif field in {"address", "id"} and str(theirs).rstrip("/").endswith(str(ours).lstrip("./").rstrip("/")):
        kind = "resolved"
    else:
        kind = "another value"
    yield Disagreement(field, kind, ours, theirs)


def _compare_dates(field: str, ours: datetime | None, parsed: Any) -> Iterator[Disagreement]:
    theirs = datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    if ours == theirs:
        return
    if ours is None:
        kind = "only feedparser's, before 1995" if theirs and theirs < EARLIEST else "only feedparser's"
    elif theirs is None:
        kind = "only ours"
    elif abs((ours - theirs).days) < 1:
        kind = "another time of day"
    else:
        kind = "another day"
    yield Disagreement(field, kind, ours, theirs)


def count_kinds(bodies: Iterable[bytes]) -> Counter[tuple[str, str]]:
    """How often each field differs in each way."""
    return Counter((found.field, found.kind) for body in bodies for found in list_disagreements(body))


# --- documents made odd -----------------------------------------------------------------------------------------------

_DATES = (
    "2025-10-02 15:00:00 +0900 KST",
    "Thu, 02 Oct 2025 15:00:00 America/New_York",
    "2025년 10월 2일 오후 3시",
    "2025-10",
    "Thu, 02 Oct 2025 15:00:00 ET",
    "Mon, 11/02/2026 - 15:09",
    "2025.10.02(목) 15:00",
    "Do, 02 Okt 2025 15:00:00 +0200",
    "2025-10-02T15:09:5Z",
    "Thu, 02 Oct 2025 15:00:00 XYZ",
    "1759384800",
    "2025-10-02",
)
_WORDS = (
    "List&lt;T&gt; ",
    "R & D ",
    "It&amp;rsquo;s ",
    "&#55357;&#56832; ",
    "&nbsp;",
    "추천 \x08",
    "<![CDATA[<think> ]]>",
    "<b>bold</b> ",
)


def shorten(body: bytes) -> bytes:
    """The document with its first items alone, so that thousands do not take an hour."""
    ends = [found.end() for found in _ITEM_END.finditer(body)]
    return body[: ends[_ITEMS - 1]] + body[ends[-1] :] if len(ends) > _ITEMS else body


def _put_before(text: bytes) -> Callable[[bytes, random.Random], bytes]:
    return lambda body, chance: text + body.lstrip()


def _replace_some(pattern: re.Pattern[bytes], values: tuple[str, ...]) -> Callable[[bytes, random.Random], bytes]:
    def change(body: bytes, chance: random.Random) -> bytes:
        def put(found: re.Match[bytes]) -> bytes:
            return found[1] + chance.choice(values).encode() + (found[2] if pattern.groups > 1 else b"")

        return pattern.sub(put, body)

    return change


def _cut_character(body: bytes, chance: random.Random) -> bytes:
    places = [found.start() for found in re.finditer(rb"[\xe1-\xef][\x80-\xbf]{2}", body)]
    if not places:
        return body
    place = chance.choice(places)
    return body[: place + 2] + body[place + 3 :]


def _encode(charset: str, declared: str) -> Callable[[bytes, random.Random], bytes]:
    def change(body: bytes, chance: random.Random) -> bytes:
        text = re.sub(r"<\?xml.*?\?>", "", body.decode("utf-8", "replace"))
        return f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode(charset, "xmlcharrefreplace")

    return change


ODDITIES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "as it is": lambda body, chance: body,
    "behind blank lines": _put_before(b"\n \n"),
    "behind a byte order mark": _put_before(b"\xef\xbb\xbf"),
    "behind a warning of PHP": _put_before(b"<br />\n<b>Warning</b>: x in <b>y.php</b><br />\n"),
    "behind the type of a page": lambda body, chance: b"<!DOCTYPE html>" + re.sub(rb"^\s*<\?xml.*?\?>", b"", body),
    "behind an item in a comment": lambda body, chance: re.sub(
        rb"(?=<(?:rss|feed|rdf:RDF)\b)", b"<!-- <item><title>Yours</title></item> -->", body, count=1
    ),
    "an item in a comment": lambda body, chance: re.sub(
        rb"(?=<(?:item|entry)\b)", b"<!-- <item><title>Yours</title></item> -->", body, count=1
    ),
    "cut": lambda body, chance: body[: chance.randrange(len(body) // 2, len(body))],
    "a character cut": _cut_character,
    "in EUC-KR": _encode("euc-kr", "euc-kr"),
    "in UTF-16": _encode("utf-16", "utf-16"),
    "in EUC-KR, said to be UTF-8": _encode("euc-kr", "utf-8"),
    "dates": _replace_some(_DATE, _DATES),
    "titles": _replace_some(_TITLE, _WORDS),
    "a tag never closed": lambda body, chance: re.sub(rb"</title>", b"", body, count=1),
    "line ends of Windows": lambda body, chance: body.replace(b"\n", b"\r\n"),
}


def make_odd(bodies: Iterable[bytes], oddity: str, seed: int = 14) -> Iterator[bytes]:
    """The documents with this oddity, shortened; the same every time."""
    chance = random.Random(f"{oddity} {seed}")
    for body in bodies:
        yield ODDITIES[oddity](shorten(body), chance)
