"""What the account of a month is taken from, and the accounts that are kept with printed digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from pydantic import TypeAdapter

from aggregator.storage.posts import IS_COPY, WAITS, is_candidate
from aggregator.storage.rows import in_batches
from aggregator.storage.tables import UtcDateTime, digests, feeds, guesses, posts, samples, scores, verdicts, visits
from aggregator.types import Coverage, Decision, FeedFacts, Funnel, Kind, Month, Outcome

# Of each database: the days asked for last, and by feed its stamp and the places of those with a successful visit.
_KNOWN: WeakKeyDictionary[object, tuple[Sequence[datetime], dict[str, tuple[tuple[int, int], frozenset[int]]]]] = (
    WeakKeyDictionary()
)


def list_feed_facts(
    connection: sa.Connection, month: Month, days: Sequence[datetime], end: datetime
) -> list[FeedFacts]:
    """List all feeds by name with their visits in a month up to *end*; *days* are the bounds of its finished days, one
    more than these are.
    """
    of_feed = visits.c.feed_key == feeds.c.key
    visited = _count_visits(connection, days[0], days[-1], end)
    good = _list_good_days(connection, days, visited)
    query = sa.select(
        *(feeds.c[name] for name in ("key", "name", "kind", "active", "paused_at", "quiet_days")),
        *(feeds.c[name] for name in ("newest_at", "habit_minutes")),
        _find(visits.c.started_at, of_feed, visits.c.started_at.asc()).label("first_at"),
        _find(visits.c.started_at, of_feed, visits.c.started_at.desc()).label("last_at"),
        sa.select(sa.func.count())
        .where(posts.c.feed_key == feeds.c.key, posts.c.month == str(month))
        .scalar_subquery()
        .label("posts"),
    ).order_by(sa.func.lower(feeds.c.name), feeds.c.key)
    return [
        FeedFacts(
            key=key,
            name=name,
            gives_posts=Kind(kind).gives_posts,
            is_followed=active,
            paused_at=paused_at,
            first_at=first_at,
            last_at=last_at,
            visits=seen.succeeded + seen.failed,
            failed=seen.failed,
            good_days=good.get(key, frozenset()),
            quiet_days=frozenset(quiet_days or ()),
            posts=given,
            newest_at=newest_at,
            habit_minutes=habit_minutes,
        )
        # Attributes of a thousand rows take as long as the query.
        for key, name, kind, active, paused_at, quiet_days, *moments in connection.execute(query).all()
        for newest_at, habit_minutes, first_at, last_at, given in [moments]
        for seen in [visited.get(key, _NEVER)]
    ]


def _find(column: sa.Column[Any], where: sa.ColumnElement[bool], order: sa.UnaryExpression[Any]) -> Any:
    return sa.select(column).where(where).order_by(order).limit(1).scalar_subquery()


class _Visited(NamedTuple):
    """The visits of a feed in a time, and the stamp of those of finished days that succeeded: their number and the sum
    of their numbers. Old visits are only added and deleted, and others with both the same are not to be expected.
    """

    succeeded: int
    failed: int
    stamp: tuple[int, int]


_NEVER = _Visited(0, 0, (0, 0))


def _count_visits(connection: sa.Connection, start: datetime, finished: datetime, end: datetime) -> dict[str, _Visited]:
    """Count by feed the visits from *start* to *end*, and stamp those before *finished*; without feeds that had none.
    Reads only an index.
    """
    of_feed = sa.and_(visits.c.feed_key == feeds.c.key, visits.c.started_at >= start, visits.c.started_at < end)
    has_failed = visits.c.outcome == str(Outcome.FAILED)
    counts = sa.and_(~has_failed, visits.c.started_at < finished)
    failed = sa.func.sum(sa.case((has_failed, 1), else_=0))
    stamp = sa.func.count().filter(counts), sa.func.coalesce(sa.func.sum(visits.c.id).filter(counts), 0)
    query = sa.select(feeds.c.key, sa.func.count() - failed, failed, *stamp).join(visits, of_feed)
    rows = connection.execute(query.group_by(feeds.c.key))
    return {key: _Visited(good, bad, (number, int(numbers))) for key, good, bad, number, numbers in rows}


def _list_good_days(
    connection: sa.Connection, days: Sequence[datetime], visited: Mapping[str, _Visited]
) -> dict[str, frozenset[int]]:
    """List by feed the places of the days that have a successful visit. Finished days seldom change, so the database is
    asked about the feeds alone whose stamp has changed: a few steps in an index for each day, and one row a feed, in
    which each day is a bit.
    """
    kept_of, kept = _KNOWN.get(connection.engine, (None, {}))
    stamps = {key: one.stamp for key, one in visited.items() if one.stamp[0]}
    known = {
        key: kept[key] for key, stamp in stamps.items() if kept_of == days and key in kept and kept[key][0] == stamp
    }
    bounds = {
        f"{end}_{place}": day
        for place in range(len(days) - 1)
        for end, day in zip(("first", "end"), days[place : place + 2], strict=True)
    }
    for batch in in_batches([key for key in stamps if key not in known]):
        for key, bits in connection.execute(_make_query_of_days(len(days) - 1), {**bounds, "keys": batch}):
            known[key] = stamps[key], _list_places(int(bits))
    _KNOWN[connection.engine] = days, known
    return {key: places for key, (_, places) in known.items()}


# Most feeds have the same days.
@lru_cache(maxsize=64)
def _list_places(bits: int) -> frozenset[int]:
    return frozenset(place for place in range(bits.bit_length()) if bits >> place & 1)


@cache
def _make_query_of_days(days: int) -> sa.Select[Any]:
    """The days with a successful visit as bits, by feed of ``keys``. Made once, so that its SQL is written once."""
    rows = [
        sa.select(
            sa.literal(1 << place, sa.BigInteger).label("bit"),
            sa.bindparam(f"first_{place}", type_=UtcDateTime).label("first_at"),
            sa.bindparam(f"end_{place}", type_=UtcDateTime).label("end_at"),
        )
        for place in range(days)
    ]
    day = sa.union_all(*rows).cte("day")
    # Of single columns, so that SQLite reads only the index. As a value, not EXISTS: of that PostgreSQL makes a join,
    # in which it compares all visits of a feed with all days.
    succeeded = (
        sa.select(visits.c.outcome)
        .where(
            visits.c.feed_key == feeds.c.key,
            visits.c.started_at >= day.c.first_at,
            visits.c.started_at < day.c.end_at,
            visits.c.outcome != str(Outcome.FAILED),
        )
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(feeds.c.key, sa.func.sum(day.c.bit)).select_from(feeds.join(day, sa.true()))
    asked = feeds.c.key.in_(sa.bindparam("keys", expanding=True))
    return query.where(asked, succeeded.is_not(None)).group_by(feeds.c.key)


def count_funnel(connection: sa.Connection, month: Month, *, end: datetime, out_of_scope: float) -> Funnel:
    """Count what became of the posts of a month that ends at *end*. Posts that are not proposed and out of scope with a
    probability above *out_of_scope* are counted as such.
    """
    is_proposed = sa.func.coalesce(scores.c.shortlisted, sa.false())
    query = (
        sa.select(
            IS_COPY.label("is_copy"),
            verdicts.c.decision,
            verdicts.c.reason,
            is_proposed.label("is_proposed"),
            sa.and_(~is_proposed, sa.func.coalesce(guesses.c.out_of_scope > out_of_scope, sa.false())).label("is_out"),
            samples.c.post_id.is_not(None).label("is_sampled"),
            (posts.c.first_seen_at >= end).label("is_late"),
            sa.func.count().label("number"),
        )
        .select_from(posts)
        .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
        .outerjoin(scores, scores.c.post_id == posts.c.id)
        .outerjoin(guesses, guesses.c.post_id == posts.c.id)
        .outerjoin(samples, samples.c.post_id == posts.c.id)
        .where(posts.c.month == str(month), ~WAITS)
        # By name: PostgreSQL takes an expression with a parameter for another one than the one selected.
        .group_by("is_copy", "decision", "reason", "is_proposed", "is_out", "is_sampled", "is_late")
    )
    rows = connection.execute(query).all()
    own = [row for row in rows if not row.is_copy]
    reasons: dict[str, int] = {}
    for row in own:
        if row.decision == Decision.REJECT:
            reasons[row.reason or ""] = reasons.get(row.reason or "", 0) + row.number

    def count(*decisions: Decision | None, **marks: bool) -> int:
        return sum(
            row.number
            for row in own
            if (not decisions or row.decision in decisions)
            and all(bool(getattr(row, name)) == value for name, value in marks.items())
        )

    return Funnel(
        candidates=count(),
        copies=sum(row.number for row in rows if row.is_copy),
        out_of_scope=count(is_out=True),
        proposed=count(is_proposed=True),
        approved=count(Decision.APPROVE),
        approved_below=count(Decision.APPROVE, is_proposed=False),
        held=count(Decision.HOLD),
        rejected=count(Decision.REJECT),
        undecided=count(None),
        reasons=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        late=count(is_late=True),
        too_late=_count_too_late(connection, month, end),
        sampled=count(is_sampled=True),
        sampled_decided=count(Decision.APPROVE, Decision.REJECT, is_sampled=True),
        sampled_approved=count(Decision.APPROVE, is_sampled=True),
    )


def _count_too_late(connection: sa.Connection, month: Month, end: datetime) -> int:
    """Count the posts that came after the digest of their month and joined another one. Held ones may have moved."""
    query = sa.select(sa.func.count()).select_from(posts).where(posts.c.late_for == str(month), ~IS_COPY)
    return connection.execute(query.where(posts.c.first_seen_at >= end)).scalar_one()


def list_proposed_reasons(connection: sa.Connection, month: Month) -> list[list[tuple[str, float]]]:
    """List name and share of the reasons of each proposed candidate of a month."""
    query = sa.select(scores.c.reasons).join(posts, posts.c.id == scores.c.post_id)
    query = query.where(scores.c.month == str(month), scores.c.shortlisted, is_candidate(month))
    return [[(name, share) for name, share, _ in reasons] for reasons in connection.execute(query).scalars()]


def save_coverage(connection: sa.Connection, coverage: Coverage) -> None:
    """Keep the account of a month with its digest."""
    values = {"coverage": _get_adapter().dump_python(coverage, mode="json")}
    connection.execute(digests.update().where(digests.c.month == str(coverage.month)).values(values))


def find_coverage(connection: sa.Connection, month: Month) -> Coverage | None:
    """Find the account that was kept when the digest of a month was printed, if it is still printed."""
    query = sa.select(digests.c.coverage).where(digests.c.month == str(month), digests.c.state == "printed")
    kept = connection.execute(query).scalar_one_or_none()
    return _get_adapter().validate_python(kept) if kept else None


@cache
def _get_adapter() -> TypeAdapter[Coverage]:
    return TypeAdapter(Coverage)
