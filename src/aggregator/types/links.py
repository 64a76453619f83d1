"""What came of looking at the address of a line again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aggregator.types.dates import Month


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
    #: The server did not say, or robots.txt does not allow the visit.
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
    #: When an archive was asked for a copy, and the address of the one that it has; None without one.
    archive_asked_at: datetime | None = None
    archived: str | None = None

    @property
    def is_not_archived(self) -> bool:
        """Whether an archive said that it has no copy."""
        return self.archive_asked_at is not None and self.archived is None


class Remedy(StrEnum):
    """What the curator does about a printed line whose address does not lead to its page."""

    #: The line gets the new address.
    MOVED = "moved"
    #: An archived address stands beside the original.
    ARCHIVED = "archived"
    #: The line stays as it is.
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Fault:
    """A printed line whose address does not lead to its page any more."""

    url: str
    #: In Markdown, as printed first.
    title: str
    #: Where it was printed: months, and the last days of pages, as text.
    printed_in: tuple[str, ...]
    #: A day at which the page was there.
    seen_on: date
    check: LinkCheck

    @property
    def months(self) -> tuple[Month, ...]:
        """The months in whose digests the line stands; for one that stands on a page alone, that of ``seen_on``."""
        named = tuple(Month.parse(name) for name in self.printed_in if name.count("-") == 1)
        return named or (Month(self.seen_on.year, self.seen_on.month),)

    @property
    def remedy(self) -> Remedy:
        """What is proposed."""
        return Remedy.MOVED if self.check.state is LinkState.MOVED else Remedy.ARCHIVED
