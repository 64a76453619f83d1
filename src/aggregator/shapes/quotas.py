"""Quotas as a script sees them."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator.pipeline.quotas import Filled, FilledQuotas
from aggregator.types import Month


class QuotaShape(BaseModel):
    """A quota of a section or source, set or learned, and the posts that count for it."""

    name: str = Field(description="The section, or the place of the posts of a source.", examples=["2.4"])
    most: int = Field(description="How many are proposed at most; approved ones may be more.")
    proposed: int
    approved: int

    @classmethod
    def of(cls, filled: Filled) -> Self:
        return cls(name=filled.name, most=filled.most, proposed=filled.proposed, approved=filled.approved)


class QuotasShape(BaseModel):
    """How full the quotas of a month are."""

    month: str
    size: int = Field(description="How many posts are proposed at most.")
    proposed: int
    sections: list[QuotaShape]
    sources: list[QuotaShape]

    @classmethod
    def of(cls, month: Month, filled: FilledQuotas) -> Self:
        return cls(
            month=str(month),
            size=filled.size,
            proposed=filled.proposed,
            sections=[QuotaShape.of(one) for one in filled.sections],
            sources=[QuotaShape.of(one) for one in filled.sources],
        )
