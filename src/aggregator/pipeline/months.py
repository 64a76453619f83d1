"""Months: which need work, and which posts belong to them. A waiting post joins the candidates when its day comes, or
when the curator sets its month.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.dates.read import date_of_month
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.dating import place_post
from aggregator.review.tending import MonthWork, decide_month_work, find_month_to_review
from aggregator.storage import candidates, digests, judgements, posts, progress
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, Candidate, Correction, DateSource, Month


def list_work(home: Home) -> tuple[MonthWork, ...]:
    """List the digests to draft or print now, oldest month first."""
    digest, today = home.settings.digest, home.now.astimezone(home.zone).date()
    with home.reading() as connection:
        facts = progress.list_month_facts(connection, home.current_month, home.zone)
    return decide_month_work(facts, today, draft_day=digest.draft_day, print_day=digest.print_day)


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
    """Add posts to the candidates whose day has come, and posts without a date that were found under a clock that was
    ahead; return the months that change.
    """
    now, zone = home.now, home.zone
    current = Month.of(now, zone)
    with home.reading() as connection:
        if not posts.list_arrived(connection, now) and not posts.list_found_in_future(connection, now, current):
            return set()
    months = set()
    with home.database.writing(durable=False) as connection:
        published = digests.list_published(connection)
        for post in posts.list_arrived(connection, now):
            placement = place_post(Month.of(post.published_at, zone), published, current)
            posts.place_post(connection, post.id, *placement)
            months.add(placement.month)
        for post in posts.list_found_in_future(connection, now, current):
            placement = place_post(current, published, current)
            posts.set_found(connection, post.id, now)
            posts.place_post(connection, post.id, *placement)
            months |= {post.month, placement.month}
    return months


def give_month(home: Home, post_id: int, month: Month) -> Candidate:
    """Set the month of a post, as the curator knows it. It is printed after the line, and a post that waits for a date
    joins the candidates. Returns the updated post. Raises NotFoundError.
    """
    with home.database.writing() as connection:
        candidates.get_candidate(connection, post_id)
        before = posts.get_place(connection, post_id)
        release_post(connection, post_id, month, now=home.now, zone=home.zone)
        changes = {"place": (before, after)} if (after := posts.get_place(connection, post_id)) != before else {}
        details = {"fields": ["month"]}
        action = record(
            home, connection, ActionKind.GIVE_MONTH, post_id=post_id, month=month, details=details, changes=changes
        )
        judgements.append_correction(connection, Correction(post_id, home.curator, home.now, month=month), action)
        return candidates.get_candidate(connection, post_id)


def move_back(connection: Connection, post_id: int, place: Mapping[str, str | None]) -> set[Month]:
    """Give a post its earlier date and month; returns the months that this changes."""
    before = candidates.get_candidate(connection, post_id).post.month
    posts.set_place(connection, post_id, place)
    return {before, candidates.get_candidate(connection, post_id).post.month}


def release_post(connection: Connection, post_id: int, month: Month, *, now: datetime, zone: ZoneInfo) -> None:
    """Add a waiting post to the candidates of this month; other posts stay where they are."""
    post = candidates.get_candidate(connection, post_id).post
    if post.waits_for is None:
        return
    posts.set_date(connection, post_id, date_of_month(month), DateSource.CURATOR)
    posts.place_post(connection, post_id, *place_post(month, digests.list_published(connection), Month.of(now, zone)))
