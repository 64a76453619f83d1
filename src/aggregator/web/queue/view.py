"""The view of a month's queue. Pure: candidates and a filter in, what the template shows out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aggregator import words
from aggregator.locales import t
from aggregator.storage.judgements import BurstRow
from aggregator.storage.narrowing import NO_FEED
from aggregator.storage.outlines import Outline
from aggregator.types import FeedState, Month, Outcome, State
from aggregator.web.parts import Choice, Tab
from aggregator.web.queue.filter import Order, QueueFilter, Show, arrange, is_shown, list_tabs, narrow
from aggregator.web.queue.month import Standing
from aggregator.web.queue.row import Row
from aggregator.words.sections import SectionNames

PAGE = 50


@dataclass(frozen=True, slots=True)
class BurstView:
    """A burst of a source as one row that links to its posts."""

    posts: int
    source: str
    day: str
    usual: int
    path: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of the month, regardless of the filter."""

    counts: Mapping[State, int]
    shortlisted: int
    shortlisted_left: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def count(self, state: str) -> int:
        return self.counts.get(State(state), 0)


@dataclass(frozen=True, slots=True)
class Summary:
    """The part of the page that every verdict changes."""

    standing: Standing
    progress: Progress
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class MonthLink:
    """One month of the menu."""

    month: Month
    #: Of its candidates; None for a month that is not counted.
    count: int | None
    path: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Months:
    """The months that have posts, newest first, and the neighbours of the one shown."""

    links: tuple[MonthLink, ...]
    earlier: MonthLink | None
    later: MonthLink | None


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the list on this page."""

    post_ids: tuple[int, ...]
    #: The place of its first post in the whole list, from 1.
    first: int
    total: int
    earlier: QueueFilter | None
    later: QueueFilter | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """The page of a month's queue."""

    filter: QueueFilter
    summary: Summary
    sections: tuple[Choice, ...]
    sources: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    codes: tuple[Choice, ...]
    added: tuple[Choice, ...]
    suggested: tuple[Choice, ...]
    orders: tuple[Order, ...]
    rows: tuple[Row, ...]
    window: Window


@dataclass(frozen=True, slots=True)
class Visited:
    """The state of the feeds, for a month without posts."""

    feeds: int
    visited: int
    failed: int


def build_burst(row: BurstRow, month: Month) -> BurstView:
    """``312 posts of Cloud News on 2022-12-31``."""
    path = QueueFilter(month, show=Show.ALL, source=row.feed_key or NO_FEED).path
    source = row.feed_name or row.feed_key or t("no feed")
    return BurstView(row.placement.place, source, row.placement.of, row.placement.most, path)


def build_queue(
    outlines: Sequence[Outline],
    chosen: QueueFilter,
    window: Window,
    rows: Sequence[Row],
    names: SectionNames,
    summary: Summary,
) -> QueueView:
    """Build the page; *rows* are those of the *window*."""
    return QueueView(
        filter=chosen,
        summary=summary,
        sections=_list_sections(outlines, chosen, names),
        sources=_list_sources(outlines, chosen),
        languages=_list_languages(outlines, chosen),
        codes=(_count_codes(outlines, chosen),),
        added=(_count_added(outlines, chosen),),
        suggested=(_count_suggested(outlines, chosen),),
        orders=tuple(Order),
        rows=tuple(rows),
        window=window,
    )


def summarise(outlines: Sequence[Outline], chosen: QueueFilter, standing: Standing) -> Summary:
    """Build the progress of the month, and the tabs with their counts under the filter."""
    kept = narrow(outlines, chosen)
    shown = Counter(show for outline in kept for show in list_tabs(outline))
    counts = {show: shown[show] for show in Show} if outlines else {}
    tabs = tuple(
        Tab(words.capitalise(t(show)), chosen.turn(show=show).path, count, is_current=show is chosen.show)
        for show, count in counts.items()
        # The others are there once they have posts.
        if count or show is chosen.show or show in {Show.SHORTLIST, Show.UNDECIDED, Show.ALL}
    )
    return Summary(standing, measure_progress(outlines), tabs)


def measure_progress(outlines: Sequence[Outline]) -> Progress:
    """Measure the progress; muted posts do not count, since nobody has to decide them."""
    outlines = [outline for outline in outlines if not outline.is_muted]
    shortlist = [outline.state for outline in outlines if outline.is_shortlisted]
    counts = Counter(outline.state for outline in outlines)
    return Progress(counts, len(shortlist), shortlist.count(State.UNDECIDED))


