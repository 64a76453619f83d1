"""What the queue must know of every post of a month, to count, filter and turn its pages.

The cards of one page need the whole candidate; the other thousands of a long month need no more than this.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from aggregator.storage import outlines
from aggregator.storage.database import Connection
from aggregator.types import Candidate, Decision, Month, Section

#: In place of a feed's key, for posts that no feed gave; no key looks like it.
NO_FEED = "-"


class State(StrEnum):
    """Where a candidate stands."""

    UNDECIDED = "undecided"
    APPROVED = "approved"
    HELD = "held"
    REJECTED = "rejected"


_STATES = {Decision.APPROVE: State.APPROVED, Decision.HOLD: State.HELD, Decision.REJECT: State.REJECTED}


class Outline(NamedTuple):
    """A candidate, as far as lists and counts go."""

    post_id: int
    #: The effective one.
    section: Section | None
    #: The key of a feed, or NO_FEED.
    source: str
    source_name: str
    language: str
    state: State
    is_shortlisted: bool
    is_unsure: bool
    #: Whether it was drawn for the random look below the shortlist.
    is_sampled: bool
    #: Whether it holds all the words that were asked for.
    has_words: bool
    #: Its place among what should be asked first; None where nothing is asked.
    asked: int | None = None


def outline(connection: Connection, month: Month, words: str = "") -> list[Outline]:
    """The posts of a month in outline, best first; *words* are those that are asked for."""
    found = outlines.find_with_words(connection, month, words) if words else None
    return [
        Outline(
            post_id=one.post_id,
            section=one.section,
            source=one.feed_key or NO_FEED,
            source_name=one.feed_name or "",
            language=one.language,
            state=_STATES[one.decision] if one.decision else State.UNDECIDED,
            is_shortlisted=one.shortlisted,
            is_unsure=one.is_unsure,
            is_sampled=one.sampled,
            has_words=found is None or one.post_id in found,
            asked=one.asked,
        )
        for one in outlines.list_outlines(connection, month)
    ]


def state_of(candidate: Candidate) -> State:
    return _STATES[candidate.verdict.decision] if candidate.verdict else State.UNDECIDED


def is_shortlisted(candidate: Candidate) -> bool:
    return candidate.score is not None and candidate.score.shortlisted
