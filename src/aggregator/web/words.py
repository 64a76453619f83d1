"""How numbers, dates and languages are said on a page. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.types import DateSource, Month

_LANGUAGES = {"en": "English", "ko": "Korean", "ja": "Japanese", "zh": "Chinese"}
_SPANS = (("day", 24 * 60), ("hour", 60), ("minute", 1))


def percent(probability: float) -> str:
    return f"{probability:.0%}"


def signed(share: float) -> str:
    """``+0.62`` or ``−0.40``, with a real minus."""
    return f"{share:+.2f}".replace("-", "−")


def decimal(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def day(moment: datetime, zone: ZoneInfo) -> str:
    """``12 Dec 2022``, on the calendar of *zone*."""
    return f"{moment.astimezone(zone).day} {Month.of(moment, zone).label}"


def day_and_time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def dated(moment: datetime, source: DateSource, zone: ZoneInfo) -> str:
    """The date of a post with what must be known of it: a digest names the month only, and some feeds give no date."""
    match source:
        case DateSource.PUBLISHED:
            return day(moment, zone)
        case DateSource.DIGEST:
            return Month.of(moment, zone).label
    return f"{source} {day(moment, zone)}"


def distance(moment: datetime, now: datetime) -> str:
    """``3 hours ago``, ``in 20 minutes``, ``just now``."""
    minutes = round(abs(moment - now) / timedelta(minutes=1))
    for name, length in _SPANS:
        if minutes >= length:
            span = count(minutes // length, name)
            return f"in {span}" if moment > now else f"{span} ago"
    return "just now"


def count(number: int, noun: str) -> str:
    """``1 post``, ``1,204 posts``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def language(code: str) -> str:
    return _LANGUAGES.get(code, code)
