"""The progress of drafting, review and printing in past months."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from aggregator.storage.actions import is_print_undone
from aggregator.storage.digests import list_digests
from aggregator.storage.plans import list_plans
from aggregator.storage.posts import IS_CANDIDATE, UNINDEXED_MONTH
from aggregator.storage.printed import PRINTED, SEEN_UNTIL
from aggregator.storage.tables import posts, scores, verdicts
from aggregator.types import Decision, DigestState, Month, MonthFacts, MonthPlan


def list_month_facts(connection: sa.Connection, present: Month, zone: ZoneInfo) -> list[MonthFacts]:
    """List the months before the *present* one that may need work, oldest first.

    These are last month; the months with posts since collecting began here, or one month earlier; and months with
    approved posts that were not printed.
    """
    states = dict(list_digests(connection))
    approved = _count_approved(connection, present)
    watched = _list_between(_find_first_watched(connection, present, zone), present)
    open_ = [month for month in {*watched, *approved} if states.get(month) in {None, DigestState.DRAFT}]
    filled, ranked = (_list_in(connection, table, open_) for table in (posts, scores))
    undecided = count_undecided(connection, open_)
    plans = list_plans(connection)
    seen_until = connection.execute(sa.select(SEEN_UNTIL)).scalar()
    not_seen = Month.of(seen_until, zone) if seen_until else None
    return [
        MonthFacts(
            month=month,
            state=states.get(month),
            approved=approved.get(month, 0),
            undecided=undecided.get(month, 0),
            is_ranked=month in ranked,
            is_watched=month in watched,
            is_seen=not_seen is not None and month < not_seen,
            is_print_undone=is_print_undone(connection, month),
            plan=plans.get(month, MonthPlan()),
        )
        for month in sorted({*approved, *filled, present.shift(-1)})
    ]


def _list_between(first: Month, end: Month) -> list[Month]:
    months = []
    while first < end:
        months.append(first)
        first = first.shift(1)
    return months


def _find_first_watched(connection: sa.Connection, present: Month, zone: ZoneInfo) -> Month:
    """The month before the one in which the first post was stored here: its digest was still due."""
    oldest = sa.select(sa.func.min(posts.c.id)).scalar_subquery()
    row = connection.execute(
        sa.select(posts.c.first_seen_at, posts.c.published_at).where(posts.c.id == oldest)
    ).one_or_none()
    if row is None:
        return present.shift(-1)
    # The clock may have been wrong: a post is not seen before it is published, and not in the future.
    return min(Month.of(max(row.first_seen_at, row.published_at), zone), present).shift(-1)


def _count_approved(connection: sa.Connection, present: Month) -> dict[Month, int]:
    """The number of approved posts that were not printed, by month."""
    printed = PRINTED.subquery("printed")
    query = (
        # By the index of decided posts, because these are few, and not by the index of months.
        sa.select(UNINDEXED_MONTH, sa.func.count())
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .where(posts.c.verdict_id.is_not(None), verdicts.c.decision == str(Decision.APPROVE))
        .where(IS_CANDIDATE, str(present) > UNINDEXED_MONTH)
        .where(posts.c.id.not_in(sa.select(printed.c.post_id)))
        .group_by(UNINDEXED_MONTH)
    )
    return {Month.parse(row[0]): row[1] for row in connection.execute(query)}


def _list_in(connection: sa.Connection, table: sa.Table, months: Sequence[Month]) -> set[Month]:
    """Which of these months have rows in a table; reads only an index."""
    query = sa.select(table.c.month).where(table.c.month.in_([str(month) for month in months])).distinct()
    return {Month.parse(month) for month in connection.execute(query).scalars()}


def count_undecided(connection: sa.Connection, months: Sequence[Month]) -> dict[Month, int]:
    """The number of undecided posts of each month that are on its shortlist or back from a hold."""
    names = [str(month) for month in months]
    shortlisted = (
        sa.select(scores.c.month, posts.c.id)
        .join(posts, posts.c.id == scores.c.post_id)
        .where(scores.c.shortlisted, scores.c.month.in_(names), IS_CANDIDATE, posts.c.verdict_id.is_(None))
    )
    returned = sa.select(posts.c.month, posts.c.id).where(posts.c.returned_id.is_not(None), IS_CANDIDATE)
    found = sa.union(shortlisted, returned.where(posts.c.month.in_(names))).subquery()
    query = sa.select(found.c.month, sa.func.count()).group_by(found.c.month)
    return {Month.parse(row[0]): row[1] for row in connection.execute(query)}


def count_decided(connection: sa.Connection, months: Sequence[Month]) -> dict[Month, dict[Decision, int]]:
    """The number of candidates of each month with each verdict."""
    query = (
        # By the index of decided posts, which are few.
        sa.select(UNINDEXED_MONTH, verdicts.c.decision, sa.func.count())
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .where(posts.c.verdict_id.is_not(None), IS_CANDIDATE)
        .where(UNINDEXED_MONTH.in_([str(month) for month in months]))
        .group_by(UNINDEXED_MONTH, verdicts.c.decision)
    )
    found: dict[Month, dict[Decision, int]] = {}
    for month, decision, number in connection.execute(query):
        found.setdefault(Month.parse(month), {})[Decision(decision)] = number
    return found
