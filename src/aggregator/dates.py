"""The door for dates of feeds: text in, aware UTC out, or nothing. A part that the text lacks is never filled from now.

feedparser's own reading is not used: it fills a missing month or day from the current date ("2023.01.05" becomes the
present month) and takes zone names that it does not know, such as KST, for UTC.

Read are RFC 822 and RFC 3339, and the forms that feeds write beside them; docs/decisions/dates.md lists them. What can
be read in two ways, such as 05/06/2023, is not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.types import DateSource, Month, Wait

# Before the first feed: a year such as 0001 or 1970 is a default value of some program, and so is 9999.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

# No form is longer, and what is longer need not be searched.
_LIMIT = 100
# Zones of the world: a moment has the calendar days of these two and of those between.
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)

# RFC 822 (UT to PDT; its military letters but Z are refused, RFC 2822 says that they were used wrongly), and others.
_ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0.0),
    **{"EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0},
    **{"KST": 9.0, "JST": 9.0, "IST": 5.5, "SGT": 8.0, "HKT": 8.0, "PHT": 8.0, "ICT": 7.0, "WIB": 7.0},
    **{"AEST": 10.0, "AEDT": 11.0, "ACST": 9.5, "ACDT": 10.5, "AWST": 8.0, "NZST": 12.0, "NZDT": 13.0},
    **{"CET": 1.0, "CEST": 2.0, "MEZ": 1.0, "MESZ": 2.0, "EET": 2.0, "EEST": 3.0, "MSK": 3.0, "WEST": 1.0, "BST": 1.0},
    **{"SAST": 2.0, "IDT": 3.0, "BRT": -3.0, "ART": -3.0, "AKST": -9.0, "AKDT": -8.0, "HST": -10.0},
}
# Names that several zones have.
_SHARED_ZONES = frozenset({"IST", "BST", "CST"})
_MONTH_NAMES = ("january", "february", "march", "april", "may", "june",
                "july", "august", "september", "october", "november", "december")  # fmt: skip
_MONTHS = {name: number for number, full in enumerate(_MONTH_NAMES, 1) for name in (full, full[:3])} | {"sept": 9}
_HALVES = {"오전": "am", "오후": "pm", "上午": "am", "下午": "pm", "午前": "am", "午後": "pm"}

_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+|[^\W\d_]+\.?,\s*|[월화수목금토일]요일,?\s+)?"
_YEAR, _NUMBER, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_ZONE = r"(?P<zone>(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|[a-z]{1,5})"
_CLOCK = (
    r"(?P<before>오전|오후|上午|下午|午前|午後)?\s*"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"|시(?:\s*(?P<minutes>\d{1,2})분)?(?:\s*(?P<seconds>\d{1,2})초)?)"
    r"(?:\s*(?P<after>[ap]\.?m\b\.?))?"
)
_TIME = rf"{_CLOCK}(?:\s*{_ZONE})?"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        # Thu, 05 Jan 2023 15:00:00 +0900; 5 January 2023; 05-Jan-23
        rf"{_WEEKDAY}{_DAY}\.?[\s-]+{_NAME},?[\s-]+(?P<year>\d{{4}}|\d{{2}})(?:,?\s+(?:at\s+)?{_TIME})?",
        # 2023-01-05T15:00:00+09:00, 2023.01.05, 2020/1/10 14:33:00, 2004-05-25 오후 11:23:17, 2023. 1. 5.
        rf"{_YEAR}\s*(?P<mark>[-./])\s*{_NUMBER}\s*(?P=mark)\s*{_DAY}\.?(?:[T\s]+{_TIME})?",
        # Jan 5, 2023; January 5, 2023 at 3:00 PM; Thu Jan 05 2023 15:00:00 GMT+0900
        rf"{_WEEKDAY}{_NAME}\s+{_DAY},?\s+{_YEAR}(?:,?\s+(?:at\s+)?{_TIME})?",
        # Thu Jan  5 15:00:00 2023; Thu Jan  5 15:00:00 KST 2023
        rf"{_WEEKDAY}{_NAME}\s+{_DAY}\s+{_TIME}\s+{_YEAR}",
        # 2023년 1월 5일 목요일 오후 3:00, 2023年1月5日
        rf"(?P<year>\d{{4}}|\d{{2}})[년年]\s*{_NUMBER}[월月]\s*(?P<day>\d{{1,2}})[일日](?:,?\s*[월화수목금토일]요일)?"
        rf"(?:,?\s*{_TIME})?",
        # 2023-Jan-05
        rf"{_YEAR}[\s-]+{_NAME},?[\s-]+{_DAY}(?:,?\s+{_TIME})?",
        # 20230105, 20230105T150000Z, 20230105150000
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})"
        rf"(?:T?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?\s*{_ZONE}?)?",
        # 25/12/2023 or 12/25/2023: read where only one order is possible.
        rf"(?P<one>\d{{1,2}})(?P<mark>[-./])(?P<two>\d{{1,2}})(?P=mark){_YEAR}(?:,?\s+{_TIME})?",
    )
]
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?")


class Precision(StrEnum):
    """How much of a date was said."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class ReadDate:
    """What a text says of when something was published."""

    #: In UTC. A day without a time is taken as its beginning.
    moment: datetime
    precision: Precision
    #: Whether the text names one zone and no other; else that of the publisher was taken.
    is_zone_known: bool


