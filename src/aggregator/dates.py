"""The door for dates of feeds: text in, aware UTC out, or nothing. A part that the text lacks is never filled from now.

feedparser's own reading is not used: it fills a missing month or day from the current date ("2023.01.05" becomes the
present month) and takes zone names that it does not know, such as KST, for UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

# Before the first feed: a year such as 0001 or 1970 is a default value of some program.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)

_ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0.0),
    **{"KST": 9.0, "JST": 9.0, "IST": 5.5, "SGT": 8.0, "HKT": 8.0, "AEST": 10.0, "AEDT": 11.0},
    **{"CET": 1.0, "CEST": 2.0, "BST": 1.0, "EET": 2.0, "EEST": 3.0, "MSK": 3.0, "WEST": 1.0},
    **{"EST": -5.0, "EDT": -4.0, "CST": -6.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0},
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}

_NUMBERS = r"(?P<year>\d{4})\s*[-./]\s*(?P<month>\d{1,2})\s*[-./]\s*(?P<day>\d{1,2})\.?"
_KOREAN = r"(?P<year>\d{4})년\s*(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일(?:\s*\(?[월화수목금토일](?:요일)?\)?)?"
_DAY_FIRST = r"(?:[a-z]+,?\s+)?(?P<day>\d{1,2})[\s-]+(?P<name>[a-z]{3,9})\.?,?[\s-]+(?P<year>\d{4}|\d{2})"
_MONTH_FIRST = r"(?:[a-z]+,\s+)?(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
_TIME = (
    r"(?P<korean>오전|오후)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"(?:\s*(?P<half>[ap]\.?m\.?))?(?:\s*(?P<zone>[a-z]{1,5}|[+-]\d{2}:?\d{2}))?"
)
_FORMS = [
    # 2023-01-05T15:00:00+09:00, 2023.01.05, 2020/1/10 14:33:00, 2004-05-25 오후 11:23:17
    re.compile(rf"{_NUMBERS}(?:[T\s]+{_TIME})?", re.IGNORECASE),
    # Thu, 05 Jan 2023 15:00:00 +0900; 5 January 2023
    re.compile(rf"{_DAY_FIRST}(?:,?\s+{_TIME})?", re.IGNORECASE),
    # Jan 5, 2023; January 5, 2023 at 3:00 PM
    re.compile(rf"{_MONTH_FIRST}(?:,?\s+(?:at\s+)?{_TIME})?", re.IGNORECASE),
    # 2023년 1월 5일 (목) 오후 3:00
    re.compile(rf"{_KOREAN}(?:\s*{_TIME})?", re.IGNORECASE),
]
_HALVES_KO = {"오전": "am", "오후": "pm"}


# An item's date is asked for by several who decide.
@lru_cache(maxsize=4096)
def parse_date(raw: str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a date as feeds write it (RFC 822, RFC 3339 and common forms); None when it cannot be read whole.

    *zone* is that of the publisher, for texts that name none. A day without a time is taken as its beginning there.
    """
    text = " ".join((raw or "").split())
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return _within_reason(datetime.fromtimestamp(int(text[:10]), UTC))
    text = re.sub(r"\s*\(\w+\)$", "", text)
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _build(match.groupdict(), zone)
    return None


def _build(found: dict[str, str | None], zone: tzinfo) -> datetime | None:
    month = int(found["month"] or 0) if found.get("month") else _MONTHS.get((found.get("name") or "")[:3].lower(), 0)
    digits = found["year"] or ""
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year < 70 else 1900
    half = (_HALVES_KO.get(found.get("korean") or "") or found.get("half") or "").replace(".", "").lower()
    hour = int(found.get("hour") or 0)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    offset = _read_zone(found.get("zone"), zone)
    if offset is None:
        return None
    try:
        moment = datetime(
            year,
            month,
            int(found["day"] or 0),
            hour,
            int(found.get("minute") or 0),
            min(int(found.get("second") or 0), 59),
            tzinfo=offset,
        )
        return _within_reason(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _read_zone(text: str | None, default: tzinfo) -> tzinfo | None:
    if not text:
        return default
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if offset >= timedelta(hours=24):
            return None
        return timezone(-offset if text[0] == "-" else offset)
    hours = _ZONES.get(text.upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _within_reason(moment: datetime) -> datetime | None:
    return moment if moment >= EARLIEST else None
