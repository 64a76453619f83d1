"""What came of looking at the address of a line again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LinkState(StrEnum):
    """Where an address leads."""

    REACHED = "reached"
    #: The same page has another address for good.
    MOVED = "moved"
    #: The server says that the page is not there.
    MISSING = "missing"
    #: It leads to the home page of a site, or to the list that the page stood in.
    HOME = "home"
    LOGIN = "login"
    #: The host does not exist any more, or accepts no connection.
    DESERTED = "deserted"
    #: The server did not say, or robots.txt does not allow to ask.
    UNKNOWN = "unknown"

    @property
    def is_gone(self) -> bool:
        return self in {LinkState.MISSING, LinkState.HOME, LinkState.LOGIN, LinkState.DESERTED}


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """The last look at an address."""

    url: str
    checked_at: datetime
    state: LinkState
    #: The first look that found the same.
    since_at: datetime
    status: int | None = None
    #: The new address of what has moved.
    target: str | None = None
    #: Why it is unknown, for the log.
    reason: str | None = None
