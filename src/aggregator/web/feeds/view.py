"""The view of all feeds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.feeds.health import Health
from aggregator.locales import mark, t, tn
from aggregator.types import FeedState, Gap, Month, Outcome
from aggregator.web.feeds.chart import Chart, build_chart
from aggregator.web.feeds.filter import FeedsFilter, JudgedFeed, Show, Window, narrow
from aggregator.web.parts import Tab
from aggregator.words.feeds import KINDS, NAMES, REASON, RECENT, When, say_health, say_next_visit, say_when
from aggregator.words.reasons import say_reason

_TABS = {Show.ALL: mark("All"), Show.ATTENTION: mark("Need attention")}


class Standing(StrEnum):
    """What a group of the list has in common, in the order of the list; the value is its sign."""

    NEEDED = "rejected"
    WATCHED = "held"
    NEW = "new"
    WELL = "approved"
    PAUSED = "paused"


_GROUPS = {
    Standing.NEEDED: (mark("need you"), mark("they bring nothing until they answer again")),
    Standing.WATCHED: (mark("to watch"), mark("silent, or something may be missing")),
    Standing.NEW: (NAMES[Health.NEW], ""),
    Standing.WELL: (NAMES[Health.WELL], ""),
    Standing.PAUSED: (NAMES[Health.PAUSED], mark("until you resume them")),
}
STANDINGS = {
    Health.GONE: Standing.NEEDED,
    Health.REFUSED: Standing.NEEDED,
    Health.FAILING: Standing.NEEDED,
    Health.SILENT: Standing.WATCHED,
    Health.NEW: Standing.NEW,
    Health.WELL: Standing.WELL,
    Health.PAUSED: Standing.PAUSED,
}


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed of the list."""

    key: str
    name: str
    language: str
    kind: str
    address: str
    health: Health
    #: Or the gap for which it is watched.
    health_name: str
    said: str
    #: The last error, shortened; empty if there is none.
    reason: str
    newest: When | None
    next_visit: When
    #: None for feeds without posts.
    chart: Chart | None
    #: ``2 gaps, the last on 9 Dec``; empty if there are none.
    gaps: str
    #: ``4 of 31``; empty if no digest of its months is published.
    printed: str
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Feeds that stand alike."""

    standing: Standing
    name: str
    #: What that means for the curator; often empty.
    hint: str
    rows: tuple[FeedRow, ...]


@dataclass(frozen=True, slots=True)
class FeedsView:
    """The page of all feeds."""

    filter: FeedsFilter
    summary: tuple[str, ...]
    #: All visited feeds failed; then it is probably the network.
    is_cut_off: bool
    tabs: tuple[Tab, ...]
    groups: tuple[Group, ...]
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
        summary=(*_summarise(feeds, len(visited), failed), *_say_round(states, now, zone)),
        is_cut_off=bool(visited) and failed == len(visited),
        tabs=_build_tabs(narrow(feeds, chosen.words), chosen),
        groups=tuple(
            _build_group(standing, [_build_row(feed, yields, now, zone) for feed in alike])
            for standing, alike in groupby(window.feeds, key=_find_standing)
        ),
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
    if gaps := sum(any(gap.is_open for gap in feed.gaps) for feed in feeds):
        said.append(
            tn(
                "{number} feed may have missed something in the last {days} days.",
                "{number} feeds may have missed something in the last {days} days.",
                gaps,
                days=RECENT.days,
            )
        )
    return tuple(said)


def _say_round(states: Sequence[FeedState], now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Say when the last visit was and when the next one is."""
    visits = [state.last_visit_at for state in states if state.last_visit_at]
    nexts = [state.next_visit_at for state in states if state.next_visit_at]
    if not visits or not nexts:
        return ()
    last, following = words.time_of(max(visits), now, zone), words.time_of(max(min(nexts), now), now, zone)
    return (t("Last visit {last}, next {next}.", last=last, next=following),)


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


def _find_standing(judged: JudgedFeed) -> Standing:
    """Where a feed stands; a fresh gap is watched."""
    standing = STANDINGS[judged.health]
    return Standing.WATCHED if judged.needs_attention and standing is not Standing.NEEDED else standing


def _build_group(standing: Standing, rows: Sequence[FeedRow]) -> Group:
    name, hint = _GROUPS[standing]
    return Group(standing, words.capitalise(t(name)), t(hint) if hint else "", tuple(rows))


def _build_row(judged: JudgedFeed, yields: Yields, now: datetime, zone: ZoneInfo) -> FeedRow:
    state, feed = judged.state, judged.state.feed
    counts = yields.posts.get(feed.key, {})
    printed = yields.printed.get(feed.key)
    gaps = _say_gaps(judged.gaps, zone)
    # A feed that is well but for a gap is watched for it.
    is_gap = judged.health is Health.WELL and judged.needs_attention
    return FeedRow(
        key=feed.key,
        name=feed.name,
        language=feed.language,
        kind=t(KINDS[feed.kind]),
        address=readable_url(feed.url),
        health=judged.health,
        health_name=gaps if is_gap else t(NAMES[judged.health]).capitalize(),
        said=say_health(state, judged.health, now, zone),
        reason=words.cut(say_reason(state.last_reason or ""), REASON),
        newest=say_when(state.newest_at, now, zone),
        next_visit=say_next_visit(state, now, zone),
        chart=None
        if not feed.kind.gives_posts
        else build_chart([(month, counts.get(month, 0)) for month in yields.months]),
        gaps="" if is_gap else gaps,
        printed=say_printed(printed),
        is_paused=state.paused_at is not None,
    )


def _say_gaps(gaps: Sequence[Gap], zone: ZoneInfo) -> str:
    if not gaps:
        return ""
    unclosed = [gap for gap in gaps if gap.is_open]
    # They are recent, so the year is not needed.
    last = words.short_day((unclosed or gaps)[0].noticed_at, zone)
    if unclosed:
        return tn("{number} gap, on {day}", "{number} gaps, the last on {day}", len(unclosed), day=last)
    return tn("{number} gap, on {day}, closed", "{number} gaps, the last on {day}, all closed", len(gaps), day=last)


def say_printed(printed: tuple[int, int] | None) -> str:
    """``4 of 31``; empty for None."""
    return t("{part} of {whole}", part=f"{printed[1]:,}", whole=f"{printed[0]:,}") if printed else ""
