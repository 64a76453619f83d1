"""Decides what a visit changed and when to come back. Pure: plain values in, a FeedUpdate out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2b
from zoneinfo import ZoneInfo

from aggregator.collect.schedule import (
    Bounds,
    measure_pace,
    plan_after_failure,
    plan_after_success,
    read_freshness,
)
from aggregator.dates import parse_date
from aggregator.exceptions import FeedError
from aggregator.text import language_of, list_links, plain_text, plain_title, sanitise_html, shorten
from aggregator.types import (
    DateSource,
    Entry,
    Feed,
    FeedState,
    FeedUpdate,
    Kind,
    Month,
    NotModified,
    Outcome,
    ParsedEntry,
    ParsedFeed,
    PostDraft,
    Retrieved,
    Signal,
    Visit,
)
from aggregator.urls import canonicalise_url, clean_url, host_of, readable_url

#: What classify and rank read of a post, in characters.
TEXT_LIMIT = 4000

_KOREA = ZoneInfo("Asia/Seoul")
# As hnrss writes them.
_COUNTS = {"points": re.compile(r"\bPoints: (\d+)"), "comments": re.compile(r"# Comments: (\d+)")}


def decide_update(
    state: FeedState,
    answer: Retrieved,
    parsed: ParsedFeed,
    known: Mapping[str, str],
    *,
    visit: Visit,
    zone: ZoneInfo,
    bounds: Bounds,
    jitter: float,
) -> FeedUpdate:
    """What a document changes. *known* has the fingerprint of every stored entry of the feed by its key, *visit* when
    and how long; *zone* is the curator's, on whose calendar a post gets its month. *jitter* is a random number from 0
    to 1.
    """
    feed = state.feed
    now = visit.started_at
    fresh = [
        (key, item, mark)
        for key, item in _with_keys(parsed, answer.url)
        if known.get(key) != (mark := _fingerprint(item))
    ]
    dates = [date for item in parsed.entries if (date := _read_date(item, _zone_of(feed))[0])]
    pace = max(measure_pace(dates, now, bounds), min(parsed.ttl or timedelta(), bounds.longest))
    entries = tuple(_make_entry(state, answer.url, key, item, mark, now) for key, item, mark in fresh)
    signals: tuple[Signal, ...] = ()
    posts: tuple[PostDraft, ...] = ()
    if feed.kind is Kind.SIGNAL:
        signals = tuple(signal for entry in entries for signal in _read_signals(entry, now))
    else:
        posts = tuple(_draft_post(state, entry, zone) for entry in entries)
    return FeedUpdate(
        visit=replace(
            visit,
            outcome=Outcome.RETRIEVED,
            status=answer.status,
            reason=parsed.warning,
            bytes=len(answer.body),
            entries_seen=len(parsed.entries),
            entries_new=sum(entry.key not in known for entry in entries),
        ),
        state=replace(
            _after_success(state, answer, now, pace=pace, bounds=bounds, jitter=jitter),
            etag=answer.etag,
            last_modified=answer.last_modified,
        ),
        entries=entries,
        posts=posts,
        signals=signals,
    )


@dataclass(frozen=True, slots=True)
class PreviewedEntry:
    """What one item would become; entry and post are None when it has no address that can be linked to."""

    item: ParsedEntry
    entry: Entry | None
    post: PostDraft | None


def preview_entries(parsed: ParsedFeed, url: str, *, now: datetime, zone: ZoneInfo) -> list[PreviewedEntry]:
    """What the items of a document would become if a feed of that address were visited *now* for the first time."""
    state = FeedState(Feed("preview", parsed.title or url, url, Kind.COMPANY, "en", site=parsed.site))
    previewed = []
    for item in parsed.entries:
        if clean_url(item.url, url) is None:
            previewed.append(PreviewedEntry(item, None, None))
            continue
        entry = _make_entry(state, url, item.id or item.url or "", item, _fingerprint(item), now)
        previewed.append(PreviewedEntry(item, entry, _draft_post(state, entry, zone)))
    return previewed


def decide_not_modified(
    state: FeedState, answer: NotModified, *, visit: Visit, bounds: Bounds, jitter: float
) -> FeedUpdate:
    """A 304 changes nothing but the time of the next visit; validators that it brings replace the old ones."""
    pace = state.pace or bounds.longest
    after = replace(
        _after_success(state, answer, visit.started_at, pace=pace, bounds=bounds, jitter=jitter),
        etag=answer.etag or state.etag,
        last_modified=answer.last_modified or state.last_modified,
        last_outcome=Outcome.NOT_MODIFIED,
    )
    return FeedUpdate(visit=replace(visit, outcome=Outcome.NOT_MODIFIED, status=304), state=after)


def decide_failure(state: FeedState, error: FeedError, *, visit: Visit, bounds: Bounds, jitter: float) -> FeedUpdate:
    """A failure is kept with its reason, and puts the next visit off."""
    failures = state.failures + 1
    after = replace(
        state,
        last_visit_at=visit.started_at,
        next_visit_at=plan_after_failure(
            visit.started_at, failures, retry_after=error.retry_after, bounds=bounds, jitter=jitter
        ),
        failures=failures,
        last_outcome=Outcome.FAILED,
        last_reason=error.reason,
    )
    return FeedUpdate(
        visit=replace(visit, outcome=Outcome.FAILED, status=error.status, reason=error.reason), state=after
    )


def _after_success(
    state: FeedState,
    answer: Retrieved | NotModified,
    now: datetime,
    *,
    pace: timedelta,
    bounds: Bounds,
    jitter: float,
) -> FeedState:
    fresh_for = read_freshness(answer.cache_control, answer.expires, now)
    return replace(
        state,
        last_visit_at=now,
        last_success_at=now,
        next_visit_at=plan_after_success(now, pace, fresh_for=fresh_for, bounds=bounds, jitter=jitter),
        pace=pace,
        failures=0,
        last_outcome=Outcome.RETRIEVED,
        last_reason=None,
    )


def _with_keys(parsed: ParsedFeed, base: str) -> Iterator[tuple[str, ParsedEntry]]:
    """The items that can be linked to, each with an identity of its own also where a feed gives one id to many."""
    taken: dict[str, str] = {}
    given: set[str] = set()
    for item in parsed.entries:
        address = clean_url(item.url, base)
        if address is None:
            continue
        canonical = canonicalise_url(address)
        key = item.id or canonical
        if taken.setdefault(key, canonical) != canonical:
            key = f"{key} {canonical}"
        if key not in given:
            given.add(key)
            yield key, item


def _fingerprint(item: ParsedEntry) -> str:
    fields = (item.url, item.title, item.summary, item.content, item.author, item.tags, item.published_raw)
    return blake2b(repr(fields).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _make_entry(state: FeedState, base: str, key: str, item: ParsedEntry, fingerprint: str, now: datetime) -> Entry:
    address = clean_url(item.url, base)
    if address is None:
        raise AssertionError(f"{item.url!r} was let through without an address")
    content = sanitise_html(item.content or item.summary)
    published_at, published_from, raw = _read_date(item, _zone_of(state.feed))
    return Entry(
        feed_key=state.feed.key,
        key=key,
        url=address,
        canonical_url=canonicalise_url(address),
        title=plain_title(item.title) or shorten(plain_text(content), 80) or readable_url(address),
        content=content,
        author=plain_text(item.author) if item.author else None,
        tags=tuple(plain_text(tag) for tag in item.tags),
        published_at=published_at,
        published_from=published_from,
        published_raw=raw,
        first_seen_at=now,
        fingerprint=fingerprint,
    )


def _zone_of(feed: Feed) -> tzinfo:
    """The zone of dates that name none."""
    return _KOREA if feed.language == "ko" else UTC


def _read_date(item: ParsedEntry, zone: tzinfo) -> tuple[datetime | None, DateSource | None, str | None]:
    for raw, source in ((item.published_raw, DateSource.PUBLISHED), (item.updated_raw, DateSource.UPDATED)):
        if moment := parse_date(raw, zone):
            return moment, source, raw
    return None, None, item.published_raw or item.updated_raw


def _draft_post(state: FeedState, entry: Entry, zone: ZoneInfo) -> PostDraft:
    feed = state.feed
    text = plain_text(entry.content)
    published_at = entry.published_at or entry.first_seen_at
    return PostDraft(
        canonical_url=entry.canonical_url,
        url=entry.url,
        title=entry.title,
        text=shorten(text, TEXT_LIMIT),
        words=len(text.split()),
        links=list_links(entry.content),
        tags=entry.tags,
        language=language_of(f"{entry.title} {text[:500]}", feed.language),
        published_at=published_at,
        published_from=entry.published_from or DateSource.FIRST_SEEN,
        month=Month.of(published_at, zone),
        first_seen_at=entry.first_seen_at,
        feed_key=feed.key,
        organisation=feed.organisation,
        at_home=host_of(entry.url) == host_of(feed.site or feed.url),
    )


def _read_signals(entry: Entry, now: datetime) -> Iterator[Signal]:
    """An entry of a signal feed is a link to a post, with points and comments where it names them."""
    text = plain_text(entry.content)
    yield Signal(entry.canonical_url, entry.feed_key, "links", 1.0, now)
    for name, pattern in _COUNTS.items():
        if match := pattern.search(text):
            yield Signal(entry.canonical_url, entry.feed_key, name, float(match[1]), now)
