"""Candidates, and what the curator says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from aggregator.types.dates import Month
from aggregator.types.guesses import Guess
from aggregator.types.posts import Post, Withheld
from aggregator.types.scores import Score
from aggregator.types.sections import Section


class Decision(StrEnum):
    """What a verdict may say. *Undo* takes back an earlier verdict."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    UNDO = "undo"


class State(StrEnum):
    """Where a post stands by the verdict in force."""

    UNDECIDED = "undecided"
    APPROVED = "approved"
    HELD = "held"
    REJECTED = "rejected"

    @staticmethod
    def of(decision: str | None) -> State:
        """The state that a decision makes; None if there is none."""
        return _STATES[decision]


_STATES: dict[str | None, State] = {
    None: State.UNDECIDED,
    Decision.APPROVE: State.APPROVED,
    Decision.HOLD: State.HELD,
    Decision.REJECT: State.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of a post; appended, never changed."""

    post_id: int
    decision: Decision
    by: str
    at: datetime
    reason: str | None = None
    #: The verdict that an undo takes back.
    undoes: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """What the curator changed in the line of a post; the fields left None stay as they were.

    Title, organisation and note are Markdown; the note is without what joins it to its line.
    """

    post_id: int
    by: str
    at: datetime
    section: Section | None = None
    title: str | None = None
    month: Month | None = None
    #: An empty string prints no organisation.
    organisation: str | None = None
    note: str | None = None
    #: If several are merged, that of the last. Corrections that say the same are equal.
    id: int = field(default=0, compare=False)


class Seen(NamedTuple):
    """The verdict and the correction that somebody has seen of a post, by number; 0 for none."""

    #: The verdict in force.
    verdict: int = 0
    #: The last correction.
    correction: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post of the month up for review, with all that is known and thought of it."""

    post: Post
    guess: Guess | None = None
    score: Score | None = None
    #: The verdict in force, None while undecided.
    verdict: Verdict | None = None
    #: All corrections so far, merged.
    correction: Correction | None = None
    feed_name: str | None = None
    #: The month of the earlier digest that printed the post or its original; the post's own month if only a cumulative
    #: page did.
    printed_in: Month | None = None
    #: Whether a cumulative page has printed it, and no digest of a month.
    is_on_page: bool = False
    #: Whether it was out when the latest known page of that kind was printed: what is not on it was passed over.
    is_seen: bool = False
    #: Whether it was drawn for the spot check below the shortlist.
    is_sampled: bool = False
    #: What its feed has changed since it was approved or printed.
    withheld: Withheld | None = None
    #: The key of its section, if the settings no longer have that; it has no other until the curator gives one.
    lost_section: str | None = None

    @property
    def said(self) -> Seen:
        """What is seen of it now."""
        return Seen(self.verdict.id if self.verdict else 0, self.correction.id if self.correction else 0)

    @property
    def state(self) -> State:
        return State.of(self.verdict.decision if self.verdict else None)

    @property
    def is_shortlisted(self) -> bool:
        return self.score is not None and self.score.shortlisted

    @property
    def section(self) -> Section | None:
        """Where the line goes: the curator's word on it, else that of their rules, else the classifier's."""
        if self.lost_section:
            return None
        if self.correction and self.correction.section:
            return self.correction.section
        if self.score and self.score.ruled:
            return self.score.ruled.section
        return self.guess.section if self.guess else None
