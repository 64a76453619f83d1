"""The curator's plan for the print of a month: close it, let it wait, or leave it to the settings again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.dating import find_next_open
from aggregator.storage import digests, posts
from aggregator.storage.actions import find_closed_at
from aggregator.storage.database import Connection
from aggregator.storage.plans import find_plan, set_plan
from aggregator.types import ActionKind, Month, MonthPlan

# A print waits at most so long.
_LONGEST = timedelta(days=366)


def close_month(home: Home, month: Month) -> MonthPlan:
    """Leave out what is undecided: the month is printed when its moment comes. Raises DigestError if it is not over, or
    is printed or read already.
    """
    return _plan(home, month, "close", is_closed=True)


def wait(home: Home, month: Month, until: datetime) -> MonthPlan:
    """Let the print wait until a moment, also beyond the day of the settings. Raises DigestError as ``close_month``,
    and if the moment has passed or is more than a year away.
    """
    if not home.now < until <= home.now + _LONGEST:
        raise DigestError(t("a print waits until a moment to come, within a year"))
    return _plan(home, month, "wait", wait_until=until)


def reopen(home: Home, month: Month) -> MonthPlan:
    """Take back what was planned; the settings decide again. Raises DigestError as ``close_month``."""
    return _plan(home, month, "reopen", wait_until=None, is_closed=False)


def _plan(home: Home, month: Month, act: str, **changes: Any) -> MonthPlan:
    if month >= home.current_month:
        raise DigestError(t("{month} is not over yet", month=month.name))
    with home.database.writing() as connection:
        stored = digests.find_digest(connection, month)
        if stored and stored.is_frozen:
            raise DigestError(t("{month} is closed: its digest was printed or read", month=month.name))
        before = find_plan(connection, month)
        after = replace(before, **changes)
        if after != before:
            _set(connection, month, before, after)
            details = {"plan": act, "until": after.wait_until.isoformat() if after.wait_until else None}
            kept = {"plan": (_write(before), _write(after))}
            record(home, connection, ActionKind.PRINT, month=month, details=details, changes=kept)
    return after


def put_back(home: Home, connection: Connection, month: Month, plan: Mapping[str, Any]) -> None:
    """Set a plan as it was before or after an action. What was found since a month was closed leaves it again."""
    until = plan["wait_until"]
    wanted = MonthPlan(datetime.fromisoformat(until) if until else None, plan["is_closed"])
    before = find_plan(connection, month)
    _set(connection, month, before, wanted)
    closed_at = find_closed_at(connection, month)
    if wanted.is_closed and not before.is_closed and closed_at:
        following = find_next_open(month, digests.list_closed(connection), home.current_month)
        for post in posts.list_found_since(connection, month, closed_at):
            posts.move_post(connection, post, following)


def _set(connection: Connection, month: Month, before: MonthPlan, after: MonthPlan) -> None:
    set_plan(connection, month, after)
    if before.is_closed and not after.is_closed:
        posts.take_back(connection, [month])


def _write(plan: MonthPlan) -> dict[str, Any]:
    return {"wait_until": plan.wait_until.isoformat() if plan.wait_until else None, "is_closed": plan.is_closed}
