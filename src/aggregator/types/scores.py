"""Scores with their reasons, and what the curator wishes and samples of the ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from aggregator.types.dates import Month
from aggregator.types.rules import Ruled


@dataclass(frozen=True, slots=True)
class Reason:
    """One named, signed share of a score, with what it rests on."""

    name: str
    share: float
    detail: str = ""


class Ground(StrEnum):
    """What decided that a candidate is on the shortlist or not, where its score alone did not."""

    #: Its source, or its section, had as many as fit.
    SOURCE = "source"
    SECTION = "section"
    #: Its score is below what is proposed at all.
    FLOOR = "floor"
    #: It is too likely out of scope to be proposed.
    SCOPE = "scope"
    #: Its source has far more posts on that day than usual, and nobody has looked at them yet.
    BURST = "burst"
    #: Without what it shares with one above it, it came too far down.
    NEARNESS = "nearness"
    #: It was out when the latest known cumulative page was printed, and is not on it.
    SEEN = "seen"
    #: It came with another part of its series.
    SERIES = "series"
    #: A rule of the curator keeps it off, or puts it on.
    MUTED = "muted"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a candidate stands where it does to the shortlist."""

    ground: Ground
    #: The key of the source, the section, or the title of the post that it is near to or came with; the day of a burst
    #: (2022-12-31); the name of the rule; empty elsewhere.
    of: str = ""
    #: Its place among those of that source or section, from 1, and how many fit; how many posts a burst has, and how
    #: many are usual; the number of the rule; 0 elsewhere.
    place: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """An undecided post of which the section is unsure, as something to ask the curator."""

    #: Among those of its month, from 1: what teaches most comes first.
    place: int
    #: How many undecided posts of the month are like it.
    alike: int


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of its reasons."""

    post_id: int
    reasons: tuple[Reason, ...]
    #: Place among the month's candidates, from 1.
    rank: int = 0
    shortlisted: bool = False
    #: None where it is on the shortlist by its score, and where nothing can put it there.
    standing: Standing | None = None
    #: What a rule of the curator says of its section.
    ruled: Ruled | None = None
    #: None where the section is not unsure.
    question: Question | None = None

    @property
    def value(self) -> float:
        return round(sum(reason.share for reason in self.reasons), 4)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the curator set of the ranking over feeds.toml; appended, never changed."""

    #: As in feeds.toml: ``weights.depth``, ``shortlist.sections.2.4``.
    name: str
    #: None goes back to feeds.toml.
    value: float | None
    #: What feeds.toml said then; None for nothing.
    listed: float | None
    by: str
    at: datetime


class RankedPost(NamedTuple):
    """A candidate that has a rank, as far as drawing goes."""

    post_id: int
    canonical_url: str
    rank: int
    is_shortlisted: bool
    is_decided: bool
    #: Or passed over by a page that was read.
    is_printed: bool

    @property
    def is_below(self) -> bool:
        """Whether nobody would look at it."""
        return not (self.is_shortlisted or self.is_decided or self.is_printed)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A post that was drawn at random from below the shortlist, to see what is missed there."""

    post_id: int
    month: Month
    #: Its rank when it was drawn, and how many posts it was drawn from.
    rank: int
    below: int
    drawn_at: datetime
