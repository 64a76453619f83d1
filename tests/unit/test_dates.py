"""The door for dates: what is read, and what is refused instead of being filled in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dates.read import (
    EARLIEST,
    LATEST,
    Precision,
    UrlDate,
    Zones,
    date_of_month,
    find_url_date,
    parse_date,
    read_date,
)
from aggregator.types import Month

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # RFC 822, as it is written and as it is met.
        ("Thu, 05 Jan 2023 15:00:00 GMT", "2023-01-05 15:00"),
        ("Thu, 05 Jan 2023 15:00:00 +0900", "2023-01-05 06:00"),
        ("Thu, 05 Jan 2023 15:00:00 +0900 (KST)", "2023-01-05 06:00"),
        ("Thu, 05 Jan 2023 15:00:00 KST", "2023-01-05 06:00"),
        ("Sun, 01 Jan 2023 08:00:00 KST", "2022-12-31 23:00"),
        ("Thu, 05 Jan 2023 15:00:00 EST", "2023-01-05 20:00"),
        ("Thu, 05 Jan 2023 15:00:00 CEST", "2023-01-05 13:00"),
        ("Thu, 05 Jan 2023 15:00:00 IST", "2023-01-05 09:30"),
        ("Thu, 05 Jan 2023 15:00:00 Z", "2023-01-05 15:00"),
        ("Thu, 05 Jan 2023 15:00:00 UT", "2023-01-05 15:00"),
        ("Thurs, 3 Sep 2015 00:00:00 UTC", "2015-09-03 00:00"),
        ("thu, 05 jan 2023 15:00:00 gmt", "2023-01-05 15:00"),
        ("THURSDAY, 05 JANUARY 2023 15:00 GMT", "2023-01-05 15:00"),
        ("05 Jan 23 10:00 GMT", "2023-01-05 10:00"),
        ("05 Jan 99 10:00 GMT", "1999-01-05 10:00"),
        ("05-Jan-2023 10:00:00", "2023-01-05 10:00"),
        ("  Thu,\t05  Jan 2023\n15:00:00   GMT ", "2023-01-05 15:00"),
        ("Thu,05 Jan 2023 15:00:00 GMT", "2023-01-05 15:00"),
        # RFC 3339 and its relatives.
        ("2023-01-05T15:00:00+09:00", "2023-01-05 06:00"),
        ("2023-01-05t15:00:00z", "2023-01-05 15:00"),
        ("2018-04-09T19:39:12.675Z", "2018-04-09 19:39:12"),
        ("2018-04-09T19:39:12,675Z", "2018-04-09 19:39:12"),
        ("2023-01-05T15:00:00-0330", "2023-01-05 18:30"),
        ("2023-01-05T15:00:00+09", "2023-01-05 06:00"),
        ("2023-01-05T15:00:00+14:00", "2023-01-05 01:00"),
        ("2023-01-05T15:00:00 UTC+9", "2023-01-05 06:00"),
        ("2023-01-05 15:00:00 GMT+09:00", "2023-01-05 06:00"),
        ("2023-01-05T15:00:00+09:00[Asia/Seoul]", "2023-01-05 06:00"),
        ("2023-01-05 15:00 (KST)", "2023-01-05 06:00"),
        ("2023-01-05 15:00", "2023-01-05 15:00"),
        ("2023-01-05T15:00Z", "2023-01-05 15:00"),
        ("2023-01-05", "2023-01-05 00:00"),
        ("20230105", "2023-01-05 00:00"),
        ("20230105T150000Z", "2023-01-05 15:00"),
        ("20230105150000", "2023-01-05 15:00"),
        ("2023-Jan-05", "2023-01-05 00:00"),
        # The end of a day, and the second that is added to some years.
        ("2023-01-31T24:00:00Z", "2023-02-01 00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31 23:59:59"),
        # Korean, and its neighbours.
        ("2023.01.05", "2023-01-05 00:00"),
        ("2023. 1. 5.", "2023-01-05 00:00"),
        ("2023. 1. 5. 오후 3:00", "2023-01-05 15:00"),
        ("2023. 1. 5. 15:00", "2023-01-05 15:00"),
        ("2023-01-05 (목)", "2023-01-05 00:00"),
        ("2023.01.05(목) 15:00", "2023-01-05 15:00"),
        ("2020/1/10 14:33:00", "2020-01-10 14:33"),
        ("2023년 1월 5일", "2023-01-05 00:00"),
        ("2023년 1월 5일 오후 3:00", "2023-01-05 15:00"),
        ("2023년 1월 5일 목요일 오후 3:00:30", "2023-01-05 15:00:30"),
        ("2023년 01월 05일 15시 30분", "2023-01-05 15:30"),
        ("2023년 1월 5일 오전 9시", "2023-01-05 09:00"),
        ("2023년1월5일", "2023-01-05 00:00"),
        ("2023년 1월 5일 (목) 오전 12:10", "2023-01-05 00:10"),
        ("2023년 1월 5일 오후 12:10", "2023-01-05 12:10"),
        ("23년 1월 5일", "2023-01-05 00:00"),
        ("2004-05-25 오후 11:23:17", "2004-05-25 23:23:17"),
        ("2004-05-25 오후 13:23:17", "2004-05-25 13:23:17"),
        ("2023年1月5日 下午3:00", "2023-01-05 15:00"),
        # The same in another spelling of Hangul, in wide digits, and in Arabic ones.
        ("2023\u1102\u1167\u11ab 1\u110b\u116f\u11af 5\u110b\u1175\u11af", "2023-01-05 00:00"),
        ("２０２３．０１．０５", "2023-01-05 00:00"),
        ("٢٠٢٣-٠١-٠٥", "2023-01-05 00:00"),
        ("2023‑01‑05", "2023-01-05 00:00"),
        # American and English.
        ("Jan 5, 2023", "2023-01-05 00:00"),
        ("January 5, 2023 at 3:00 PM", "2023-01-05 15:00"),
        ("january 5th, 2023, 3:00 p.m. EST", "2023-01-05 20:00"),
        ("Sept. 5, 2023", "2023-09-05 00:00"),
        ("Sep. 5 2023 12:30 am", "2023-09-05 00:30"),
        ("5 January 2023", "2023-01-05 00:00"),
        ("5th January 2023", "2023-01-05 00:00"),
        ("5. January 2023", "2023-01-05 00:00"),
        ("Thursday, January 5, 2023 3:00 PM", "2023-01-05 15:00"),
        # As JavaScript, C and the shell write it.
        ("Thu Jan 05 2023 15:00:00 GMT+0900 (Korean Standard Time)", "2023-01-05 06:00"),
        ("Thu Jan  5 15:00:00 2023", "2023-01-05 15:00"),
        ("Thu Jan  5 15:00:00 KST 2023", "2023-01-05 06:00"),
        # As Go and Drupal write it.
        ("2025-10-02 15:00:00 +0900 KST", "2025-10-02 06:00"),
        ("2025-10-02 13:55:44.364419679 +0200 CEST", "2025-10-02 11:55:44"),
        ("2025-10-02 15:04:05.5 +0000 UTC m=+0.000012", "2025-10-02 15:04:05"),
        ("Thu, 02 Oct 2025 15:00:00 +0900 KST", "2025-10-02 06:00"),
        ("Monday, November 2, 2026 - 15:09", "2026-11-02 15:09"),
        ("Mon, 11/02/2026 - 15:09", "2026-11-02 15:09"),
        ("2 November, 2026 - 15:09", "2026-11-02 15:09"),
        # Clocks of places, in winter and in summer.
        ("Mon, 02 Nov 2026 15:09:00 America/New_York", "2026-11-02 20:09"),
        ("Thu, 02 Jul 2026 15:09:00 america/new_york", "2026-07-02 19:09"),
        ("Thu, 02 Oct 2025 15:00:00 Asia/Seoul", "2025-10-02 06:00"),
        ("Mon, 02 Nov 2026 15:09:00 ET", "2026-11-02 20:09"),
        ("Thu, 02 Jul 2026 15:09:00 PT", "2026-07-02 22:09"),
        ("Mon, 02 Nov 2026 15:09:00 MET", "2026-11-02 14:09"),
        ("Mon, 02 Jul 2026 15:09:00 MEST", "2026-07-02 13:09"),
        ("2026-07-02 15:09 US/Eastern", "2026-07-02 19:09"),
        # Zones that say one thing twice, or two things: the offset counts.
        ("2026-11-02T15:09:00-05:00Z", "2026-11-02 20:09"),
        ("2026-11-02T15:09:00Z+09:00", "2026-11-02 06:09"),
        ("Mon, 02 Nov 2026 15:09:00 +0000 GMT", "2026-11-02 15:09"),
        # An unknown zone never costs the day.
        ("Thu, 05 Jan 2023 15:00:00 XYZ", "2023-01-05 15:00"),
        ("Thu, 05 Jan 2023 15:00:00 A", "2023-01-05 15:00"),
        ("Thu, 05 Jan 2023 15:00:00 Foo/Bar", "2023-01-05 15:00"),
        ("Thu, 05 Jan 2023 15:00:00 Eastern Standard Time", "2023-01-05 15:00"),
        ("2023-01-05T15:00:00+99:00", "2023-01-05 15:00"),
        ("2023-01-05T15:00:00+15:00", "2023-01-05 15:00"),
        ("2023-01-05T15:00:00 09:00", "2023-01-05 15:00"),
        ("2023-01-05 15:00 - 17:00", "2023-01-05 15:00"),
        ("2023-07-05 15:00 EST5EDT", "2023-07-05 19:00"),
        ("2023-01-05 15:00 Japan", "2023-01-05 06:00"),
        # A day with a zone.
        ("02 Nov 2026 GMT", "2026-11-02 00:00"),
        ("2026-11-02Z", "2026-11-02 00:00"),
        ("2026-11-02-05:00", "2026-11-02 05:00"),
        # The weekday beside the day, or with its comma elsewhere.
        ("2025-10-02 (Thu) 15:00:00", "2025-10-02 15:00"),
        ("2025-10-02 Thu 15:00:00", "2025-10-02 15:00"),
        ("2025-10-02 목 15:00", "2025-10-02 15:00"),
        ("Mon , 02 Nov 2026 15:09:00 +0000", "2026-11-02 15:09"),
        ("Mon, 2026/11/02 15:09:00 EST", "2026-11-02 20:09"),
        ("Mon, 23/11/2026", "2026-11-23 00:00"),
        ("Mon, 02/11/2026", "2026-11-02 00:00"),
        # Digits too few, and none between.
        ("2026-11-02T15:09:5Z", "2026-11-02 15:09:05"),
        ("2026-11-2 5:9:5", "2026-11-02 05:09:05"),
        ("20261102T15:09:05Z", "2026-11-02 15:09:05"),
        ("2026-11-02T150905Z", "2026-11-02 15:09:05"),
        ("20261102T150905.25+0900", "2026-11-02 06:09:05"),
        ("20261102 1509", "2026-11-02 15:09"),
        ("2023-01-05T15Z", "2023-01-05 15:00"),
        # As cookies and Twitter write it.
        ("Thursday, 02-Oct-25 15:04:05 GMT", "2025-10-02 15:04:05"),
        ("Thu Oct 02 15:04:05 +0000 2025", "2025-10-02 15:04:05"),
        ("Oct. 2, 2025 3 PM ET", "2025-10-02 19:00"),
        ("Fri Nov 27 2026 09:00:00 GMT+0900 (한국 표준시)", "2026-11-27 00:00"),
        ("10월 2, 2025", "2025-10-02 00:00"),
        # A comment is not part of the date.
        ("2023-01-05 15:00 (updated 3 times)", "2023-01-05 15:00"),
        ("2023-01-05 (v2)", "2023-01-05 00:00"),
        # Months, halves of the day and weekdays of other languages.
        ("Do, 02 Okt 2025 15:00:00 +0200", "2025-10-02 13:00"),
        ("2. März 2025, 15:30 Uhr", "2025-03-02 15:30"),
        ("jeudi 2 octobre 2025 à 15h30", "2025-10-02 15:30"),
        ("1 févr. 2025", "2025-02-01 00:00"),
        ("2 de octubre de 2025", "2025-10-02 00:00"),
        ("목, 02 10월 2025 15:00:00 +0900", "2025-10-02 06:00"),
        ("2025-10-02 PM 3:00", "2025-10-02 15:00"),
        ("2025-10-02 3:00 오후", "2025-10-02 15:00"),
        ("2025年10月2日 木曜日 15時04分05秒", "2025-10-02 15:04:05"),
        ("2025年10月2日 星期四 15:04", "2025-10-02 15:04"),
        # Known by their month alone.
        ("2025-10", "2025-10-01 12:00"),
        ("2025/10", "2025-10-01 12:00"),
        ("2025. 10", "2025-10-01 12:00"),
        ("October 2025", "2025-10-01 12:00"),
        ("Oct. 2025", "2025-10-01 12:00"),
        ("2025 Oct", "2025-10-01 12:00"),
        ("2025년 10월", "2025-10-01 12:00"),
        # Counted since 1970, in seconds and in parts of one.
        ("1672876800", "2023-01-05 00:00"),
        ("1672876800.5", "2023-01-05 00:00"),
        ("1672876800000", "2023-01-05 00:00"),
        ("1672876800000000", "2023-01-05 00:00"),
        # Only one order is possible.
        ("25/12/2022", "2022-12-25 00:00"),
        ("12/25/2022 15:00", "2022-12-25 15:00"),
        ("05.05.2023", "2023-05-05 00:00"),
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
        "2 days ago",
        "어제",
        "2023",
        "Jan 5",
        "1월 5일",
        "15:00",
        "2023-13-45",
        "2023-02-29",
        "31 Feb 2023",
        "5 Marble 2023",
        "5 Foo 2023",
        "2023-01.05",
        # Which is the day?
        "05/06/2023",
        "05.06.2023 10:00",
        "5-6-2023",
        "05/06/23",
        "23.01.05",
        # Weeks and days of the year are not written by feeds, and are easily mistaken for something else.
        "2023-W01-4",
        "2023-005",
        # Not a time, or not the end of one.
        "2023-01-05 15:00 2024-01-06 15:00",
        "2023-01-05 to 2023-01-06",
        "2023-01-05 and so on",
        "Wed, 05/06/2023",
        "2023-W01",
        "2023-00",
        "Thu, 05 Jan 2023 25:00:00 GMT",
        "2023-01-05T24:00:01Z",
        "2023-01-05T15:60:00Z",
        "2023-01-05T15:00:61Z",
        "2023-01-05 오전 13:00",
        # Default values of programs.
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "01 Jan 70 00:00 GMT",
        "1900-01-01",
        "1980-01-01",
        "9999-12-31",
        "0000-00-00 00:00:00",
        "Sat, 01/02/0000",
        "0",
        "-62135596800",
        "9999999999999",
        "9" * 99,
        "Thu, 05 Jan 2023 15:00:00 GMT" + " (x)" * 100,
    ],
)
def test_not_read_rather_than_guessed(raw: str | None) -> None:
    assert parse_date(raw) is None


@pytest.mark.parametrize(
    ("raw", "precision", "is_zone_known"),
    [
        ("Thu, 05 Jan 2023 15:00:00 +0900", Precision.TIME, True),
        ("1672876800", Precision.TIME, True),
        ("2023-01-05 15:00", Precision.TIME, False),
        # The United States or China; India, Ireland or Israel.
        ("Thu, 05 Jan 2023 15:00:00 CST", Precision.TIME, False),
        ("Thu, 05 Jan 2023 15:00:00 IST", Precision.TIME, False),
        ("2023.01.05", Precision.DAY, False),
        ("2023-01", Precision.MONTH, False),
        ("Thu, 05 Jan 2023 15:00:00 +0800 CST", Precision.TIME, True),
        ("Thu, 05 Jan 2023 15:00:00 ET", Precision.TIME, True),
        ("Thu, 05 Jan 2023 15:00:00 XYZ", Precision.TIME, False),
        ("2023-01-05T15:00:00-05:00Z", Precision.TIME, False),
    ],
)
def test_what_the_text_leaves_open_is_told(raw: str, precision: Precision, is_zone_known: bool) -> None:
    found = read_date(raw)
    assert found is not None
    assert (found.precision, found.is_zone_known) == (precision, is_zone_known)


def test_a_text_without_zone_is_in_that_of_its_publisher() -> None:
    assert parse_date("2023.01.05 00:30", Zones(SEOUL)) == datetime(2023, 1, 4, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026년 10월 31일 오후 11:30", "2026-10-31 14:30"),
        ("2026. 10. 31. 23:30", "2026-10-31 14:30"),
        ("2026-10-31(토) 23:30", "2026-10-31 14:30"),
        ("2026-10-31 오후 11:30 UTC", "2026-10-31 23:30"),
        ("2026-10-31 23:30", "2026-10-31 23:30"),
    ],
)
def test_a_korean_text_without_zone_is_the_curator_s_whoever_publishes_it(raw: str, expected: str) -> None:
    assert parse_date(raw, Zones(UTC, SEOUL)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_the_curator_s_calendar_decides_the_month() -> None:
    moment = parse_date("Sat, 31 Dec 2022 16:30:00 GMT")
    assert moment is not None
    assert (str(Month.of(moment, SEOUL)), str(Month.of(moment, ZoneInfo("UTC")))) == ("2023-01", "2022-12")


MOMENTS = st.datetimes(
    min_value=EARLIEST.replace(tzinfo=None) + timedelta(days=1),
    max_value=LATEST.replace(tzinfo=None) - timedelta(days=1),
    timezones=st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
).map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS)
def test_what_was_written_is_read_back(moment: datetime) -> None:
    for written in (
        moment.isoformat(),
        moment.strftime("%Y-%m-%d %H:%M:%S %z"),
        format_datetime(moment),
        moment.strftime("%a %b %d %Y %H:%M:%S GMT%z"),
    ):
        found = read_date(written)
        assert found is not None, written
        assert (found.moment, found.precision, found.is_zone_known) == (moment, Precision.TIME, True), written


@given(MOMENTS, st.sampled_from([1, 29, 31]), st.sampled_from(["GMT", "+0900", "-0000", "+1400", "+1500", "-1230"]))
def test_the_usual_form_is_read_as_the_unusual_ones_are(moment: datetime, day: int, offset: str) -> None:
    usual = moment.strftime(f"%a, {day} %b %Y %H:%M:%S {offset}")
    # In capitals the shortcut does not know it.
    assert read_date(usual) == read_date(usual.upper())


@given(MOMENTS)
def test_a_moment_is_read_back_from_its_number(moment: datetime) -> None:
    seconds = int(moment.timestamp())
    if seconds >= 10**9:
        assert parse_date(f"{seconds}") == parse_date(f"{seconds}999") == parse_date(f"{seconds}999999") == moment


@given(st.text(max_size=60))
def test_no_text_breaks_the_door(raw: str) -> None:
    found = parse_date(raw)
    assert found is None or found.tzinfo is UTC


_PIECES = (
    "2023 2022 23 1 01 5 05 12 31 99 0001 Jan january Sept. feb 월 년 일 2023년 1월 5일 오전 오후 3:00 24:00 00:30 15:00:60 "
    "Thu, 목요일 (목) - . / , T Z +0900 -12:00 KST GMT+9 pm st 20230105 1672876800"
)
PIECES = st.sampled_from(_PIECES.split())
NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@given(st.lists(PIECES, max_size=9), st.sampled_from(["", " "]), st.sampled_from([Zones(), Zones(SEOUL)]))
def test_a_month_is_never_given_that_the_text_does_not_hold(pieces: list[str], joint: str, zones: Zones) -> None:
    raw = joint.join(pieces)
    found = parse_date(raw, zones)
    # Digits alone are seconds since 1970, or milliseconds or microseconds.
    if found is None or re.fullmatch(r"\d{10,}(\.\d+)?", raw):
        return
    written = {int(digits) for digits in re.findall(r"\d{1,2}", raw)}
    written |= {int(digits[4:6]) for digits in re.findall(r"\d{8}", raw)}
    written |= {number for number, name in enumerate(NAMES, 1) if name in raw.lower()}
    # The zone, or 24:00, may carry a moment into the neighbouring month.
    near = {(found + timedelta(hours=hours)).month for hours in (-38, 0, 38)}
    assert near & written, raw


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/2023/02/03/", UrlDate(2023, 2, 3)),
        ("/2023/02/03/slug", UrlDate(2023, 2, 3)),
        ("/blog/2023/2/3/slug.html", UrlDate(2023, 2, 3)),
        ("/2023/02/", UrlDate(2023, 2)),
        ("/2023/02/slug.html", UrlDate(2023, 2)),
        ("/2023/02", UrlDate(2023, 2)),
        ("/posts/2023-02-03-slug/", UrlDate(2023, 2, 3)),
        ("/posts/2023-02-03", UrlDate(2023, 2, 3)),
        ("/posts/2023-02-03.html", UrlDate(2023, 2, 3)),
        ("/posts/2023-02/slug", UrlDate(2023, 2)),
        ("/20230203", UrlDate(2023, 2, 3)),
        ("/20230203-slug", UrlDate(2023, 2, 3)),
        # A day that there is not == part of something else.
        ("/2023/02/45/slug", UrlDate(2023, 2)),
        # The folder is when, the slug is what about.
        ("/2023/02/03/outage-of-2023-01-28", UrlDate(2023, 2, 3)),
        ("/2023/02/2023-02-03-slug", UrlDate(2023, 2, 3)),
        ("/outage-of-2023-01-28", None),
        ("/2023/", None),
        ("/2023/13/", None),
        ("/2023/99/99", None),
        ("/2023/1234/", None),
        ("/20231301", None),
        ("/202302031", None),
        ("/1912/04/15/titanic", None),
        ("/2301/02/03/", None),
        ("/2023-02-03/2023-02-04", None),
        ("/abs/2302.01234", None),
        ("/٢٠٢٣/٠٢/٠٣/", None),
        ("/p?date=/2023/02/03/", None),
        ("", None),
    ],
)
def test_the_date_of_an_address(path: str, expected: UrlDate | None) -> None:
    assert find_url_date(f"https://blog.example{path}") == expected


def test_the_moment_of_an_address_is_in_its_month_on_other_calendars_too() -> None:
    assert UrlDate(2023, 2, 3).get_moment(SEOUL) == datetime(2023, 2, 3, 3, tzinfo=UTC)
    first = UrlDate(2023, 2).get_moment(UTC)
    assert {str(Month.of(first, ZoneInfo(zone))) for zone in ("Asia/Seoul", "America/Los_Angeles")} == {"2023-02"}


@pytest.mark.parametrize(
    ("published", "agrees"),
    [
        ("2023-02-10T00:00:00Z", True),
        # It was February in Kiribati, and still is on Baker Island.
        ("2023-01-31T10:00:00Z", True),
        ("2023-01-31T09:59:59Z", False),
        ("2023-03-01T11:59:59Z", True),
        ("2023-03-01T12:00:00Z", False),
        ("2022-02-10T00:00:00Z", False),
    ],
)
def test_an_address_agrees_where_it_was_that_month_somewhere(published: str, agrees: bool) -> None:
    assert UrlDate(2023, 2).agrees_with(datetime.fromisoformat(published)) is agrees


@given(st.text(max_size=40))
def test_no_address_breaks_the_door(text: str) -> None:
    find_url_date(f"https://blog.example/{text}")
    find_url_date(text)


@pytest.mark.parametrize("month", [Month(1, 1), Month(2022, 12), Month(9999, 12)])
def test_the_date_of_a_month_is_in_it_in_every_zone(month: Month) -> None:
    for hours in range(-12, 15):
        assert f"{date_of_month(month).astimezone(timezone(timedelta(hours=hours))):%m}" == f"{month.month:02d}"
