"""Dates as lists of posts show them: without a year, by their distance (``3일 전``, ``2 days ago``), or inside a line
such as ``Nov 3, 2026 · 5 min read``. Pure: *now* is an argument.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

from aggregator.dates.read import Zones, parse_date, read_month_name

# No line with a date is longer.
_LIMIT = 200
_HANGUL = re.compile("[가-힣]")
_PARTS = re.compile(r"[·|•—–\n\t]+| / | - ")
# What stands before a date.
_LABEL = re.compile(r"(?:published|posted|updated|date|on|작성일|등록일|게시일|발행일)\b ?:? ?", re.IGNORECASE)
_DAY = timedelta(days=1)
_SPANS = {
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "분": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "hr": timedelta(hours=1),
    "시간": timedelta(hours=1),
    "day": _DAY,
    "일": _DAY,
    "week": 7 * _DAY,
    "주": 7 * _DAY,
    "주일": 7 * _DAY,
    "month": 30 * _DAY,
    "개월": 30 * _DAY,
    "달": 30 * _DAY,
}
_AGO = re.compile(r"(?P<number>\d{1,3}|an?) ?(?P<unit>[a-z]+?|[가-힣]+)s? ?(?:ago|전)", re.IGNORECASE)
_NAMED = {"today": 0, "오늘": 0, "방금": 0, "방금 전": 0, "just now": 0, "yesterday": 1, "어제": 1, "그제": 2}
_YEARLESS = (
    re.compile(r"(?P<name>[^\W\d_]{3,12})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?"),
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? (?P<name>[^\W\d_]{3,12})\.?"),
    re.compile(r"(?P<month>\d{1,2})월 ?(?P<day>\d{1,2})일"),
    re.compile(r"(?P<month>\d{2})[./-] ?(?P<day>\d{2})\.?"),
)
# The longest date inside other words.
_INSIDE = re.compile(
    r"\b(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2} [A-Z][a-z]{2,8}\.?,? \d{4})\b"
    r"|(?<!\d)\d{4} ?(?:[-./] ?\d{1,2} ?[-./] ?\d{1,2}|년 ?\d{1,2}월 ?\d{1,2}일)(?!\d)"
)


def find_listed_date(text: str | None, now: datetime, zones: Zones) -> str | None:
    """Find the date that a line shows, as a text that ``dates.read`` reads; None if it shows none.

    A date without a year is the last such day that is not after tomorrow.
    """
    line = " ".join((text or "").split())
    if not line or len(line) > _LIMIT:
        return None
    if parse_date(line, zones):
        return line
    here = now.astimezone(_choose_zone(line, zones))
    for part in (line, *_split(text or "")):
        said = _LABEL.sub("", part, count=1).strip(" ,") if _LABEL.match(part) else part
        if parse_date(said, zones):
            return said
        if day := _read_distance(said, here) or _read_yearless(said, here):
            return day.isoformat()
    inside = _INSIDE.search(line)
    return inside[0] if inside and parse_date(inside[0], zones) else None


def _split(text: str) -> list[str]:
    parts = [" ".join(part.split()) for part in _PARTS.split(text)]
    return [part for part in parts if part] if len(parts) > 1 else []


def _choose_zone(line: str, zones: Zones) -> tzinfo:
    return zones.korean if zones.korean and _HANGUL.search(line) else zones.publisher


def _read_distance(said: str, here: datetime) -> date | None:
    lower = said.lower()
    if lower in _NAMED:
        return (here - _NAMED[lower] * _DAY).date()
    if not (found := _AGO.fullmatch(lower)):
        return None
    span = _SPANS.get(found["unit"])
    number = int(found["number"]) if found["number"].isdecimal() else 1
    return (here - number * span).date() if span else None


def _read_yearless(said: str, here: datetime) -> date | None:
    for form in _YEARLESS:
        if not (found := form.fullmatch(said)):
            continue
        values = found.groupdict()
        month = int(values["month"]) if "month" in values else read_month_name(values["name"])
        if month is None:
            continue
        for year in (here.year + 1, here.year, here.year - 1):
            try:
                day = date(year, month, int(values["day"]))
            except ValueError:
                continue
            if day <= here.date() + _DAY:
                return day
    return None
