"""What a reader finds in a feed document, and how it becomes a ParsedFeed: the part that all readers share.

A reader only extracts values from its document, unchanged. What they mean is decided here, once: which of several links
is the address of an entry, which of several texts is its content, against what a link is resolved.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from aggregator.addresses.networks import is_public_host
from aggregator.addresses.urls import LONGEST_ADDRESS, clean_url, complete_url, host_of, is_no_address, join_address
from aggregator.feeds.formats.markup import looks_like_markup, open_twice_escaped, resolve_links
from aggregator.text.html import open_cdata
from aggregator.text.titles import plain_title, plain_title_of_text, plain_title_of_xhtml
from aggregator.types import Media, ParsedEntry, ParsedFeed, QuietTimes

TEXT, HTML, XHTML = "text/plain", "text/html", "application/xhtml+xml"
_PAGES = {HTML, XHTML}
#: The relation of a link to content outside the document (RFC 4287, 4.1.3.2).
OUT_OF_LINE = "content"
# Relations that name the page of an entry, and those that are better than no address at all, best first.
_PAGE_RELATIONS = ("canonical", "bookmark", "permalink")
_LAST_CHOICES = ("related", "via", "self", OUT_OF_LINE, "enclosure")
_OLDER_RELATIONS = ("prev-archive", "next")
_UNLINKABLE = 3
# Nearly all addresses are valid; this is a shortcut with the same result.
_PLAIN = re.compile(r"https?://((?:[a-z0-9-]+\.)+[a-z]+)(?=[/?#]|\Z)", re.ASCII)
# In a link that was escaped twice.
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_WEB = ("https://", "http://")
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 30 * 24, "yearly": 365 * 24}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Bounded as in RFC 5321, 4.5.3.1; otherwise the time of the search grows with the square of the length.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)
# Control characters that XML forbids, and lone surrogates, which neither a database nor a page accepts.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


#: Elements with the date of an issue.
ISSUE_DATES = ("prism_publicationdate", "prism_coverdate", "prism_onlinedate", "dcterms_available", "dcterms_date")


class Text(NamedTuple):
    """One text of an entry."""

    value: str
    #: ``TEXT``, ``HTML`` or ``XHTML``; anything else is not prose.
    type: str = HTML
    #: The xml:base in force there; empty if the document has none.
    base: str = ""


class Link(NamedTuple):
    """One link of an entry or a feed, RSS enclosures included."""

    rel: str
    type: str | None
    #: Resolved against xml:base, no further.
    url: str
    #: The number of comments behind it (RFC 4685, thr:count).
    comments: str | None = None


@dataclass(slots=True)
class FoundEntry:
    """An entry as it stands in the document."""

    id: str | None = None
    title: str = ""
    title_type: str = HTML
    summary: Text | None = None
    contents: list[Text] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    #: The address before a service such as FeedBurner put its own in the way.
    original: str | None = None
    #: The page of its comments.
    discussion: str | None = None
    #: As written: "Name", "mail@host (Name)", "Name (mail@host)".
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    published: str | None = None
    created: str | None = None
    updated: str | None = None
    #: The date of the journal's issue; counts if there is no other.
    issue: str | None = None
    #: Media RSS, contents before thumbnails: address and media type.
    media: list[tuple[str, str | None]] = field(default_factory=list)
    thumbnails: list[tuple[str, str | None]] = field(default_factory=list)
    #: slash:comments and thr:total.
    comments: str | None = None
    total: str | None = None


@dataclass(slots=True)
class FoundFeed:
    """A feed as it stands in the document; ``version`` is empty if it is not a feed."""

    version: str = ""
    title: str | None = None
    title_type: str = HTML
    links: list[Link] = field(default_factory=list)
    ttl: str | None = None
    #: The syndication module of RSS 1.0: a period such as hourly, and the updates in one.
    period: str | None = None
    frequency: str | None = None
    hours: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    entries: list[FoundEntry] = field(default_factory=list)
    #: False only if it is certain that all links inside the texts are absolute.
    has_relative_links: bool = True
    #: Whether it names a base for its links anywhere (xml:base).
    names_base: bool = False
    warning: str | None = None
    #: Whether the document breaks off.
    is_cut: bool = False


def build_feed(found: FoundFeed, url: str) -> ParsedFeed:
    """The document at *url* as data; every address in it is absolute if possible."""
    fault, site = _choose(_list_pages(found.links), url)
    site = site if fault < _UNLINKABLE else None
    ground = _find_ground(found, site, url)
    return ParsedFeed(
        title=_read_title(found.title or "", found.title_type, found) or None,
        site=site,
        version=found.version,
        entries=tuple([_build_entry(entry, found, ground) for entry in found.entries]),
        warning=found.warning,
        is_cut=found.is_cut,
        ttl=_read_ttl(found),
        quiet=_read_quiet(found),
        older_url=_find_older(found.links, url),
    )


def _find_older(links: list[Link], url: str) -> str | None:
    """The document with older entries: an archive before a page (RFC 5005, 3 and 4)."""
    for rel in _OLDER_RELATIONS:
        for link in links:
            if link.rel == rel and clean_url(link.url, url):
                # As it was written: its parameters belong to the server.
                return resolve(url, link.url.strip())
    return None


class _Ground(NamedTuple):
    """What the links of entries are resolved against."""

    #: The address of the document.
    document: str
    #: The address of its site if that is on another host; else the document's.
    base: str
    #: The hosts of both.
    homes: frozenset[str]


def _find_ground(feed: FoundFeed, site: str | None, document: str) -> _Ground:
    if site is None or feed.names_base or not _is_public(site):
        return _Ground(document, document, frozenset({host_of(document)}))
    homes = frozenset({host_of(document), host_of(site)})
    # RSS does not define relative links; in Atom and JSON Feed the document is their base (RFC 4287, 2).
    is_elsewhere = len(homes) > 1 or (feed.version.startswith("rss") and site.endswith("/"))
    return _Ground(document, site if is_elsewhere else document, homes)


def resolve(base: str, link: str) -> str:
    """*link* resolved against *base*; unchanged if it is not an address or already absolute."""
    if not base or link.startswith(_WEB):
        return link
    try:
        return join_address(base, link)
    except ValueError:
        return link


def strip_illegal(text: str) -> str:
    """The text without what a database or XML rejects: control characters and lone surrogates."""
    return _ILLEGAL.sub("", text)


def _build_entry(found: FoundEntry, feed: FoundFeed, ground: _Ground) -> ParsedEntry:
    fault, address = _choose(_list_pages_of(found), ground.base, ground.homes)
    url, page = ground.document, address if address and fault < _UNLINKABLE else ground.base
    if fault >= _UNLINKABLE:
        # An address that cannot be linked to is kept, so that its fault can be reported.
        address = min(
            (fault, address), _choose(_list_others(found), ground.base, ground.homes), key=lambda one: one[0]
        )[1]
    summary, content = _choose_texts(found)
    return ParsedEntry(
        id=found.id or None,
        url=address,
        title=_read_title(found.title, found.title_type, feed),
        summary=_build_text(summary, feed, page, url) if summary else "",
        content=_build_text(content, feed, page, url) if content else "",
        author=_join_authors(found.authors) if found.authors else None,
        tags=tuple(dict.fromkeys(found.tags)) if found.tags else (),
        published_raw=found.published or found.created or found.issue or None,
        updated_raw=found.updated or None,
        media=_list_media(found, ground.base),
        comments=_count_comments(found),
    )


def _read_title(title: str, kind: str, feed: FoundFeed) -> str:
    if kind == XHTML:
        return plain_title_of_xhtml(title)
    return plain_title_of_text(title) if kind == TEXT and _means_its_types(feed) else plain_title(title)


def _means_its_types(feed: FoundFeed) -> bool:
    """Whether the type of a text is reliable, as in Atom (RFC 4287, 3.1.1.1), JSON Feed and lists. RSS has no types."""
    return feed.version.startswith(("atom", "json", "recipe"))


def _list_pages(links: list[Link]) -> Iterator[str]:
    """The pages that a feed or an entry is about: its alternates, those in HTML before others."""
    found = [link for link in links if link.rel == "alternate" and link.url]
    if len(found) < 2:
        yield from (link.url for link in found)
        return
    is_page = [_name_type(link.type) in _PAGES for link in found]
    yield from (link.url for link, first in zip(found, is_page, strict=True) if first)
    yield from (link.url for link, first in zip(found, is_page, strict=True) if not first)


def _list_pages_of(found: FoundEntry) -> Iterator[str]:
    if found.original:
        yield found.original
    yield from _list_pages(found.links)
    for rel in _PAGE_RELATIONS:
        yield from (link.url for link in found.links if link.rel == rel)
    # An id that is an address replaces a missing link, even if RSS denies that it is a permalink.
    if found.id and found.id.lower().startswith((*_WEB, "/", "www.")):
        yield found.id
    yield from (link.url for link in found.links if link.rel == OUT_OF_LINE and _name_type(link.type) in _PAGES)


def _list_others(found: FoundEntry) -> Iterator[str]:
    """Links that are better than no address. RSS's source is not among them: it names the feed of origin."""
    for rel in _LAST_CHOICES:
        yield from (link.url for link in found.links if link.rel == rel)
    if found.discussion:
        yield found.discussion.partition("#")[0]


