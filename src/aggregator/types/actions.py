"""Actions: what the curator did, in one history for all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from aggregator.locales import mark
from aggregator.types.dates import Month
from aggregator.types.verdicts import Candidate


class ActionKind(StrEnum):
    """What an action does."""

    #: A verdict, perhaps with a correction.
    DECIDE = mark("decide")
    #: A correction alone.
    CORRECT = mark("correct")
    #: A post that the curator named by its address, perhaps with a correction.
    ADD = mark("add")
    #: The month of a post, which may release one that waits.
    GIVE_MONTH = mark("give month")
    MERGE = mark("merge")
    SPLIT = mark("split")
    WEIGH = mark("weigh")
    RULE = mark("rule")
    FEED = mark("feed")
    PRINT = mark("print")
    #: A link that is given out or ended, or what came by one.
    READER = mark("reader")
    #: Takes back another action.
    UNDO = mark("undo")
    #: Takes back an undo.
    REDO = mark("redo")

    @property
    def is_about_action(self) -> bool:
        return self in {ActionKind.UNDO, ActionKind.REDO}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a curator did, in one transaction; appended, never changed but for *is_undone*."""

    kind: ActionKind
    by: str
    at: datetime
    post_id: int | None = None
    feed_key: str | None = None
    month: Month | None = None
    #: For people: decision, reason, names of the fields that changed.
    details: Mapping[str, Any] = field(default_factory=dict)
    #: What it changed besides appending rows: by field, the values before and after, as JSON.
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    #: The number of the first action of those that were done, and are undone, together.
    batch: int | None = None
    #: Of an undo or redo: the action that it takes back.
    undoes: int | None = None
    #: In a list of the history, where a batch is its last action: whether all of it is undone.
    is_undone: bool = False
    id: int = 0
    #: In a list of the history: how many posts, lines or proposals its batch is about.
    size: int = 1


class Refusal(NamedTuple):
    """Why an act on many posts left one out."""

    post_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of an act on many posts, each in the order of the request."""

    #: The posts that it changed, as they stand now; of a trial, as they stand before.
    done: tuple[Candidate, ...] = ()
    #: The posts that were so already.
    unchanged: tuple[Candidate, ...] = ()
    refused: tuple[Refusal, ...] = ()
    #: The months that posts have left or joined.
    months: frozenset[Month] = frozenset()
    #: The number of one of its actions, to undo them by; None if there are none.
    action: int | None = None
