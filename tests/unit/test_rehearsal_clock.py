"""What a rehearsal goes by: its clock, and the rest that hosts keep by the clock of the machine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.cli import serve
from aggregator.clock import RehearsalClock
from aggregator.pipeline.home import Home
from aggregator.pipeline.rehearsal import Rehearsal
from aggregator.pipeline.rehearsing import read_reached
from aggregator.types import Feed, FeedState, Kind

EVE = datetime(2026, 12, 31, 23, 50, tzinfo=UTC)


class Machine:
    """The seconds of a machine, which a test sets."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_each_day_is_noted_for_a_rehearsal_that_is_killed(tmp_path: Path) -> None:
    moments = [EVE, EVE + timedelta(minutes=20)]
    rehearsal = Rehearsal(RehearsalClock(EVE), until=moments[-1])

    class Home:
        folder, zone = tmp_path, ZoneInfo("UTC")

        @property
        def now(self) -> datetime:
            return moments.pop(0)

    home: Any = Home()
    home.rehearsal, server = rehearsal, SimpleNamespace(should_exit=False)
    asyncio.run(serve._follow_rehearsal(home, server))  # type: ignore[arg-type]
    assert server.should_exit
    assert read_reached(tmp_path) == EVE


def test_time_hurries_while_nothing_is_done_and_passes_as_usual_while_something_is(machine: Machine) -> None:
    clock = RehearsalClock(EVE, 60, machine, stands=True)
    machine.seconds += 10
    assert clock() == EVE
    clock.start()
    machine.seconds += 10
    assert clock() == EVE + timedelta(minutes=10)
    with clock.working(), clock.working():
        assert clock() == EVE + timedelta(minutes=10)
        machine.seconds += 10
        assert clock() == EVE + timedelta(minutes=10, seconds=10)
    machine.seconds += 1
    assert clock() == EVE + timedelta(minutes=11, seconds=10)
    clock.hurry(2)
    machine.seconds += 10
    assert clock() == EVE + timedelta(minutes=13, seconds=10)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("README.md", "{copy}/README.md"),
        ("{home}/digests/2022-12.md", "{copy}/digests/2022-12.md"),
        ("{home}/../repository/README.md", "{copy}/elsewhere{base}/repository/README.md"),
        ("../repository/README.md", "{copy}/elsewhere{base}/repository/README.md"),
        ("/repository/README.md", "{copy}/elsewhere/repository/README.md"),
        # What the settings of the copy name, and what was stored in it.
        ("elsewhere/repository/README.md", "{copy}/elsewhere/repository/README.md"),
        ("{copy}/elsewhere/repository/README.md", "{copy}/elsewhere/repository/README.md"),
    ],
)
@pytest.mark.parametrize("place", ["copy", "home/copy"])
def test_a_rehearsal_finds_the_copy_of_each_file_that_is_named(
    tmp_path: Path, place: str, name: str, found: str
) -> None:
    places = {"base": tmp_path, "home": tmp_path / "home", "copy": tmp_path / place}
    rehearsal: Any = Rehearsal(RehearsalClock(EVE), origin=tmp_path / "home")
    home = Home(places["copy"], rehearsal, rehearsal, rehearsal, rehearsal=rehearsal)
    assert home.find_file(name.format(**places)) == Path(found.format(**places))


@pytest.mark.parametrize(
    ("url", "visits", "hours", "may"),
    [
        ("https://a.example/feed", True, 0.5, False),
        ("https://a.example/feed", True, 1, True),
        # A host on this machine needs no rest.
        ("http://127.0.0.1:8000/feed", True, 0, True),
        ("http://localhost/feed", True, 0, True),
        ("http://127.0.0.1:8000/feed", False, 1, False),
    ],
)
def test_hosts_rest_by_the_clock_of_the_machine(
    machine: Machine, url: str, visits: bool, hours: float, may: bool
) -> None:
    rehearsal = Rehearsal(RehearsalClock(EVE, 1_000_000, machine), visits=visits, monotonic=machine)
    state = FeedState(Feed("a", "A", url, Kind.COMPANY, "ko"), next_visit_at=EVE + timedelta(hours=1))
    rehearsal.rest([state], EVE)
    machine.seconds += hours * 3600
    assert rehearsal.may_visit(state) is may
