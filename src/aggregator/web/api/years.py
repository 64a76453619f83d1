"""Years: what was printed in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from aggregator.pipeline.year import review_year
from aggregator.shapes.years import YearShape
from aggregator.web.api.guard import Reading

router = APIRouter(prefix="/years/{year}", tags=["digests"])


@router.get("")
def show_year(caller: Reading, year: Annotated[int, Path(ge=1, le=9999)]) -> YearShape:
    """Review a year: its highlights in Markdown, and what was printed in it, counted."""
    return YearShape.of(*review_year(caller.home, year))