def _name_type(kind: str | None) -> str:
    return (kind or "").partition(";")[0].strip().lower()


def _choose(links: Iterable[str], base: str, homes: Collection[str] = ()) -> tuple[int, str | None]:
    """The first link without a fault, else the one with the smallest; and how bad the fault is."""
    best: tuple[int, str | None] = (_UNLINKABLE + 1, None)
    for link in links:
        plain = _AMPERSAND.sub("&", link) if "&" in link else link
        address = resolve(base, complete_url(plain.strip(), homes))
        if (fault := _find_fault(link, address)) == 0:
            return fault, address
        if fault < best[0]:
            best = fault, address
    return best


def _find_fault(link: str, address: str) -> int:
    if (plain := _PLAIN.match(address)) and len(address) <= LONGEST_ADDRESS and is_public_host(plain[1]):
        return 2 if is_no_address(link) else 0
    if clean_url(address) is None:
        return _UNLINKABLE
    if is_no_address(link):
        return 2
    return 0 if _is_public(address) else 1


def _is_public(address: str) -> bool:
    return is_public_host(host_of(address))


def _choose_texts(found: FoundEntry) -> tuple[Text | None, Text | None]:
    """Summary and content. The content is the longest text, wherever a feed puts it: shorter descriptions of Media RSS
    and iTunes must not hide the text of a post.
    """
    summary = found.summary if found.summary and _is_prose(found.summary) else None
    contents = list(filter(_is_prose, found.contents))
    if not contents:
        return summary, None
    content = max(contents, key=lambda text: len(text.value)) if len(contents) > 1 else contents[0]
    if summary is None or summary.value == content.value:
        return None, content
    if len(summary.value) > len(content.value):
        return content, summary
    return summary, content


