"""Entries: the items of one feed, as its document gives them and as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.types.dates import DateSource
from aggregator.types.feeds import QuietTimes


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, sound or film that goes with an entry (RSS enclosure, Media RSS, JSON Feed attachment)."""

    url: str
    #: Its media type such as image/png, where the feed says.
    type: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One item of a feed document, before anything but its title was cleaned or decided."""

    #: The identity that the feed gives (guid, atom:id); None where it gives none.
    id: str | None
    url: str | None
    #: Plain text (``titles``), of any length; empty if nothing in it is visible.
    title: str
    #: HTML as the feed has it.
    summary: str = ""
    content: str = ""
    author: str | None = None
    tags: tuple[str, ...] = ()
    #: According to the feed, as it writes it; read by ``dates.parse_date``.
    published_raw: str | None = None
    updated_raw: str | None = None
    media: tuple[Media, ...] = ()
    #: How many comments the feed counts (slash:comments, thr:total, thr:count).
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as data."""

    title: str | None
    site: str | None
    #: The dialect, such as rss20 or atom10.
    version: str
    entries: tuple[ParsedEntry, ...]
    #: What was wrong with the document although it could be read.
    warning: str | None = None
    #: Whether it breaks off, so that more entries may have followed.
    is_cut: bool = False
    #: How long the document asks to be left alone (RSS 2.0, ttl; RSS 1.0, the syndication module).
    ttl: timedelta | None = None
    quiet: QuietTimes = QuietTimes()


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as one feed gives it, cleaned and ready to be stored."""

    feed_key: str
    #: Identity inside the feed, given at first sight and never changed; ``feeds.identity`` says how it is recognised.
    key: str
    #: The id that the feed gives now.
    guid: str | None
    url: str
    canonical_url: str
    title: str
    #: Sanitised HTML.
    content: str
    author: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    published_from: DateSource | None
    published_raw: str | None
    first_seen_at: datetime
    #: Changes when what the feed says of the item changes.
    fingerprint: str
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What is stored of an entry, as far as it helps to recognise it."""

    key: str
    guid: str | None
    canonical_url: str
    title: str
    published_at: datetime | None
    published_raw: str | None
    fingerprint: str
    #: Whether the document of the last visit carried it.
    is_in_window: bool
    #: Where it was linked to.
    url: str = ""
