"""Visits: the state of a feed between two of them, and all that one of them changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.types.entries import Entry
from aggregator.types.feeds import Feed, Move, QuietTimes, Trial
from aggregator.types.pages import ListedPage
from aggregator.types.posts import PostDraft
from aggregator.types.roundups import Issue

#: No visit is planned further ahead: a server may ask for a week, and quiet times last at most another.
LONGEST_PUT_OFF = timedelta(days=14)


class Outcome(StrEnum):
    """The outcome of one visit."""

    RETRIEVED = "retrieved"
    NOT_MODIFIED = "not modified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Visit:
    """One attempt to visit a feed, with its outcome."""

    feed_key: str
    started_at: datetime
    seconds: float
    outcome: Outcome
    #: HTTP status; None if there was no response.
    status: int | None = None
    reason: str | None = None
    bytes: int = 0
    entries_seen: int = 0
    entries_new: int = 0
    #: New entries that made no posts, because ``Feed.only`` left them out.
    left_out: int = 0
    #: Of its row, and of its event in the log; 0 until it is stored.
    id: int = 0


@dataclass(frozen=True, slots=True)
class FeedState:
    """The stored state of a feed between visits.

    ``feed`` is as it is followed: as in feeds.toml, with the changes by moves and the curator.
    """

    feed: Feed
    #: As in feeds.toml; None if that is not needed.
    listed: Feed | None = None
    #: Set while the curator has paused it.
    paused_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    last_visit_at: datetime | None = None
    last_success_at: datetime | None = None
    next_visit_at: datetime | None = None
    #: When its server last sent the whole document, with or without validators.
    full_at: datetime | None = None
    #: The time between visits that its last document and its server suggest; None before the first.
    pace: timedelta | None = None
    #: The date of its newest post that is not in the future, and the usual time between its newest ones.
    newest_at: datetime | None = None
    habit: timedelta | None = None
    quiet: QuietTimes = QuietTimes()
    #: The trials of a redirect of the feed, and of a new host of all its items (as ``url``).
    trial: Trial | None = None
    host_trial: Trial | None = None
    #: Consecutive failures of the feed; 0 after a success.
    failures: int = 0
    #: The first visit without success since the last success, even if the failure was the daemon's.
    failing_since: datetime | None = None
    last_outcome: Outcome | None = None
    #: HTTP status of the last visit; None if there was no response.
    last_status: int | None = None
    #: Why the last visit failed, or what was wrong with a document that was read; else None.
    last_reason: str | None = None
    #: The first characters of a document that could not be read.
    last_excerpt: str | None = None
    #: What refused the last visit, such as Cloudflare; see ``FeedError.wall``.
    last_wall: str | None = None
    entries: int = 0

    def is_due(self, now: datetime) -> bool:
        """Whether its next visit is due, or was planned while the clock was wrong."""
        if self.next_visit_at is None or (self.last_visit_at is not None and self.last_visit_at > now):
            return True
        return not now < self.next_visit_at <= now + LONGEST_PUT_OFF


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap in what was seen of a feed: a visit that shares no entry with the one before."""

    feed_key: str
    noticed_at: datetime
    #: The last visit that saw the older entries.
    since_at: datetime
    #: Dates of the newest entry before the gap and of the oldest after it, if they have dates.
    newest_before_at: datetime | None = None
    oldest_after_at: datetime | None = None
    #: Whether the feed was new, and is read back to ``since_at``, the beginning of the open month.
    is_first: bool = False
    #: The older page to read next; None if reading back has ended, or could not begin.
    next_url: str | None = None
    #: Not before this moment; and how often it has failed.
    retry_at: datetime | None = None
    attempts: int = 0
    #: The older pages that were read, and the new entries on them.
    pages: int = 0
    found: int = 0
    closed_at: datetime | None = None
    #: Why it could not be closed, in English.
    trouble: str | None = None
    id: int = 0

    @property
    def is_open(self) -> bool:
        """Whether something may still be missing."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of popularity elsewhere, for the post with this canonical address, known or not."""

    canonical_url: str
    #: Where it was observed: the key of a signal feed, or of the feed that links.
    source: str
    #: points, comments, links, stars, likes or downloads.
    name: str
    value: float
    observed_at: datetime
    #: The page of the talk, if it is known.
    url: str | None = None
    #: How a reason names it, such as Import AI 210; empty if only counts are named.
    label: str = ""


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """All that one visit changes: decided as a whole, stored in one transaction."""

    visit: Visit
    state: FeedState
    entries: tuple[Entry, ...] = ()
    posts: tuple[PostDraft, ...] = ()
    signals: tuple[Signal, ...] = ()
    #: Keys of entries that the document no longer carries, and of those that it carries again.
    left: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    gap: Gap | None = None
    move: Move | None = None
    #: What is to be remembered of the pages of its sitemap.
    pages: tuple[ListedPage, ...] = ()
    #: Of a round-up: what its new entries link to.
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """All that one older page of a feed changes: decided as a whole, stored in one transaction.

    Its entries are outside of the window of the feed.
    """

    #: As it stands after this page.
    gap: Gap
    entries: tuple[Entry, ...] = ()
    posts: tuple[PostDraft, ...] = ()
    signals: tuple[Signal, ...] = ()
