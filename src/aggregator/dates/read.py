"""Parses the dates of feeds: text in, aware UTC out, or None. Missing parts are never filled from the current date.

feedparser's own parser is not used: it fills a missing month or day from the current date ("2023.01.05" becomes the
present month) and takes unknown zone names, such as KST, for UTC.

The forms are RFC 822, RFC 3339 and others that feeds use; docs/decisions/dates.md lists them. An ambiguous date, such
as 05/06/2023, is not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.dates.zones import EAST, WEST, NamedZone, read_zone
from aggregator.types import DateSource, Month, Wait

# Before the first feed: years such as 0001, 1970 and 9999 are default values of programs.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

# No form is longer, so longer texts are not searched.
_LIMIT = 100

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            # English, German, French, Spanish, Italian, Portuguese, Dutch and the Nordic languages, without accents.
            "january jan januar janner janvier janv enero ene gennaio gen janeiro januari",
            "february feb februar fevrier fevr fev febrero febbraio fevereiro februari",
            "march mar marz mrz mars marzo marco maart mrt marts",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag maio mei maj",
            "june jun juni juin junio giugno giu junho",
            "july jul juli juillet juil julio luglio lug julho",
            "august aug aout agosto ago augustus augusti",
            "september sep sept septembre septiembre setiembre settembre set setembro",
            "october oct okt oktober octobre octubre ottobre ott outubro out",
            "november nov novembre noviembre novembro",
            "december dec dez dezember decembre diciembre dic dicembre dezembro desember des",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6} | dict(
    zip("월화수목금토일", range(7), strict=True)
)
_HALVES = {"오전": "am", "오후": "pm", "上午": "am", "下午": "pm", "午前": "am", "午後": "pm"}
_HALF = rf"(?:{'|'.join(_HALVES)}|[ap]\.? ?m\b\.?)"

# Before and after a day. Spaces are single in all texts.
_WEEKDAY = r"(?:(?P<weekday>(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|[월화수목금토일]요일|[^\W\d_]{1,12})(?: ?[.,]+ ?| ))?"
_BEHIND = (
    r"(?:,? ?(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b\.?|[월화수목금토일](?:요일|\b)"
    r"|(?:星期|週|周)[一二三四五六日天]|[月火水木金土日]曜日?))?"
)
_YEAR, _NUMBER, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>[^\W\d_]{3,12}|\d{1,2}[월月])\.?"
_REST = rf"(?!\d){_BEHIND}(?P<rest>.*)"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        # Thu, 05 Jan 2023 15:00:00 +0900; 5 January 2023; 05-Jan-23; 2 de octubre de 2025; 목, 02 10월 2025
        rf"{_WEEKDAY}{_DAY}\.?[ /-]*(?:de )?{_NAME},?[ /-]*(?:del? )?(?P<year>\d{{4}}|\d{{2}})(?!:){_REST}",
        # 2023-01-05T15:00:00+09:00, 2023.01.05, 2020/1/10 14:33:00, 2004-05-25 오후 11:23:17, 2023. 1. 5.
        rf"{_WEEKDAY}{_YEAR} ?(?P<mark>[-./]) ?{_NUMBER} ?(?P=mark) ?(?P<day>\d{{1,2}})\.?{_REST}",
        # Jan 5, 2023; January 5, 2023 at 3:00 PM; Thu Jan 05 2023 15:00:00 GMT+0900
        rf"{_WEEKDAY}{_NAME} {_DAY},? {_YEAR}{_REST}",
        # Thu Jan  5 15:00:00 2023; Thu Jan  5 15:00:00 KST 2023
        rf"{_WEEKDAY}{_NAME} {_DAY}(?P<rest> \d.*) {_YEAR}",
        # 2023년 1월 5일 목요일 오후 3:00, 2023年1月5日
        rf"{_WEEKDAY}(?P<year>\d{{4}}|\d{{2}})[년年] ?{_NUMBER}[월月] ?(?P<day>\d{{1,2}})[일日]{_BEHIND}(?P<rest>.*)",
        # 2023-Jan-05
        rf"{_YEAR}[ -]+{_NAME},?[ -]+{_DAY}{_REST}",
        # 20230105, 20230105T150000Z, 20230105150000
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?P<rest>(?:T?\d{{2}}|\D).*)?",
        # 25/12/2023 or 12/25/2023: read if only one order is possible, or if the weekday decides.
        rf"{_WEEKDAY}(?P<one>\d{{1,2}})(?P<mark>[-./])(?P<two>\d{{1,2}})(?P=mark){_YEAR}{_REST}",
        # 2025-10, October 2025, 2025년 10월: a month is enough for a monthly digest.
        rf"{_YEAR} ?[-./] ?{_NUMBER}",
        rf"{_YEAR}[년年] ?{_NUMBER}[월月]",
        rf"{_NAME},?[ -]+(?:de )?{_YEAR}",
        rf"{_YEAR}[ -]+{_NAME}",
    )
]
_SEPARATOR = r"(?: ?[,;@|·]| -(?= )|T(?=\d))? ?(?:(?:at|um|à|às|kl\.?) )?"
_ZONE = r"(?P<zone>.*)"
_CLOCK = re.compile(
    rf"{_SEPARATOR}(?:(?P<before>{_HALF}) ?)?(?P<hour>\d{{1,2}})(?:"
    r" ?[:.h] ?(?P<minute>\d{1,2})(?!\d)(?:[:.] ?(?P<second>\d{1,2})(?!\d)(?:[.,:]\d+)?)?"
    r"|(?P<sign>[시時时點点])(?: ?(?P<minutes>\d{1,2}) ?[분分]?)?(?: ?(?P<seconds>\d{1,2}) ?[초秒])?|)"
    rf"(?: ?(?P<after>{_HALF}))?{_ZONE}",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    rf"[T ]?(?P<hour>\d{{2}})(?P<minute>\d{{2}})?(?P<second>\d{{2}})?(?!\d)(?:[.,]\d+)?{_ZONE}", re.IGNORECASE
)
_NO_ZONE = NamedZone(None, is_certain=False)
# As most feeds write it: a shortcut with the same result.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (GMT|[+-]\d{4})",
    re.ASCII,
)
_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?")
# "2025. 10. 2." is how programs write dates in Korean.
_KOREAN = re.compile(r"[가-힣]|^\d{4}\. \d{1,2}\. \d{1,2}\.")


class Precision(StrEnum):
    """How much of a date was given."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as a text gives it."""

    #: In UTC. A day without a time means its beginning, a month means noon of its first day.
    moment: datetime
    precision: Precision
    #: Whether the text names exactly one zone; otherwise the publisher's was used.
    is_zone_known: bool


