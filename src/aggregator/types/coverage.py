"""The account of a month: how completely its feeds were visited, and what became of its posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.types.causes import Weight
from aggregator.types.dates import Month
from aggregator.types.numerous import numerous
from aggregator.types.visits import Gap


class Unknown(StrEnum):
    """Why the visits of a month, or of its beginning, are not known."""

    #: Nothing was collected here yet.
    BEFORE = "before"
    #: They were longer ago than visits are kept.
    FORGOTTEN = "forgotten"


@numerous
class FeedFacts:
    """What is stored about a feed and its visits in a month."""

    key: str
    name: str
    gives_posts: bool
    #: Whether it is followed now.
    is_followed: bool
    paused_at: datetime | None
    #: Its first visit that is kept, and its last; None without visits.
    first_at: datetime | None
    last_at: datetime | None
    #: Visits of the month, and how many of them failed.
    visits: int
    failed: int
    #: The finished days of the month with a successful visit, by their place from 0.
    good_days: frozenset[int]
    #: Days of the week (0 is Monday, in UTC) on which it asks not to be visited.
    quiet_days: frozenset[int]
    #: Posts of the month.
    posts: int
    newest_at: datetime | None
    habit_minutes: float | None


@dataclass(frozen=True, slots=True)
class FeedCoverage:
    """How completely a feed was visited in a month in which it was followed."""

    key: str
    name: str
    gives_posts: bool
    succeeded: int
    failed: int
    #: Finished days without a successful visit, while it was followed.
    days_missed: int
    #: Whether it gave nothing although it usually does.
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of the posts of a month."""

    #: Entries of feeds that became them; None if they were not counted.
    entries: int | None = None
    #: Up for review, that is without the copies.
    candidates: int = 0
    copies: int = 0
    #: Likely out of scope, and therefore not proposed.
    out_of_scope: int = 0
    #: On the shortlist.
    proposed: int = 0
    approved: int = 0
    #: Approved although they were not proposed.
    approved_below: int = 0
    held: int = 0
    rejected: int = 0
    undecided: int = 0
    #: Rejections by reason, the most frequent first; those without a reason have an empty one.
    reasons: tuple[tuple[str, int], ...] = ()
    #: Found when the month was over, but in time for its digest; and too late for it.
    late: int = 0
    too_late: int = 0
    #: Drawn for the spot check, decided among these, approved among these.
    sampled: int = 0
    sampled_decided: int = 0
    sampled_approved: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """The account of a month, as it stood at a moment."""

    month: Month
    made_at: datetime
    #: From when on its visits are known; None if from its beginning. *unknown* says why.
    known_from: datetime | None
    unknown: Unknown | None
    #: The feeds that were followed in it, by name; empty if its visits are not known.
    feeds: tuple[FeedCoverage, ...]
    #: Gaps that touch the month, oldest first, closed ones too.
    gaps: tuple[Gap, ...]
    funnel: Funnel
    #: What spoke most for the proposed posts, the strongest first.
    counted: tuple[Weight, ...] = ()
    #: Factors of the curator other than 1.
    weights: tuple[tuple[Weight, float], ...] = ()

    @property
    def is_visited(self) -> bool:
        """Whether anything is known of its visits."""
        return bool(self.feeds)

    @property
    def gapped(self) -> frozenset[str]:
        """The keys of the feeds that may have missed something."""
        return frozenset(gap.feed_key for gap in self.gaps if gap.is_open)

    @property
    def incomplete(self) -> tuple[FeedCoverage, ...]:
        """The feeds with days without success or with a gap; those with the most days come first."""
        found = [feed for feed in self.feeds if feed.days_missed or feed.key in self.gapped]
        return tuple(sorted(found, key=lambda feed: (-feed.days_missed, feed.name)))

    @property
    def silent(self) -> tuple[FeedCoverage, ...]:
        return tuple(feed for feed in self.feeds if feed.is_silent)
