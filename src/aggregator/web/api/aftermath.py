"""Quarters: what became of their posts."""

from __future__ import annotations

from fastapi import APIRouter

from aggregator.evaluate.aftermath import Quarter
from aggregator.pipeline.aftermath import find_aftermath
from aggregator.shapes.aftermath import AftermathShape
from aggregator.web.api.guard import Reading

router = APIRouter(prefix="/aftermath/{quarter}", tags=["digests"])


@router.get("")
def show_aftermath(caller: Reading, quarter: str) -> AftermathShape:
    """Show which posts of a quarter, such as 2026-Q3, were taken up within ninety days of the prints."""
    wanted = Quarter.parse(quarter)
    with caller.home.reading() as connection:
        return AftermathShape.of(find_aftermath(caller.home, connection, wanted))
