"""Candidates, and the curator's verdicts and corrections."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from aggregator.locales import mark, t
from aggregator.types.dates import Month
from aggregator.types.guesses import Guess
from aggregator.types.posts import Post, Withheld
from aggregator.types.scores import Score
from aggregator.types.sections import Section


class Decision(StrEnum):
    """The decision of a verdict."""

    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"


class State(StrEnum):
    """The state of a post by the verdict in force."""

    UNDECIDED = mark("undecided")
    APPROVED = mark("approved")
    HELD = mark("held")
    REJECTED = mark("rejected")

    @staticmethod
    def of(decision: str | None) -> State:
        """The state after a decision; None stands for no decision."""
        return _STATES[decision]


_STATES: dict[str | None, State] = {
    None: State.UNDECIDED,
    Decision.APPROVE: State.APPROVED,
    Decision.HOLD: State.HELD,
    Decision.REJECT: State.REJECTED,
}


class Next(StrEnum):
    """What a post can be held until, besides a day."""

    #: The next month whose digest is open.
    MONTH = "next-month"
    #: A further part of its series.
    PART = "next-part"


#: What a post is held until. In a stored verdict, Next.MONTH is the month that it stood for.
Until = date | Month | Next


def read_until(text: str) -> Until:
    """Read ``next-month``, ``next-part``, a month as ``2026-12`` or a day as ``2026-12-05``. Raises ValueError."""
    if text in set(Next):
        return Next(text)
    try:
        return Month.parse(text) if text.count("-") == 1 else date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            t(
                "a post cannot be held until {text}; give next-month, next-part, a month such as 2026-12 or a day such "
                "as 2026-12-05",
                text=repr(text),
            )
        ) from None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision on a post; appended, never changed."""

    post_id: int
    decision: Decision
    by: str
    at: datetime
    reason: str | None = None
    #: Of a hold: when the post is to come back by itself; None if it stays held.
    until: Until | None = None
    id: int = 0


#: What the curator types of a line.
LINE_FIELDS = (mark("section"), mark("title"), mark("month"), mark("organisation"), mark("note"))
#: Every field of a correction: a star is given and taken, not typed.
CORRECTED_FIELDS = (*LINE_FIELDS, mark("star"))


@dataclass(frozen=True, slots=True)
class Correction:
    """What the curator changed in the line of a post; fields that are None do not change.

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
    #: Whether the line is a highlight of its month.
    star: bool | None = None
    #: If several are merged, that of the last. It does not count for equality.
    id: int = field(default=0, compare=False)


class Seen(NamedTuple):
    """The verdict and the correction that a person saw when deciding, by number; 0 for none."""

    #: The verdict in force.
    verdict: int = 0
    #: The last correction.
    correction: int = 0

    def __str__(self) -> str:
        """As a form or a request carries it: ``12.3``."""
        return f"{self.verdict}.{self.correction}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post up for review in its month, with everything known about it."""

    post: Post
    guess: Guess | None = None
    score: Score | None = None
    #: The verdict in force; None if undecided.
    verdict: Verdict | None = None
    #: The hold that it has come back from; None if it has not, or was decided since.
    returned: Verdict | None = None
    #: All corrections so far, merged.
    correction: Correction | None = None
    feed_name: str | None = None
    #: The month of the earlier digest that printed the post or its representative; the post's own month if only a
    #: cumulative page did.
    printed_in: Month | None = None
    #: Whether only a cumulative page has printed it, and no digest of a month.
    is_on_page: bool = False
    #: Whether it was published when the latest known cumulative page was printed: if not on it, it was passed over.
    is_seen: bool = False
    #: Whether it was drawn for the spot check below the shortlist.
    is_sampled: bool = False
    #: Who added it, or one of its copies, by its address; None if nobody did.
    added_by: str | None = None
    #: How many readers suggested it, or one of its copies.
    suggested: int = 0
    #: What its feed has changed since it was approved or printed.
    withheld: Withheld | None = None
    #: The key of its section, if the settings no longer have it; then it has no section until the curator gives one.
    lost_section: str | None = None

    @property
    def said(self) -> Seen:
        """What a person sees of it now."""
        # Somebody who saw a post held saw it as it is once it is back.
        verdict = self.verdict or self.returned
        return Seen(verdict.id if verdict else 0, self.correction.id if self.correction else 0)

    @property
    def state(self) -> State:
        return State.of(self.verdict.decision if self.verdict else None)

    @property
    def is_starred(self) -> bool:
        """Whether the curator has starred it. It is a highlight as long as it is approved."""
        return self.correction is not None and bool(self.correction.star)

    @property
    def is_highlight(self) -> bool:
        return self.is_starred and self.state is State.APPROVED

    @property
    def is_shortlisted(self) -> bool:
        return self.score is not None and self.score.shortlisted

    @property
    def section(self) -> Section | None:
        """The section: from the curator's correction, else from their rules, else from the classifier."""
        if self.lost_section:
            return None
        if self.correction and self.correction.section:
            return self.correction.section
        if self.score and self.score.ruled:
            return self.score.ruled.section
        return self.guess.section if self.guess else None
