"""Copies and possible copies as a script sees them."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator.pipeline.duplicates import Couple
from aggregator.types import Sameness
from aggregator.words.copies import say_reason


class PairShape(BaseModel):
    """Two posts that are, or may be, the same article."""

    said: str = Field(description="same, maybe or different.", examples=["maybe"])
    post: int
    title: str
    url: str
    other: int
    other_title: str
    other_url: str
    by: str | None = Field(description="The curator, or what compared them; null if other posts join the two.")
    score: float | None
    why: list[str] = Field(description="The evidence.")

    @classmethod
    def of(cls, couple: Couple) -> Self:
        one, other, pair = couple.post, couple.other, couple.pair
        return cls(
            said=str(pair.said if pair else Sameness.SAME),
            post=one.id,
            title=one.title,
            url=one.url,
            other=other.id,
            other_title=other.title,
            other_url=other.url,
            by=pair.by if pair else None,
            score=pair.score if pair else None,
            why=[say_reason(reason) for reason in pair.reasons] if pair else [],
        )
