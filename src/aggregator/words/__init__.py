"""The words for people, on the page and in the terminal. Pure.

This file has numbers, moments, languages and sentences; each module has one subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.locales import mark, t, tn
from aggregator.text.html import shorten
from aggregator.text.language import UNKNOWN
from aggregator.types import Month

_LANGUAGES = {
    "en": mark("English"),
    "ko": mark("Korean"),
    "ja": mark("Japanese"),
    "zh": mark("Chinese"),
    UNKNOWN: mark("Another language"),
}
#: The choice for all languages but the digest's two.
OTHER = "other"
# Minutes.
_DAY, _HOUR = 24 * 60, 60


def percent(probability: float) -> str:
    return f"{probability:.0%}"


def signed(share: float) -> str:
    """``+0.62`` or ``−0.40``, with a real minus."""
    return f"{share:+.2f}".replace("-", "−")


def decimal(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def day(moment: datetime, zone: ZoneInfo) -> str:
    """``12 Dec 2022``, on the calendar of *zone*."""
    return name_date(moment.astimezone(zone).date())


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """``12 Dec``: a day of a year that is known."""
    there = moment.astimezone(zone)
    return t("{day} {month}", day=there.day, month=Month(there.year, there.month).name_in_year)


def name_date(day: date) -> str:
    """``12 Dec 2022``."""
    month = Month(day.year, day.month)
    return t("{day} {month} {year}", day=day.day, month=month.name_in_year, year=f"{day.year:04d}")


def day_and_time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def time_of(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """``09:12`` if it is today, else with its day."""
    same = moment.astimezone(zone).date() == now.astimezone(zone).date()
    return f"{moment.astimezone(zone):%H:%M}" if same else day_and_time(moment, zone)


def distance(moment: datetime, now: datetime) -> str:
    """``3 hours ago``, ``in 20 minutes``, ``just now``."""
    length = span(abs(moment - now))
    if not length:
        return t("just now")
    return t("in {length}", length=length) if moment > now else t("{length} ago", length=length)


def span(length: timedelta) -> str:
    """``4 days``, ``3 hours``, rounded down; empty below a minute."""
    minutes = round(length / timedelta(minutes=1))
    if minutes >= _DAY:
        return tn("{number} day", "{number} days", minutes // _DAY)
    if minutes >= _HOUR:
        return tn("{number} hour", "{number} hours", minutes // _HOUR)
    return tn("{number} minute", "{number} minutes", minutes) if minutes else ""


def rhythm(habit: timedelta) -> str:
    """``every 4 days``, ``every hour``, rounded to the nearest."""
    minutes = max(1, round(habit / timedelta(minutes=1)))
    if minutes >= _DAY:
        return tn("every day", "every {number} days", round(minutes / _DAY))
    if minutes >= _HOUR:
        return tn("every hour", "every {number} hours", round(minutes / _HOUR))
    return tn("every minute", "every {number} minutes", minutes)


def enumerate_words(found: Sequence[str]) -> str:
    """``title``, ``title and note``, ``title, month and note``."""
    *first, last = found
    return t("{first} and {last}", first=", ".join(first), last=last) if first else last


def cut(text: str, limit: int) -> str:
    """Shorten a text to *limit* characters, with an ellipsis if it was longer."""
    kept = shorten(text, limit)
    return kept if len(kept) == len(text) else kept.rstrip(" ,.;:") + " …"


def capitalise(text: str) -> str:
    """Make the first letter a capital, unless an address stands there; the rest stays."""
    return text if "://" in text.partition(" ")[0] else text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Make a sentence, with a capital at the front and a full stop at the end."""
    text = capitalise(text)
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def language(code: str) -> str:
    return t("Other") if code == OTHER else t(_LANGUAGES.get(code, code))


def language_group(code: str) -> str:
    """The choice that a language falls under: Korean, English, or another one."""
    return code if code in {"ko", "en"} else OTHER
