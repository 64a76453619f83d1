"""Entries: the items of one feed, as its document gives them and as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.types.dates import DateSource
from aggregator.types.feeds import QuietTimes
from aggregator.types.numerous import numerous


@numerous
class Media:
    """A picture, sound or film that goes with an entry (RSS enclosure, Media RSS, JSON Feed attachment)."""

    url: str
    #: Its media type such as image/png, if the feed says so.
    type: str | None = None


@numerous
class ParsedEntry:
    """One item of a feed document; only its title has been cleaned."""

    #: The id that the feed gives (guid, atom:id); None if it gives none.
    id: str | None
    url: str | None
    #: Plain text, of any length; empty if nothing in it is visible.
    title: str
    #: HTML as the feed has it.
    summary: str = ""
    content: str = ""
    author: str | None = None
    tags: tuple[str, ...] = ()
    #: The dates as the feed writes them; read by ``dates.parse_date``.
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
    #: What is wrong with the document although it could be read.
    warning: str | None = None
    #: Whether it breaks off and may have had more entries.
    is_cut: bool = False
    #: How long the document asks not to be visited (RSS 2.0, ttl; RSS 1.0, the syndication module).
    ttl: timedelta | None = None
    quiet: QuietTimes = QuietTimes()
    #: The document with older entries that it names (RFC 5005; JSON Feed, next_url).
    older_url: str | None = None


@numerous
class Entry:
    """One item as one feed gives it, cleaned and ready to be stored."""

    feed_key: str
    #: Identity inside the feed, never changed; ``feeds.identity`` decides it.
    key: str
    #: The id that the feed gives now.
    guid: str | None
    url: str
    canonical_url: str
    title: str
    #: Sanitised HTML; empty while the entry is unread.
    content: str
    author: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    published_from: DateSource | None
    published_raw: str | None
    first_seen_at: datetime
    #: Changes if what the feed says about the item changes.
    fingerprint: str
    media: tuple[Media, ...] = ()
    #: The HTML as the feed gave it, while it is unread: nothing has sanitised it yet. None as soon as it is read.
    raw: str | None = None
    #: What its feed links to from most items, as far as ``raw`` has it; says nothing about the entry.
    repeated: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        return self.raw is None


@numerous
class UnreadEntry:
    """What a stored entry is read from that is unread."""

    id: int
    post_id: int
    title: str
    raw: str
    repeated: tuple[str, ...]
    media: tuple[Media, ...]
    #: The language of its feed.
    language: str
    #: Whether the text of its post is from it.
    gives_text: bool


@numerous
class KnownEntry:
    """The part of a stored entry that helps to recognise it."""

    key: str
    guid: str | None
    canonical_url: str
    title: str
    published_at: datetime | None
    published_raw: str | None
    fingerprint: str
    #: Whether the document of the last visit carried it.
    is_in_window: bool
    #: Its link.
    url: str = ""
    #: Whether it has become a post.
    has_post: bool = True
