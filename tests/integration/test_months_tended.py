"""Months that the daemon slept through, or that were reviewed late: drafted and printed all the same, oldest first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog

from aggregator.app import App
from aggregator.exceptions import DigestError
from aggregator.pipeline import history, months, plans, publish, review
from aggregator.scheduler import Daemon
from aggregator.storage import digests, judgements
from aggregator.storage.plans import find_plan
from aggregator.types import Correction, Decision, DigestState, Month, Reason, Score
from clock import Clock
from world import FEED, make_draft, make_guess, make_update, store

DAYS = {"draft_day": 2, "print_day": 5}
SEOUL = ZoneInfo("Asia/Seoul")
NOVEMBER, DECEMBER, JANUARY = (Month(2022, 11), Month(2022, 12), Month(2023, 1))


class Home:
    """A home with a virtual clock; posts come with their guess and a shortlist."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self._daemon = Daemon(app)

    def wake(self, day: datetime) -> None:
        self.clock.now = day

    def bring(self, number: int, month: Month) -> None:
        """A post of the middle of a month, found now."""
        published_at = datetime(month.year, month.month, 15, tzinfo=UTC)
        draft = make_draft(number, month=month, published_at=published_at, first_seen_at=self.clock.now)
        store(self.app.database, make_update(draft))
        with self.app.database.writing() as connection:
            judgements.save_guesses(connection, [make_guess(number)], self.clock.now)
            score = Score(number, (Reason("topic fit", 1.0),), 1, shortlisted=True)
            judgements.save_scores(connection, month, [score], self.clock.now)

    def tend(self) -> list[tuple[str, str]]:
        """What the daemon makes of which months, in its order."""
        with structlog.testing.capture_logs() as logs:
            asyncio.run(self._daemon.tend_months())
        return [(log["month"], log["state"]) for log in logs if log["event"] == "digest made"]

    def list_digests(self) -> dict[str, str]:
        with self.app.reading() as connection:
            return {str(month): str(state) for month, state in sorted(digests.list_digests(connection))}


