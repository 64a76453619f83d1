"""When a month is drafted, reviewed and printed, and what came too late for it, in words. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import t, tn
from aggregator.pipeline.calendar import Calendar
from aggregator.types import Month, MonthPlan


def list_days(calendar: Calendar, zone: ZoneInfo) -> list[tuple[str, str]]:
    """List until when posts count, and from a draft to the print what happens when."""
    day = words.name_date(calendar.month.last_day)
    if calendar.is_closed and calendar.following:
        counts = t("posts until {day}; what is found now comes into {month}", day=day, month=calendar.following.name)
    else:
        counts = t("posts until {day}, if they are found before it is closed or printed", day=day)
    rows = [(t("Counted"), counts)]
    if calendar.is_frozen:
        return rows
    if calendar.draft_at:
        moment = words.day_and_time(calendar.draft_at, zone)
        rows.append((t("Draft"), t("on {moment}, then kept up to date", moment=moment)))
    rows.append((t("Review"), _say_review(calendar, zone)))
    return [*rows, (t("Prints"), say_print(calendar.plan, calendar.print_at, zone))]


def _say_review(calendar: Calendar, zone: ZoneInfo) -> str:
    if calendar.plan.is_closed:
        return t("closed: what is undecided is left out")
    if calendar.print_at is None:
        return t("until you print it")
    moment = words.day_and_time(calendar.print_at, zone)
    return t("until {moment}, longer if something is undecided", moment=moment)


def say_late(number: int, month: Month) -> str:
    """Say how many posts came too late for a month."""
    return tn(
        "{number} post came after {month} was closed",
        "{number} posts came after {month} was closed",
        number,
        month=month.name,
    )


def say_since(number: int) -> str:
    """Say how many things were decided about a printed month since its print."""
    return tn("{number} change since: print again?", "{number} changes since: print again?", number)


def say_print(plan: MonthPlan, due: datetime | None, zone: ZoneInfo) -> str:
    """Say from when on the month is printed by itself."""
    if due is None:
        return t("when you say so")
    moment = words.day_and_time(due, zone)
    if plan.is_closed:
        return t("{moment}, without what is undecided", moment=moment)
    return t("from {moment} on, as soon as nothing is undecided", moment=moment)
