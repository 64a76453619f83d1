"""Months: which are to be tended, and which posts belong to them. A post that waits joins the candidates when its day
comes, or when the curator names its month.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.dates.read import date_of_month
from aggregator.posts.dating import place_post
from aggregator.review.tending import MonthWork, decide_month_work
from aggregator.storage import candidates, digests, judgements, posts, progress
from aggregator.storage.database import Connection, Database
from aggregator.types import Candidate, Correction, DateSource, Month


def list_work(
    database: Database, *, now: datetime, zone: ZoneInfo, draft_day: int, print_day: int
) -> tuple[MonthWork, ...]:
    """The digests that are to be drafted or printed now, the oldest month first."""
    with database.reading() as connection:
        facts = progress.list_month_facts(connection, Month.of(now, zone), zone)
    return decide_month_work(facts, now.astimezone(zone).date(), draft_day=draft_day, print_day=print_day)


def release_arrived(database: Database, *, now: datetime, zone: ZoneInfo) -> set[Month]:
    """Let the posts whose day has come join the candidates, and those without a date that were found under a clock that
    was ahead; returns the months that this changes.
    """
    current = Month.of(now, zone)
    with database.reading() as connection:
        if not posts.list_arrived(connection, now) and not posts.list_found_in_future(connection, now, current):
            return set()
    months = set()
    with database.writing(durable=False) as connection:
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


def give_month(database: Database, post_id: int, month: Month, *, by: str, now: datetime, zone: ZoneInfo) -> Candidate:
    """Store the month that the curator knows of a post: it is printed behind the line, and a post that waits for
    a date joins the candidates. Returns the post as it stands then; raises NotFoundError.
    """
    with database.writing() as connection:
        candidates.get_candidate(connection, post_id)
        judgements.append_correction(connection, Correction(post_id, by, now, month=month))
        release_post(connection, post_id, month, now=now, zone=zone)
        return candidates.get_candidate(connection, post_id)


def release_post(connection: Connection, post_id: int, month: Month, *, now: datetime, zone: ZoneInfo) -> None:
    """Let a post that waits join the candidates, as one of this month; others stay where they are."""
    post = candidates.get_candidate(connection, post_id).post
    if post.waits_for is None:
        return
    posts.set_date(connection, post_id, date_of_month(month), DateSource.CURATOR)
    posts.place_post(connection, post_id, *place_post(month, digests.list_published(connection), Month.of(now, zone)))
