"""Talk about posts as a script sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.types import TalkSource, TalkState
from aggregator.words.talk import TalkView


class TalkShape(BaseModel):
    """What one place says of a post."""

    place: str
    url: str | None = Field(description="The page of the talk.")
    counts: dict[str, float] = Field(description="points, comments, stars, likes, downloads or links.")
    observed_at: datetime
    grown: str = Field(description="How old the post was then, and how the first count grew.")

    @classmethod
    def of(cls, view: TalkView) -> Self:
        return cls(
            place=view.place, url=view.url, counts=dict(view.counts), observed_at=view.observed_at, grown=view.grown
        )


class PlaceShape(BaseModel):
    """A place that is asked, and how it answered last."""

    source: TalkSource
    asked_at: datetime | None
    answered_at: datetime | None
    reason: str = Field(description="Why it did not answer last; empty if it did.")
    rests_until: datetime | None

    @classmethod
    def of(cls, state: TalkState) -> Self:
        return cls(
            source=state.source,
            asked_at=state.asked_at,
            answered_at=state.answered_at,
            reason=state.reason,
            rests_until=state.rests_until,
        )
