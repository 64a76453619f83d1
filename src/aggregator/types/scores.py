"""Scores with their reasons, the curator's overrides of weights, and the sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from aggregator.types.dates import Month
from aggregator.types.rules import Ruled


class Reason(NamedTuple):
    """One named, signed share of a score, with its evidence; a plain tuple, as it is stored."""

    name: str
    share: float
    detail: str = ""


class Ground(StrEnum):
    """What put a candidate on the shortlist or kept it off, if not its score alone."""

    #: The quota of its source, or of its section, was full.
    SOURCE = "source"
    SECTION = "section"
    #: Its score is below the floor.
    FLOOR = "floor"
    #: It is too likely out of scope to be proposed.
    SCOPE = "scope"
    #: Its source has far more posts on that day than usual, and none is approved or held yet.
    BURST = "burst"
    #: It is too similar to one above it.
    NEARNESS = "nearness"
    #: It was out when the latest known cumulative page was printed, and is not on it.
    SEEN = "seen"
    #: It came with another part of its series.
    SERIES = "series"
    #: A rule of the curator keeps it off, or puts it on.
    MUTED = "muted"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Placement:
    """Why a candidate is on the shortlist or not."""

    ground: Ground
    #: The key of the source, the section, or the title of the post that it is similar to or came with; the day of a
    #: burst (2022-12-31); the name of the rule; otherwise empty.
    of: str = ""
    #: Its place in that source or section, from 1, and the quota; the posts of a burst, and the usual number; the
    #: number of the rule; otherwise 0.
    place: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """An undecided post with an unsure section, as a question to the curator."""

    #: Its place in its month, from 1; the post that teaches most comes first.
    place: int
    #: How many undecided posts of the month are similar.
    alike: int


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of its reasons."""

    post_id: int
    reasons: tuple[Reason, ...]
    #: Place among the month's candidates, from 1.
    rank: int = 0
    shortlisted: bool = False
    #: None if it is on the shortlist by its score, and if nothing can put it there.
    placement: Placement | None = None
    #: The section that a rule of the curator gives.
    ruled: Ruled | None = None
    #: None if the section is not unsure.
    question: Question | None = None

    @property
    def value(self) -> float:
        return round(sum(reason.share for reason in self.reasons), 4)


@dataclass(frozen=True, slots=True)
class Override:
    """A value of the ranking that overrides feeds.toml; appended, never changed."""

    #: As in feeds.toml: ``weights.depth``, ``shortlist.sections.2.4``.
    name: str
    #: None restores feeds.toml.
    value: float | None
    #: The value in feeds.toml at that time; None if there was none.
    listed: float | None
    by: str
    at: datetime


class RankedPost(NamedTuple):
    """A ranked candidate, with what drawing the sample needs."""

    post_id: int
    canonical_url: str
    rank: int
    is_shortlisted: bool
    is_decided: bool
    #: Also True if a page that was read passed it over.
    is_printed: bool

    @property
    def is_below(self) -> bool:
        """Whether nobody would see it otherwise."""
        return not (self.is_shortlisted or self.is_decided or self.is_printed)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A post that was drawn for the spot check below the shortlist."""

    post_id: int
    month: Month
    #: Its rank when it was drawn, and how many posts it was drawn from.
    rank: int
    below: int
    drawn_at: datetime
