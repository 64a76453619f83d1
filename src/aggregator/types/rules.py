"""The curator's rules: which posts they match, and what they do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from aggregator.locales import mark
from aggregator.types.sections import Section


class Trait(StrEnum):
    """The part of a post that a rule matches."""

    #: Words of the title, in any form, as in a search.
    WORDS = mark("words")
    #: A regular expression for the title.
    PATTERN = mark("pattern")
    #: Host and beginning of the path.
    ADDRESS = mark("address")
    AUTHOR = mark("author")
    #: A category that the feed gave.
    CATEGORY = mark("category")


class Act(StrEnum):
    """What a rule does with the posts that it matches."""

    POINTS = "points"
    SECTION = "section"
    #: Kept out of the shortlist and of the queue's usual views.
    MUTE = "mute"
    #: Proposed; scope, score and quotas do not count.
    SHOW = "show"


class RuleState(StrEnum):
    """Whether a rule is applied. A removed one is kept, so that it can be restored."""

    ON = mark("on")
    OFF = mark("off")
    REMOVED = mark("removed")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in its last version. Each change is appended under the same number; the last one counts."""

    trait: Trait
    #: Words, pattern, address, name or category, as typed.
    sought: str
    act: Act
    #: Added to the score, in log-odds, by a rule that gives points.
    points: float | None = None
    #: Set by a rule that gives a section.
    section: Section | None = None
    #: The feed, or the tag of feeds, that it is limited to; without both it is for all.
    feed: str | None = None
    tag: str | None = None
    state: RuleState = RuleState.ON
    #: 0 before it is stored.
    number: int = 0
    by: str = ""
    at: datetime | None = None

    @property
    def name(self) -> str:
        """``words “hiring”``."""
        return f"{self.trait} “{self.sought}”"

    @property
    def is_lost(self) -> bool:
        """Whether its section no longer exists in the digest; such a rule does nothing."""
        return self.act is Act.SECTION and self.section is None


@dataclass(frozen=True, slots=True)
class Ruled:
    """The section that a rule gives to a post, instead of the guess."""

    section: Section
    #: The number and the name of the rule.
    rule: int
    name: str


class Subject(NamedTuple):
    """The parts of a post that rules match."""

    post_id: int
    title: str
    #: The canonical address.
    address: str
    feed_key: str | None = None
    categories: Sequence[str] = ()
    authors: Sequence[str] = ()
