"""When a month is printed, in words. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import t
from aggregator.types import MonthPlan


def say_print(plan: MonthPlan, due: datetime | None, zone: ZoneInfo) -> str:
    """Say from when on the month is printed by itself."""
    if due is None:
        return t("when you say so")
    moment = words.day_and_time(due, zone)
    if plan.is_closed:
        return t("{moment}, without what is undecided", moment=moment)
    return t("from {moment} on, as soon as nothing is undecided", moment=moment)
