"""No input freezes the daemon: what a feed may hold goes the whole road in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.pipeline.duplicates import find_copies
from aggregator.posts.copies.fingerprint import fingerprint_post
from aggregator.storage import duplicates
from aggregator.storage.candidates import list_candidates
from aggregator.storage.changes import Derived, list_behind
from aggregator.storage.database import Database
from aggregator.types import Feed, Kind, Manuscript
from clock import Clock
from feed_server import FeedServer
from world import NOW, make_draft, make_update, store


# Before, each text took a minute, and each two of the titles some seconds.
@pytest.mark.timeout(30)
def test_digits_in_texts_and_titles_are_visited_compared_and_ranked_in_a_moment(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    days = [format_datetime(clock() - timedelta(hours=5 * number)) for number in range(12)]
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><link>https://monster.example/{number}</link>"
        f"<title>{'1' * 40_000}{number}편</title><pubDate>{days[number]}</pubDate><description>{number} {'1' * 60_000}a</description></item>"
        for number in range(12)
    )
    too_long = f"<item><link>https://monster.example/{'a' * 3000}</link><title>Too long</title></item>"
    body = f"<rss version='2.0'><channel><title>t</title>{items}{too_long}</channel></rss>"
    app = make_app([Feed("monster", "Monster", feed_server.play("/feed.xml", body), Kind.COMPANY, "en")])
    (visit,) = asyncio.run(app.visitor.visit_now(["monster"]))
    assert visit.entries_new == 12
    assert visit.reason == "1 of its items has an address of more than 2,000 characters and is left out"
    app.judge.judge_new()
    with app.reading() as connection:
        candidates = list_candidates(connection, app.current_month)
        assert not list_behind(connection, Derived.COPIES)
    titles = [candidate.post.title for candidate in candidates]
    assert titles
    assert all(len(title) == 500 and title.endswith("1…") for title in titles)


def _store_three(database: Database) -> None:
    """A post, a copy of it, and a hostile one between them."""
    text = " ".join(f"word{number}" for number in range(200))
    first, copy = (make_draft(number, title="One title of some words", text=text) for number in (1, 3))
    store(database, make_update(first, make_draft(2, title="Hostile"), copy))


def test_a_mistake_over_one_post_keeps_no_other_from_being_compared(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(post: Manuscript) -> Any:
        if post.title == "Hostile":
            raise ValueError("unforeseen")
        return original(post)

    original = fingerprint_post
    _store_three(database)
    monkeypatch.setattr("aggregator.pipeline.duplicates.fingerprint_post", fail)
    with capture_logs() as logs:
        find_copies(database, now=NOW)
    (line,) = [line for line in logs if line["event"] == "post passed over in the search for copies"]
    assert "Traceback" in line["trace"]
    with database.reading() as connection:
        assert not list_behind(connection, Derived.COPIES)
        assert len(duplicates.list_pairs(connection, [1, 2, 3])) == 1
