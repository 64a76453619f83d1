"""What a published page was printed of, told by the months of its lines, the day, and what the curator says."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator.digest.extent import Wanted, decide_extent, find_mistaken
from aggregator.exceptions import DigestError
from aggregator.types import Extent, Month

MID_JANUARY = date(2023, 1, 15)
#: How many lines of each month the page of January 2023 has, the mistyped one aside.
REAL = {"2020-12": 1, "2022-01": 1, "2022-10": 1, "2022-11": 35, "2022-12": 24, "2023-01": 1}


def _page(lines: dict[str, int], *, undated: int = 0) -> list[Month | None]:
    return [Month.parse(month) for month, count in lines.items() for _ in range(count)] + [None] * undated


@pytest.mark.parametrize(
    ("lines", "today", "extent"),
    [
        # Cumulative: up to the last month that has its share, but not into the running one.
        (REAL, MID_JANUARY, date(2022, 12, 31)),
        (REAL, date(2022, 12, 20), date(2022, 11, 30)),
        (REAL, date(2023, 2, 10), date(2022, 12, 31)),
        (REAL, date(2026, 11, 28), date(2022, 12, 31)),
        ({"2022-11": 30, "2022-12": 34}, MID_JANUARY, date(2022, 12, 31)),
        ({"2022-11": 30, "2022-12": 34, "2023-01": 12}, MID_JANUARY, date(2022, 12, 31)),
        ({"2022-11": 30, "2022-12": 34, "2023-01": 12}, date(2023, 2, 1), date(2022, 12, 31)),
        ({"2022-11": 30, "2022-12": 34, "2023-01": 18}, date(2023, 2, 1), date(2023, 1, 31)),
        ({"2022-12": 2, "2023-01": 1}, date(2023, 2, 1), date(2022, 12, 31)),
        ({"2022-11": 1, "2022-12": 1, "2023-01": 1}, date(2023, 2, 1), date(2023, 1, 31)),
        ({"2022-12": 40, "2023-01": 1}, date(2023, 2, 10), date(2022, 12, 31)),
        # The running month is never taken for finished.
        ({"2023-01": 5}, MID_JANUARY, date(2022, 12, 31)),
        ({"2022-12": 1, "2023-01": 20}, MID_JANUARY, date(2022, 12, 31)),
        # One month's digest, late posts included.
        ({"2022-12": 1}, MID_JANUARY, Month(2022, 12)),
        ({"2022-11": 3, "2022-12": 28}, MID_JANUARY, Month(2022, 12)),
        ({"2019-03": 12}, MID_JANUARY, Month(2019, 3)),
        ({"2022-12": 31}, date(2023, 1, 1), Month(2022, 12)),
    ],
)
def test_the_lines_tell(lines: dict[str, int], today: date, extent: date | Month) -> None:
    expected = Extent(month=extent) if isinstance(extent, Month) else Extent(until=extent)
    assert decide_extent(_page(lines), Wanted(), today=today) == expected
    assert decide_extent(_page(lines, undated=9), Wanted(), today=today) == expected


def test_a_month_under_review_is_not_closed_by_what_its_lines_tell() -> None:
    page, december = _page({"2022-12": 30}), Month(2022, 12)
    assert decide_extent(page, Wanted(), today=MID_JANUARY, under_review=[december]) == Extent(until=date(2022, 12, 31))
    for wanted in (Wanted(month=december), Wanted(named=december)):
        assert decide_extent(page, wanted, today=MID_JANUARY, under_review=[december]) == Extent(month=december)


@pytest.mark.parametrize(
    ("wanted", "extent"),
    [
        (Wanted(month=Month(2023, 1)), Extent(month=Month(2023, 1))),
        (Wanted(until=date(2023, 1, 10)), Extent(until=date(2023, 1, 10))),
        (Wanted(until=MID_JANUARY), Extent(until=MID_JANUARY)),
        # A name is believed where the lines allow it.
        (Wanted(named=Month(2022, 11)), Extent(month=Month(2022, 11))),
        (Wanted(named=Month(2022, 12)), Extent(until=date(2022, 12, 31))),
        (Wanted(named=Month(2023, 1)), Extent(until=date(2022, 12, 31))),
        (Wanted(named=Month(2023, 2)), Extent(until=date(2022, 12, 31))),
    ],
)
def test_the_curator_and_the_name_of_the_file_tell(wanted: Wanted, extent: Extent) -> None:
    assert decide_extent(_page(REAL), wanted, today=MID_JANUARY) == extent


def test_what_this_program_printed_on_the_last_day_of_a_month_is_told_by_its_name() -> None:
    page, december = _page({"2022-11": 1, "2022-12": 1}), Month(2022, 12)
    assert decide_extent(page, Wanted(named=december), today=date(2022, 12, 31)) == Extent(month=december)


@pytest.mark.parametrize(
    ("lines", "wanted", "said"),
    [
        (REAL, Wanted(until=date(2023, 1, 16)), "nothing was printed up to 2023-01-16: that day has not come"),
        ({}, Wanted(), "no line of the digest has a month; name the month of the digest"),
    ],
)
def test_what_cannot_be_is_a_sentence(lines: dict[str, int], wanted: Wanted, said: str) -> None:
    with pytest.raises(DigestError, match=said):
        decide_extent(_page(lines, undated=1), wanted, today=MID_JANUARY)


def test_a_month_and_a_day_are_one_too_many() -> None:
    with pytest.raises(DigestError, match="and not both"):
        Wanted(Month(2022, 12), date(2022, 12, 31))


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("2002-11", "2022-11"),
        ("2012-12", "2022-12"),
        ("0022-11", "2022-11"),
        ("2032-11", "2022-11"),
        ("2023-11", "2022-11"),
        # No line is of that month in another year: the newest of all.
        ("2002-07", "2022-12"),
        # Five years and a month before the next line.
        ("2017-10", "2022-12"),
        # These may be meant: old posts, and the month that is about to begin elsewhere.
        ("2020-12", None),
        ("2017-11", None),
        ("2018-01", None),
        ("2023-02", None),
    ],
)
def test_a_year_far_from_all_others_is_mistyped(mistyped: str, meant: str | None) -> None:
    page = _page({"2022-11": 3, "2022-12": 4, mistyped: 1})
    found = find_mistaken(page, present=Month(2023, 1))
    assert found == ({7: Month.parse(meant)} if meant else {})


@pytest.mark.parametrize(
    "lines",
    [
        {"2014-01": 3, "2016-02": 3, "2019-07": 1, "2022-11": 30},
        {"2003-01": 12},
        {},
    ],
)
def test_what_stands_beside_others_is_meant(lines: dict[str, int]) -> None:
    assert find_mistaken(_page(lines, undated=2), present=Month(2023, 1)) == {}


def test_of_two_lines_the_newer_one_is_believed() -> None:
    page = _page({"2002-11": 1, "2022-11": 1})
    assert find_mistaken(page, present=Month(2023, 1)) == {0: Month(2022, 11)}
    assert find_mistaken(page, present=Month(2023, 1), anchor=Month(2002, 11)) == {1: Month(2002, 11)}


def test_a_month_that_is_said_does_not_outweigh_the_lines() -> None:
    assert find_mistaken(_page({"2022-11": 3}), present=Month(2023, 1), anchor=Month(2002, 11)) == {}
