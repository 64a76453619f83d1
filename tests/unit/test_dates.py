"""The door for dates: what is read, and what is refused instead of being filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dates import EARLIEST, parse_date
from aggregator.types import Month

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Thu, 05 Jan 2023 15:00:00 GMT", "2023-01-05 15:00"),
        ("Thu, 05 Jan 2023 15:00:00 +0900", "2023-01-05 06:00"),
        ("Thu, 05 Jan 2023 15:00:00 KST", "2023-01-05 06:00"),
        ("Thu, 05 Jan 2023 15:00:00 EST", "2023-01-05 20:00"),
        ("5 January 2023", "2023-01-05 00:00"),
        ("05 Jan 23 10:00 GMT", "2023-01-05 10:00"),
        ("05 Jan 99 10:00 GMT", "1999-01-05 10:00"),
        ("2023-01-05T15:00:00+09:00", "2023-01-05 06:00"),
        ("2018-04-09T19:39:12.675Z", "2018-04-09 19:39:12"),
        ("2023-01-05 15:00", "2023-01-05 15:00"),
        ("2023.01.05", "2023-01-05 00:00"),
        ("2023. 1. 5.", "2023-01-05 00:00"),
        ("2020/1/10 14:33:00", "2020-01-10 14:33"),
        ("2023년 1월 5일 오후 3:00", "2023-01-05 15:00"),
        ("2023년 1월 5일 (목) 오전 12:10", "2023-01-05 00:10"),
        ("2004-05-25 오후 11:23:17", "2004-05-25 23:23:17"),
        ("Jan 5, 2023", "2023-01-05 00:00"),
        ("January 5, 2023 at 3:00 PM", "2023-01-05 15:00"),
        ("1672876800", "2023-01-05 00:00"),
        ("1672876800000", "2023-01-05 00:00"),
    ],
)
def test_read(raw: str, expected: str) -> None:
    assert parse_date(raw) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "yesterday",
        "2023",
        "January 2023",
        "2023-13-45",
        "31 Feb 2023",
        "Thu, 05 Jan 2023 25:00:00 GMT",
        "Thu, 05 Jan 2023 15:00:00 XYZ",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "1970-01-01T00:00:00Z",
        "2023-01-05T15:00:00+99:00",
    ],
)
def test_not_read_rather_than_guessed(raw: str | None) -> None:
    assert parse_date(raw) is None


def test_a_text_without_zone_is_in_that_of_its_publisher() -> None:
    assert parse_date("2023.01.05 00:30", SEOUL) == datetime(2023, 1, 4, 15, 30, tzinfo=UTC)


def test_the_curator_s_calendar_decides_the_month() -> None:
    moment = parse_date("Sat, 31 Dec 2022 16:30:00 GMT")
    assert moment is not None
    assert (str(Month.of(moment, SEOUL)), str(Month.of(moment, ZoneInfo("UTC")))) == ("2023-01", "2022-12")


@given(st.datetimes(min_value=EARLIEST.replace(tzinfo=None), max_value=datetime(2100, 1, 1)))
def test_what_was_written_is_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(whole.isoformat()) == whole
    assert parse_date(whole.strftime("%Y-%m-%d %H:%M:%S +0000")) == whole


@given(st.text(max_size=60))
def test_no_text_breaks_the_door(raw: str) -> None:
    found = parse_date(raw)
    assert found is None or found.tzinfo is UTC
