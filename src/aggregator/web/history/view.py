"""What the page History shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t
from aggregator.types import Action, ActionKind, Candidate, Decision
from aggregator.web.parts import Tab
from aggregator.words.actions import say_action
from aggregator.words.feeds import hide
from aggregator.words.sections import shorten_section

# In place of the name in a sentence, to find where it stands.
_NAME = "\0"
# Characters of what was set, below the sentence.
_SET = 160


class Shown(StrEnum):
    """The tabs of the history."""

    ALL = "all"
    VERDICTS = "verdicts"
    TEXTS = "texts"
    FEEDS = "feeds"
    RANKING = "ranking"
    PRINTS = "prints"


_TABS = {
    Shown.ALL: mark("All"),
    Shown.VERDICTS: mark("Verdicts"),
    Shown.TEXTS: mark("Texts"),
    Shown.FEEDS: mark("Feeds"),
    Shown.RANKING: mark("Ranking"),
    Shown.PRINTS: mark("Prints"),
}
_OF_TAB = {
    Shown.ALL: frozenset[ActionKind](),
    Shown.TEXTS: frozenset({ActionKind.CORRECT}),
    Shown.FEEDS: frozenset({ActionKind.FEED}),
    Shown.RANKING: frozenset({ActionKind.WEIGH, ActionKind.RULE}),
    Shown.PRINTS: frozenset({ActionKind.PRINT}),
}
_SIGNS = {Decision.APPROVE: "approved", Decision.REJECT: "rejected", Decision.HOLD: "held"}


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action as a row."""

    id: int
    time: str
    by: str
    said: str
    #: What its sentence has before and after the name. A sentence without a name is whole in the first.
    before: str
    name: str
    after: str
    #: Of a verdict: the sign of its state; else empty.
    sign: str
    #: What was set, shortened; often empty.
    value: str
    #: The month and section of a post, or the place of what else it is about.
    where: str
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


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of actions beside themselves."""

    #: The posts that they are about, by number.
    posts: Mapping[int, Candidate]
    #: What corrections have set, by the number of the action.
    texts: Mapping[int, Sequence[str]]


def read_shown(text: str) -> Shown:
    """Read a tab from an address; unknown ones are all, so that old links still open."""
    return Shown(text) if text in set(Shown) else Shown.ALL


def list_kinds(shown: Shown) -> frozenset[ActionKind]:
    """The kinds of a tab, none for all; verdicts are what has no other tab."""
    others = frozenset[ActionKind]().union(*_OF_TAB.values())
    return _OF_TAB.get(shown, frozenset(kind for kind in ActionKind if not kind.is_about_action) - others)


def list_tabs(shown: Shown) -> tuple[Tab, ...]:
    return tuple(Tab(t(name), write_path(tab), 0, tab is shown) for tab, name in _TABS.items())


def write_path(shown: Shown) -> str:
    """The address of a tab."""
    return "/history" if shown is Shown.ALL else f"/history?show={shown}"


def build_days(past: Sequence[tuple[Action, str]], told: Told, zone: ZoneInfo) -> tuple[Day, ...]:
    days = groupby(past, key=lambda one: words.day(one[0].at, zone))
    return tuple(Day(day, tuple(_build_row(action, of, told, zone) for action, of in rows)) for day, rows in days)


def _build_row(action: Action, name: str, told: Told, zone: ZoneInfo) -> ActionRow:
    # The name stands out by itself, without quotation marks.
    sentence = say_action(action, _NAME if name else "").replace(f"“{_NAME}”", _NAME)
    before, of, after = sentence.partition(_NAME)
    return ActionRow(
        id=action.id,
        time=f"{action.at.astimezone(zone):%H:%M}",
        by=action.by,
        said=say_action(action, name),
        before=before,
        name=name if of else "",
        after=after,
        sign=_SIGNS[Decision(action.details["decision"])] if action.kind is ActionKind.DECIDE else "",
        value=words.cut(_say_value(action, told.texts.get(action.id, ())), _SET),
        where=_say_where(action, told.posts.get(action.post_id or 0)),
        path=_find_path(action),
        is_undone=action.is_undone,
        can_change=not action.kind.is_about_action,
    )


def _say_value(action: Action, texts: Sequence[str]) -> str:
    """What an action has set, as far as its sentence does not say it."""
    if action.kind is ActionKind.WEIGH:
        overrides = action.details["weights"].values()
        return ", ".join(t("as in feeds.toml") if value is None else f"{value:g}" for value in overrides)
    if said := action.details.get("texts"):
        return "; ".join(t("as in feeds.toml") if text is None else " ".join(text.split()) for text in said.values())
    if action.kind is ActionKind.FEED and "paused" not in action.changes:
        changes = [(name, *each) for name, each in sorted(action.changes.items()) if name != "text"]
        return "; ".join(f"{_show(name, before)} → {_show(name, after)}" for name, before, after in changes)
    return "; ".join(texts) if action.size == 1 else ""


def _show(name: str, value: Any) -> str:
    """A field of a feed; of tables of feeds the keys, of a filter what it asks for."""
    if name == "only" and value:
        value = [*value["words"], *value["categories"]]
    if isinstance(value, list | dict):
        return ", ".join(map(str, value)) or "–"
    return "–" if value is None else str(hide(value))


def _say_where(action: Action, post: Candidate | None) -> str:
    match ActionKind(action.details.get("of", action.kind)):
        case ActionKind.FEED:
            return t("Feeds")
        case ActionKind.WEIGH:
            return t("Weights")
        case ActionKind.RULE:
            return t("Rules")
        case ActionKind.PRINT if "texts" in action.details:
            return t("Head and headings")
        case ActionKind.PRINT if action.month is None:
            return t("Corrections") if "remedy" in action.details else t("Digest")
    if post is None or action.size > 1:
        return action.month.name if action.month else ""
    return " · ".join(filter(None, (post.post.month.name, shorten_section(post.section))))


def _find_path(action: Action) -> str | None:
    match ActionKind(action.details.get("of", action.kind)):
        case ActionKind.FEED if action.feed_key is None:
            return "/feeds"
        case ActionKind.WEIGH:
            return "/weights"
        case ActionKind.RULE:
            return "/rules"
        case ActionKind.PRINT:
            if "texts" in action.details:
                return "/texts"
            if "remedy" in action.details:
                return "/corrections"
            return f"/digest/{action.month}" if action.month else "/digest"
    if action.feed_key:
        return f"/feeds/{action.feed_key}"
    return f"/posts/{action.post_id}" if action.post_id and action.size == 1 else None
