"""Posts per month as a row of bars. Pure: counts in, SVG data out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.locales import get_language, t
from aggregator.types import Month
from aggregator.types.numerous import numerous

#: How many months are shown.
MONTHS = 12
#: The width of a bar, the step from one to the next, and the height of the row, in pixels.
BAR, STEP, HEIGHT = 5, 7, 22
# The highest bar fills the row, but a feed with one post a month should not look like one with forty.
_LEAST_TOP = 4


@numerous
class Column:
    """One month of the large chart."""

    name: str
    #: Given at the first month and at each January; else empty.
    year: str
    count: int
    #: As a percentage of the highest.
    height: float
    is_present: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A row of bars; the last is the current month."""

    #: Each month with its number, for those who cannot see the bars.
    title: str
    total: int
    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        return STEP * (len(self.columns) - 1) + BAR

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def past(self) -> str:
        """The outline of the bars of past months."""
        return self._draw(is_present=False)

    @property
    def present(self) -> str:
        return self._draw(is_present=True)

    def _draw(self, *, is_present: bool) -> str:
        """Draw bars as the data of one path, which takes a tenth of the bytes of twelve rectangles."""
        bars = []
        for place, column in enumerate(self.columns):
            high = max(1, round(HEIGHT * column.height / 100)) if column.count else 0
            if high and column.is_present == is_present:
                bars.append(f"M{STEP * place} {HEIGHT}v-{high}h{BAR}v{high}z")
        return "".join(bars)


def list_months(present: Month) -> list[Month]:
    """List the months of a chart, oldest first."""
    return [present.shift(-back) for back in range(MONTHS - 1, -1, -1)]


def build_chart(counts: Sequence[tuple[Month, int]]) -> Chart:
    """Build the chart. *counts* are of consecutive months, the current one last."""
    top = max([_LEAST_TOP, *(count for _, count in counts)])
    names, first, last = _name_months(tuple(month for month, _ in counts), get_language())
    columns = tuple(
        Column(
            name=names[place],
            year=str(month.year) if not place or month.month == 1 else "",
            count=count,
            height=round(100 * count / top, 1),
            is_present=place == len(counts) - 1,
        )
        for place, (month, count) in enumerate(counts)
    )
    said = ", ".join(f"{column.name} {column.count:,}" for column in columns)
    title = t("Posts from {first} to {last}: {counts}", first=first, last=last, counts=said)
    return Chart(title, sum(count for _, count in counts), columns)


@lru_cache(maxsize=8)
def _name_months(months: tuple[Month, ...], _language: str) -> tuple[tuple[str, ...], str, str]:
    """The short names of months, and the first and the last with their years; all charts of a page have the same."""
    return tuple(month.name[:3] for month in months), months[0].name, months[-1].name
