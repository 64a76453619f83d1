"""Posts that may be the same article, and the decisions on pairs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from aggregator.locales import mark
from aggregator.types.scores import Reason


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What a post says, for the comparison with others."""

    post_id: int
    canonical_url: str
    title: str
    #: Sanitised HTML, the longest of its entries and its page.
    content: str
    language: str
    published_at: datetime
    #: Whether the date was given, by a feed or a page.
    is_dated: bool = True
    #: As the feeds write them.
    authors: tuple[str, ...] = ()
    organisation: str | None = None
    #: The canonical address that its page names, if the page was read.
    named_url: str | None = None
    #: The address that it was machine-translated from, if its page or its address says so.
    original_url: str = ""
    #: For each feed that carries it, when it was first seen there and whether it is in the window now.
    carriers: Mapping[str, tuple[datetime, bool]] = field(default_factory=dict)


class Sameness(StrEnum):
    """The decision on a pair. *Maybe* waits for the curator."""

    SAME = mark("same")
    MAYBE = mark("maybe")
    DIFFERENT = mark("different")


@dataclass(frozen=True, slots=True)
class Pair:
    """Whether two posts are the same article; appended, never changed. The curator's last decision is final."""

    #: The smaller number comes first.
    first_id: int
    second_id: int
    said: Sameness
    #: The recipe that compared them, or the curator.
    by: str
    at: datetime
    #: Whether a person decided it.
    is_by_hand: bool = False
    #: The sum of its reasons; 0 if a person decided it.
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    id: int = 0
