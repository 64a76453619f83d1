"""Months: where they stand, and their queues."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aggregator.pipeline import account, contents, months
from aggregator.pipeline.calendar import look_at_calendar
from aggregator.pipeline.quotas import fill_quotas
from aggregator.pipeline.reprint import find_since
from aggregator.shapes.calendar import CalendarShape
from aggregator.shapes.coverage import CoverageShape
from aggregator.shapes.posts import PostShape
from aggregator.shapes.quotas import QuotasShape
from aggregator.storage import digests, posts
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.outlines import list_outlines
from aggregator.types import Month
from aggregator.web.api.fields import Id, InMonth, MonthText, Name, read_section
from aggregator.web.api.guard import Changing, Reading
from aggregator.web.queue.filter import Order, QueueFilter, Show
from aggregator.web.queue.view import cut_window, measure_progress

router = APIRouter(prefix="/months", tags=["months"])


class MonthShape(BaseModel):
    """A month that has posts or a digest."""

    month: str
    posts: int
    digest: str | None = Field(description="draft, printed or read; null without one.")
    is_open: bool = Field(description="Whether it is the month to review now.")


class ProgressShape(MonthShape):
    """Where a month stands."""

    approved: int
    held: int
    rejected: int
    undecided: int
    shortlisted: int
    shortlisted_left: int = Field(description="Undecided posts of the shortlist.")


class StandingShape(ProgressShape, CalendarShape):
    """Where a month stands, and what happens when."""


class QueueShape(BaseModel):
    """A page of the queue of a month."""

    month: str
    total: int = Field(description="How many posts the filter keeps.")
    first: int = Field(description="The place of the first of these posts among them, from 1.")
    next: int | None = Field(description="Send it as `after` for the next page; null on the last.")
    posts: list[PostShape]


@router.get("")
def list_months(caller: Reading) -> list[MonthShape]:
    """List the months, newest first."""
    with caller.app.reading() as connection:
        counts = posts.count_candidates(connection)
        states = dict(digests.list_digests(connection))
    open_ = months.find_open_month(caller.app)
    return [
        MonthShape(
            month=str(month),
            posts=counts.get(month, 0),
            digest=str(states[month]) if month in states else None,
            is_open=month == open_,
        )
        for month in sorted({*counts, *states, open_}, reverse=True)
    ]


@router.get("/{month}/coverage")
def show_coverage(caller: Reading, month: InMonth) -> CoverageShape:
    """Show the account of a month: how completely its feeds were visited, and what became of its posts."""
    with caller.app.reading() as connection:
        found, is_kept = account.find_account(caller.home, connection, Month.parse(month))
    return CoverageShape.of(found, is_kept=is_kept)


@router.get("/{month}")
def show_month(caller: Reading, month: InMonth) -> StandingShape:
    """Say where a month stands, until when posts count, and when it is drafted and printed.

    Muted posts do not count: nobody has to decide them.
    """
    wanted = Month.parse(month)
    with caller.app.reading() as connection:
        progress = measure_progress(list_outlines(connection, wanted))
        calendar = look_at_calendar(caller.home, connection, wanted)
        since = find_since(connection, wanted).number
    return StandingShape(
        **CalendarShape.of(calendar, since).model_dump(),
        posts=progress.total,
        is_open=wanted == months.find_open_month(caller.app),
        approved=progress.count("approved"),
        held=progress.count("held"),
        rejected=progress.count("rejected"),
        undecided=progress.count("undecided"),
        shortlisted=progress.shortlisted,
        shortlisted_left=progress.shortlisted_left,
    )


@router.get("/{month}/quotas")
def show_quotas(caller: Reading, month: InMonth) -> QuotasShape:
    """Count what is proposed and approved against the quotas of sections and sources, learned ones included."""
    wanted = Month.parse(month)
    return QuotasShape.of(wanted, fill_quotas(caller.home, wanted, caller.app.judge.get_limits(wanted)))


@router.post("/{month}/rank")
def rank_month(caller: Changing, month: InMonth) -> StandingShape:
    """Rank a month now; the daemon ranks old months only if something in them changes."""
    caller.app.judge.rank([Month.parse(month)])
    return show_month(caller, month)


@router.get("/{month}/queue")
def show_queue(
    caller: Reading,
    month: InMonth,
    show: Annotated[Show, Query(description="The tab of the page.")] = Show.SHORTLIST,
    section: Annotated[Name, Query(description="Such as 2.4.")] = "",
    source: Annotated[Name, Query(description="The key of a feed; - for posts that no feed gave.")] = "",
    language: Annotated[Name, Query(description="ko, en or another code.")] = "",
    q: Annotated[Name, Query(description="Words, as in a search.")] = "",
    code: Annotated[bool, Query(description="Whether only posts with code are wanted.")] = False,
    added: Annotated[bool, Query(description="Whether only posts added by hand are wanted.")] = False,
    suggested: Annotated[bool, Query(description="Whether only posts that readers suggested are wanted.")] = False,
    late: Annotated[MonthText | None, Query(description="Only posts that came too late for this month.")] = None,
    order: Annotated[Order, Query(description="By what it is sorted.")] = Order.RANK,
    after: Annotated[Id | None, Query(description="The last post of the page before.")] = None,
) -> QueueShape:
    """Show the queue of a month with rank, reasons and guesses, filtered as on the page."""
    chosen = QueueFilter(
        Month.parse(month),
        show,
        read_section(caller.home, section),
        source,
        language,
        q,
        code,
        added,
        suggested,
        Month.parse(late) if late else None,
        order,
        after,
    )
    contents.read_month(caller.app.database, chosen.month)
    with caller.app.reading() as connection:
        window = cut_window(list_outlines(connection, chosen.month, chosen.words), chosen)
        candidates = list_candidates_by_id(connection, window.post_ids)
    return QueueShape(
        month=month,
        total=window.total,
        first=window.first,
        next=window.later.after if window.later else None,
        posts=[PostShape.of(candidate) for candidate in candidates],
    )
