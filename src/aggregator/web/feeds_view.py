"""How the feeds are, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from aggregator.types import FeedState, Kind, Outcome
from aggregator.urls import clean_url, readable_url
from aggregator.web import words

_KINDS = {
    Kind.COMPANY: "company",
    Kind.RESEARCH: "research",
    Kind.INDIVIDUAL: "individual",
    Kind.AWS: "AWS",
    Kind.SIGNAL: "signal, no posts",
}


class Health(StrEnum):
    """How the last visit of a feed ended."""

    FAILING = "failing"
    NEW = "new"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class When:
    """A moment as a person says it, and exactly."""

    said: str
    exact: str


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed with what came of its visits."""

    key: str
    name: str
    site: str | None
    address: str
    kind: str
    health: Health
    #: What came of the last visit.
    outcome: str
    #: Why it failed, in full; empty after a success.
    reason: str
    last_visit: When | None
    last_success: When | None
    next_visit: When | None
    entries: int


@dataclass(frozen=True, slots=True)
class FeedsView:
    """All feeds, the failing ones first."""

    summary: str
    #: All that was visited failed: then it is rather the network than the feeds.
    is_cut_off: bool
    rows: tuple[FeedRow, ...]


def build_feeds(states: Sequence[FeedState], now: datetime, zone: ZoneInfo) -> FeedsView:
    rows = [_build_row(state, now, zone) for state in states]
    failed = sum(row.health is Health.FAILING for row in rows)
    visited = sum(row.health is not Health.NEW for row in rows)
    return FeedsView(
        summary=_summarise(len(rows), visited, failed),
        is_cut_off=bool(visited) and failed == visited,
        rows=tuple(sorted(rows, key=lambda row: list(Health).index(row.health))),
    )


def _summarise(feeds: int, visited: int, failed: int) -> str:
    if not feeds:
        return "No feeds are followed yet."
    if not visited:
        return f"None of the {words.count(feeds, 'feed')} has been visited yet."
    waiting = f" {words.count(feeds - visited, 'feed')} not visited yet." if visited < feeds else ""
    if not failed:
        return f"All of the {words.count(visited, 'feed')} visited answered." + waiting
    return f"{failed:,} of {words.count(visited, 'feed')} failed at their last visit." + waiting


def _build_row(state: FeedState, now: datetime, zone: ZoneInfo) -> FeedRow:
    feed = state.feed
    failing = state.last_outcome is Outcome.FAILED
    return FeedRow(
        key=feed.key,
        name=feed.name,
        site=clean_url(feed.site),
        address=readable_url(feed.url),
        kind=_KINDS[feed.kind],
        health=Health.FAILING if failing else Health.NEW if state.last_outcome is None else Health.WELL,
        outcome=_say_outcome(state),
        reason=(state.last_reason or "no reason was recorded") if failing else "",
        last_visit=_when(state.last_visit_at, now, zone),
        last_success=_when(state.last_success_at, now, zone),
        next_visit=_when_next(state.next_visit_at, now, zone),
        entries=state.entries,
    )


def _say_outcome(state: FeedState) -> str:
    match state.last_outcome:
        case None:
            return "Not visited yet"
        case Outcome.RETRIEVED:
            return "Read"
        case Outcome.NOT_MODIFIED:
            return "Nothing new (not modified)"
        case Outcome.FAILED:
            return "Failed" if state.failures <= 1 else f"Failed {state.failures} times in a row"


def _when(moment: datetime | None, now: datetime, zone: ZoneInfo) -> When | None:
    return When(words.distance(moment, now), words.day_and_time(moment, zone)) if moment else None


def _when_next(moment: datetime | None, now: datetime, zone: ZoneInfo) -> When | None:
    if moment is None or moment > now:
        return _when(moment, now, zone)
    return When("due now", words.day_and_time(moment, zone))
