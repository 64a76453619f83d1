"""The words for people, on the page and in the terminal. Pure.

This file has numbers, moments, languages and sentences; each module has one subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.text.html import shorten
from aggregator.text.language import UNKNOWN
from aggregator.types import Month

_LANGUAGES = {"en": "English", "ko": "Korean", "ja": "Japanese", "zh": "Chinese", UNKNOWN: "Another language"}
#: The choice for all languages but the digest's two.
OTHER = "other"
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


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """``12 Dec``: a day of a year that is known."""
    return day(moment, zone).rpartition(" ")[0]


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
        return "just now"
    return f"in {length}" if moment > now else f"{length} ago"


def span(length: timedelta) -> str:
    """``4 days``, ``3 hours``, rounded down; empty below a minute."""
    minutes = round(length / timedelta(minutes=1))
    for name, unit in _SPANS:
        if minutes >= unit:
            return count(minutes // unit, name)
    return ""


def rhythm(habit: timedelta) -> str:
    """``every 4 days``, ``every hour``, rounded to the nearest."""
    minutes = max(1, round(habit / timedelta(minutes=1)))
    name, unit = next((name, unit) for name, unit in _SPANS if minutes >= unit)
    number = round(minutes / unit)
    return f"every {name}" if number == 1 else f"every {count(number, name)}"


def count(number: int, noun: str) -> str:
    """``1 post``, ``1,204 posts``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def enumerate_words(found: Sequence[str]) -> str:
    """``title``, ``title and note``, ``title, month and note``."""
    *first, last = found
    return f"{', '.join(first)} and {last}" if first else last


def cut(text: str, limit: int) -> str:
    """Shorten a text to *limit* characters, with an ellipsis if it was longer."""
    kept = shorten(text, limit)
    return kept if len(kept) == len(text) else kept.rstrip(" ,.;:") + " …"


def are(number: int) -> str:
    """``is`` for one, else ``are``."""
    return "is" if number == 1 else "are"


def capitalise(text: str) -> str:
    """Make the first letter a capital; the rest stays."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Make a sentence, with a capital at the front and a full stop at the end."""
    text = capitalise(text)
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def language(code: str) -> str:
    return "Other" if code == OTHER else _LANGUAGES.get(code, code)


def language_group(code: str) -> str:
    """The choice that a language falls under: Korean, English, or another one."""
    return code if code in {"ko", "en"} else OTHER
