"""Months, and what is known about the date of a post."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregator.locales import mark, t


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in the curator's zone; written 2022-12, labelled Dec 2022 in a digest."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise ValueError(t("{text} is not a month", text=f"{self.year}-{self.month}"))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def label(self) -> str:
        """As a digest prints it."""
        return f"{_MONTH_NAMES[self.month]} {self.year:04d}"

    @property
    def name(self) -> str:
        """As the curator reads it: ``Dec 2022``, ``2022년 12월``."""
        return t("{month} {year}", month=self.name_in_year, year=f"{self.year:04d}")

    @property
    def name_in_year(self) -> str:
        """``Dec``, ``12월``: a month of a year that is known."""
        return t(_MONTH_NAMES[self.month])

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2022-12``; raises ValueError."""
        return _parse(text)

    @classmethod
    def parse_label(cls, text: str) -> Month:
        """Read ``Dec 2022``; raises ValueError."""
        name, _, year = text.partition(" ")
        if name in _MONTH_NAMES[1:] and re.fullmatch(r"\d{4}", year):
            return cls(int(year), _MONTH_NAMES.index(name))
        raise ValueError(t("{text} is not a month label; it looks like Dec 2022", text=repr(text)))

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Month:
        """The month that an aware moment falls in, on the calendar of *zone*."""
        return _find(moment, zone)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def shift(self, months: int) -> Month:
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)


# The present one is asked for with every post.
@lru_cache(maxsize=1024)
def _find(moment: datetime, zone: ZoneInfo) -> Month:
    there = moment.astimezone(zone)
    return _share(there.year, there.month)


# Posts are of few months: those of a visit are carried from one process to another once each.
@lru_cache(maxsize=4096)
def _share(year: int, month: int) -> Month:
    return Month(year, month)


# Rows of many posts name few months.
@lru_cache(maxsize=4096)
def _parse(text: str) -> Month:
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip()):
        return Month(int(match[1]), int(match[2]))
    raise ValueError(t("{text} is not a month; write it as 2022-12", text=repr(text)))


# Spelled out, because strftime("%b") depends on the machine's locale.
_MONTH_NAMES = [
    "",
    mark("Jan"),
    mark("Feb"),
    mark("Mar"),
    mark("Apr"),
    mark("May"),
    mark("Jun"),
    mark("Jul"),
    mark("Aug"),
    mark("Sep"),
    mark("Oct"),
    mark("Nov"),
    mark("Dec"),
]


class DateSource(StrEnum):
    """Where the date of a post comes from, best first."""

    PUBLISHED = "published"
    UPDATED = "updated"
    #: The path of its address.
    URL = "URL path"
    #: A published digest, or the curator; both name a month only.
    DIGEST = "digest"
    CURATOR = "curator"
    FIRST_SEEN = "first seen"


class DateConfidence(StrEnum):
    """How far the month of a post can be believed."""

    SURE = "sure"
    #: Uncertain by some hours, or the date of a change.
    FAIR = "fair"
    WEAK = "weak"


class Wait(StrEnum):
    """What a post that is kept out of the candidates waits for."""

    #: Its date, which is in the future.
    DAY = mark("its day")
    #: A date: the feed gave none at its first visit.
    DATE = mark("a date")
    #: Nothing: the curator took back that it was added, and it is a candidate only if that is done again.
    ADDING = mark("being added again")
