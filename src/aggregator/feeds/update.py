"""Decides what a visit changed and when to come back. Pure: plain values in, a FeedUpdate out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import LONGEST_ADDRESS
from aggregator.exceptions import FeedError, ParseError
from aggregator.feeds.belief import judge_addresses
from aggregator.feeds.drafts import (
    draft_entries,
    draft_issues,
    find_repeated_links,
    has_post,
    list_signals,
    make_calendar,
    zones_of,
)
from aggregator.feeds.filter import make_filter
from aggregator.feeds.health import is_refusal
from aggregator.feeds.identity import Match, Matching, match_entries
from aggregator.feeds.moves import MoveDecision, decide_move
from aggregator.feeds.paging import begin_reading, find_first_gap
from aggregator.feeds.parse import parse_document
from aggregator.feeds.schedule import (
    Bounds,
    measure_habit,
    measure_pace,
    plan_after_failure,
    plan_after_success,
    put_off,
    read_freshness,
)
from aggregator.feeds.window import WindowChange, compare_windows
from aggregator.types import (
    FeedState,
    FeedUpdate,
    Gap,
    Hop,
    Kind,
    KnownEntry,
    Month,
    NotModified,
    Outcome,
    ParsedFeed,
    QuietTimes,
    Retrieved,
    Visit,
)

if TYPE_CHECKING:
    from aggregator.feeds.recipes.read import ReadPages


@dataclass(frozen=True, slots=True)
class VisitRules:
    """Rules for all visits."""

    bounds: Bounds
    #: The curator's zone, which decides the month of a post.
    zone: ZoneInfo
    max_entries: int
    #: How long a permanent redirect is watched.
    move_trial: timedelta
    #: How many older pages are read for one gap.
    archive_pages: int = 20


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a visit needs to know besides its feed."""

    #: Addresses among its redirects that another feed has, and that the curator does not want for this one.
    taken: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    has_credentials: bool = False
    #: Whether the document was requested without known validators.
    is_whole: bool = False
    #: The months whose digests are published.
    published: frozenset[Month] = frozenset()
    #: The months under review: new posts of older ones may stay unread. None if every post is read.
    opened: frozenset[Month] | None = None
    #: A random number from 0 to 1.
    jitter: float = 0.0


def decide_document(
    state: FeedState,
    answer: Retrieved,
    known: Sequence[KnownEntry],
    *,
    visit: Visit,
    rules: VisitRules,
    around: Surroundings,
    pages: ReadPages | None = None,
) -> FeedUpdate:
    """Parse a document and decide what it changes; a ParseError becomes a failure. Runs in a worker process. *pages*
    are those of a sitemap.
    """
    try:
        parsed = _parse(state, answer, known, visit.started_at, rules, pages)
    except ParseError as error:
        failed = ParseError(error.url, error.reason, status=answer.status, excerpt=error.excerpt, hops=answer.hops)
        return decide_failure(state, failed, visit=visit, rules=rules, around=around)
    update = decide_update(state, answer, parsed, known, visit=visit, rules=rules, around=around)
    return _remember(update, pages) if pages else update


def _parse(
    state: FeedState,
    answer: Retrieved,
    known: Sequence[KnownEntry],
    now: datetime,
    rules: VisitRules,
    pages: ReadPages | None,
) -> ParsedFeed:
    feed = state.feed
    if feed.recipe is None:
        return parse_document(
            answer.body, answer.url, answer.content_type, max_entries=rules.max_entries, is_cut=answer.is_cut
        )
    # Late: most processes visit feeds alone, and what reads pages takes long to import.
    from aggregator.feeds.recipes.read import find_before, parse_listing

    before = find_before(state, known, now, rules.zone)
    return parse_listing(feed.recipe, answer, now=now, zones=zones_of(feed, rules.zone), before=before, pages=pages)


def _remember(update: FeedUpdate, pages: ReadPages) -> FeedUpdate:
    """With the pages of a sitemap. While more are to be read, it is requested without validators."""
    state = replace(update.state, etag=None, last_modified=None) if pages.has_more else update.state
    return replace(update, state=state, pages=pages.fresh)


