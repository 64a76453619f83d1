"""How a feed fares, when it is silent, and when nothing succeeds at all."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.dates.read import parse_date
from aggregator.feeds.health import Health, find_alarm, find_silence, is_silent, judge_health
from aggregator.feeds.parse import parse_document
from aggregator.feeds.schedule import measure_habit
from aggregator.types import Feed, FeedState, Kind
from world import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AFTER = 2 * HOUR


def _state(key: str = "haneul", *, host: str | None = None, **changes: Any) -> FeedState:
    feed = Feed(key, key, f"https://{host or key + '.example'}/{key}.xml", Kind.COMPANY, "ko")
    return FeedState(feed, **{"last_visit_at": NOW - HOUR, "last_success_at": NOW - HOUR, **changes})


@pytest.mark.parametrize(
    ("changes", "health"),
    [
        ({}, Health.WELL),
        ({"last_visit_at": None, "last_success_at": None}, Health.NEW),
        ({"failures": 1, "last_status": 500}, Health.FAILING),
        ({"failures": 3, "last_status": None}, Health.FAILING),
        ({"failures": 3, "last_status": 404}, Health.FAILING),
        ({"failures": 1, "last_status": 410}, Health.GONE),
        ({"newest_at": NOW - 60 * DAY, "habit": DAY}, Health.SILENT),
        # What is paused was silenced by the curator, whatever it was before.
        ({"paused_at": NOW, "failures": 3, "last_status": 410}, Health.PAUSED),
        ({"paused_at": NOW, "last_visit_at": None}, Health.PAUSED),
        # A feed that cannot be read may well have posted.
        ({"failures": 1, "last_status": 500, "newest_at": NOW - 60 * DAY, "habit": DAY}, Health.FAILING),
    ],
)
def test_how_a_feed_fares(changes: dict[str, Any], health: Health) -> None:
    assert judge_health(_state(**changes), NOW) is health


def test_what_needs_the_curator_comes_first() -> None:
    assert list(Health) == [
        Health.GONE,
        Health.REFUSED,
        Health.FAILING,
        Health.SILENT,
        Health.NEW,
        Health.WELL,
        Health.PAUSED,
    ]


@pytest.mark.parametrize(
    ("habit", "silence"),
    [
        (timedelta(), 14 * DAY),
        (4 * HOUR, 14 * DAY + 16 * HOUR),
        (DAY, 18 * DAY),
        (7 * DAY, 42 * DAY),
        (30 * DAY, 134 * DAY),
    ],
)
def test_a_feed_is_silent_after_four_times_its_habit_and_a_fortnight(habit: timedelta, silence: timedelta) -> None:
    assert find_silence(_state(newest_at=NOW, habit=habit)) == NOW + silence
    assert not is_silent(_state(newest_at=NOW - silence, habit=habit), NOW)
    assert is_silent(_state(newest_at=NOW - silence - MINUTE, habit=habit), NOW)


@pytest.mark.parametrize("changes", [{}, {"newest_at": NOW - 900 * DAY}, {"habit": DAY}])
def test_a_feed_that_has_shown_no_habit_is_never_silent(changes: dict[str, Any]) -> None:
    assert find_silence(_state(**changes)) is None
    assert not is_silent(_state(**changes), NOW)


# --- the rule for silence, held to recorded histories ---------------------------------------------------------------

#: The same feed in another dialect.
TWICE = {"huggingface-nobase", "kakaoenterprise-rss", "keras-blog-rss", "yamadashy-techblog-rss", "ruder-ghost2"}
#: Who rests for longer is silent indeed.
REST = 180 * DAY


def _list_histories(folder: Path) -> list[list[datetime]]:
    """The dates of the posts of each recorded feed, from all its documents, oldest first."""
    posts: dict[str, dict[str | None, datetime]] = {}
    for path in folder.glob("*.xml"):
        key = path.stem.partition("@")[0]
        if key not in TWICE:
            for item in parse_document(path.read_bytes(), "https://blog.example/feed").entries:
                if date := parse_date(item.published_raw) or parse_date(item.updated_raw):
                    posts.setdefault(key, {})[item.url] = date
    return [sorted(dates.values()) for dates in posts.values()]


def _play(history: list[datetime]) -> tuple[timedelta, timedelta]:
    """How long a feed was watched from its fifth post on, and how long of that it was called silent."""
    watched = silent = timedelta()
    for number in range(5, len(history)):
        newest, following = history[number - 1 : number + 1]
        if following - newest > REST:
            continue
        called_at = find_silence(_state(newest_at=newest, habit=measure_habit(history[:number], newest)))
        watched += following - newest
        if called_at is not None:
            silent += max(following - called_at, timedelta())
    return watched, silent


def test_living_feeds_are_seldom_called_silent(shared: Path) -> None:
    played = [_play(history) for history in _list_histories(shared / "feeds")]
    played = [(watched, silent) for watched, silent in played if watched >= 60 * DAY]
    assert len(played) >= 25
    share = sum((silent for _, silent in played), timedelta()) / sum((watched for watched, _ in played), timedelta())
    assert 0.01 < share < 0.05
    assert statistics.median(silent / watched for watched, silent in played) == 0


# --- the alarm ----------------------------------------------------------------------------------------------------------


def _failing(key: str, since: timedelta, last: timedelta = 10 * MINUTE, **changes: Any) -> FeedState:
    """A feed that has failed since then, last tried that long ago, and had succeeded half a day before."""
    values: dict[str, Any] = {
        "failures": 3,
        "failing_since": NOW - since,
        "last_visit_at": NOW - last,
        "last_success_at": NOW - since - 12 * HOUR,
    }
    return _state(key, **values | changes)


def _quiet(key: str, ago: timedelta = 6 * HOUR) -> FeedState:
    """A feed that was well when it was last visited."""
    return _state(key, last_visit_at=NOW - ago, last_success_at=NOW - ago)


@pytest.mark.parametrize(
    ("situation", "states", "alarm"),
    [
        ("no feeds", [], None),
        ("all is well", [_quiet("a"), _quiet("b")], None),
        ("nothing is due, and nothing failed", [_quiet("a", 30 * DAY), _quiet("b", 30 * DAY)], None),
        ("one feed breaks while the others are not due", [_failing("a", 3 * HOUR), _quiet("b"), _quiet("c")], None),
        (
            "the network is down, and some feeds are not due",
            [_failing("a", 3 * HOUR), _failing("b", 2 * HOUR), _quiet("c")],
            (3 * HOUR, 2),
        ),
        ("it has not lasted long enough", [_failing("a", 110 * MINUTE), _failing("b", HOUR), _quiet("c")], None),
        ("it has lasted just long enough", [_failing("a", AFTER), _failing("b", HOUR), _quiet("c")], (AFTER, 2)),
        (
            "feeds have been broken for weeks, each by itself, while the others are not due",
            [_failing("a", 20 * DAY), _failing("b", 9 * DAY), _failing("c", 3 * DAY), _quiet("d", 2 * DAY)],
            None,
        ),
        (
            "another feed succeeded in between",
            [_failing("a", 5 * HOUR), _failing("b", 4 * HOUR), _quiet("c", 3 * HOUR)],
            None,
        ),
        (
            "one host is down, with the feeds that live there",
            [
                _failing("a", 3 * HOUR, host="medium.example"),
                _failing("b", 3 * HOUR, host="medium.example"),
                _quiet("c"),
            ],
            None,
        ),
        (
            "all feeds live on one host, and it is down",
            [_failing("a", 3 * HOUR, host="medium.example"), _failing("b", 3 * HOUR, host="medium.example")],
            (3 * HOUR, 2),
        ),
        ("the only feed fails", [_failing("a", 3 * HOUR)], (3 * HOUR, 1)),
        (
            "the only feed that is not paused fails",
            [_failing("a", 3 * HOUR), _state("b", paused_at=NOW - DAY, last_success_at=NOW - 2 * DAY)],
            (3 * HOUR, 1),
        ),
        (
            "the rest was paused after it had succeeded",
            [_failing("a", 9 * DAY), _state("b", paused_at=NOW - HOUR, last_success_at=NOW - 4 * HOUR)],
            (4 * HOUR, 1),
        ),
        (
            "paused feeds fail no more",
            [_failing("a", 3 * HOUR, paused_at=NOW), _failing("b", 3 * HOUR, paused_at=NOW)],
            None,
        ),
        (
            "no visit has ever succeeded",
            [
                _failing("a", 3 * HOUR, last_success_at=None),
                _failing("b", 3 * HOUR, last_success_at=None),
                _state("c", last_visit_at=None, last_success_at=None),
            ],
            (3 * HOUR, 2),
        ),
        (
            "one feed was broken already when all the others began to fail",
            [_failing("a", 20 * DAY), _failing("b", 3 * HOUR), _failing("c", 3 * HOUR)],
            (3 * HOUR, 2),
        ),
        (
            "of two feeds one was broken already",
            [_failing("a", 20 * DAY), _failing("b", 3 * HOUR)],
            (3 * HOUR, 1),
        ),
        (
            "the machine slept right after two failures, and nothing was tried since",
            [
                _failing("a", 8 * HOUR, last=8 * HOUR),
                _failing("b", 8 * HOUR, last=8 * HOUR - MINUTE),
                _quiet("c", 9 * HOUR),
            ],
            None,
        ),
        (
            "the waits after failures are longer than the alarm's time",
            [_failing("a", 9 * HOUR, last=4 * HOUR), _failing("b", 9 * HOUR, last=4 * HOUR), _quiet("c", 10 * HOUR)],
            (9 * HOUR, 2),
        ),
        (
            "the clock was years ahead at the last success, and is right again",
            [
                _failing("a", 3 * HOUR, last_success_at=NOW + 900 * DAY),
                _failing("b", 3 * HOUR, last_success_at=NOW + 900 * DAY),
            ],
            (3 * HOUR, 2),
        ),
    ],
)
def test_the_alarm_is_for_what_is_not_a_matter_of_single_feeds(
    situation: str, states: list[FeedState], alarm: tuple[timedelta, int] | None
) -> None:
    for order in (states, states[::-1]):
        found = find_alarm(order, NOW, AFTER)
        assert (found and (NOW - found.since, found.feeds)) == alarm, situation


def _waiting(key: str, due: timedelta, last: timedelta, **changes: Any) -> FeedState:
    """A feed that has been due since then, and was visited last that long ago."""
    values = {"next_visit_at": NOW - due, "last_visit_at": NOW - last, "last_success_at": NOW - last}
    return _state(key, **values | changes)


@pytest.mark.parametrize(
    ("situation", "states", "alarm"),
    [
        ("the daemon does not run", [_waiting("a", 3 * HOUR, 4 * HOUR), _waiting("b", HOUR, 9 * HOUR)], (3 * HOUR, 2)),
        ("it has not stood still for long enough", [_waiting("a", 110 * MINUTE, 4 * HOUR)], None),
        ("another feed is visited", [_waiting("a", 9 * HOUR, 9 * HOUR), _waiting("b", -HOUR, HOUR)], None),
        (
            "another was visited, and then none",
            [_waiting("a", 9 * HOUR, 9 * HOUR), _quiet("b", 5 * HOUR)],
            (5 * HOUR, 1),
        ),
        ("nothing is due", [_waiting("a", -HOUR, 9 * HOUR)], None),
        ("what is due is paused", [_waiting("a", 3 * HOUR, 4 * HOUR, paused_at=NOW - DAY)], None),
        (
            "a visit lies in the future, for the clock was wrong",
            [_waiting("a", 3 * HOUR, 4 * HOUR), _waiting("b", -900 * DAY, -900 * DAY)],
            (3 * HOUR, 1),
        ),
    ],
)
def test_the_alarm_also_tells_that_nothing_is_tried(
    situation: str, states: list[FeedState], alarm: tuple[timedelta, int] | None
) -> None:
    for order in (states, states[::-1]):
        found = find_alarm(order, NOW, AFTER)
        assert (found and (NOW - found.since, found.feeds)) == alarm, situation
        assert found is None or not found.is_tried


# --- what is due ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("next_visit", "last_visit", "due"),
    [
        (None, None, True),
        (timedelta(), -HOUR, True),
        (MINUTE, -HOUR, False),
        # A week by Retry-After, and another of quiet times.
        (14 * DAY, -HOUR, False),
        (14 * DAY + MINUTE, -HOUR, True),
        # The clock was ahead when it was planned: by years, and by an hour.
        (1461 * DAY, 1460 * DAY, True),
        (2 * HOUR, HOUR, True),
    ],
)
def test_what_was_put_off_under_a_wrong_clock_is_due(
    next_visit: timedelta | None, last_visit: timedelta | None, due: bool
) -> None:
    moments = [None if span is None else NOW + span for span in (next_visit, last_visit)]
    assert _state(next_visit_at=moments[0], last_visit_at=moments[1]).is_due(NOW) is due
