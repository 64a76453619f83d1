"""The filter and the order of the list of feeds, as in its address. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from aggregator.addresses.urls import readable_url
from aggregator.feeds.health import Health, judge_health, list_calls, measure_urgency
from aggregator.text.characters import compose
from aggregator.types import FeedState, Gap
from aggregator.web.feeds.done import Done, find_done

PAGE = 100


class Show(StrEnum):
    """The tabs of the list: all, those that need attention, and each Health."""

    ALL = "all"
    ATTENTION = "attention"
    GONE = "gone"
    REFUSED = "refused"
    FAILING = "failing"
    SILENT = "silent"
    NEW = "new"
    WELL = "well"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class FeedsFilter:
    """A view of the list of feeds, as in its address."""

    show: Show = Show.ALL
    #: Words that must all occur in name, key, organisation, address or tags.
    words: str = ""
    page: int = 1
    #: A feed to show in any case, because a form just changed it, and what the form did.
    feed: str = ""
    done: Done | None = None

    @property
    def path(self) -> str:
        """The address of this view without the last action; forms go back to it."""
        query = {
            "show": "" if self.show is Show.ALL else str(self.show),
            "q": self.words,
            "page": str(self.page) if self.page > 1 else "",
        }
        pairs = [(name, value) for name, value in query.items() if value]
        return "/feeds" + (f"?{urlencode(pairs, quote_via=quote)}" if pairs else "")

    def turn(self, **changes: Any) -> FeedsFilter:
        """Return another view beside this one, from its first page."""
        return replace(self, **{"page": 1, "feed": "", "done": None, **changes})

    def path_to(self, key: str, done: Done) -> str:
        """Return the address that shows this view with one feed in sight."""
        path = self.path
        return f"{path}{'&' if '?' in path else '?'}feed={key}&done={done}#{key}"


@dataclass(frozen=True, slots=True)
class JudgedFeed:
    """A feed with the values that the list is sorted and filtered by."""

    state: FeedState
    health: Health
    #: The recent ones, newest first.
    gaps: tuple[Gap, ...]
    needs_attention: bool

    @property
    def key(self) -> str:
        return self.state.feed.key


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the list on this page."""

    feeds: tuple[JudgedFeed, ...]
    #: The place of its first feed in the whole list, from 1.
    first: int
    total: int
    earlier: FeedsFilter | None
    later: FeedsFilter | None


def read_filter(query: Mapping[str, str]) -> FeedsFilter:
    """Read the filter of an address; unknown values are ignored, so that old links still open."""
    show, page = query.get("show", ""), query.get("page", "")
    return FeedsFilter(
        show=Show(show) if show in set(Show) else Show.ALL,
        words=" ".join(compose(query.get("q", "")).split()),
        page=max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
        feed=query.get("feed", ""),
        done=find_done(query.get("done", "")),
    )


def find_list(path: str) -> FeedsFilter | None:
    """Read the filter of a path to the list of feeds; None for other paths."""
    place, _, query = path.partition("?")
    return read_filter(dict(parse_qsl(query.partition("#")[0]))) if place == "/feeds" else None


def judge_feeds(states: Sequence[FeedState], gaps: Sequence[Gap], now: datetime) -> list[JudgedFeed]:
    """Judge all feeds, those that need the curator most first. *gaps* are the recent ones, newest first."""
    by_feed: dict[str, list[Gap]] = {}
    for gap in gaps:
        by_feed.setdefault(gap.feed_key, []).append(gap)
    return sorted((_judge_feed(state, by_feed.get(state.feed.key, ()), now) for state in states), key=_find_place)


def _judge_feed(state: FeedState, gaps: Sequence[Gap], now: datetime) -> JudgedFeed:
    health = judge_health(state, now)
    return JudgedFeed(state, health, tuple(gaps), bool(list_calls(health, gaps, now)))


def _find_place(feed: JudgedFeed) -> tuple[bool, int, float]:
    return measure_urgency(feed.state, feed.health, needs_attention=feed.needs_attention)


def narrow(feeds: Sequence[JudgedFeed], words: str) -> list[JudgedFeed]:
    """Keep the feeds that contain all the words."""
    wanted = words.casefold().split()
    return [feed for feed in feeds if all(word in _text_of(feed.state) for word in wanted)] if wanted else list(feeds)


def _text_of(state: FeedState) -> str:
    feed = state.feed
    parts = (feed.key, feed.name, feed.organisation or "", readable_url(feed.url), feed.url, *feed.tags)
    return compose(" ".join(parts)).casefold()


def is_shown(feed: JudgedFeed, show: Show) -> bool:
    """Whether a feed is shown under a tab."""
    match show:
        case Show.ALL:
            return True
        case Show.ATTENTION:
            return feed.needs_attention
    return feed.health.value == show.value


def cut_window(feeds: Sequence[JudgedFeed], chosen: FeedsFilter) -> Window:
    """Cut the page out of the list; a feed that a form just changed stays in sight."""
    kept = narrow(feeds, chosen.words)
    keys = {feed.key for feed in kept if is_shown(feed, chosen.show)}
    listed = [feed for feed in feeds if feed.key in keys or feed.key == chosen.feed]
    start = PAGE * (chosen.page - 1)
    done = next((place for place, feed in enumerate(listed) if feed.key == chosen.feed), start)
    if not start <= done < start + PAGE:
        start = done // PAGE * PAGE
    if start >= len(listed):
        start = 0
    page = start // PAGE + 1
    return Window(
        feeds=tuple(listed[start : start + PAGE]),
        first=start + 1,
        total=len(listed),
        earlier=chosen.turn(page=page - 1) if start else None,
        later=chosen.turn(page=page + 1) if start + PAGE < len(listed) else None,
    )