def decide_update(
    state: FeedState,
    answer: Retrieved,
    parsed: ParsedFeed,
    known: Sequence[KnownEntry],
    *,
    visit: Visit,
    rules: VisitRules,
    around: Surroundings,
) -> FeedUpdate:
    """Decide what a document changes. *known* are the stored entries of the feed, *visit* says when."""
    feed, now = state.feed, visit.started_at
    is_signal, gives_posts = feed.kind is Kind.SIGNAL, feed.kind.gives_posts
    zones = zones_of(feed, rules.zone)
    matching = match_entries(
        parsed.entries, known, answer.url, zones, site=parsed.site, owner=feed.key, apart=not is_signal
    )
    belief = judge_addresses(state, matching.matches, known, answer.url, now=now, trial_days=rules.move_trial)
    matches = belief.carried
    wants = make_filter(feed.only)
    # A changed filter also takes up what the last one left out.
    fresh = [
        match
        for match in belief.believed
        if match.is_fresh or (gives_posts and not has_post(match) and wants(match.item))
    ]
    # If links change at every request, every item looks new, as at a first visit.
    is_first_visit = not known or matching.is_turned_over
    calendar = make_calendar(
        feed, matches, rules.zone, around.published, is_first_visit=is_first_visit, opened=around.opened
    )
    repeated_links = find_repeated_links(parsed.entries) if fresh else frozenset()
    entries, posts = draft_entries(
        feed, answer.url, fresh, calendar, now, repeated_links=repeated_links, gives_posts=gives_posts
    )
    dates = [match.published_at for match in matches if match.published_at]
    window = compare_windows(matches, known, is_cut=answer.is_cut or parsed.is_cut)
    moving = _decide_move(state, answer.hops, now, rules, around, shares_entries=window.shares_entries)
    remarks = (
        parsed.warning,
        _say_stuck(state, answer, fresh, around),
        _say_unlinkable(matching),
        *belief.remarks,
        moving.objection,
    )
    warning = "; ".join(filter(None, remarks)) or None
    pace = max(measure_pace(dates, now, rules.bounds), min(parsed.ttl or timedelta(), rules.bounds.longest))
    habit = measure_habit(dates, now)
    after = replace(
        _after_success(state, answer, now, pace=pace, quiet=parsed.quiet, rules=rules, around=around),
        # While a document is not believed, it is requested without validators.
        etag=None if belief.trial else answer.etag,
        last_modified=None if belief.trial else answer.last_modified,
        full_at=now,
        newest_at=max((date for date in dates if date <= now), default=state.newest_at),
        habit=state.habit if habit is None else habit,
        last_reason=warning,
        trial=moving.trial,
        host_trial=belief.trial,
    )
    return FeedUpdate(
        visit=replace(
            visit,
            outcome=Outcome.RETRIEVED,
            status=answer.status,
            reason=warning,
            bytes=len(answer.body),
            entries_seen=len(parsed.entries),
            entries_new=sum(match.known is None for match in matches),
            left_out=sum(match.known is None and not wants(match.item) for match in fresh) if gives_posts else 0,
        ),
        state=after,
        entries=entries,
        posts=posts,
        signals=tuple(list_signals(feed, belief.believed, entries, now)),
        issues=draft_issues(feed, entries, answer.url, repeated_links, is_first_visit=is_first_visit),
        left=window.left,
        returned=window.returned,
        # A signal feed changes completely within hours, and of a round-up only votes are missing: that is not a gap.
        gap=_find_gap(state, answer, parsed, window, dates, rules=rules, around=around, now=now)
        if gives_posts
        else None,
        move=moving.move,
    )


def _find_gap(
    state: FeedState,
    answer: Retrieved,
    parsed: ParsedFeed,
    window: WindowChange,
    dates: Sequence[datetime],
    *,
    rules: VisitRules,
    around: Surroundings,
    now: datetime,
) -> Gap | None:
    """What this visit missed, or a new feed does not carry now, with the first older page if it has one."""
    # A page without a feed has no older ones that its recipe is known to read.
    reads_back = rules.archive_pages > 0 and state.feed.recipe is None
    if gap := window.find_gap(state.feed.key, since_at=state.last_success_at, now=now):
        return begin_reading(gap, parsed, answer.body, answer.url) if reads_back else gap
    if not reads_back or state.last_success_at is not None or state.entries:
        return None
    gap = find_first_gap(state.feed.key, dates, around.published, now=now, zone=rules.zone)
    if gap is None:
        return None
    # A new feed without older pages has missed nothing: it was not followed.
    begun = begin_reading(gap, parsed, answer.body, answer.url)
    return begun if begun.next_url else None


def _say_stuck(state: FeedState, answer: Retrieved, fresh: Sequence[Match], around: Surroundings) -> str | None:
    """A remark if there are new entries although the server's validators have not changed."""
    before = (state.etag, state.last_modified)
    if not around.is_whole or not fresh or not any(before) or before != (answer.etag, answer.last_modified):
        return None
    new = sum(match.known is None for match in fresh)
    count, kind = (new, "new") if new else (len(fresh), "changed")
    return (
        f"found by asking for the whole document: {count} {kind} {'entry' if count == 1 else 'entries'}, while the "
        "server calls it unchanged"
    )


