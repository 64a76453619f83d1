"""What makes a round judge posts, and jobs while the clock is set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from aggregator import scheduler
from aggregator.clock import RehearsalClock
from aggregator.exceptions import StorageError
from aggregator.pipeline.activity import Activity, Stage
from aggregator.pipeline.rehearsal import Rehearsal
from aggregator.scheduler import Daemon, is_put_off
from aggregator.types import Disclosure, DisclosureKind, Outcome, PageOutcome, PageReading, Visit
from world import NOW

BROUGHT = [Visit("haneul", NOW, 1.0, Outcome.RETRIEVED)]
NOTHING = [Visit("haneul", NOW, 1.0, Outcome.NOT_MODIFIED)]


@pytest.fixture(autouse=True)
def _nothing_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a round does beside visiting and judging."""
    monkeypatch.setattr(scheduler.follow, "find_alarm", lambda home: None)
    monkeypatch.setattr(scheduler.months, "release_arrived", lambda home: set())
    monkeypatch.setattr(scheduler.search, "index_new", lambda database, **how: 0)


class _Rounds:
    """A daemon whose App counts how often it judges; *judging* happens meanwhile."""

    zone = UTC
    settings = SimpleNamespace(cluster="", suggestions=SimpleNamespace(github=""))
    rehearsal = None
    database = None
    now = NOW

    def __init__(self) -> None:
        self.learner = SimpleNamespace(find_version=lambda: "sections-1", is_fitting=False)
        self.judged = 0
        self.brought: list[Visit] = []
        self.judging: Callable[[], object] = lambda: None
        self.pages: list[PageReading] = []
        self.activity = Activity()
        self.telemetry = SimpleNamespace(note_job=lambda *_, **__: None, note_lag=lambda *_: None)
        self.awaited: list[tuple[Stage | None, bool]] = []
        self.visitor = self.page_reader = self.judge = self
        self.daemon = Daemon(self)  # type: ignore[arg-type]
        self.round()

    async def visit_due(self) -> list[Visit]:
        return self.brought

    async def read_due(self) -> list[PageReading]:
        return self.pages

    def judge_new(self, *, progress: object, when_ranked: Callable[[], None]) -> None:
        self.judged += 1
        self.awaited.append((self.activity.stage, self.activity.is_awaited))
        when_ranked()
        self.awaited.append((self.activity.stage, self.activity.is_awaited))
        self.judging()

    def refresh_decided(self) -> None: ...

    def rank_decided(self) -> None: ...

    def round(self, brought: list[Visit] = NOTHING) -> int:
        """How often it has judged after one more round."""
        self.brought = brought
        asyncio.run(self.daemon.visit_and_judge())
        return self.judged

    def read(self, *, outcome: PageOutcome = PageOutcome.TAKEN, **found: Any) -> None:
        self.pages = [PageReading(1, "https://a.example/", NOW, outcome, 1, **found)]
        asyncio.run(self.daemon.read_pages())


@pytest.mark.parametrize(
    ("visits", "asking"), [(False, set()), (True, {"read_archives", "read_pages", "read_roundups"})]
)
def test_a_rehearsal_asks_nobody_whom_it_need_not(visits: bool, asking: set[str]) -> None:
    daemon = _Rounds().daemon
    asked = ("read_archives", "read_pages", "read_roundups", "ask_for_talk", "look_at_links", "look_at_sites")
    jobs = [getattr(daemon, name) for name in (*asked, "tell", "tidy")]
    chosen = daemon._choose_rehearsed(jobs, Rehearsal(RehearsalClock(NOW), visits))
    assert {job.__name__ for job in chosen} == {*asking, "tell", "tidy"}


def test_a_round_judges_what_is_new_and_nothing_twice() -> None:
    rounds = _Rounds()
    assert [rounds.round(), rounds.round(BROUGHT), rounds.round()] == [1, 2, 2]


def test_shortlists_are_awaited_until_the_first_months_are_ranked() -> None:
    rounds = _Rounds()
    assert rounds.awaited == [(Stage.RANK, True), (Stage.COMPARE, False)]
    assert (rounds.activity.stage, rounds.activity.rounds) == (None, 1)