@pytest.fixture
def home(make_app: Callable[..., App], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Home:
    """On from the 20th of November."""
    monkeypatch.setattr(Daemon, "_measure", lambda _: None)
    return _begin(make_app([FEED], digest=DAYS), clock)


def _begin(app: App, clock: Clock) -> Home:
    clock.now = datetime(2022, 11, 20, tzinfo=UTC)
    home = Home(app, clock)
    home.bring(1, NOVEMBER)
    return home


def test_months_slept_through_are_drafted_and_printed_oldest_first(
    make_app: Callable[..., App], database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Daemon, "_measure", lambda _: None)
    home = _begin(make_app([FEED], database_url=database_url, digest=DAYS), clock)
    review.decide(home.app, 1, Decision.APPROVE)
    # The machine was off from November to February; what came out meanwhile is found now.
    home.wake(datetime(2023, 2, 1, 3, tzinfo=UTC))
    home.bring(2, DECEMBER)
    home.bring(3, JANUARY)
    assert home.tend() == [("2022-11", "printed"), ("2022-12", "draft")], "of January it is not the day yet"
    assert months.find_open_month(home.app) == DECEMBER

    home.wake(datetime(2023, 2, 7, 3, tzinfo=UTC))
    assert home.tend() == [("2023-01", "draft")]
    review.decide(home.app, 3, Decision.APPROVE)
    assert home.tend() == [("2023-01", "printed")]
    assert months.find_open_month(home.app) == DECEMBER

    home.wake(datetime(2023, 3, 30, 3, tzinfo=UTC))
    review.decide(home.app, 2, Decision.APPROVE)
    assert home.tend()[0] == ("2022-12", "printed"), "reviewed late"
    assert home.list_digests() == {"2022-11": "printed", "2022-12": "printed", "2023-01": "printed", "2023-02": "draft"}
    assert home.tend() == []


def test_a_month_that_cannot_be_printed_keeps_no_other_waiting(home: Home) -> None:
    review.decide(home.app, 1, Decision.APPROVE)
    # From before approvals were refused for it.
    with home.app.database.writing() as connection:
        judgements.append_correction(connection, Correction(1, "", home.clock.now, title="A [bracket"))
    home.wake(datetime(2023, 1, 7, 3, tzinfo=UTC))
    home.bring(2, DECEMBER)
    review.decide(home.app, 2, Decision.APPROVE)
    assert home.tend() == [("2022-12", "printed")]
    review.decide(home.app, 1, Decision.APPROVE, correction=Correction(1, "", home.clock.now, title="Mended"))
    assert home.tend() == [("2022-11", "printed")]


def test_a_file_that_cannot_be_written_keeps_no_other_month_waiting(home: Home) -> None:
    review.decide(home.app, 1, Decision.APPROVE)
    (home.app.digest_folder / "2022-11.md").mkdir(parents=True)
    home.wake(datetime(2023, 1, 7, 3, tzinfo=UTC))
    home.bring(2, DECEMBER)
    review.decide(home.app, 2, Decision.APPROVE)
    assert home.tend() == [("2022-12", "printed")]


def test_a_month_in_which_nothing_came_is_left_and_so_is_one_of_before(home: Home) -> None:
    home.bring(2, Month(2021, 5))
    home.wake(datetime(2023, 2, 7, 3, tzinfo=UTC))
    # Last month is drafted also where nothing has come: that shows that it is over.
    assert home.tend() == [("2022-11", "draft"), ("2023-01", "draft")]
    # An old post that was approved is not forgotten, but its month is not the one to review.
    home.bring(3, Month(2021, 4))
    review.decide(home.app, 3, Decision.APPROVE)
    review.decide(home.app, 2, Decision.HOLD)
    assert home.tend() == [("2021-04", "printed")]
    assert months.find_open_month(home.app) == NOVEMBER


def test_what_another_digest_has_printed_waits_for_nothing(home: Home) -> None:
    review.decide(home.app, 1, Decision.APPROVE)
    home.wake(datetime(2023, 1, 7, 3, tzinfo=UTC))
    publish.make_digest(home.app, NOVEMBER, DigestState.PRINTED)
    with home.app.database.writing() as connection:
        connection.execute(digests.digests.update().values(month="2022-10"))
    assert home.tend() == [("2022-12", "draft")]


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2031, 5, 5, tzinfo=UTC)])
def test_a_clock_that_was_wrong_at_the_beginning_opens_and_hides_no_month(
    make_app: Callable[..., App], clock: Clock, wrong: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Daemon, "_measure", lambda _: None)
    clock.now = wrong
    home = Home(make_app([FEED]), clock)
    home.bring(1, NOVEMBER)
    home.bring(2, Month(2021, 5))
    home.wake(datetime(2022, 12, 7, 3, tzinfo=UTC))
    assert home.tend() == [("2022-11", "draft")]


def test_a_closed_month_is_printed_without_what_is_undecided(home: Home) -> None:
    home.bring(2, NOVEMBER)
    review.decide(home.app, 1, Decision.APPROVE)
    home.wake(datetime(2022, 12, 3, tzinfo=UTC))
    assert home.tend() == [("2022-11", "draft")]
    plans.close_month(home.app, NOVEMBER)
    assert home.tend() == [], "its day has not come"
    home.wake(datetime(2022, 12, 5, 0, tzinfo=UTC))
    assert home.tend() == [("2022-11", "printed")]
    with pytest.raises(DigestError, match="Nov 2022 is closed"):
        plans.reopen(home.app, NOVEMBER)


def test_a_print_waits_until_the_day_that_was_named(home: Home) -> None:
    review.decide(home.app, 1, Decision.APPROVE)
    home.wake(datetime(2022, 12, 4, tzinfo=UTC))
    plans.wait(home.app, NOVEMBER, datetime(2022, 12, 9, 9, tzinfo=SEOUL))
    home.wake(datetime(2022, 12, 8, 23, tzinfo=UTC))
    assert home.tend() == [("2022-11", "draft")]
    home.wake(datetime(2022, 12, 9, 0, tzinfo=UTC))
    assert home.tend() == [("2022-11", "printed")]


def test_what_was_planned_is_undone_and_redone(home: Home) -> None:
    home.wake(datetime(2022, 12, 4, tzinfo=UTC))
    plans.close_month(home.app, NOVEMBER)
    plans.wait(home.app, NOVEMBER, datetime(2022, 12, 9, tzinfo=UTC))
    plans.reopen(home.app, NOVEMBER)

    def read() -> tuple[bool, bool]:
        with home.app.reading() as connection:
            plan = find_plan(connection, NOVEMBER)
        return plan.is_closed, plan.wait_until is not None

    seen = [read()]
    for act in (history.undo, history.undo, history.undo, history.redo, history.redo, history.redo):
        act(home.app)
        seen.append(read())
    states = [(False, False), (True, True), (True, False), (False, False)]
    assert seen == [*states, *states[-2::-1]]


