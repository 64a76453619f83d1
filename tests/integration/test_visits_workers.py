"""Visits whose worker processes are killed: no feed suffers for what is not its fault."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from aggregator.app import App
from aggregator.exceptions import StorageError, WorkerError
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline import follow
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed, FeedState, Kind, Outcome, Visit
from clock import Clock
from feed_server import FeedServer

OURS = "a failure of this program, not of the feed: "
DOCUMENT = """<rss version="2.0"><channel><title>t</title>
<item><title>Serving</title><link>https://{0}.example/1</link><pubDate>Thu, 01 Dec 2022 00:00:00 GMT</pubDate></item>
</channel></rss>"""


def _feeds(server: FeedServer, *keys: str) -> list[Feed]:
    return [Feed(key, key, server.play(f"/{key}.xml", DOCUMENT.format(key)), Kind.COMPANY, "en") for key in keys]


def _states(app: App) -> list[FeedState]:
    with app.reading() as connection:
        return list_feed_states(connection)


def _visit_due(app: App) -> list[Visit]:
    return asyncio.run(app.visitor.visit_due())


@contextmanager
def _no_process_can_start() -> Iterator[None]:
    multiprocessing.set_executable("/bin/false")
    try:
        yield
    finally:
        multiprocessing.set_executable(sys.executable)


def test_a_database_that_fails_for_one_feed_fails_its_visit_alone(
    feed_server: FeedServer, make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = _feeds(feed_server, "good", "moved")
    feed_server.redirect("/moved.xml", "/gone.xml")
    app = make_app(listed)

    def fail(connection: object, key: str) -> frozenset[str]:
        raise StorageError("the database is busy")

    monkeypatch.setattr("aggregator.storage.health.find_refused_moves", fail)
    visits = {visit.feed_key: visit for visit in _visit_due(app)}
    assert visits["good"].outcome is Outcome.RETRIEVED
    assert visits["moved"].reason == f"{OURS}the database is busy"


def _kill_all(workers: WorkerPool) -> None:
    for worker in list(workers._workers):
        worker.kill()


def test_killed_processes_are_replaced_and_failures_of_our_own_never_count_against_a_feed(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    app = make_app(_feeds(feed_server, "haneul", "lotus"), visits={"parser_processes": 1})
    assert {visit.outcome for visit in _visit_due(app)} == {Outcome.RETRIEVED}
    before = _states(app)

    _kill_all(app.workers)
    for key in ("haneul", "lotus"):
        feed_server.play(f"/{key}.xml", DOCUMENT.format(key).replace("Serving", "Serving models"))
    clock.advance(days=1)
    with structlog.testing.capture_logs() as logs:
        assert {visit.outcome for visit in _visit_due(app)} == {Outcome.RETRIEVED}
    assert [log["event"] for log in logs if "parser" in log["event"]] == ["a parser process died and is replaced"]

    _kill_all(app.workers)
    for key in ("haneul", "lotus"):
        feed_server.play(f"/{key}.xml", DOCUMENT.format(key).replace("Serving", "Serving more models"))
    for _ in range(5):
        clock.advance(days=1)
        with _no_process_can_start(), structlog.testing.capture_logs() as logs:
            visits = _visit_due(app)
        assert [(visit.outcome, visit.reason and visit.reason.startswith(OURS)) for visit in visits] == [
            (Outcome.FAILED, True)
        ] * 2
        assert len([log for log in logs if log["event"] != "visited"]) <= 4
        for state in _states(app):
            assert (state.failures, state.next_visit_at) == (0, clock.now + timedelta(minutes=15))
            assert (state.last_reason or "").startswith(OURS)
    alarm = follow.find_alarm(app)
    assert alarm is not None, "it does not pass unnoticed"
    assert alarm.feeds == 2

    app.workers._rests_until = 0.0
    clock.advance(minutes=16)
    assert {visit.outcome for visit in _visit_due(app)} == {Outcome.RETRIEVED}
    for state, old in zip(_states(app), before, strict=True):
        assert (state.failures, state.failing_since, state.last_reason) == (0, None, None)
        assert state.etag != old.etag, "what came meanwhile was read"
    assert follow.find_alarm(app) is None


class _Failing(WorkerPool):
    async def run(self, url: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        raise WorkerError("no parser process can be started")


def test_a_failure_of_our_own_leaves_what_is_known_of_a_failing_feed(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    app = make_app(_feeds(feed_server, "haneul"))
    feed_server.play("/haneul.xml", "no feed", content_type="text/plain")
    _visit_due(app)
    (failed,) = _states(app)
    clock.advance(hours=1)
    visitor = replace(app.visitor, workers=_Failing(0, cpu_seconds=1))
    asyncio.run(visitor.visit_due())
    (state,) = _states(app)
    assert (state.failures, state.failing_since) == (failed.failures, failed.failing_since) == (1, failed.last_visit_at)
    assert state.next_visit_at == clock.now + timedelta(minutes=15)
