"""How far the months are that are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from aggregator.storage.digests import list_digests
from aggregator.storage.printed import PRINTED, SEEN_UNTIL
from aggregator.storage.tables import posts, scores, verdicts
from aggregator.types import Decision, DigestState, Month, MonthFacts

_IS_CANDIDATE = sa.and_(posts.c.waits_for.is_(None), posts.c.copy_of.is_(None))


def list_month_facts(connection: sa.Connection, present: Month, zone: ZoneInfo) -> list[MonthFacts]:
    """The months before the *present* one that may have to be tended, oldest first.

    That are last month, those since posts are collected here, with the one before, as far as they have candidates, and
    those with approved posts that nothing has printed.
    """
    states = dict(list_digests(connection))
    approved = _count_approved(connection, present)
    watched = _list_between(_find_first_watched(connection, present, zone), present)
    ranked = _count_ranked(connection, [month for month in watched if states.get(month) in {None, DigestState.DRAFT}])
    seen_until = connection.execute(sa.select(SEEN_UNTIL)).scalar()
    not_seen = Month.of(seen_until, zone) if seen_until else None
    last = present.shift(-1)
    return [
        MonthFacts(
            month=month,
            state=states.get(month),
            approved=approved.get(month, 0),
            undecided=ranked[month].undecided if month in ranked else 0,
            is_ranked=month in ranked and ranked[month].ranked > 0,
            is_watched=month in ranked or month == last,
            is_seen=not_seen is not None and month < not_seen,
        )
        for month in sorted({*approved, *ranked, last})
    ]


class _Ranked(NamedTuple):
    """How many candidates of a month are ranked, and how many of its shortlist are undecided."""

    ranked: int
    undecided: int


def _list_between(first: Month, end: Month) -> list[Month]:
    months = []
    while first < end:
        months.append(first)
        first = first.shift(1)
    return months


def _find_first_watched(connection: sa.Connection, present: Month, zone: ZoneInfo) -> Month:
    """The month before the first post was stored here, whose digest is still due then."""
    first = connection.execute(sa.select(posts.c.first_seen_at).order_by(posts.c.id).limit(1)).scalar()
    # A clock that was ahead once puts nothing off.
    return min(Month.of(first, zone), present).shift(-1) if first else present.shift(-1)


def _count_approved(connection: sa.Connection, present: Month) -> dict[Month, int]:
    """By month, how many posts are approved and not printed."""
    printed = PRINTED.subquery("printed")
    query = (
        sa.select(posts.c.month, sa.func.count())
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .where(verdicts.c.decision == str(Decision.APPROVE), _IS_CANDIDATE, posts.c.month < str(present))
        .where(posts.c.id.not_in(sa.select(printed.c.post_id)))
        .group_by(posts.c.month)
    )
    return {Month.parse(row[0]): row[1] for row in connection.execute(query)}


def _count_ranked(connection: sa.Connection, months: Sequence[Month]) -> dict[Month, _Ranked]:
    """Of these months, those that have candidates."""
    is_open = sa.and_(scores.c.shortlisted, posts.c.verdict_id.is_(None))
    query = (
        sa.select(posts.c.month, sa.func.count(scores.c.post_id), sa.func.count().filter(is_open))
        .outerjoin(scores, scores.c.post_id == posts.c.id)
        .where(_IS_CANDIDATE, posts.c.month.in_([str(month) for month in months]))
        .group_by(posts.c.month)
    )
    return {Month.parse(row[0]): _Ranked(row[1], row[2]) for row in connection.execute(query)}