def parse_date(raw: str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a date as feeds write it (RFC 822, RFC 3339 and common forms); None when it cannot be read whole.

    *zone* is that of the publisher, for texts that name none. A day without a time is taken as its beginning there.
    """
    found = read_date(raw, zone)
    return found.moment if found else None


# An item's date is asked for by several who decide.
@lru_cache(maxsize=4096)
def read_date(raw: str | None, zone: tzinfo = UTC) -> ReadDate | None:
    """As ``parse_date``, with how much the text says."""
    if not raw or len(raw) > _LIMIT:
        return None
    text = _normalise(raw)
    if match := _EPOCH.fullmatch(text):
        return _check(datetime.fromtimestamp(int(match[1]), UTC), Precision.TIME, is_zone_known=True)
    text, comment = _take_comment(text)
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _build(match.groupdict(), comment, zone)
    return None


def _normalise(raw: str) -> str:
    """One kind of digit, of space and of hyphen; Hangul in whole syllables."""
    if raw.isascii():
        return " ".join(raw.split())
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text)
    return " ".join(re.sub("[‐‑‒–−]", "-", text).split())


def _take_comment(text: str) -> tuple[str, str | None]:
    """The text without comments (in parentheses, RFC 822) and without a zone in brackets; the zone of a comment."""
    if "(" not in text and "[" not in text:
        return text, None
    rest = re.sub(r"\s*\[[\w/+-]+\]$", "", text)
    comments = re.findall(r"\(([^()]*)\)", rest)
    rest = " ".join(re.sub(r"\s*\([^()]*\)", " ", rest).split())
    zones = [comment for comment in comments if re.fullmatch(_ZONE, comment, re.IGNORECASE)]
    return rest, zones[0] if len(zones) == 1 else None


def _build(found: dict[str, str | None], comment: str | None, zone: tzinfo) -> ReadDate | None:
    days = _read_day(found)
    time = _read_time(found)
    named = found.get("zone") or (comment if found.get("hour") else None)
    offset = _read_zone(named, zone)
    if days is None or time is None or offset is None:
        return None
    try:
        moment = datetime(*days, tzinfo=offset) + time
        return _check(
            moment.astimezone(UTC),
            Precision.TIME if found.get("hour") else Precision.DAY,
            is_zone_known=bool(named) and (named or "").upper() not in _SHARED_ZONES,
        )
    except (ValueError, OverflowError):
        return None


def _read_day(found: dict[str, str | None]) -> tuple[int, int, int] | None:
    digits = found["year"] or ""
    year = int(digits)
    if len(digits) == 2:
        # RFC 2822 has 50; a feed of 1950 to 1969 there is none, and the dates of 2050 to 2069 are as unlikely.
        year += 2000 if year < 70 else 1900
    if one := found.get("one"):
        return _read_order(year, int(one), int(found["two"] or 0))
    name = found.get("name")
    month = _MONTHS.get(name.lower()) if name else int(found["month"] or 0)
    return None if month is None else (year, month, int(found["day"] or 0))


def _read_order(year: int, one: int, two: int) -> tuple[int, int, int] | None:
    if one == two or two > 12:
        return year, one, two
    return (year, two, one) if one > 12 else None


def _read_time(found: dict[str, str | None]) -> timedelta | None:
    """The time since the beginning of the day; 24:00 is the end of the day, and a leap second is the one before."""
    hour = int(found.get("hour") or 0)
    minute = int(found.get("minute") or found.get("minutes") or 0)
    second = int(found.get("second") or found.get("seconds") or 0)
    half = _HALVES.get(found.get("before") or "") or (found.get("after") or "").replace(".", "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half == "am":
        return None
    is_end = (hour, minute, second) == (24, 0, 0)
    if minute > 59 or second > 60 or (hour > 23 and not is_end):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _read_zone(text: str | None, default: tzinfo) -> tzinfo | None:
    if not text:
        return default
    if match := re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", text, re.IGNORECASE):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0)) * (-1 if match[1] == "-" else 1)
        return timezone(offset) if _WEST <= offset <= _EAST else None
    hours = _ZONES.get(text.upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _check(moment: datetime, precision: Precision, *, is_zone_known: bool) -> ReadDate | None:
    return ReadDate(moment, precision, is_zone_known) if EARLIEST <= moment <= LATEST else None


def replaces_date(new: DateSource, new_wait: Wait | None, old: DateSource, old_wait: Wait | None) -> bool:
    """Whether the date that a feed gives a post now takes the place of the stored one.

    A stored date does not move, with two exceptions: a post that has none gets the first that is given, and a post that
    waits gets one with which it need not wait.
    """
    if new is DateSource.FIRST_SEEN:
        return False
    return old is DateSource.FIRST_SEEN or (old_wait is not None and new_wait is None)


# --- dates in addresses -----------------------------------------------------------------------------------------------

# From the surest to the least sure. A date inside a slug is more often what the post is about.
_URL_FORMS = [
    re.compile(rf"(?:^|/){form}", re.ASCII)
    for form in (
        r"(\d{4})/(\d{1,2})/(\d{1,2})(?=/|$)",
        r"(\d{4})-(\d{2})-(\d{2})(?=[^\d]|$)",
        r"(\d{4})(\d{2})(\d{2})(?=[^\d]|$)",
        r"(\d{4})/(\d{2})()(?=/|$)",
        r"(\d{4})-(\d{2})()(?=/|$)",
    )
]


@dataclass(frozen=True, slots=True)
class UrlDate:
    """The day, or only the month, that the path of an address names, on the publisher's calendar."""

    year: int
    month: int
    day: int | None = None

    @property
    def precision(self) -> Precision:
        return Precision.DAY if self.day else Precision.MONTH

    def get_moment(self, zone: tzinfo) -> datetime:
        """Noon of the day, or of the first day of the month, in *zone*, that of the publisher; given in UTC.

        Noon, so that the month is the same on nearly every other calendar.
        """
        return datetime(self.year, self.month, self.day or 1, 12, tzinfo=zone).astimezone(UTC)

    def agrees_with(self, moment: datetime) -> bool:
        """Whether it was this month, somewhere on earth, at that moment."""
        calendars = (moment + _WEST, moment + _EAST)
        return (self.year, self.month) in {(there.year, there.month) for there in calendars}


@lru_cache(maxsize=4096)
def find_url_date(url: str) -> UrlDate | None:
    """The date that the path of an address names: /2023/02/03/, /2023-02-03-slug, /20230203 or /2023/02/.

    None when there is none, or when two contradict each other.
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for form in _URL_FORMS:
        found = {found for parts in form.findall(path) if (found := _make_url_date(*parts))}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _make_url_date(year: str, month: str, day: str) -> UrlDate | None:
    try:
        date(int(year), int(month), int(day or 1))
    except ValueError:
        return None
    is_likely = EARLIEST.year <= int(year) < LATEST.year
    return UrlDate(int(year), int(month), int(day) if day else None) if is_likely else None


def date_of_month(month: Month) -> datetime:
    """The date of a post of which nothing but the month is known: a moment that is in that month in every zone."""
    return datetime(month.year, month.month, 1, 12, tzinfo=UTC)