def _say_unlinkable(matching: Matching) -> str | None:
    counts = (
        (matching.unlinkable - matching.overlong, "no address"),
        (matching.overlong, f"an address of more than {LONGEST_ADDRESS:,} characters"),
    )
    told = (f"{n} of its items {'has' if n == 1 else 'have'} {what} and {'is' if n == 1 else 'are'} left out"
            for n, what in counts if n)  # fmt: skip
    return "; ".join(told) or None


def decide_not_modified(
    state: FeedState, answer: NotModified, *, visit: Visit, rules: VisitRules, around: Surroundings
) -> FeedUpdate:
    """A 304 changes only the time of the next visit, and the validators if it brings new ones."""
    now = visit.started_at
    pace = state.pace or rules.bounds.longest
    moving = _decide_move(state, answer.hops, now, rules, around, shares_entries=None)
    after = replace(
        _after_success(state, answer, now, pace=pace, quiet=state.quiet, rules=rules, around=around),
        etag=answer.etag or state.etag,
        last_modified=answer.last_modified or state.last_modified,
        last_outcome=Outcome.NOT_MODIFIED,
        trial=moving.trial,
    )
    return FeedUpdate(visit=replace(visit, outcome=Outcome.NOT_MODIFIED, status=304), state=after, move=moving.move)


def decide_failure(
    state: FeedState, error: FeedError, *, visit: Visit, rules: VisitRules, around: Surroundings
) -> FeedUpdate:
    """A failure is stored with its reason and delays the next visit, unless the feed has moved."""
    now, failures = visit.started_at, state.failures + 1
    moving = _decide_move(state, error.hops, now, rules, around, shares_entries=False, error=error)
    after = replace(
        state,
        last_visit_at=now,
        next_visit_at=now
        if moving.move
        else plan_after_failure(
            now,
            failures,
            retry_after=error.retry_after,
            bounds=rules.bounds,
            quiet=state.quiet,
            jitter=around.jitter,
            status=error.status,
            pace=state.pace,
            is_refused=is_refusal(error.status, error.wall),
        ),
        failures=failures,
        failing_since=_find_first_failure(state, now),
        last_outcome=Outcome.FAILED,
        last_status=error.status,
        last_reason=error.reason,
        last_excerpt=error.excerpt,
        last_wall=error.wall,
        trial=moving.trial,
    )
    return FeedUpdate(
        visit=replace(visit, outcome=Outcome.FAILED, status=error.status, reason=error.reason),
        state=after,
        move=moving.move,
    )


def decide_own_failure(state: FeedState, reason: str, *, visit: Visit, rules: VisitRules) -> FeedUpdate:
    """A failure of the daemon is reported as such and changes nothing that is known of the feed. The next visit comes
    after the shortest time between two visits, however often that happens.
    """
    now = visit.started_at
    told = f"a failure of this program, not of the feed: {reason}"
    after = replace(
        state,
        last_visit_at=now,
        next_visit_at=put_off(now + rules.bounds.shortest, state.quiet),
        failing_since=_find_first_failure(state, now),
        last_outcome=Outcome.FAILED,
        last_reason=told,
    )
    return FeedUpdate(visit=replace(visit, outcome=Outcome.FAILED, reason=told), state=after)


def _find_first_failure(state: FeedState, now: datetime) -> datetime:
    # Not in the future: the clock may have been wrong.
    return min(state.failing_since or now, now)


def _after_success(
    state: FeedState,
    answer: Retrieved | NotModified,
    now: datetime,
    *,
    pace: timedelta,
    quiet: QuietTimes,
    rules: VisitRules,
    around: Surroundings,
) -> FeedState:
    fresh_for = read_freshness(answer.cache_control, answer.expires, now)
    return replace(
        state,
        last_visit_at=now,
        last_success_at=now,
        next_visit_at=plan_after_success(
            now, pace, fresh_for=fresh_for, bounds=rules.bounds, quiet=quiet, jitter=around.jitter
        ),
        pace=pace,
        quiet=quiet,
        failures=0,
        failing_since=None,
        last_outcome=Outcome.RETRIEVED,
        last_reason=None if state.failing_since or state.failures else state.last_reason,
        last_status=answer.status if isinstance(answer, Retrieved) else 304,
        last_excerpt=None,
        last_wall=None,
    )


def _decide_move(
    state: FeedState,
    hops: Sequence[Hop],
    now: datetime,
    rules: VisitRules,
    around: Surroundings,
    *,
    shares_entries: bool | None,
    error: FeedError | None = None,
) -> MoveDecision:
    return decide_move(
        state,
        hops,
        now=now,
        shares_entries=shares_entries,
        error=error,
        trial_days=rules.move_trial,
        taken=around.taken,
        refused=around.refused,
        has_credentials=around.has_credentials,
    )
