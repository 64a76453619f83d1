"""The account of a month as a script sees it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.types import Coverage


class FeedCoverageShape(BaseModel):
    """How completely a feed was visited in a month."""

    key: str
    name: str
    gives_posts: bool = Field(description="False for a feed that only says what is talked about.")
    succeeded: int
    failed: int
    days_missed: int = Field(description="Days that are over, without a successful visit while it was followed.")
    is_silent: bool = Field(description="Whether it gave nothing although it usually does.")


class GapShape(BaseModel):
    """A visit that shared no entry with the one before."""

    feed_key: str
    noticed_at: datetime
    since_at: datetime
    newest_before_at: datetime | None
    oldest_after_at: datetime | None
    closed_at: datetime | None = Field(description="When older pages of the feed had closed it.")
    pages: int = Field(description="Older pages that were read for it.")
    found: int = Field(description="New entries on them.")
    trouble: str | None = Field(description="Why it could not be closed.")


class FunnelShape(BaseModel):
    """What became of the posts of a month."""

    candidates: int = Field(description="Without the copies.")
    copies: int
    out_of_scope: int = Field(description="Likely out of scope and not proposed.")
    proposed: int
    approved: int
    approved_below: int = Field(description="Approved although they were not proposed.")
    held: int
    rejected: int
    undecided: int
    reasons: list[tuple[str, int]] = Field(description="Rejections by reason; empty for none.")
    late: int = Field(description="Found when the month was over, but in time for its digest.")
    too_late: int = Field(description="Found after its digest; they joined a later month.")
    sampled: int = Field(description="Drawn for the spot check below the shortlist.")
    sampled_decided: int
    sampled_approved: int


class CoverageShape(BaseModel):
    """The account of a month."""

    month: str
    made_at: datetime
    is_kept: bool = Field(description="Whether it was kept with the print; else it is that of now.")
    known_from: datetime | None = Field(description="Visits are known from then on; null if from the beginning.")
    unknown: str | None = Field(description="Why not before: `before` (nothing was collected) or `forgotten`.")
    feeds: list[FeedCoverageShape] = Field(description="Those that were followed; empty if visits are not known.")
    gaps: list[GapShape]
    funnel: FunnelShape
    counted: list[str] = Field(description="What spoke most for the proposed posts, by the names of weights.")
    weights: dict[str, float] = Field(description="Factors of the curator other than 1.")

    @classmethod
    def of(cls, coverage: Coverage, *, is_kept: bool) -> Self:
        return cls(
            **asdict(coverage) | {"month": str(coverage.month), "weights": dict(coverage.weights), "is_kept": is_kept}
        )
