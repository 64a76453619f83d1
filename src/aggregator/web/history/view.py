"""What the page History shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.types import Action, ActionKind
from aggregator.words.actions import say_action


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action as a row."""

    id: int
    time: str
    by: str
    said: str
    #: Where to look at what it is about; None if there is no such page.
    path: str | None
    is_undone: bool
    #: Whether the row offers to undo or redo it: an undo is itself undone by redoing its action.
    can_change: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The actions of a day, newest first."""

    name: str
    rows: tuple[ActionRow, ...]


def build_days(past: Sequence[tuple[Action, str]], zone: ZoneInfo) -> tuple[Day, ...]:
    days = groupby(past, key=lambda one: words.day(one[0].at, zone))
    return tuple(Day(name, tuple(_build_row(action, of, zone) for action, of in rows)) for name, rows in days)


def _build_row(action: Action, name: str, zone: ZoneInfo) -> ActionRow:
    return ActionRow(
        id=action.id,
        time=f"{action.at.astimezone(zone):%H:%M}",
        by=action.by,
        said=say_action(action, name),
        path=_find_path(action),
        is_undone=action.is_undone,
        can_change=not action.kind.is_about_action,
    )


def _find_path(action: Action) -> str | None:
    match ActionKind(action.details.get("of", action.kind)):
        case ActionKind.WEIGH:
            return "/weights"
        case ActionKind.RULE:
            return "/rules"
        case ActionKind.PRINT:
            if "remedy" in action.details:
                return "/corrections"
            return f"/digest/{action.month}" if action.month else "/digest"
    if action.feed_key:
        return f"/feeds/{action.feed_key}"
    return f"/posts/{action.post_id}" if action.post_id and action.size == 1 else None
