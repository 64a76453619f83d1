"""How a list is kept: how often and when it comes out, lines a month, language and order of its lines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from statistics import median

from aggregator.digest.order import find_longest_run, get_order_key
from aggregator.locales import mark
from aggregator.text.language import find_language
from aggregator.types import Line, Month, Texts

#: Days between two issues, from which on a list counts as weekly or monthly.
_WEEKLY, _MONTHLY = (5, 10), (20, 45)
_FEW_ISSUES = 3
#: Days by which most issues may lie from the usual one.
_MOST_DAYS, _MOST_ISSUES = 3, 0.7
#: The share of lines that have to stand in an order, and how many of one section tell.
_IN_ORDER, _FEW_LINES = 0.9, 3


class Rhythm(StrEnum):
    """How often a list comes out."""

    WEEKLY = mark("weekly")
    MONTHLY = mark("monthly")
    #: Now and then.
    IRREGULAR = mark("now and then")
    UNKNOWN = mark("not known")


class Order(StrEnum):
    """How the lines of a section stand."""

    NEWEST = mark("the newest first")
    OLDEST = mark("the oldest first")
    TITLE = mark("by title")
    ORGANISATION = mark("by organisation")
    OTHER = mark("in an order of its own")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a list is kept."""

    rhythm: Rhythm
    #: Lines of a usual month in which some were chosen; None if the days do not tell.
    a_month: int | None
    #: The day of the month on which most issues came out; None if they did not come out on one.
    day: int | None
    #: Of what its keeper wrote, ``ko`` or ``en``; None if it does not tell.
    language: str | None
    order: Order


def find_habits(lines: Sequence[tuple[Line, date | Month | None]], texts: Texts) -> Habits:
    """Find how a list is kept, by its lines with the days on which they were chosen, in the order of the list."""
    chosen = [day for _, day in lines]
    rhythm = find_rhythm(chosen)
    return Habits(
        rhythm,
        _count_a_month(chosen),
        _find_day(chosen) if rhythm is Rhythm.MONTHLY else None,
        _find_own_language([line for line, _ in lines], texts),
        find_order([line for line, _ in lines]),
    )


def find_rhythm(chosen: Iterable[date | Month | None]) -> Rhythm:
    """How often a list comes out, by the days on which its lines were chosen, else by their months."""
    given = {each for each in chosen if each}
    days = sorted(each for each in given if isinstance(each, date))
    if len(days) >= _FEW_ISSUES:
        gap = median((later - one).days for one, later in pairwise(days))
    else:
        months = sorted(each for each in given if isinstance(each, Month))
        if len(months) < _FEW_ISSUES:
            return Rhythm.UNKNOWN
        gap = 30 * median((later.year - one.year) * 12 + later.month - one.month for one, later in pairwise(months))
    if _WEEKLY[0] <= gap <= _WEEKLY[1]:
        return Rhythm.WEEKLY
    return Rhythm.MONTHLY if _MONTHLY[0] <= gap <= _MONTHLY[1] else Rhythm.IRREGULAR


def _count_a_month(chosen: Iterable[date | Month | None]) -> int | None:
    """The middle of the months, for a first commit may bring the lines of years."""
    counts = Counter(Month(each.year, each.month) for each in chosen if each)
    return round(median(counts.values())) if len(counts) >= _FEW_ISSUES else None


def _find_day(chosen: Iterable[date | Month | None]) -> int | None:
    days = [each.day for each in {each for each in chosen if isinstance(each, date)}]
    if len(days) < _FEW_ISSUES:
        return None
    usual = round(median(days))
    near = sum(abs(day - usual) <= _MOST_DAYS for day in days)
    return usual if near >= _MOST_ISSUES * len(days) else None


def _find_own_language(lines: Sequence[Line], texts: Texts) -> str | None:
    """The language of its head, headings and notes: titles are in the languages of their posts."""
    headings = " ".join([*texts.parts.values(), *texts.topics.values()])
    notes = [line.note.strip(": \n") for line in lines if line.note]
    # Many short notes are one text, for a single one does not tell.
    said = Counter(find_language(text, "und") for text in (texts.head, headings, "\n".join(notes), *notes))
    most, least = sorted(("ko", "en"), key=lambda code: -said[code])
    return most if said[most] > said[least] else None


def find_order(lines: Sequence[Line]) -> Order:
    """The order that nearly all lines of its sections stand in; of several that fit, the one that is printed."""
    sections: dict[str, list[Line]] = {}
    for line in lines:
        sections.setdefault(line.section.key, []).append(line)
    told = [each for each in sections.values() if len(each) >= _FEW_LINES]
    for order in (Order.NEWEST, Order.TITLE, Order.ORGANISATION, Order.OLDEST):
        keyed = [[key for line in each if (key := _get_key(line, order)) is not None] for each in told]
        keyed = [keys for keys in keyed if len(set(keys)) >= _FEW_LINES]
        total = sum(len(keys) for keys in keyed)
        if total and sum(len(find_longest_run(keys)) for keys in keyed) >= _IN_ORDER * total:
            return order
    return Order.OTHER


def _get_key(line: Line, order: Order) -> tuple[object, ...] | None:
    """The place of a line in its section; None if the line does not tell."""
    match order:
        case Order.NEWEST:
            return get_order_key(line) if line.month else None
        case Order.OLDEST:
            return (line.month.year, line.month.month) if line.month else None
        case Order.ORGANISATION:
            return (line.organisation.casefold(),) if line.organisation else None
    return (line.title.strip("*_`\"'“ ").casefold(),)
