"""Days and months in headings, names of files and labels of lines. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from aggregator.dates.read import read_month_name
from aggregator.types import Month

#: Longer pieces are sentences, and the day in them is not theirs.
_LONGEST = 120
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})"
_FORMS = tuple(
    re.compile(rf"(?<![\w.])(?:{form})(?![\w])")
    for form in (
        rf"{_YEAR}년 ?(?P<month>\d{{1,2}})월(?: ?{_DAY}일)?",
        rf"{_YEAR}(?P<mark>[-./]) ?(?P<month>\d{{1,2}})(?:(?P=mark) ?{_DAY})?\.?",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])",
        rf"{_NAME} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}",
        rf"{_DAY}(?:st|nd|rd|th)? {_NAME},? {_YEAR}",
        rf"{_NAME},? {_YEAR}",
        rf"{_YEAR},? {_NAME}",
    )
)
#: What may stand beside the day or number of an issue without making a subject of its heading.
_ISSUE_WORDS = re.compile(
    r"(?i)issues?|edition|newsletter|digest|week(?:ly)?|month(?:ly)?|vol(?:ume)?|no|nr|number|of|the|ending|from|to|on|"
    r"released?|published|update[ds]?|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|day|\w+day|"
    r"제|호|주|차|주차|월|화|수|목|금|토|일|요일|발행|업데이트|주간|월간"
)
_ISSUE_NUMBER = re.compile(
    r"(?i)(?:issue|edition|week|vol(?:ume)?\.?|no\.?|#|제)\s{0,3}#?\d{1,4}|#?\d{1,4}\s?(?:호|주차)"
)
_LAST_NUMBER = re.compile(r"\s\d{1,4}$")


class Said(NamedTuple):
    """A month that a text names, with the day if it names one, and what else it says."""

    month: Month
    day: date | None
    rest: str


_YEAR_ALONE = re.compile(rf"{_YEAR}년?")
_MONTH_ALONE = re.compile(r"(?P<name>[A-Za-z]{3,9})|(?P<month>\d{1,2})월")


@dataclass(frozen=True, slots=True)
class IssueName:
    """What the heading or the file of an issue says of it."""

    month: Month | None = None
    day: date | None = None
    #: A heading may name a year alone; those below it then name months.
    year: int | None = None


def find_day(text: str) -> Said | None:
    """Find the first day or month that a short text names; None if it names none, or is a sentence.

    >>> find_day("March 2024, Netflix")
    Said(month=Month(year=2024, month=3), day=None, rest=', Netflix')
    """
    if len(text) > _LONGEST:
        return None
    for form in _FORMS:
        for found in form.finditer(text):
            if said := _read(found):
                return Said(said[0], said[1], text[: found.start()] + text[found.end() :])
    return None


def _read(found: re.Match[str]) -> tuple[Month, date | None] | None:
    parts = found.groupdict()
    number = read_month_name(parts["name"]) if parts.get("name") else int(parts.get("month") or 0)
    if number is None or not 1 <= number <= 12:
        return None
    year = int(parts["year"])
    try:
        return Month(year, number), date(year, number, int(parts["day"])) if parts.get("day") else None
    except ValueError:
        return None


def drop_number(text: str) -> str:
    """A heading without the number or day of its issue: what headings of one series have in common."""
    said = find_day(text)
    bare = _ISSUE_NUMBER.sub(" ", said.rest if said else text)
    return " ".join(_LAST_NUMBER.sub("", bare.rstrip()).split()).casefold()


def read_issue_name(text: str, year: int | None = None) -> IssueName | None:
    """Read a heading that only says which issue follows, by day, month or number; None if it has a subject. *year* is
    that of the heading above it.

    >>> read_issue_name("Issue #12 (March 3, 2024)").day
    datetime.date(2024, 3, 3)
    >>> read_issue_name("Vector Search in 2024-03") is None
    True
    """
    if alone := _YEAR_ALONE.fullmatch(text.strip()):
        return IssueName(year=int(alone["year"]))
    if year and (alone := _MONTH_ALONE.fullmatch(text.strip())):
        number = read_month_name(alone["name"]) if alone["name"] else int(alone["month"])
        return IssueName(Month(year, number)) if number and 1 <= number <= 12 else None
    said = find_day(text)
    rest = said.rest if said else text
    numbered = _ISSUE_NUMBER.search(rest)
    if not said and not numbered:
        return None
    if numbered:
        rest = rest[: numbered.start()] + rest[numbered.end() :]
    words = re.findall(r"[^\W\d_]+", rest)
    if any(not _ISSUE_WORDS.fullmatch(word) for word in words):
        return None
    return IssueName(said.month, said.day) if said else IssueName()
