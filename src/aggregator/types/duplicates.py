"""Posts that may be the same article, and what was said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from aggregator.types.scores import Reason


@dataclass(frozen=True, slots=True)
class Manuscript:
    """All that is stored of what a post says, for it to be compared with others."""

    post_id: int
    canonical_url: str
    title: str
    #: Sanitised HTML, the longest that an entry or its page gave.
    content: str
    language: str
    published_at: datetime
    #: Whether somebody said that date.
    is_dated: bool = True
    #: As the feeds name them.
    authors: tuple[str, ...] = ()
    organisation: str | None = None
    #: The canonical address that its page names as its own, where the page was read.
    named_url: str | None = None
    #: The address of what a machine made it of, where its page or its address says so.
    original_url: str = ""
    #: For each feed that carries it, when it was first seen there and whether it is in the window now.
    carriers: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)


class Sameness(StrEnum):
    """What a pair says of two posts. What *may be* the same waits for the curator's word."""

    SAME = "same"
    MAYBE = "maybe"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Pair:
    """Whether two posts are the same article; appended, never changed. The last word of the curator counts for ever."""

    #: The smaller number comes first.
    first_id: int
    second_id: int
    said: Sameness
    #: The name of the recipe that compared them, or the curator.
    by: str
    at: datetime
    #: Whether a person said so.
    is_by_hand: bool = False
    #: The sum of its reasons; 0 for what a person said.
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    id: int = 0
