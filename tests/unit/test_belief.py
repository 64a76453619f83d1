"""A publisher's accident is not believed, and a real move of a site is in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.feeds.schedule import Bounds
from aggregator.feeds.update import Surroundings, VisitRules, decide_update
from aggregator.types import (
    Entry,
    FeedState,
    FeedUpdate,
    KnownEntry,
    Outcome,
    ParsedEntry,
    ParsedFeed,
    Retrieved,
    Visit,
)
from world import FEED, NOW

_RULES = VisitRules(
    Bounds(timedelta(minutes=15), timedelta(hours=12)),
    ZoneInfo("Asia/Seoul"),
    max_entries=100,
    move_trial=timedelta(days=3),
)
_SITE = "https://blog.example"
_STATE = FeedState(replace(FEED, url="https://feeds.example/blog.xml", site=None))
_INNER = FeedState(replace(FEED, url="http://wiki.internal/feed", site=None))


def _list_items(site: str, count: int = 3, first: int = 1) -> list[ParsedEntry]:
    return [
        ParsedEntry(id=f"{site}/{n}", url=f"{site}/{n}", title=f"글 {n}", published_raw=f"2022-12-0{n}T00:00:00Z")
        for n in range(first, first + count)
    ]


def _visit(
    items: Sequence[ParsedEntry],
    known: Sequence[Entry] = (),
    state: FeedState = _STATE,
    *,
    days: float = 0,
    at: str = "https://feeds.example/blog.xml",
) -> FeedUpdate:
    visit = Visit(FEED.key, NOW + timedelta(days=days), 0.1, Outcome.FAILED)
    answer = Retrieved(at, 200, b"x", etag='"e"')
    stored = [KnownEntry(**{name: getattr(entry, name, True) for name in KnownEntry.__slots__}) for entry in known]
    document = ParsedFeed("블로그", None, "rss20", tuple(items))
    return decide_update(state, answer, document, stored, visit=visit, rules=_RULES, around=Surroundings())


_STORED = _visit(_list_items(_SITE)).entries


@pytest.mark.parametrize(
    "site",
    [
        *("http://localhost:4000", "http://127.0.0.1:1313", "http://[::1]:4000", "http://0.0.0.0:4000", "http://127.1"),
        *("http://192.168.0.12", "http://10.1.2.3", "https://172.16.0.5", "http://[fd12::7]", "http://[fe80::1]"),
        *("http://macbook", "http://mac.local:8080", "https://cms.internal", "https://blog.test", "https://a.invalid"),
    ],
)
def test_an_address_that_is_not_public_never_takes_the_place_of_a_public_one(site: str) -> None:
    accident = _visit(_list_items(site), _STORED, replace(_STATE, entries=len(_STORED)))
    assert (accident.entries, accident.posts, accident.left, accident.gap) == ((), (), (), None)
    assert "that nobody else can reach" in (accident.state.last_reason or "")
    assert "3 stored addresses stay" in (accident.visit.reason or "")
    assert accident.visit.outcome is Outcome.RETRIEVED
    # However often it comes.
    assert _visit(_list_items(site), _STORED, accident.state, days=30).entries == ()
    # And put right, all is as it was.
    healed = _visit(_list_items(_SITE), _STORED, accident.state, days=1)
    assert (healed.entries, healed.state.last_reason) == ((), None)


def test_one_such_item_among_others_is_left_out_and_the_others_are_taken() -> None:
    first, second, third = _list_items(_SITE)
    edited = replace(second, title="글 2 (수정)")
    update = _visit([replace(first, url="http://localhost:4000/1"), edited, third], _STORED)
    assert [entry.title for entry in update.entries] == ["글 2 (수정)"]
    assert "1 stored address stays" in (update.visit.reason or "")


def test_a_new_item_that_nobody_can_reach_becomes_no_post_before_it_is_put_right() -> None:
    added = _list_items("http://localhost:4000", 1, first=4)
    update = _visit([*_list_items(_SITE), *added], _STORED)
    assert (update.posts, update.visit.entries_new) == ((), 0)
    assert "1 is new and left out" in (update.visit.reason or "")
    assert _visit(_list_items("http://localhost:4000")).posts == ()
    (post,) = _visit(_list_items(_SITE, 4), _STORED).posts
    assert post.url == f"{_SITE}/4"


def test_feeds_of_inner_networks_are_read() -> None:
    at = "http://wiki.internal/feed"
    stored = _visit(_list_items("http://wiki.internal"), state=_INNER, at=at).entries
    assert len(stored) == 3
    update = _visit(_list_items("http://wiki.internal", 4), stored, _INNER, at=at)
    assert (len(update.posts), update.visit.reason) == (1, None)
    # Posts that become public may.
    assert len(_visit(_list_items(_SITE), stored, _INNER, at=at).entries) == 3
    # A feed made on this machine of a public blog, whose publisher has an accident.
    own = FeedState(replace(FEED, url="http://127.0.0.1:1200/blog", site=None))
    accident = _visit(_list_items("http://localhost:4000", 4), _STORED, own, at="http://127.0.0.1:1200/blog")
    assert (accident.entries, accident.posts) == ((), ())


def test_another_host_of_all_items_is_believed_once_visits_over_days_agree() -> None:
    moved = _list_items("https://new.example")
    state, told = _STATE, []
    for days in (0, 1, 2):
        update = _visit(moved, _STORED, state, days=days)
        assert (update.entries, update.posts, update.left) == ((), (), ())
        # Otherwise the server would say 304 when the days are over.
        assert (update.state.etag, update.state.last_modified) == (None, None)
        state = update.state
        told.append(update.visit.reason or "")
    assert told[-1] == (
        "all its items are at new.example now and no longer at blog.example; the stored addresses stay until "
        "3 visits in a row over 3 days agree (so far 3)"
    )
    update = _visit(moved, _STORED, state, days=3)
    assert [entry.url for entry in update.entries] == [f"https://new.example/{n}" for n in (1, 2, 3)]
    assert [post.was_at for post in update.posts] == [f"{_SITE}/{n}" for n in (1, 2, 3)]
    assert (update.state.host_trial, update.state.etag, update.visit.reason) == (None, '"e"', None)


def test_an_accident_that_is_put_right_ends_the_watch() -> None:
    accident = _visit(_list_items("https://staging.example"), _STORED)
    assert accident.state.host_trial is not None
    healed = _visit(_list_items(_SITE), _STORED, accident.state, days=1)
    assert (healed.entries, healed.state.host_trial, healed.visit.reason) == ((), None, None)
    again = _visit(_list_items("https://staging.example"), _STORED, healed.state, days=5)
    assert again.entries == ()


def test_what_is_new_meanwhile_is_taken_where_it_is_and_does_not_end_the_watch() -> None:
    moved = _list_items("https://new.example", 4)
    first = _visit(moved, _STORED)
    assert [post.url for post in first.posts] == ["https://new.example/4"]
    stored = [*_STORED, *first.entries]
    second = _visit(moved, stored, first.state, days=1)
    assert (second.entries, second.state.host_trial and second.state.host_trial.agreements) == ((), 2)


@pytest.mark.parametrize(
    ("site", "state", "at"),
    [
        # to where the feed is, was led to, or belongs
        ("https://feeds.example", _STATE, "https://feeds.example/blog.xml"),
        ("https://new.example", _STATE, "https://new.example/feed"),
        ("https://new.example", FeedState(replace(_STATE.feed, site="https://www.new.example/")), "https://feeds.example/blog.xml"),
        # the same host, written otherwise
        ("http://www.blog.example", _STATE, "https://feeds.example/blog.xml"),
    ],
)  # fmt: skip
def test_a_move_that_the_feed_itself_bears_out_is_believed_at_once(site: str, state: FeedState, at: str) -> None:
    update = _visit(_list_items(site), _STORED, state, at=at)
    assert (len(update.entries), update.visit.reason) == (3, None)


def test_one_item_that_moves_is_no_accident() -> None:
    first, *others = _list_items(_SITE)
    update = _visit([replace(first, url="https://guest.example/1"), *others], _STORED)
    assert [entry.url for entry in update.entries] == ["https://guest.example/1"]