REFUSED = {
    "a month that goes on": (lambda app: plans.close_month(app, DECEMBER), "Dec 2022 is not over yet"),
    "a day that has passed": (lambda app: plans.wait(app, NOVEMBER, datetime(2022, 12, 1, tzinfo=UTC)), "to come"),
    "a day far away": (lambda app: plans.wait(app, NOVEMBER, datetime(2024, 1, 1, tzinfo=UTC)), "within a year"),
}


@pytest.mark.parametrize(("act", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_planned_is_refused(home: Home, act: Callable[[App], object], said: str) -> None:
    home.wake(datetime(2022, 12, 4, tzinfo=UTC))
    with pytest.raises(DigestError, match=said):
        act(home.app)


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin", "America/New_York"])
def test_three_month_ends_go_into_the_page_asleep_or_awake(
    make_app: Callable[..., App], clock: Clock, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """Summer time ends in November and begins in March: the hour is the one on the curator's clock."""
    monkeypatch.setattr(Daemon, "_measure", lambda _: None)
    home = _begin(make_app([FEED], time_zone=zone, digest={"page": "README.md"}), clock)
    there = ZoneInfo(zone)
    review.decide(home.app, 1, Decision.APPROVE)
    page = home.app.folder / "README.md"

    made = []
    for number, (month, wakes) in enumerate([(DECEMBER, (5, 8)), (JANUARY, (7, 12)), (Month(2023, 2), (5, 9))], 2):
        day, hour = wakes
        home.wake(datetime(month.year, month.month, day, hour, 59, tzinfo=there))
        made.append(home.tend())
        home.wake(datetime(month.year, month.month, day, max(hour, 9), 0, tzinfo=there))
        made.append(home.tend())
        home.bring(number, month)
        review.decide(home.app, number, Decision.APPROVE)

    assert made == [
        [("2022-11", "draft")],
        [("2022-11", "printed")],
        [("2022-12", "printed")],
        [],
        [("2023-01", "printed")],
        [],
    ]
    labels = re.findall(r"\((\w{3} \d{4}),", page.read_text(encoding="utf-8"))
    assert labels == ["Jan 2023", "Dec 2022", "Nov 2022"]


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Europe/Berlin", Month(2023, 2)), ("America/New_York", Month(2022, 9)), ("Asia/Seoul", Month(2022, 11))],
)
def test_three_month_ends_keep_their_hours_when_summer_time_begins_and_ends(
    make_app: Callable[..., App], clock: Clock, monkeypatch: pytest.MonkeyPatch, zone: str, first: Month
) -> None:
    """To the minute: it begins on 26 March 2023 in Berlin, and ends on 6 November 2022 in New York."""
    monkeypatch.setattr(Daemon, "_measure", lambda _: None)
    clock.now = datetime(first.year, first.month, 20, tzinfo=UTC)
    home, there = Home(make_app([FEED], time_zone=zone), clock), ZoneInfo(zone)
    home.tend()
    for number, month in enumerate([first, first.shift(1), first.shift(2)], 1):
        home.bring(number, month)
        review.decide(home.app, number, Decision.APPROVE)
        after = month.shift(1)
        for day, hour, state in ((1, 0, "draft"), (5, 9, "printed")):
            moment = datetime(after.year, after.month, day, hour, tzinfo=there).astimezone(UTC)
            home.wake(moment - timedelta(minutes=1))
            assert home.tend() == []
            home.wake(moment)
            assert home.tend() == [(str(month), state)]


def test_a_home_that_begins_on_the_seventh_prints_the_month_before(
    make_app: Callable[..., App], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Daemon, "_measure", lambda _: None)
    clock.now = datetime(2022, 12, 7, 3, tzinfo=UTC)
    home = Home(make_app([FEED], digest=DAYS), clock)
    home.bring(1, NOVEMBER)
    assert home.tend() == [("2022-11", "draft")]
    review.decide(home.app, 1, Decision.APPROVE)
    assert home.tend() == [("2022-11", "printed")]
