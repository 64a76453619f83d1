"""Visiting many feeds at once: whatever happens to one, the others are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import structlog

from aggregator.app import App
from aggregator.feeds.health import Health, judge_health
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline import follow
from aggregator.storage import health
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed, FeedState, Kind, Only, Outcome, Visit
from clock import Clock
from feed_server import FeedServer

DOCUMENT = """<rss version="2.0"><channel><title>t</title>
<item><title>Serving</title><link>https://{0}.example/1</link><pubDate>Thu, 01 Dec 2022 00:00:00 GMT</pubDate></item>
</channel></rss>"""


def _feeds(server: FeedServer, *keys: str) -> list[Feed]:
    return [Feed(key, key, server.play(f"/{key}.xml", DOCUMENT.format(key)), Kind.COMPANY, "en") for key in keys]


def _states(app: App) -> dict[str, FeedState]:
    with app.reading() as connection:
        return {state.feed.key: state for state in list_feed_states(connection)}


def _visit(app: App) -> dict[str, Visit]:
    return {visit.feed_key: visit for visit in asyncio.run(app.visitor.visit(list(_states(app).values())))}


def test_a_failing_feed_leaves_its_reason_and_stops_nobody(
    feed_server: FeedServer, make_app: Callable[..., App]
) -> None:
    app = make_app(_feeds(feed_server, "good", "page", "gone", "fine"))
    feed_server.play("/page.xml", "<html>Checking your browser</html>", content_type="text/html")
    del feed_server.answers["/gone.xml"]
    visits = _visit(app)
    assert {key: visit.outcome for key, visit in visits.items()} == {
        "good": Outcome.RETRIEVED,
        "page": Outcome.FAILED,
        "gone": Outcome.FAILED,
        "fine": Outcome.RETRIEVED,
    }
    states = _states(app)
    assert "an HTML page, not a feed" in (states["page"].last_reason or "")
    assert states["gone"].last_reason == "there is no such document (HTTP 404)"
    assert states["good"].entries == states["fine"].entries == 1


def test_each_visit_is_one_event_with_the_number_of_its_row(
    feed_server: FeedServer, make_app: Callable[..., App]
) -> None:
    app = make_app(_feeds(feed_server, *(f"feed-{number}" for number in range(26))))
    del feed_server.answers["/feed-7.xml"]
    with structlog.testing.capture_logs() as logs:
        visits = _visit(app)
    with app.reading() as connection:
        rows = {key: health.list_visits(connection, key, limit=5) for key in visits}
    assert rows == {key: [visit] for key, visit in visits.items()}
    events = {log["visit"]: log for log in logs if log["event"] == "visited"}
    assert len(events) == len(logs) == 26
    assert {number: event["feed"] for number, event in events.items()} == {v.id: v.feed_key for v in visits.values()}
    read, lost = (events[visits[key].id] for key in ("feed-1", "feed-7"))
    assert (read["outcome"], read["status"], read["new"], read["changed"]) == ("retrieved", 200, 1, 0)
    assert read["bytes"] == len(DOCUMENT.format("feed-1"))
    assert (lost["outcome"], lost["status"], lost["reason"]) == ("failed", 404, visits["feed-7"].reason)
    assert all(event["seconds"] >= 0 and event["log_level"] == "info" for event in events.values())


class _Stumbling(WorkerPool):
    """Fails by a bug over one document, and decides for another what cannot be stored."""

    async def run(self, url: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if "bug" in url:
            raise ZeroDivisionError("by zero")
        update = function(*args, **kwargs)
        return replace(update, entries=(replace(update.entries[0], title=None),)) if "odd" in url else update


@pytest.mark.parametrize("key", ["bug", "odd"])
def test_a_bug_over_one_document_is_logged_and_stops_nobody(
    feed_server: FeedServer, make_app: Callable[..., App], key: str
) -> None:
    app = make_app(_feeds(feed_server, "good", key, "fine"))
    vars(app)["visitor"] = replace(app.visitor, workers=_Stumbling(0, cpu_seconds=1))
    with structlog.testing.capture_logs() as logs:
        visits = _visit(app)
    assert visits["good"].outcome is visits["fine"].outcome is Outcome.RETRIEVED
    assert _states(app)["good"].entries == _states(app)["fine"].entries == 1
    assert "internal error" in (visits[key].reason or "")
    (told,) = [log for log in logs if log["event"] == "internal error"]
    assert told["feed"] == key
    assert told["exc_info"]


def test_retry_after_is_kept_to(feed_server: FeedServer, make_app: Callable[..., App], clock: Clock) -> None:
    app = make_app(_feeds(feed_server, "busy"))
    feed_server.play("/busy.xml", "later", status=429, headers={"Retry-After": "36000"})
    _visit(app)
    asked = len(feed_server.requests)
    clock.advance(hours=9)
    assert asyncio.run(app.visitor.visit_due()) == []
    assert len(feed_server.requests) == asked, "nobody asked before the time was up"
    clock.advance(hours=2)
    feed_server.play("/busy.xml", DOCUMENT.format("busy"))
    assert [visit.outcome for visit in asyncio.run(app.visitor.visit_due())] == [Outcome.RETRIEVED]


def test_a_known_validator_is_always_sent(feed_server: FeedServer, make_app: Callable[..., App]) -> None:
    app = make_app(_feeds(feed_server, "good"))
    for _ in range(3):
        _visit(app)
    conditional = ["if-none-match" in headers for _, headers in feed_server.requests]
    assert conditional == [False, True, True]


def test_a_stored_date_does_not_move_when_the_feed_is_read_again(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    app = make_app(_feeds(feed_server, "good"))
    undated = "<rss version='2.0'><channel><title>t</title><item><title>{}</title><link>https://good.example/u</link></item></channel></rss>"
    feed_server.play("/good.xml", undated.format("first"))
    _visit(app)
    first = _published(app)
    clock.advance(days=40)
    feed_server.play("/good.xml", undated.format("edited"))
    assert _visit(app)["good"].outcome is Outcome.RETRIEVED
    assert _published(app) == first


def _published(app: App) -> datetime:
    from aggregator.storage.candidates import get_candidate

    with app.reading() as connection:
        return get_candidate(connection, 1).post.published_at


MIXED = """<rss version="2.0"><channel><title>t</title>
<item><title>Serving an LLM</title><link>https://a.example/1</link></item>
<item><title>Lunch</title><link>https://a.example/2</link></item></channel></rss>"""


