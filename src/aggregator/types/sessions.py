"""Browsers in which the curator is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: How long after its last use a session ends.
SESSION_LIFETIME = timedelta(days=30)
#: How long after its beginning it ends, however often it is used.
LONGEST_SESSION = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that logged in."""

    id: int
    #: In words, such as "Firefox on Linux".
    browser: str
    began_at: datetime
    #: Accurate to a few minutes.
    used_at: datetime
