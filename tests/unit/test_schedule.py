"""When to come back: the whole policy, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.schedule import (
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    Bounds,
    measure_habit,
    measure_pace,
    plan_after_failure,
    plan_after_success,
    put_off,
    read_freshness,
    read_retry_after,
    wants_whole,
)
from aggregator.types import QuietTimes
from world import NOW

# A Tuesday.
BOUNDS = Bounds(timedelta(minutes=15), timedelta(hours=12))
NEVER_QUIET = QuietTimes()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _every(gap: timedelta, posts: int = 10, *, last: timedelta = timedelta()) -> list[datetime]:
    """Dates of posts with this gap between them, the newest some time ago."""
    return [NOW - last - gap * number for number in range(posts)]


@pytest.mark.parametrize(
    ("dates", "pace"),
    [
        (_every(HOUR), 15 * MINUTE),
        (_every(6 * HOUR), 30 * MINUTE),
        (_every(DAY), 2 * HOUR),
        (_every(3 * DAY), 6 * HOUR),
        (_every(30 * DAY), 12 * HOUR),
        # A blog that posted daily and has been silent for a week is not a daily blog now.
        (_every(DAY, last=4 * DAY), 8 * HOUR),
        (_every(DAY, last=900 * DAY), 12 * HOUR),
        # One burst does not make a habit, and a date in the future is none.
        ([NOW, NOW, *_every(DAY, last=DAY)], 2 * HOUR),
        ([NOW + 300 * DAY, *_every(DAY)], 2 * HOUR),
        # Of a long archive only the newest posts tell.
        (_every(HOUR, 10) + _every(30 * DAY, 300, last=DAY), 15 * MINUTE),
    ],
)
def test_a_feed_is_looked_at_as_often_as_it_posts(dates: list[datetime], pace: timedelta) -> None:
    assert measure_pace(dates, NOW, BOUNDS) == pace
    assert measure_pace(list(reversed(dates)), NOW, BOUNDS) == pace


@pytest.mark.parametrize("dates", [[], [NOW - DAY], [NOW + DAY, NOW + 2 * DAY]])
def test_dates_that_tell_no_habit_lead_to_the_middle(dates: list[datetime]) -> None:
    assert BOUNDS.shortest < measure_pace(dates, NOW, BOUNDS) < BOUNDS.longest


@pytest.mark.parametrize(
    ("dates", "habit"),
    [
        (_every(DAY), DAY),
        (_every(DAY, 2), DAY),
        # Silence is not part of a habit, nor are dates in the future; the median forgives a holiday.
        (_every(DAY, last=90 * DAY), DAY),
        ([NOW + DAY, *_every(HOUR)], HOUR),
        ([*_every(DAY, 5), *_every(DAY, 5, last=30 * DAY)], DAY),
        (_every(HOUR, 10) + _every(30 * DAY, 300, last=DAY), HOUR),
        (_every(DAY, 1), None),
        ([NOW + DAY, NOW + 2 * DAY, NOW], None),
        ([], None),
    ],
)
def test_the_habit_is_the_usual_gap(dates: list[datetime], habit: timedelta | None) -> None:
    assert measure_habit(dates, NOW) == habit
    assert measure_habit(list(reversed(dates)), NOW) == habit


@pytest.mark.parametrize(
    ("pace", "fresh_for", "wait"),
    [
        (HOUR, None, HOUR),
        (MINUTE, None, 15 * MINUTE),
        (100 * DAY, None, 12 * HOUR),
        (HOUR, 5 * HOUR, 5 * HOUR),
        (HOUR, 10 * MINUTE, HOUR),
        (HOUR, 365 * DAY, LONGEST_WAIT),
    ],
)
def test_after_success(pace: timedelta, fresh_for: timedelta | None, wait: timedelta) -> None:
    moment = plan_after_success(NOW, pace, fresh_for=fresh_for, bounds=BOUNDS, quiet=NEVER_QUIET, jitter=0.0)
    assert moment == NOW + wait


@pytest.mark.parametrize(
    ("failures", "retry_after", "wait"),
    [
        (1, None, 30 * MINUTE),
        (2, None, HOUR),
        (3, None, 2 * HOUR),
        (6, None, 16 * HOUR),
        (7, None, LONGEST_WAIT),
        (500, None, LONGEST_WAIT),
        (1, "60", 30 * MINUTE),
        (1, "7200", 2 * HOUR),
        (1, "Sat, 31 Dec 2022 15:00:00 GMT", 3 * HOUR),
        (1, "172800", 2 * DAY),
        (1, "99999999", LONGEST_RETRY_AFTER),
        # Of any length and form, and never longer than that.
        (1, "9" * 5000, LONGEST_RETRY_AFTER),
        (1, "0" * 20 + "7200", 2 * HOUR),
        (1, "7200.75", 2 * HOUR),
        (1, "+7200", 2 * HOUR),
        (1, "7200 seconds", 2 * HOUR),
        (1, '"7200"', 2 * HOUR),
        (1, "-7200", 30 * MINUTE),
        (1, "-" + "9" * 50, 30 * MINUTE),
        (1, "2022-12-31T15:00:00Z", 3 * HOUR),
        (1, "Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        (1, "Mon, 01 Jan 0001 00:00:00 +0900", 30 * MINUTE),
        (1, "Thu, 01 Jan 1970 00:00:00 GMT", 30 * MINUTE),
        (1, "Sat, 31 Dec 99999 15:00:00 GMT", 30 * MINUTE),
        (1, "soon", 30 * MINUTE),
        (1, "7200 hours, perhaps", 30 * MINUTE),
        (1, "", 30 * MINUTE),
    ],
)
def test_after_failure(failures: int, retry_after: str | None, wait: timedelta) -> None:
    moment = plan_after_failure(
        NOW, failures, retry_after=retry_after, bounds=BOUNDS, quiet=NEVER_QUIET, jitter=0.0, status=500, pace=6 * HOUR
    )
    assert moment == NOW + wait


@pytest.mark.parametrize(
    ("status", "failures", "pace", "retry_after", "wait"),
    [
        (429, 1, 6 * HOUR, None, 6 * HOUR),
        (503, 1, 6 * HOUR, None, 6 * HOUR),
        # The server may ask for more, but a short Retry-After is not an invitation.
        (429, 1, 6 * HOUR, "60", 6 * HOUR),
        (503, 1, 6 * HOUR, "172800", 2 * DAY),
        (429, 7, 6 * HOUR, None, LONGEST_WAIT),
        (429, 1, 100 * DAY, None, 12 * HOUR),
        (429, 1, None, None, 30 * MINUTE),
        (500, 1, 6 * HOUR, None, 30 * MINUTE),
        (None, 1, 6 * HOUR, None, 30 * MINUTE),
    ],
)
def test_who_is_asked_too_much_is_not_asked_again_early(
    status: int | None, failures: int, pace: timedelta | None, retry_after: str | None, wait: timedelta
) -> None:
    moment = plan_after_failure(
        NOW, failures, retry_after=retry_after, bounds=BOUNDS, quiet=NEVER_QUIET, jitter=0.0, status=status, pace=pace
    )
    assert moment == NOW + wait


@pytest.mark.parametrize(
    ("hours", "days", "planned", "moment"),
    [
        # Outside the quiet times nothing changes.
        ((), (), "20 09:25", "20 09:25"),
        ((8, 10), (0, 2), "20 09:25", "20 09:25"),
        # Whole hours later, at the same minute.
        ((9,), (), "20 09:25", "20 10:25"),
        ((9, 10, 11), (), "20 09:00", "20 12:00"),
        ((22, 23, 0, 1), (), "20 22:59", "21 02:59"),
        # 0 is Monday.
        ((), (5, 6), "24 13:25", "26 00:25"),
        ((), (1,), "20 09:25", "21 00:25"),
        ((), (0, 1, 2, 3, 4, 5), "20 09:25", "25 00:25"),
        # Hours and days both count: after a quiet day comes a quiet night.
        ((0, 1, 2, 3), (6,), "25 22:10", "26 04:10"),
        ((*range(1, 24),), (0, 1, 2, 3, 4, 5), "20 09:25", "25 00:25"),
        # Who is always quiet says nothing.
        ((*range(24),), (), "20 09:25", "20 09:25"),
        ((), (*range(7),), "20 09:25", "20 09:25"),
        ((*range(24),), (1,), "20 09:25", "21 00:25"),
        ((9,), (*range(7),), "20 09:25", "20 10:25"),
    ],
)
def test_quiet_times_put_a_visit_off(hours: tuple[int, ...], days: tuple[int, ...], planned: str, moment: str) -> None:
    def read(text: str) -> datetime:
        return datetime.strptime(f"2022-12-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)

    assert put_off(read(planned), QuietTimes(hours, days)) == read(moment)


def test_quiet_times_hold_after_success_and_failure_alike() -> None:
    night = QuietTimes(hours=tuple(range(12, 20)))
    well = plan_after_success(NOW, HOUR, fresh_for=2 * HOUR, bounds=BOUNDS, quiet=night, jitter=0.0)
    badly = plan_after_failure(NOW, 1, retry_after="7200", bounds=BOUNDS, quiet=night, jitter=0.0)
    assert well == badly == datetime(2022, 12, 31, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", 2 * MINUTE),
        ("Sat, 31 Dec 2022 12:30:00 GMT", 30 * MINUTE),
        ("Fri, 30 Dec 2022 12:30:00 GMT", timedelta()),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_seconds_or_by_date(text: str | None, wait: timedelta | None) -> None:
    assert read_retry_after(text, NOW) == wait


@pytest.mark.parametrize(
    ("cache_control", "expires", "fresh"),
    [
        ("max-age=600", None, 10 * MINUTE),
        ("public, max-age=600, must-revalidate", "Mon, 02 Jan 2023 12:00:00 GMT", 10 * MINUTE),
        (None, "Sat, 31 Dec 2022 14:00:00 GMT", 2 * HOUR),
        (None, "Fri, 30 Dec 2022 14:00:00 GMT", timedelta()),
        ("no-cache, max-age=600", None, None),
        ("no-store", "Sat, 31 Dec 2022 14:00:00 GMT", None),
        ("max-age=oops", None, None),
        (None, "0", None),
        (None, None, None),
    ],
)
def test_freshness(cache_control: str | None, expires: str | None, fresh: timedelta | None) -> None:
    assert read_freshness(cache_control, expires, NOW) == fresh


QUIET = st.builds(
    QuietTimes,
    st.lists(st.integers(0, 23), unique=True).map(tuple),
    st.lists(st.integers(0, 6), unique=True).map(tuple),
)


@given(
    st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), max_size=30),
    st.integers(1, 1000),
    st.one_of(st.none(), st.text(max_size=30), st.integers(0, 10**9).map(str)),
    st.sampled_from([None, 404, 429, 500, 503]),
    st.floats(0, 1),
)
def test_nobody_is_visited_too_early_or_given_up(
    dates: list[datetime], failures: int, header: str | None, status: int | None, jitter: float
) -> None:
    pace = measure_pace(dates, NOW, BOUNDS)
    assert BOUNDS.shortest <= pace <= BOUNDS.longest
    well = plan_after_success(NOW, pace, fresh_for=None, bounds=BOUNDS, quiet=NEVER_QUIET, jitter=jitter)
    assert NOW + BOUNDS.shortest <= well <= NOW + BOUNDS.longest * 1.11
    badly = plan_after_failure(
        NOW,
        failures,
        retry_after=header,
        bounds=BOUNDS,
        quiet=NEVER_QUIET,
        jitter=jitter,
        status=status,
        pace=pace,
    )
    assert NOW + BOUNDS.shortest <= badly <= NOW + LONGEST_RETRY_AFTER
    assert badly >= NOW + (read_retry_after(header, NOW) or timedelta())


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), QUIET)
def test_quiet_times_end(planned: datetime, quiet: QuietTimes) -> None:
    moment = put_off(planned, quiet)
    assert planned <= moment <= planned + 7 * DAY
    assert moment.hour not in quiet.hours or len(quiet.hours) == 24
    assert moment.weekday() not in quiet.days or len(quiet.days) == 7
    # No earlier hour would have done.
    if moment > planned:
        before = moment - HOUR
        assert before.hour in quiet.hours or before.weekday() in quiet.days


@pytest.mark.parametrize(
    ("situation", "full_at", "silent_from", "expected"),
    [
        ("never so far", None, None, True),
        ("an hour ago", timedelta(hours=-1), None, False),
        ("a day ago", timedelta(hours=-24), None, True),
        ("under a clock that was ahead", timedelta(days=400), None, True),
        ("before it fell silent", timedelta(hours=-5), timedelta(hours=-2), True),
        ("since it fell silent", timedelta(hours=-2), timedelta(hours=-5), False),
        ("it is not silent yet", timedelta(hours=-2), timedelta(hours=5), False),
    ],
)
def test_now_and_then_the_whole_document_is_asked_for(
    situation: str, full_at: timedelta | None, silent_from: timedelta | None, expected: bool
) -> None:
    times = [None if span is None else NOW + span for span in (full_at, silent_from)]
    assert wants_whole(*times, NOW) is expected, situation
