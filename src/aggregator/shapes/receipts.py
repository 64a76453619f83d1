"""A page compared with its receipts, as a script sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from aggregator.digest.receipts.form import ChangeForm, FunnelForm
from aggregator.digest.receipts.verify import Verified


class DifferenceShape(BaseModel):
    """One difference."""

    kind: str = Field(description="changed, missing, without receipt, section, order, receipt or around.")
    line: int | None = Field(description="The line of the page, from 1; null for what is not on it.")
    month: str | None = Field(description="Of the receipt.")
    old: str = Field(description="What the receipt says: a line, a section's number or a checksum.")
    new: str = Field(description="What the page says.")


class CorrectedShape(BaseModel):
    """A line that was changed through the program after it was printed first."""

    month: str
    url: str
    changes: list[ChangeForm]


class MonthFunnelShape(FunnelForm):
    """The funnel of a month."""

    month: str


class VerifiedShape(BaseModel):
    """What came of comparing a page with its receipts."""

    page: str
    receipts: list[str] = Field(description="The files that were used.")
    agrees: bool
    agreeing: int = Field(description="Lines that stand as their receipts say.")
    unknown: int = Field(description="Lines of months without receipts.")
    differences: list[DifferenceShape]
    corrected: list[CorrectedShape]
    funnels: list[MonthFunnelShape]

    @classmethod
    def of(cls, page: Path, verified: Verified) -> Self:
        return cls(
            page=str(page),
            receipts=[str(found.file) for found in verified.used],
            agrees=not verified.differences,
            agreeing=verified.agreeing,
            unknown=verified.unknown,
            differences=[
                DifferenceShape(kind=one.kind, line=one.number, month=one.month, old=one.old, new=one.new)
                for one in verified.differences
            ],
            corrected=[
                CorrectedShape(month=month, url=receipt.url, changes=receipt.changes)
                for month, receipt in verified.corrected
            ],
            funnels=[
                MonthFunnelShape(month=found.receipts.month, **dict(found.receipts.funnel)) for found in verified.used
            ],
        )