def cut_window(outlines: Sequence[Outline], chosen: QueueFilter) -> Window:
    """Cut the page that begins after ``chosen.after``; posts that were just decided stay at their places."""
    kept = {outline.post_id for outline in narrow(outlines, chosen) if is_shown(outline, chosen.show)}
    places = {outline.post_id: place for place, outline in enumerate(arrange(outlines, chosen))}
    listed = [post_id for post_id in places if post_id in kept or post_id in chosen.done]
    behind = places.get(chosen.after, -1) if chosen.after is not None else -1
    start = sum(places[post_id] <= behind for post_id in listed)
    done = next((place for place, post_id in enumerate(listed) if post_id in chosen.done), start)
    if not start <= done < start + PAGE:
        start = done // PAGE * PAGE
    end = start + PAGE
    return Window(
        post_ids=tuple(listed[start:end]),
        first=start + 1,
        total=len(listed),
        earlier=_turn_to(listed, max(0, start - PAGE), chosen) if start else None,
        later=_turn_to(listed, end, chosen) if end < len(listed) else None,
    )


def find_opened(outlines: Sequence[Outline], window: Window, chosen: QueueFilter) -> int | None:
    """Find the post that is open beside the list: the one that was asked for, else the first one to decide."""
    wanted = chosen.opened or (chosen.done[0] if len(chosen.done) == 1 else None)
    if wanted in {outline.post_id for outline in outlines}:
        return wanted
    return find_next(outlines, window, None, chosen.show) or next(iter(window.post_ids), None)


def find_next(outlines: Sequence[Outline], window: Window, post_id: int | None, show: Show) -> int | None:
    """Find the next post of the window to decide: below *post_id*, else the first one above it."""
    wanted = State.HELD if show is Show.HELD else State.UNDECIDED
    open_ids = {outline.post_id for outline in outlines if outline.state is wanted}
    listed = window.post_ids
    at = listed.index(post_id) + 1 if post_id in listed else 0
    return next((one for one in (*listed[at:], *listed[:at]) if one in open_ids and one != post_id), None)


def list_months(listed: Iterable[Month], counts: Mapping[Month, int], chosen: QueueFilter) -> Months:
    """List the months of the menu, with the *counts* that are known; it has the one shown even if that has no posts."""
    everything = {**dict.fromkeys(listed), **counts, chosen.month: counts.get(chosen.month, 0)}
    # Another month may have no posts of the feed that is filtered for.
    query = chosen.turn(source="").query
    links = [
        MonthLink(month, everything[month], f"/queue/{month}{query}", month == chosen.month)
        for month in sorted(everything, reverse=True)
    ]
    at = next(place for place, link in enumerate(links) if link.is_current)
    return Months(
        links=tuple(links),
        earlier=links[at + 1] if at + 1 < len(links) else None,
        later=links[at - 1] if at else None,
    )


def look_at_feeds(states: Sequence[FeedState]) -> Visited:
    return Visited(
        feeds=len(states),
        visited=sum(state.last_visit_at is not None for state in states),
        failed=sum(state.last_outcome is Outcome.FAILED for state in states),
    )


def _turn_to(listed: Sequence[int], start: int, chosen: QueueFilter) -> QueueFilter:
    return chosen.turn(after=listed[start - 1] if start else None)


def _list_sections(outlines: Sequence[Outline], chosen: QueueFilter, names: SectionNames) -> tuple[Choice, ...]:
    counts = Counter(outline.section for outline in outlines)
    return tuple(
        Choice(str(section), f"{names.name(section)} ({counts[section]:,})", section == chosen.section)
        for section in names.texts.taxonomy.sections
    )


def _list_sources(outlines: Sequence[Outline], chosen: QueueFilter) -> tuple[Choice, ...]:
    counts = Counter(outline.source for outline in outlines)
    labels = {outline.source: outline.source_name for outline in outlines}
    if NO_FEED in labels:
        labels[NO_FEED] = t("no feed (from a digest)")
    if chosen.source and chosen.source not in labels:
        labels[chosen.source] = chosen.source
    return tuple(
        Choice(key, f"{label or key} ({counts[key]:,})", key == chosen.source)
        for key, label in sorted(labels.items(), key=lambda pair: (pair[0] == NO_FEED, pair[1].casefold()))
    )


def _count_codes(outlines: Sequence[Outline], chosen: QueueFilter) -> Choice:
    number = sum(outline.has_code for outline in outlines)
    return Choice("yes", t("Has code ({number})", number=f"{number:,}"), chosen.has_code)


def _count_added(outlines: Sequence[Outline], chosen: QueueFilter) -> Choice:
    number = sum(outline.is_added for outline in outlines)
    return Choice("yes", t("Added by hand ({number})", number=f"{number:,}"), chosen.is_added)


def _count_suggested(outlines: Sequence[Outline], chosen: QueueFilter) -> Choice:
    number = sum(outline.is_suggested for outline in outlines)
    return Choice("yes", t("Suggested by readers ({number})", number=f"{number:,}"), chosen.is_suggested)


def _list_languages(outlines: Sequence[Outline], chosen: QueueFilter) -> tuple[Choice, ...]:
    counts = Counter(words.language_group(outline.language) for outline in outlines)
    codes = sorted(
        {*counts, *([chosen.language] if chosen.language else [])}, key=lambda code: (code == words.OTHER, code)
    )
    return tuple(Choice(code, f"{words.language(code)} ({counts[code]:,})", code == chosen.language) for code in codes)
