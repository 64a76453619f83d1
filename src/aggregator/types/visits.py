"""Visits: what is remembered of a feed between two of them, and all that one of them changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.types.entries import Entry
from aggregator.types.feeds import Feed, Move, QuietTimes, Trial
from aggregator.types.posts import PostDraft

#: No visit is planned further ahead: a server may ask for a week, and quiet times last less than another.
LONGEST_PUT_OFF = timedelta(days=14)


class Outcome(StrEnum):
    """What came of one visit."""

    RETRIEVED = "retrieved"
    NOT_MODIFIED = "not modified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Visit:
    """One attempt to visit a feed and what came of it."""

    feed_key: str
    started_at: datetime
    seconds: float
    outcome: Outcome
    #: HTTP status; None when no answer came.
    status: int | None = None
    reason: str | None = None
    bytes: int = 0
    entries_seen: int = 0
    entries_new: int = 0


@dataclass(frozen=True, slots=True)
class FeedState:
    """What storage remembers of a feed between visits.

    ``feed`` is as it is followed: what feeds.toml says of it, with what moves and the curator changed since.
    """

    feed: Feed
    #: As feeds.toml says; None where nobody compares.
    listed: Feed | None = None
    #: Set while the curator does not want it visited.
    paused_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    last_visit_at: datetime | None = None
    last_success_at: datetime | None = None
    next_visit_at: datetime | None = None
    #: When its server last gave the whole document, asked with validators or without.
    full_at: datetime | None = None
    #: How often to look at the feed, as its last document and its server suggest; None before the first.
    pace: timedelta | None = None
    #: Date of its newest post that is not in the future, and the usual time between two of its newest ones.
    newest_at: datetime | None = None
    habit: timedelta | None = None
    quiet: QuietTimes = QuietTimes()
    #: Of a redirect of the feed, and of a new host of all its items (as ``url``).
    trial: Trial | None = None
    host_trial: Trial | None = None
    #: Failures of the feed in a row; 0 after a success.
    failures: int = 0
    #: The first visit without success since the last success, also where the failure was one of this program.
    failing_since: datetime | None = None
    last_outcome: Outcome | None = None
    #: HTTP status of the last visit; None when no answer came.
    last_status: int | None = None
    #: Why the last visit failed, or what was wrong with the document although it was read; else None.
    last_reason: str | None = None
    #: The first characters of a document that could not be read.
    last_excerpt: str | None = None
    entries: int = 0

    def is_due(self, now: datetime) -> bool:
        """Whether its next visit has come, also where it was planned under a clock that was wrong."""
        if self.next_visit_at is None or (self.last_visit_at is not None and self.last_visit_at > now):
            return True
        return not now < self.next_visit_at <= now + LONGEST_PUT_OFF


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole in what was seen of a feed: a visit that shares no entry with the one before."""

    feed_key: str
    noticed_at: datetime
    #: The last visit that saw the older entries.
    since_at: datetime
    #: Dates of the newest entry before the hole and of the oldest after it, where they have dates.
    newest_before_at: datetime | None = None
    oldest_after_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of popularity elsewhere, of the post with this canonical address, known to us or not."""

    canonical_url: str
    #: Where it was observed: the key of a signal feed, or of the feed that links.
    source: str
    #: points, comments or links.
    name: str
    value: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """All that one visit changes: decided as a whole, stored in one transaction."""

    visit: Visit
    state: FeedState
    entries: tuple[Entry, ...] = ()
    posts: tuple[PostDraft, ...] = ()
    signals: tuple[Signal, ...] = ()
    #: Keys of entries that the document of this visit no longer carries, and of those that it carries again.
    left: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    gap: Gap | None = None
    move: Move | None = None