class Zones(NamedTuple):
    """The zones for dates without one."""

    publisher: tzinfo = UTC
    #: For dates in Korean, whoever publishes them; None for the publisher's.
    korean: tzinfo | None = None


UTC_ZONES = Zones()


def parse_date(raw: str | None, zones: Zones = UTC_ZONES) -> datetime | None:
    """Parse a date as feeds write it (RFC 822, RFC 3339 and common forms); None if it cannot be read completely.

    A day without a time means its beginning, in *zones*.
    """
    found = read_date(raw, zones)
    return found.moment if found else None


def read_date(raw: str | None, zones: Zones = UTC_ZONES) -> ReadDate | None:
    """As ``parse_date``, with the precision."""
    return None if not raw or len(raw) > _LIMIT else _read_date(raw, zones)


# Several decisions read the date of an item.
@lru_cache(maxsize=4096)
def _read_date(raw: str, zones: Zones) -> ReadDate | None:
    text = _normalise(raw)
    if found := _read_usual(text):
        return found
    if match := _EPOCH.fullmatch(text):
        return _check(datetime.fromtimestamp(int(match[1]), UTC), Precision.TIME, is_zone_known=True)
    zone = zones.korean if zones.korean and _KOREAN.search(text) else zones.publisher
    text, comment = _take_comment(text)
    for form in _FORMS:
        if (match := form.fullmatch(text)) and (found := _build(match.groupdict(), comment, zone)):
            return found
    return None


def _read_usual(text: str) -> ReadDate | None:
    match = _USUAL.fullmatch(text)
    if match is None:
        return None
    day, name, year, hour, minute, second, offset = match.groups()
    zone, days = read_zone(offset), (int(year), _MONTHS[name.lower()], int(day))
    if zone is None or zone.zone is None:
        return None
    try:
        moment = datetime(*days, int(hour), int(minute), int(second), tzinfo=zone.zone)
        return _check(moment.astimezone(UTC), Precision.TIME, is_zone_known=zone.is_certain)
    except (ValueError, OverflowError):
        return None


def _normalise(raw: str) -> str:
    """Normalise digits, spaces and hyphens; compose Hangul syllables."""
    if raw.isascii():
        return " ".join(raw.split())
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text)
    return " ".join(re.sub("[‐‑‒–−]", "-", text).split())


def _take_comment(text: str) -> tuple[str, str]:
    """The text without comments (in parentheses, RFC 822) and without a zone in brackets; and the comments."""
    if "(" not in text and "[" not in text:
        return text, ""
    rest = re.sub(r"\s*\[[\w/+-]+\]$", "", text)
    comments = re.findall(r"\(([^()]*)\)", rest)
    return " ".join(re.sub(r"\s*\([^()]*\)", " ", rest).split()), " ".join(comments)


def _build(found: dict[str, str | None], comment: str, zone: tzinfo) -> ReadDate | None:
    clock = _read_rest(found.get("rest") or "", comment)
    if clock is None:
        return None
    time, named = clock
    has_day = "day" in found or "one" in found
    precision = (Precision.TIME if time is not None else Precision.DAY) if has_day else Precision.MONTH
    if not has_day:
        time = timedelta(hours=12)
    try:
        if (days := _read_day(found)) is None:
            return None
        moment = datetime(*days, tzinfo=named.zone or zone) + (time or timedelta())
        return _check(moment.astimezone(UTC), precision, is_zone_known=named.is_certain)
    except (ValueError, OverflowError):
        return None


