"""What is remembered of feeds: their state, moves, gaps and windows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, digests, feeds, health, judgements, tables, updates
from aggregator.storage.database import Database
from aggregator.types import (
    Digest,
    DigestState,
    Gap,
    Line,
    Month,
    Move,
    Outcome,
    QuietTimes,
    Signal,
    Texts,
    Trial,
)
from world import FEED, FEEDS, NOW, make_draft, make_update, store


def test_all_that_is_remembered_of_a_feed_comes_back(database: Database) -> None:
    update = make_update(make_draft(1))
    state = replace(
        update.state,
        pace=timedelta(hours=2),
        newest_at=NOW,
        habit=timedelta(days=3),
        quiet=QuietTimes((1, 2), (5, 6)),
        trial=Trial("https://new.example/feed", NOW, 2),
        failures=2,
        failing_since=NOW,
        last_outcome=Outcome.FAILED,
        last_status=503,
        last_reason="the server is in trouble (HTTP 503)",
        last_excerpt="<html>",
    )
    store(database, replace(update, state=state))
    with database.reading() as connection:
        (found,) = feeds.list_feed_states(connection)
    assert found == replace(state, entries=1, listed=FEED)


def test_what_the_curator_changed_stays_until_feeds_toml_speaks_of_it(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    moved = replace(FEED, url="https://new.example/feed", name="새 이름")
    with database.writing() as connection:
        feeds.change_feed(connection, moved)
        feeds.save_feeds(connection, [FEED])
        (state,) = feeds.list_feed_states(connection)
        assert (state.feed, state.listed) == (moved, FEED)
        assert (state.etag, state.next_visit_at) == (None, None), "the validators belong to the old address"
        feeds.save_feeds(connection, [replace(FEED, name="하늘상점 Tech")])
        (state,) = feeds.list_feed_states(connection)
    assert (state.feed.name, state.feed.url) == ("하늘상점 Tech", moved.url)


def test_a_move_changes_the_address_and_is_remembered(database: Database) -> None:
    update = make_update(make_draft(1))
    move = Move("haneul", NOW, FEED.url, "https://new.example/feed", "it redirects there", "aggregator")
    gap = Gap("haneul", NOW, NOW - timedelta(days=2), None, NOW)
    store(database, replace(update, move=move, gap=gap))
    with database.reading() as connection:
        (state,) = feeds.list_feed_states(connection)
        assert health.list_moves(connection, "haneul") == [replace(move, id=1)]
        assert health.list_gaps(connection) == [replace(gap, id=1)]
        assert health.find_refused_moves(connection, "haneul") == frozenset()
        assert feeds.find_followed(connection, [move.from_url, move.to_url]) == {move.to_url}
    assert (state.feed.url, state.etag) == (move.to_url, '"e"')


def test_a_visit_under_way_tells_nothing_of_an_address_given_meanwhile(database: Database) -> None:
    update = make_update(make_draft(1))
    store(database, update)
    with database.writing() as connection:
        feeds.change_feed(connection, replace(FEED, url="https://new.example/feed"))
        updates.apply_updates(connection, [update])
        (state,) = feeds.list_feed_states(connection)
    assert (state.feed.url, state.etag, state.next_visit_at) == ("https://new.example/feed", None, None)


def test_the_window_of_a_feed_is_kept(database: Database) -> None:
    update = make_update(make_draft(1), make_draft(2))
    store(database, update)
    store(database, replace(update, entries=(), posts=(), left=("tag:1",)))
    with database.reading() as connection:
        known = {entry.key: entry.is_in_window for entry in updates.list_known_entries(connection, "haneul")}
    assert known == {"tag:1": False, "tag:2": True}
    store(database, replace(update, entries=(), posts=(), returned=("tag:1",)))
    with database.reading() as connection:
        assert all(entry.is_in_window for entry in updates.list_known_entries(connection, "haneul"))


def test_paused_feeds_are_not_due(database: Database) -> None:
    store(database, make_update(make_draft(1)))
    later = NOW + timedelta(days=1)
    with database.writing() as connection:
        feeds.set_paused(connection, "haneul", NOW)
        assert feeds.list_due_feeds(connection, later) == []
        feeds.set_paused(connection, "haneul", None)
        assert [state.feed.key for state in feeds.list_due_feeds(connection, later)] == ["haneul"]


def test_the_same_feeds_are_due_in_the_table_as_by_the_rule(database: Database) -> None:
    fortnight = 60 * 24 * 14
    moments = list(product((None, -5, 0, 5, fortnight, fortnight + 1), (None, -60, 60)))
    listed = [replace(FEED, key=f"k{n}", url=f"https://k{n}.example/feed") for n in range(len(moments))]
    with database.writing() as connection:
        feeds.save_feeds(connection, listed)
        states = feeds.list_feed_states(connection, [feed.key for feed in listed])
        planned = [
            replace(state, **{name: None if at is None else NOW + timedelta(minutes=at) for name, at in named.items()})
            for state, pair in zip(states, moments, strict=True)
            for named in [dict(zip(("next_visit_at", "last_visit_at"), pair, strict=True))]
        ]
        feeds.save_states(connection, planned)
        due = {state.feed.key for state in feeds.list_due_feeds(connection, NOW)}
    assert due == {state.feed.key for state in planned if state.is_due(NOW)}
    assert 0 < len(due) < len(listed)


def test_a_host_with_many_due_feeds_leaves_room_for_others(database: Database) -> None:
    listed = [replace(FEED, key=f"m{n}", url=f"https://many.example/{n}") for n in range(5)]
    listed += [replace(FEED, key=f"z{n}", url=f"https://one{n}.example/feed") for n in range(3)]
    with database.writing() as connection:
        feeds.save_feeds(connection, listed)
        due = feeds.list_due_feeds(connection, NOW, most=4, per_host=2)
        assert [state.feed.key for state in due] == ["m0", "m1", "z0", "z1"]
        assert len(feeds.list_due_feeds(connection, NOW)) == 8


def test_a_feed_that_was_left_since_it_was_found_is_not_due(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    select_due = feeds._select_due
    with database.writing() as connection:
        feeds.save_feeds(connection, [FEED, replace(FEED, key="left", url="https://left.example/feed")])

        def select_and_leave(now: datetime) -> Any:
            selected = connection.execute(select_due(now)).all()
            feeds.save_feeds(connection, [FEED])
            rows = [sa.select(sa.literal(row.key).label("key"), sa.literal(row.url).label("url")) for row in selected]
            return sa.union_all(*rows)

        monkeypatch.setattr(feeds, "_select_due", select_and_leave)
        assert [state.feed.key for state in feeds.list_due_feeds(connection, NOW)] == [FEED.key]


def test_what_feeds_gave_is_counted(database: Database) -> None:
    store(database, make_update(make_draft(1), make_draft(2), make_draft(3, month=Month(2022, 11))))
    months = [Month(2022, 12), Month(2022, 11), Month(2022, 10)]
    with database.reading() as connection:
        assert health.count_posts(connection, months, ["haneul", "nobody"]) == {
            "haneul": {Month(2022, 12): 2, Month(2022, 11): 1}
        }
        assert health.count_printed(connection, ["haneul"]) == {}
    line = Line(SHIPPED.parse_section("2.4"), "t", "https://tech.haneul.example/1", Month(2022, 12))
    texts = Texts("", dict.fromkeys(SHIPPED.parts, ""), dict.fromkeys(SHIPPED.topics, ""))
    with database.writing() as connection:
        digests.save_digest(connection, Month(2022, 12), DigestState.PRINTED, Digest(texts, (line,)), [1], NOW)
        assert health.count_printed(connection, ["haneul"]) == {"haneul": (2, 1)}
        assert health.count_printed(connection, ["nobody"]) == {}


def test_old_visits_are_forgotten(database: Database) -> None:
    hour = timedelta(hours=1)
    for feed, ages in ((FEED, (2, 1, 0)), (FEEDS[0], (1,))):
        update = make_update(feed=feed)
        visits = [replace(update, visit=replace(update.visit, started_at=NOW - age * hour)) for age in ages]
        store(database, *visits)
    with database.writing() as connection:
        assert health.forget_visits(connection, NOW - 2 * hour, keep=1) == 0
        assert health.forget_visits(connection, NOW - hour, keep=1) == 1
        years_ahead = NOW + 4 * timedelta(days=365)
        assert health.forget_visits(connection, years_ahead, keep=2) == 0
        assert health.forget_visits(connection, years_ahead, keep=1) == 1
        (last,) = health.list_visits(connection, FEED.key, limit=9)
        assert last.started_at == NOW
        assert len(health.list_visits(connection, FEEDS[0].key, limit=9)) == 1


def test_a_post_whose_address_was_edited_stays_the_same_post(database: Database) -> None:
    said = Signal("https://tech.haneul.example/1", "popular", "points", 7.0, NOW)
    store(database, make_update(make_draft(1), signals=(said,)))
    new = "https://tech.haneul.example/better-slug"
    draft = make_draft(1, canonical_url=new, url=new, was_at="https://tech.haneul.example/1")
    update = make_update(draft)
    store(database, replace(update, entries=(replace(update.entries[0], key="tag:1"),)))
    with database.reading() as connection:
        post = candidates.get_candidate(connection, 1).post
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.posts)).scalar_one() == 1
        assert connection.execute(sa.select(tables.entries.c.post_id)).scalars().all() == [1]
        assert [signal.value for signal in judgements.list_signals(connection, [new])] == [7.0]
    assert (post.canonical_url, post.url) == (new, new)


def test_a_post_keeps_its_address_when_another_post_stands_at_the_new_one(database: Database) -> None:
    store(database, make_update(make_draft(1), make_draft(2)))
    store(database, make_update(make_draft(2, was_at="https://tech.haneul.example/1")))
    with database.reading() as connection:
        assert candidates.get_candidate(connection, 1).post.canonical_url == "https://tech.haneul.example/1"
