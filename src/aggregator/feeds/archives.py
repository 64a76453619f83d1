"""Decides what an older page of a feed changes. Pure: plain values in, an ArchivePage out.

Only entries that are new count: an archive may be older than what is known of the others. They are outside of the
window, so that the next visit compares the document with the one before it, and not with the archive.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.exceptions import FeedError, ParseError
from aggregator.feeds.belief import judge_addresses
from aggregator.feeds.drafts import draft_entries, find_repeated_links, list_signals, make_calendar, zones_of
from aggregator.feeds.identity import Match, match_entries
from aggregator.feeds.paging import end_at_missing, find_older_page, go_on, reaches_back
from aggregator.feeds.parse import parse_document
from aggregator.feeds.schedule import plan_after_failure
from aggregator.feeds.update import VisitRules
from aggregator.types import (
    ArchivePage,
    Entry,
    FeedState,
    Gap,
    KnownEntry,
    Month,
    ParsedFeed,
    PostDraft,
    Retrieved,
    Signal,
)

# Servers say so when a page does not exist (RFC 9110, 15.5.5 and 15.5.11).
_MISSING = {404, 410}
#: So many failures in a row end reading back.
_MOST_ATTEMPTS = 5


def decide_archive(
    state: FeedState,
    gap: Gap,
    answer: Retrieved,
    known: Sequence[KnownEntry],
    seen_before: Collection[str],
    *,
    published: frozenset[Month],
    opened: frozenset[Month] | None = None,
    rules: VisitRules,
    now: datetime,
) -> ArchivePage:
    """Parse an older page and decide what it changes. *known* are the stored entries of the feed, *seen_before* the
    keys of those that were seen before the gap and are not in the window now; *published* are the months whose digests
    are published, *opened* those under review: new posts of older ones may stay unread (None: all are read).
    """
    try:
        parsed = parse_document(
            answer.body, answer.url, answer.content_type, max_entries=rules.max_entries, is_cut=answer.is_cut
        )
    except ParseError as error:
        return ArchivePage(end_at_missing(gap, error.reason, now))
    found = draft_older(state, parsed, answer.url, known, published=published, opened=opened, rules=rules, now=now)
    after = go_on(
        gap,
        find_older_page(parsed, answer.body, answer.url),
        answer.url,
        found=len(found.entries),
        is_reached=reaches_back(gap, found.matches, seen_before),
        most=rules.archive_pages,
        now=now,
    )
    return ArchivePage(after, found.entries, found.posts, found.signals)


@dataclass(frozen=True, slots=True)
class Older:
    """What an older document gives."""

    matches: Sequence[Match]
    entries: tuple[Entry, ...]
    posts: tuple[PostDraft, ...]
    signals: tuple[Signal, ...]


def draft_older(
    state: FeedState,
    parsed: ParsedFeed,
    url: str,
    known: Sequence[KnownEntry],
    *,
    since: datetime | None = None,
    published: frozenset[Month],
    opened: frozenset[Month] | None = None,
    rules: VisitRules,
    now: datetime,
) -> Older:
    """Draft what is new in an older document at *url*; with *since* only what has a date from then on."""
    feed = state.feed
    zones = zones_of(feed, rules.zone)
    # Not in the window: an archive that shares nothing with it is not a feed that changed all its links.
    outside = [replace(entry, is_in_window=False) for entry in known]
    matches = match_entries(parsed.entries, outside, url, zones, site=parsed.site, owner=feed.key).matches
    belief = judge_addresses(state, matches, known, url, now=now, trial_days=rules.move_trial)
    new = [match for match in belief.believed if match.known is None]
    if since is not None:
        new = [match for match in new if match.published_at and match.published_at >= since]
    # A post without a date may be of any age, as at a first visit.
    calendar = make_calendar(feed, matches, rules.zone, published, is_first_visit=True, opened=opened)
    entries, posts = draft_entries(feed, url, new, calendar, now, repeated_links=find_repeated_links(parsed.entries))
    return Older(
        matches,
        entries,
        posts,
        tuple(list_signals(feed, new, entries, now)),
    )


def decide_failed_archive(
    state: FeedState, gap: Gap, error: FeedError, *, rules: VisitRules, now: datetime, jitter: float
) -> ArchivePage:
    """A page that does not exist ends reading back; after another failure it is tried again a few times."""
    if error.status in _MISSING:
        return ArchivePage(end_at_missing(gap, error.reason, now))
    attempts = gap.attempts + 1
    if attempts >= _MOST_ATTEMPTS:
        return ArchivePage(replace(gap, next_url=None, retry_at=None, attempts=attempts, trouble=error.reason))
    retry_at = plan_after_failure(
        now, attempts, retry_after=error.retry_after, bounds=rules.bounds, quiet=state.quiet, jitter=jitter
    )
    return ArchivePage(replace(gap, attempts=attempts, retry_at=retry_at))
