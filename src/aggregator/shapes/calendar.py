"""When what happens to a month, as a script sees it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.pipeline.calendar import Calendar


class LateShape(BaseModel):
    """Posts that came too late for their month."""

    month: str = Field(description="Their own month.")
    found_in: str = Field(description="The month whose candidates they are; its queue lists them with `late`.")
    posts: int


class CalendarShape(BaseModel):
    """What happens to a month, and when."""

    month: str
    digest: str | None = Field(description="draft, printed or read; null without one.")
    until: date = Field(description="The last day whose posts count.")
    is_closed: bool = Field(description="Whether posts that are found now come too late.")
    draft_at: datetime | None = Field(description="From when on there is a draft.")
    print_at: datetime | None = Field(
        description="From when on it is printed by itself; null if the curator prints it."
    )
    files: list[str] = Field(description="Its own file, which may not be there yet, and its cumulative pages.")
    late: list[LateShape]
    decided_since: int = Field(description="How many things were decided since it was printed; see its digest.")

    @classmethod
    def of(cls, calendar: Calendar, decided_since: int) -> Self:
        month = str(calendar.month)
        late = [LateShape(month=str(own), found_in=month, posts=number) for own, number in calendar.late.items()]
        if calendar.pending:
            late.append(LateShape(month=month, found_in=str(calendar.following), posts=calendar.pending))
        return cls(
            month=month,
            digest=str(calendar.state) if calendar.state else None,
            until=calendar.month.last_day,
            is_closed=calendar.is_closed,
            draft_at=calendar.draft_at,
            print_at=calendar.print_at,
            files=[str(file) for file in calendar.files],
            late=late,
            decided_since=decided_since,
        )
