"""Which date of a post is believed, how far, and which month's candidates it joins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dates.read import Precision, replaces_date
from aggregator.posts.dating import (
    TOLERANCE,
    Placement,
    PostDate,
    find_suspects,
    find_wait,
    judge_confidence,
    place_post,
)
from aggregator.types import DateConfidence, DateSource, Month, Wait
from world import NOW

SEOUL = ZoneInfo("Asia/Seoul")
SURE, FAIR, WEAK = DateConfidence.SURE, DateConfidence.FAIR, DateConfidence.WEAK


@pytest.mark.parametrize(
    ("source", "precision", "is_zone_known", "agrees", "is_suspected", "expected"),
    [
        (DateSource.PUBLISHED, Precision.TIME, True, None, False, SURE),
        (DateSource.PUBLISHED, Precision.TIME, True, True, False, SURE),
        (DateSource.PUBLISHED, Precision.TIME, False, None, False, FAIR),
        (DateSource.PUBLISHED, Precision.DAY, False, None, False, FAIR),
        (DateSource.PUBLISHED, Precision.DAY, False, True, False, SURE),
        (DateSource.PUBLISHED, Precision.TIME, True, False, False, WEAK),
        (DateSource.PUBLISHED, Precision.TIME, True, True, True, WEAK),
        (DateSource.UPDATED, Precision.TIME, True, None, False, FAIR),
        (DateSource.UPDATED, Precision.TIME, True, True, False, FAIR),
        (DateSource.UPDATED, Precision.TIME, True, False, False, WEAK),
        (DateSource.URL, Precision.DAY, False, None, False, FAIR),
        (DateSource.URL, Precision.MONTH, False, None, False, WEAK),
        (DateSource.DIGEST, Precision.MONTH, True, None, False, SURE),
        (DateSource.CURATOR, Precision.MONTH, True, None, False, SURE),
        (DateSource.FIRST_SEEN, Precision.TIME, True, None, False, WEAK),
    ],
)
def test_how_far_a_date_is_believed(
    source: DateSource,
    precision: Precision,
    is_zone_known: bool,
    agrees: bool | None,
    is_suspected: bool,
    expected: DateConfidence,
) -> None:
    found = judge_confidence(
        source,
        precision=precision,
        is_zone_known=is_zone_known,
        agrees_with_url=agrees,
        is_suspected=is_suspected,
    )
    assert found is expected


def test_default_values_of_programs_are_suspected() -> None:
    new_year, new_year_in_seoul = datetime(2020, 1, 1, tzinfo=UTC), datetime(2019, 12, 31, 15, tzinfo=UTC)
    days = [NOW - timedelta(days=n) for n in range(5)]
    assert find_suspects([NOW] * 3, UTC) == {NOW}
    assert find_suspects([NOW] * 2, UTC) == frozenset()
    # Posts of one day, where a feed gives days only.
    assert find_suspects([NOW] * 3 + days, UTC) == frozenset()
    assert find_suspects([new_year] * 3 + days, SEOUL) == {new_year}
    assert find_suspects([new_year_in_seoul] * 3 + days, SEOUL) == {new_year_in_seoul}
    assert find_suspects([new_year_in_seoul] * 3 + days, UTC) == frozenset()
    assert find_suspects([new_year] * 2 + days, UTC) == frozenset()
    assert find_suspects([], UTC) == frozenset()


@pytest.mark.parametrize(
    ("ahead", "source", "is_suspected", "is_first_visit", "expected"),
    [
        (timedelta(0), DateSource.PUBLISHED, False, True, None),
        (TOLERANCE, DateSource.PUBLISHED, False, False, None),
        (TOLERANCE + timedelta(seconds=1), DateSource.PUBLISHED, False, False, Wait.DAY),
        (timedelta(days=900), DateSource.URL, False, True, Wait.DAY),
        (timedelta(0), DateSource.FIRST_SEEN, False, True, Wait.DATE),
        (timedelta(0), DateSource.FIRST_SEEN, False, False, None),
        (timedelta(0), DateSource.PUBLISHED, True, True, Wait.DATE),
        (timedelta(0), DateSource.PUBLISHED, True, False, None),
        (-timedelta(days=30), DateSource.URL, False, True, None),
    ],
)
def test_what_a_post_waits_for(
    ahead: timedelta, source: DateSource, is_suspected: bool, is_first_visit: bool, expected: Wait | None
) -> None:
    date = PostDate(NOW + ahead, source, WEAK, is_suspected)
    assert find_wait(date, NOW, is_first_visit=is_first_visit) is expected


NOV, DEC, JAN = Month(2022, 11), Month(2022, 12), Month(2023, 1)


@pytest.mark.parametrize(
    ("own", "published", "current", "expected"),
    [
        (DEC, [], DEC, Placement(DEC)),
        (NOV, [], DEC, Placement(NOV)),
        (NOV, [NOV], DEC, Placement(DEC, NOV)),
        # The digest of December is still open in January.
        (NOV, [NOV], JAN, Placement(DEC, NOV)),
        (NOV, [NOV, DEC], JAN, Placement(JAN, NOV)),
        # Printed before its month was over.
        (DEC, [NOV, DEC], DEC, Placement(JAN, DEC)),
        # Long ago: neither a candidate of today, nor of a digest that nobody makes any more.
        (NOV, [NOV], Month(2023, 2), Placement(NOV)),
        (Month(2019, 5), [Month(2019, 5), NOV], DEC, Placement(Month(2019, 5))),
    ],
)
def test_a_post_joins_the_candidates_of_its_month_or_of_the_next_open_one(
    own: Month, published: list[Month], current: Month, expected: Placement
) -> None:
    assert place_post(own, frozenset(published), current) == expected


MONTHS = st.integers(0, 30).map(lambda n: Month(2021, 6).shift(n))


@given(MONTHS, st.frozensets(MONTHS), MONTHS)
def test_a_late_post_never_joins_a_published_or_an_earlier_month(
    own: Month, published: frozenset[Month], current: Month
) -> None:
    placement = place_post(own, published, current)
    if placement.late_for is None:
        assert placement.month == own
    else:
        assert placement.late_for == own < placement.month
        assert placement.month not in published
        assert placement.month >= current.shift(-1)


@pytest.mark.parametrize(
    ("new", "new_wait", "old", "old_wait", "expected"),
    [
        (DateSource.PUBLISHED, None, DateSource.FIRST_SEEN, None, True),
        (DateSource.PUBLISHED, None, DateSource.FIRST_SEEN, Wait.DATE, True),
        (DateSource.URL, None, DateSource.FIRST_SEEN, None, True),
        (DateSource.PUBLISHED, None, DateSource.PUBLISHED, None, False),
        (DateSource.PUBLISHED, None, DateSource.UPDATED, None, False),
        (DateSource.PUBLISHED, None, DateSource.URL, None, False),
        (DateSource.PUBLISHED, None, DateSource.CURATOR, None, False),
        # 2032 was a slip of the pen.
        (DateSource.PUBLISHED, None, DateSource.PUBLISHED, Wait.DAY, True),
        (DateSource.PUBLISHED, Wait.DAY, DateSource.PUBLISHED, Wait.DAY, False),
        (DateSource.FIRST_SEEN, None, DateSource.FIRST_SEEN, Wait.DATE, False),
        (DateSource.FIRST_SEEN, None, DateSource.PUBLISHED, Wait.DAY, False),
    ],
)
def test_when_a_stored_date_is_replaced(
    new: DateSource, new_wait: Wait | None, old: DateSource, old_wait: Wait | None, expected: bool
) -> None:
    assert replaces_date(new, new_wait, old, old_wait) is expected