def test_what_pages_say_is_judged_by_the_next_round() -> None:
    rounds = _Rounds()
    rounds.read(outcome=PageOutcome.KEPT)
    assert rounds.round() == 1
    rounds.read()
    assert rounds.round() == 2
    rounds.read(outcome=PageOutcome.KEPT, canonical_url="https://b.example/")
    assert rounds.round() == 3
    rounds.read(outcome=PageOutcome.KEPT, said=(Disclosure(DisclosureKind.MEMBERS_ONLY, "isAccessibleForFree: false"),))
    assert rounds.round() == 4


def test_what_pages_say_while_a_round_judges_waits_for_the_next() -> None:
    rounds = _Rounds()
    rounds.judging = rounds.read
    assert rounds.round(BROUGHT) == 2
    rounds.judging = lambda: None
    assert [rounds.round(), rounds.round()] == [3, 3]


def test_what_could_not_be_judged_is_judged_by_the_next_round() -> None:
    rounds = _Rounds()

    def fail() -> None:
        raise StorageError("the disk is full")

    rounds.judging = fail
    with pytest.raises(StorageError):
        rounds.round(BROUGHT)
    rounds.judging = lambda: None
    assert [rounds.round(), rounds.round()] == [3, 3]


MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("ahead", "interval", "put_off"),
    [
        (timedelta(), MINUTE, False),
        (MINUTE, MINUTE, False),
        (MINUTE + timedelta(seconds=1), MINUTE, True),
        (YEAR, MINUTE, True),
        # It is overdue: APScheduler runs it by itself.
        (-YEAR, MINUTE, False),
        (timedelta(hours=24), timedelta(days=1), False),
        (timedelta(hours=25), timedelta(days=1), True),
    ],
)
def test_a_job_is_put_off_when_it_is_further_ahead_than_its_interval(
    ahead: timedelta, interval: timedelta, put_off: bool
) -> None:
    assert is_put_off(NOW + ahead, interval, NOW) is put_off


def test_after_a_clock_that_went_ahead_by_years_no_missed_run_is_counted() -> None:
    assert scheduler._Interval(seconds=60).get_next_fire_time(NOW - 50 * YEAR, NOW) == NOW + MINUTE


def test_jobs_run_again_after_failures_and_after_the_clock_was_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_LOOK_SECONDS", 0)
    rounds = _Rounds()
    monkeypatch.setattr(rounds, "learner", SimpleNamespace(find_version=lambda: "sections-1", stop=lambda: None))
    failures = {"read_pages": StorageError("the disk is full"), "learn": ZeroDivisionError()}
    ran: asyncio.Queue[str] = asyncio.Queue()

    async def run(name: str) -> None:
        ran.put_nowait(name)
        if failure := failures.pop(name, None):
            raise failure

    names = {"visit_and_judge", "read_pages", "tend_months", "learn", "tidy"}
    for name in names:
        job = partial(run, name)
        job.__name__ = name  # type: ignore[attr-defined]
        monkeypatch.setattr(rounds.daemon, name, job)

    async def put_the_clock_back() -> None:
        rounds.daemon.start()
        assert {await ran.get() for _ in names} == names
        for planned in rounds.daemon._scheduler.get_jobs():
            planned.modify(next_run_time=datetime.now(UTC) + YEAR)
        assert {await asyncio.wait_for(ran.get(), 10) for _ in names} == names
        rounds.daemon.stop()

    with structlog.testing.capture_logs() as logs:
        asyncio.run(put_the_clock_back())
    assert {log["event"] for log in logs if log["log_level"] == "error"} == {
        "job failed",
        "job failed: internal error",
    }


def test_a_fit_and_a_measurement_take_turns_and_neither_waits_for_the_other() -> None:
    """Each runs in a process of its own that takes a few hundred megabytes."""
    rounds, ran = _Rounds(), list[str]()
    daemon, learner = rounds.daemon, rounds.learner

    def fit() -> None:
        ran.append("fit")
        daemon._try("measure", lambda: ran.append("measure"))

    daemon._try("fit", fit)
    assert ran == ["fit"]
    daemon._try("measure", lambda: ran.append("measure"))
    assert ran == ["fit", "measure"]
    learner.is_fitting = True
    daemon._try("measure", lambda: ran.append("measure"))
    assert ran == ["fit", "measure"], "somebody asked for a fit"
