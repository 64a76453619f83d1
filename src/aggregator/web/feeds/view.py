"""The view of all feeds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.feeds.health import Health
from aggregator.locales import mark, t, tn
from aggregator.types import Gap, Kind, Month, Outcome
from aggregator.web.feeds.chart import Chart, build_chart
from aggregator.web.feeds.filter import FeedsFilter, JudgedFeed, Show, Window, narrow
from aggregator.web.parts import Tab
from aggregator.words.feeds import KINDS, NAMES, REASON, RECENT, When, say_health, say_next_visit, say_when
from aggregator.words.reasons import say_reason

_TABS = {Show.ALL: mark("All"), Show.ATTENTION: mark("Need attention")}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed of the list."""

    key: str
    name: str
    language: str
    kind: str
    address: str
    health: Health
    health_name: str
    said: str
    #: The last error, shortened; empty if there is none.
    reason: str
    last_success: When | None
    next_visit: When
    #: None for feeds without posts.
    chart: Chart | None
    #: ``2, last on 9 Dec``; empty if there are none.
    gaps: str
    #: ``4 of 31``; empty if no digest of its months is published.
    printed: str
    is_paused: bool


@dataclass(frozen=True, slots=True)
class FeedsView:
    """The page of all feeds."""

    filter: FeedsFilter
    summary: tuple[str, ...]
    #: All visited feeds failed; then it is probably the network.
    is_cut_off: bool
    tabs: tuple[Tab, ...]
    rows: tuple[FeedRow, ...]
    window: Window
    has_feeds: bool


@dataclass(frozen=True, slots=True)
class Yields:
    """The posts of the feeds on one page."""

    months: Sequence[Month]
    #: By feed and month; a missing entry is 0.
    posts: Mapping[str, Mapping[Month, int]]
    #: By feed: the number of posts, and of printed ones.
    printed: Mapping[str, tuple[int, int]]


def build_feeds(
    feeds: Sequence[JudgedFeed], window: Window, yields: Yields, chosen: FeedsFilter, now: datetime, zone: ZoneInfo
) -> FeedsView:
    """Build the page. *window* is the part of *feeds* that it shows, *yields* the posts of the feeds in it."""
    states = [feed.state for feed in feeds if feed.health is not Health.PAUSED]
    visited = [state for state in states if state.last_outcome]
    failed = sum(state.last_outcome is Outcome.FAILED for state in visited)
    return FeedsView(
        filter=chosen,
        summary=_summarise(feeds, len(visited), failed),
        is_cut_off=bool(visited) and failed == len(visited),
        tabs=_build_tabs(narrow(feeds, chosen.words), chosen),
        rows=tuple(_build_row(feed, yields, now, zone) for feed in window.feeds),
        window=window,
        has_feeds=bool(feeds),
    )


def _summarise(feeds: Sequence[JudgedFeed], visited: int, failed: int) -> tuple[str, ...]:
    if not feeds:
        return (t("No feeds are followed yet."),)
    counts = {health: sum(feed.health is health for feed in feeds) for health in Health}
    waiting, paused = counts[Health.NEW], counts[Health.PAUSED]
    said = [_say_visits(visited, failed, waiting)]
    if visited and waiting:
        said.append(_say_waiting(waiting))
    if gone := counts[Health.GONE]:
        said.append(
            tn(
                "{number} feed is gone for good, its site says.",
                "{number} feeds are gone for good, their sites say.",
                gone,
            )
        )
    if silent := counts[Health.SILENT]:
        said.append(
            tn(
                "{number} feed has been silent for longer than usual.",
                "{number} feeds have been silent for longer than usual.",
                silent,
            )
        )
    if paused:
        said.append(tn("{number} feed is paused.", "{number} feeds are paused.", paused))
    if gaps := sum(bool(feed.gaps) for feed in feeds):
        said.append(
            tn(
                "{number} feed may have missed something in the last {days} days.",
                "{number} feeds may have missed something in the last {days} days.",
                gaps,
                days=RECENT.days,
            )
        )
    return tuple(said)


def _say_visits(visited: int, failed: int, waiting: int) -> str:
    if not visited:
        return _say_waiting(waiting) if waiting else t("No feeds are visited.")
    if not failed:
        return tn("All last visits succeeded ({number} feed).", "All last visits succeeded ({number} feeds).", visited)
    return tn(
        "{failed} of {number} feed failed at the last visit.",
        "{failed} of {number} feeds failed at the last visit.",
        visited,
        failed=f"{failed:,}",
    )


def _say_waiting(waiting: int) -> str:
    return tn("{number} feed not visited yet.", "{number} feeds not visited yet.", waiting)


def _build_tabs(kept: Sequence[JudgedFeed], chosen: FeedsFilter) -> tuple[Tab, ...]:
    counts = Counter(feed.health.value for feed in kept)
    counts[Show.ALL.value] = len(kept)
    counts[Show.ATTENTION.value] = sum(feed.needs_attention for feed in kept)
    return tuple(
        Tab(
            name=t(_TABS[show]) if show in _TABS else t(NAMES[Health(show.value)]).capitalize(),
            path=chosen.turn(show=show).path,
            count=counts[show.value],
            is_current=show is chosen.show,
        )
        for show in Show
    )


def _build_row(judged: JudgedFeed, yields: Yields, now: datetime, zone: ZoneInfo) -> FeedRow:
    state, feed = judged.state, judged.state.feed
    counts = yields.posts.get(feed.key, {})
    printed = yields.printed.get(feed.key)
    return FeedRow(
        key=feed.key,
        name=feed.name,
        language=feed.language,
        kind=t(KINDS[feed.kind]),
        address=readable_url(feed.url),
        health=judged.health,
        health_name=t(NAMES[judged.health]).capitalize(),
        said=say_health(state, judged.health, now, zone),
        reason=words.cut(say_reason(state.last_reason or ""), REASON),
        last_success=say_when(state.last_success_at, now, zone),
        next_visit=say_next_visit(state, now, zone),
        chart=None
        if feed.kind is Kind.SIGNAL
        else build_chart([(month, counts.get(month, 0)) for month in yields.months]),
        gaps=_say_gaps(judged.gaps, zone),
        printed=say_printed(printed),
        is_paused=state.paused_at is not None,
    )


def _say_gaps(gaps: Sequence[Gap], zone: ZoneInfo) -> str:
    if not gaps:
        return ""
    # They are recent, so the year is not needed.
    last = words.short_day(gaps[0].noticed_at, zone)
    return tn("{number} on {day}", "{number}, last on {day}", len(gaps), day=last)


def say_printed(printed: tuple[int, int] | None) -> str:
    """``4 of 31``; empty for None."""
    return t("{part} of {whole}", part=f"{printed[1]:,}", whole=f"{printed[0]:,}") if printed else ""