def _is_prose(text: Text) -> bool:
    """Whether a text can be read: pictures, PDFs and the like are in feeds as Base64 (RFC 4287, 4.1.3.3)."""
    kind = text.type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or "html" in kind or kind in {"", "text", "application/xml"}


def _build_text(text: Text, feed: FoundFeed, page: str, url: str) -> str:
    """The text as HTML, its links absolute: against xml:base, else the page of the entry, else the document."""
    value = text.value
    if text.type == TEXT and feed.version.startswith("json"):
        return html.escape(value, quote=False)
    if text.type != XHTML:
        value = open_twice_escaped(value)
    if text.type == TEXT and _means_its_types(feed) and not looks_like_markup(value):
        return html.escape(open_cdata(value), quote=False)
    return resolve_links(value, text.base or page, url) if feed.has_relative_links else value


def _join_authors(authors: list[str]) -> str | None:
    return ", ".join(dict.fromkeys(filter(None, map(_name_author, authors)))) or None


def _name_author(author: str) -> str:
    """The name; the e-mail address only if there is nothing else."""
    if "@" not in author:
        return author
    name = _EMAIL.sub("", author).replace("mailto:", "").replace("<>", "").replace("()", "").strip()
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    return name or author


def _list_media(found: FoundEntry, url: str) -> tuple[Media, ...]:
    """Each once, with the type that the feed gives it anywhere: enclosures, then contents, then thumbnails."""
    media = [(link.url, link.type) for link in found.links if link.rel == "enclosure"]
    media += found.media
    media += found.thumbnails
    if not media:
        return ()
    types: dict[str, str | None] = {}
    for link, kind in media:
        address = resolve(url, link.strip())
        if address.startswith(_WEB):
            types[address] = types.get(address) or kind or None
    return tuple([Media(address, kind) for address, kind in types.items()])


def _count_comments(found: FoundEntry) -> int | None:
    for text in (found.comments, found.total, *[link.comments for link in found.links if link.rel == "replies"]):
        if text and (count := _read_number(text)) is not None:
            return count
    return None


def _read_number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\s*[0-9]{1,6}\s*", text) else None


def _read_ttl(found: FoundFeed) -> timedelta | None:
    """RSS 2.0: ttl in minutes; RSS 1.0: updatePeriod (default daily) divided by updateFrequency."""
    minutes = _read_number(found.ttl)
    if minutes is not None:
        return timedelta(minutes=minutes)
    if found.period is None and found.frequency is None:
        return None
    hours = _PERIODS.get((found.period or "daily").strip().lower())
    return timedelta(hours=hours) / (_read_number(found.frequency) or 1) if hours else None


def _read_quiet(found: FoundFeed) -> QuietTimes:
    """Hours count from 0 to 23 in RSS 2.0, and from 1 to 24 in RSS 0.91, where 24 is midnight."""
    hours = {hour % 24 for text in found.hours if (hour := _read_number(text)) is not None and hour <= 24}
    days = {_DAYS.index(day) for text in found.days if (day := text.strip().lower()) in _DAYS}
    return QuietTimes(_sort(hours), _sort(days)) if hours or days else QuietTimes()


def _sort(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))
