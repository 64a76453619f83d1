"""When to come back: the whole policy, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.collect.schedule import (
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    Bounds,
    measure_pace,
    plan_after_failure,
    plan_after_success,
    read_freshness,
    read_retry_after,
)

NOW = datetime(2022, 12, 20, 9, tzinfo=UTC)
BOUNDS = Bounds(timedelta(minutes=15), timedelta(hours=12))
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
        # A blog that posted daily and has been silent for a week is no daily blog now.
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
    assert plan_after_success(NOW, pace, fresh_for=fresh_for, bounds=BOUNDS, jitter=0.0) == NOW + wait


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
        (1, "Tue, 20 Dec 2022 12:00:00 GMT", 3 * HOUR),
        (1, "172800", 2 * DAY),
        (1, "99999999", LONGEST_RETRY_AFTER),
        (1, "soon", 30 * MINUTE),
    ],
)
def test_after_failure(failures: int, retry_after: str | None, wait: timedelta) -> None:
    assert plan_after_failure(NOW, failures, retry_after=retry_after, bounds=BOUNDS, jitter=0.0) == NOW + wait


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", 2 * MINUTE),
        ("Tue, 20 Dec 2022 09:30:00 GMT", 30 * MINUTE),
        ("Mon, 19 Dec 2022 09:30:00 GMT", timedelta()),
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
        ("public, max-age=600, must-revalidate", "Thu, 22 Dec 2022 09:00:00 GMT", 10 * MINUTE),
        (None, "Tue, 20 Dec 2022 11:00:00 GMT", 2 * HOUR),
        (None, "Mon, 19 Dec 2022 11:00:00 GMT", timedelta()),
        ("no-cache, max-age=600", None, None),
        ("no-store", "Tue, 20 Dec 2022 11:00:00 GMT", None),
        ("max-age=oops", None, None),
        (None, "0", None),
        (None, None, None),
    ],
)
def test_freshness(cache_control: str | None, expires: str | None, fresh: timedelta | None) -> None:
    assert read_freshness(cache_control, expires, NOW) == fresh


@given(
    st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), max_size=30),
    st.integers(1, 1000),
    st.one_of(st.none(), st.text(max_size=30), st.integers(0, 10**9).map(str)),
    st.floats(0, 1),
)
def test_nobody_is_visited_too_early_or_given_up(
    dates: list[datetime], failures: int, header: str | None, jitter: float
) -> None:
    pace = measure_pace(dates, NOW, BOUNDS)
    assert BOUNDS.shortest <= pace <= BOUNDS.longest
    well = plan_after_success(NOW, pace, fresh_for=None, bounds=BOUNDS, jitter=jitter)
    assert NOW + BOUNDS.shortest <= well <= NOW + BOUNDS.longest * 1.11
    badly = plan_after_failure(NOW, failures, retry_after=header, bounds=BOUNDS, jitter=jitter)
    assert NOW + BOUNDS.shortest <= badly <= NOW + LONGEST_RETRY_AFTER
    assert badly >= NOW + (read_retry_after(header, NOW) or timedelta())
