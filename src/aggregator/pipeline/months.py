"""Months: which need work, and which posts belong to them. A waiting post joins the candidates when its day comes, or
when the curator sets its month; a held post is back when what it was held until has come.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.dates.read import date_of_month
from aggregator.pipeline import series
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.dating import find_next_open, place_post
from aggregator.review import tending
from aggregator.review.tending import Moment, MonthWork, decide_month_work, find_month_to_review
from aggregator.review.verdicts import has_come
from aggregator.storage import actions, candidates, digests, judgements, posts, progress
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, Candidate, Correction, DateSource, Month, MonthPlan, Next, Post, Verdict


def list_work(home: Home) -> tuple[MonthWork, ...]:
    """List the digests to draft or print now, oldest month first."""
    settings = home.settings.digest
    with home.reading() as connection:
        facts = progress.list_month_facts(connection, home.current_month, home.zone)
    draft = Moment(settings.draft_day, settings.draft_hour)
    return decide_month_work(facts, home.now.astimezone(home.zone), draft=draft, printing=_find_printing(home))


def find_print(home: Home, month: Month, plan: MonthPlan) -> datetime | None:
    """Find the moment from which a month is printed by itself; None if the curator prints it."""
    try:
        return tending.find_print(month, plan, _find_printing(home), home.zone)
    except ValueError:
        return None  # The calendar ends with the month.


def _find_printing(home: Home) -> Moment | None:
    settings = home.settings.digest
    return Moment(settings.print_day, settings.print_hour) if settings.print_day else None


def find_open_month(home: Home) -> Month:
    """Return the month to review.

    This is the oldest month that is over, was collected here, is not published, and has undecided posts on its
    shortlist; else the newest month with posts that is not in the future; else the present month.
    """
    present = home.current_month
    with home.reading() as connection:
        waiting = find_month_to_review(progress.list_month_facts(connection, present, home.zone))
        if waiting is not None:
            return waiting
        past = [month for month in posts.list_months(connection) if month <= present]
    return past[0] if past else present


def release_arrived(home: Home) -> set[Month]:
    """Add posts to the candidates whose day has come, posts without a date that were found under a clock that was
    ahead, and held posts that are back; return the months that change.
    """
    now, zone = home.now, home.zone
    current = Month.of(now, zone)
    with home.reading() as connection:
        arrived = posts.list_arrived(connection, now) or posts.list_found_in_future(connection, now, current)
        if not arrived and not _list_returning(home, connection):
            return set()
    with home.database.writing(durable=False) as connection:
        months = return_held(home, connection)
        closed = digests.list_closed(connection)
        for post in posts.list_arrived(connection, now):
            placement = place_post(Month.of(post.published_at, zone), closed, current)
            posts.place_post(connection, post.id, *placement)
            months.add(placement.month)
        for post in posts.list_found_in_future(connection, now, current):
            placement = place_post(current, closed, current)
            posts.set_found(connection, post.id, now)
            posts.place_post(connection, post.id, *placement)
            months |= {post.month, placement.month}
    return months


def return_held(home: Home, connection: Connection) -> set[Month]:
    """Make the held posts undecided again whose day, month or further part has come; return the months that change.

    If their month was closed meanwhile, they join the next one.
    """
    months = set()
    for verdict in _list_returning(home, connection):
        judgements.end_hold(connection, verdict, home.now)
        post = posts.list_posts(connection, [verdict.post_id])[verdict.post_id]
        closed = digests.list_closed(connection)
        months.add(post.month)
        if post.month in closed:
            month = find_next_open(post.month, closed, home.current_month)
            posts.move_post(connection, post, month)
            months.add(month)
    return months


def _list_returning(home: Home, connection: Connection) -> list[Verdict]:
    today = home.now.astimezone(home.zone).date()
    return [
        verdict
        for verdict in judgements.list_held(connection)
        if has_come(verdict.until, today)
        or (verdict.until is Next.PART and series.has_further_part(connection, verdict.post_id, verdict.at))
    ]


def hold_over(connection: Connection, post: Post, month: Month) -> dict[str, Any]:
    """Move a held post to the month that it is held until; returns what the action changes."""
    before = posts.get_place(connection, post.id)
    posts.move_post(connection, post, month)
    return {"place": (before, posts.get_place(connection, post.id))}


def give_month(home: Home, post_id: int, month: Month) -> Candidate:
    """Set the month of a post, as the curator knows it. It is printed after the line, and a post that waits for a date
    joins the candidates. Returns the updated post. Raises NotFoundError.
    """
    with home.database.writing() as connection:
        candidates.get_candidate(connection, post_id)
        before = posts.get_place(connection, post_id)
        closed = digests.list_closed(connection)
        release_post(connection, post_id, month, closed, now=home.now, zone=home.zone)
        changes = {"place": (before, after)} if (after := posts.get_place(connection, post_id)) != before else {}
        details = {"fields": ["month"]}
        action = record(
            home, connection, ActionKind.GIVE_MONTH, post_id=post_id, month=month, details=details, changes=changes
        )
        judgements.append_correction(connection, Correction(post_id, home.curator, home.now, month=month), action)
        return candidates.get_candidate(connection, post_id)


def settle_place(connection: Connection, post_id: int) -> set[Month]:
    """Put a post where the actions that are not undone have put it; returns the months that this changes."""
    before = candidates.get_candidate(connection, post_id).post.month
    if place := actions.find_place(connection, post_id):
        posts.set_place(connection, post_id, place)
    return {before, candidates.get_candidate(connection, post_id).post.month}


def release_post(
    connection: Connection, post_id: int, month: Month, closed: frozenset[Month], *, now: datetime, zone: ZoneInfo
) -> None:
    """Add a waiting post to the candidates of this month, of the next open one if it is among the *closed*; other posts
    stay where they are.
    """
    post = candidates.get_candidate(connection, post_id).post
    if post.waits_for is None:
        return
    posts.set_date(connection, post_id, date_of_month(month), DateSource.CURATOR)
    posts.place_post(connection, post_id, *place_post(month, closed, Month.of(now, zone)))
