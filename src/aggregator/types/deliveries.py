"""What is done after a print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.types.dates import Month


class DeliveryKind(StrEnum):
    """How a print, or a correction of one, is told to other programs."""

    #: A program of the operator on this machine.
    COMMAND = "command"
    #: A request to another server.
    WEBHOOK = "webhook"
    #: A commit of its files in their git work tree.
    COMMIT = "commit"


class DeliveryState(StrEnum):
    """What came of it."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A print that is to be told, or was told, in one way."""

    month: Month
    kind: DeliveryKind
    #: What is told, as JSON.
    body: str
    #: Since when it is to be told.
    due_at: datetime
    #: 0 before it is stored.
    id: int = 0
    #: How often it was begun, and when last.
    tries: int = 0
    tried_at: datetime | None = None
    done_at: datetime | None = None
    #: Why the last try failed, in English; empty if it did not, or never ended.
    failure: str = ""
