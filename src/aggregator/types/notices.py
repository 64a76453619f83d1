"""Notices, which tell the curator what should not wait for the next look at the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    """What notices are about."""

    #: A month is over, and its draft is made.
    DRAFT = "draft"
    #: The day on which a month is printed is near, and posts are undecided.
    CLOSING = "closing"
    #: A feed has been broken for days.
    FEED = "feed"
    #: No visit succeeds at all.
    ALARM = "alarm"
    #: A new model is worse than the one in use.
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was due; kept so that it is sent once."""

    kind: NoticeKind
    #: Which month, failure, alarm or model it is about.
    subject: str
    #: In the curator's language.
    said: str
    due_at: datetime
    #: The variables with the URLs that it has not reached.
    missing: tuple[str, ...]
    #: How often it was sent in vain, and when last.
    tries: int = 0
    tried_at: datetime | None = None