def test_a_filter_leaves_entries_out_until_feeds_toml_has_another(
    feed_server: FeedServer, make_app: Callable[..., App]
) -> None:
    feed = Feed("a", "A", feed_server.play("/a.xml", MIXED), Kind.COMPANY, "en", only=Only(("LLM",)))
    app = make_app([feed])
    visit = _visit(app)["a"]
    assert (visit.entries_seen, visit.entries_new, visit.left_out) == (2, 2, 1)
    assert _states(app)["a"].feed == feed
    assert [title for (title,) in _titles(app)] == ["Serving an LLM"]
    assert _visit(app)["a"].outcome is Outcome.NOT_MODIFIED

    follow.take_over(app.database, [replace(feed, only=None, verified=date(2026, 10, 8))], file="")
    assert _states(app)["a"].feed.verified == date(2026, 10, 8)
    assert _visit(app)["a"].outcome is Outcome.RETRIEVED
    assert sorted(title for (title,) in _titles(app)) == ["Lunch", "Serving an LLM"]


def _titles(app: App) -> list[Any]:
    with app.reading() as connection:
        return list(connection.exec_driver_sql("SELECT title FROM posts"))


def test_a_site_that_refuses_is_known_until_it_answers(feed_server: FeedServer, make_app: Callable[..., App]) -> None:
    app = make_app(_feeds(feed_server, "a"))
    feed_server.play("/a.xml", "", status=403, headers={"cf-mitigated": "challenge"}, validators=False)
    _visit(app)
    state = _states(app)["a"]
    assert (state.last_wall, judge_health(state, app.now)) == ("Cloudflare", Health.REFUSED)
    feed_server.play("/a.xml", DOCUMENT.format("a"))
    _visit(app)
    state = _states(app)["a"]
    assert (state.last_wall, judge_health(state, app.now)) == (None, Health.WELL)