def _read_day(found: dict[str, str | None]) -> tuple[int, int, int] | None:
    """Year, month and day, which may be out of range. Raises ValueError if they are and their weekday is needed."""
    digits = found["year"] or ""
    year = int(digits)
    if len(digits) == 2:
        # RFC 2822 has 50. There are no feeds from 1950 to 1969, so it makes no difference here.
        year += 2000 if year < 70 else 1900
    if one := found.get("one"):
        return _read_order(year, int(one), int(found["two"] or 0), found.get("weekday"))
    name = found.get("name")
    month = read_month_name(name) if name else int(found["month"] or 0)
    return None if month is None else (year, month, int(found.get("day") or 1))


def read_month_name(name: str) -> int | None:
    if name[-1] in "월月":
        return int(name[:-1]) if name[:-1].isdecimal() else None
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(mark))
    return _MONTHS.get(plain)


def _read_order(year: int, one: int, two: int, weekday: str | None) -> tuple[int, int, int] | None:
    if one == two or two > 12:
        return year, one, two
    if one > 12:
        return year, two, one
    wanted = _WEEKDAYS.get(weekday.lower()[:3]) if weekday else None
    fitting = [(year, month, day) for month, day in ((one, two), (two, one))
               if month and day and date(year, month, day).weekday() == wanted]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None


def _read_rest(rest: str, comment: str) -> tuple[timedelta | None, NamedZone] | None:
    """The time of day, if there is one, and the zone; None if the text is something else."""
    for form in (_CLOCK, _COMPACT):
        if match := form.fullmatch(rest):
            found = match.groupdict()
            time = _read_time(found)
            zone = read_zone(found["zone"]) if found["zone"] else read_zone(comment) or _NO_ZONE
            if time is not None and zone is not None:
                return time, zone
    # A day may have a zone (xsd:date); a longer word is something else.
    zone = read_zone(rest)
    is_named = zone is not None and (zone.zone is not None or re.fullmatch(r"[ .,;]*(?:T|[A-Z]{1,5})?", rest))
    return (None, zone) if zone is not None and is_named else None


def _read_time(found: dict[str, str | None]) -> timedelta | None:
    """The time of day; 24:00 is its end, and a leap second counts as the second before."""
    half = found.get("before") or found.get("after") or ""
    half = _HALVES.get(half) or re.sub("[. ]", "", half).lower()
    if "sign" in found and not (half or found["minute"] or found["sign"]):
        return None
    hour = int(found["hour"] or 0)
    minute = int(found["minute"] or found.get("minutes") or 0)
    second = int(found["second"] or found.get("seconds") or 0)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half == "am":
        return None
    is_end = (hour, minute, second) == (24, 0, 0)
    if minute > 59 or second > 60 or (hour > 23 and not is_end):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _check(moment: datetime, precision: Precision, *, is_zone_known: bool) -> ReadDate | None:
    return ReadDate(moment, precision, is_zone_known) if EARLIEST <= moment <= LATEST else None


def replaces_date(new: DateSource, new_wait: Wait | None, old: DateSource, old_wait: Wait | None) -> bool:
    """Whether the date that a feed gives a post now replaces the stored one.

    A stored date does not change, with two exceptions: a post without one gets the first date that is given, and a post
    that waits gets a date with which it need not wait.
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


# How each of them begins, in an address; most have nothing like it.
_MAY_BE_URL_DATE = re.compile(r"[/:]\d{4}[/-]?\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class UrlDate:
    """The day, or only the month, in the path of an address, on the publisher's calendar."""

    year: int
    month: int
    day: int | None = None

    @property
    def precision(self) -> Precision:
        return Precision.DAY if self.day else Precision.MONTH

    def get_moment(self, zone: tzinfo) -> datetime:
        """Noon of the day, or of the first day of the month, in *zone*, the publisher's; as UTC.

        Noon, so that the month is the same in nearly every zone.
        """
        return datetime(self.year, self.month, self.day or 1, 12, tzinfo=zone).astimezone(UTC)

    def agrees_with(self, moment: datetime) -> bool:
        """Whether at that moment it was this month somewhere on earth."""
        calendars = (moment + WEST, moment + EAST)
        return (self.year, self.month) in {(there.year, there.month) for there in calendars}


@lru_cache(maxsize=4096)
def find_url_date(url: str) -> UrlDate | None:
    """The date in the path of an address: /2023/02/03/, /2023-02-03-slug, /20230203 or /2023/02/.

    None if there is none, or if two contradict each other.
    """
    if not (url[:1].isdigit() or _MAY_BE_URL_DATE.search(url)):
        return None
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
    """The date of a post if only its month is known: a moment that is in that month in every zone."""
    return datetime(month.year, month.month, 1, 12, tzinfo=UTC)
