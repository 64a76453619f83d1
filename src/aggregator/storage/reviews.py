"""What was published, and how each month was reviewed before it: evidence over years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.judgements import FROM_DIGEST
from aggregator.storage.posts import IS_CANDIDATE, UNINDEXED_MONTH, list_months
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.tables import digest_lines, digests, posts, scores, verdicts
from aggregator.types import Decision, DigestState, Month, MonthReview, PastDigest

# From the verdicts to their posts, because few posts are decided: an index of months would go through all of them.
_BEFORE_PRINT = (
    sa.select(
        UNINDEXED_MONTH.label("month"),
        verdicts.c.post_id,
        verdicts.c.id,
        verdicts.c.at,
        verdicts.c.by.not_like(FROM_DIGEST).label("is_own"),
        holds(verdicts).label("holds"),
        sa.and_(verdicts.c.returned_at.is_not(None), verdicts.c.returned_at <= digests.c.made_at).label("is_over"),
    )
    .join(posts, posts.c.id == verdicts.c.post_id)
    .join(digests, digests.c.month == UNINDEXED_MONTH)
    .where(IS_PUBLISHED, IS_CANDIDATE, verdicts.c.at <= digests.c.made_at)
    .cte("before_print")
)


def list_past(connection: sa.Connection) -> list[PastDigest]:
    """List everything that was printed or read, newest first, with the review of its month up to then.

    The ranks are those of now. Pages have no review, because they are not of one month.
    """
    lines = sa.select(sa.func.count()).where(digest_lines.c.digest_id == digests.c.id).scalar_subquery()
    columns = (digests.c.id, digests.c.month, digests.c.until_at, digests.c.state, digests.c.made_at, lines.label("n"))
    rows = connection.execute(sa.select(*columns).where(IS_PUBLISHED)).all()
    reviews = _list_reviews(connection, [Month.parse(row.month) for row in rows if row.month])
    found = []
    for row in rows:
        month = Month.parse(row.month) if row.month else None
        review = reviews[month] if month else None
        found.append(PastDigest(row.id, month, row.until_at, DigestState(row.state), row.made_at, row.n, review))
    return sorted(found, key=_date, reverse=True)


def _date(past: PastDigest) -> tuple[date, int]:
    """When its months end; a page comes after the digest of its last month."""
    if past.month:
        return past.month.last_day, 0
    # The last day ends in the curator's zone, which is a day away from UTC at most.
    return (past.until_at or past.made_at).date(), past.id


def _list_reviews(connection: sa.Connection, months: Sequence[Month]) -> dict[Month, MonthReview]:
    candidates = list_months(connection)
    decided: dict[str, dict[Decision, tuple[int, int | None]]] = {}
    newest = sa.select(sa.func.max(_BEFORE_PRINT.c.id)).where(_BEFORE_PRINT.c.holds).group_by(_BEFORE_PRINT.c.post_id)
    standing = (
        sa.select(_BEFORE_PRINT.c.month, verdicts.c.decision, sa.func.count(), sa.func.max(scores.c.rank))
        .join(verdicts, verdicts.c.id == _BEFORE_PRINT.c.id)
        .outerjoin(scores, scores.c.post_id == _BEFORE_PRINT.c.post_id)
        .where(_BEFORE_PRINT.c.id.in_(newest), ~_BEFORE_PRINT.c.is_over)
        .group_by(_BEFORE_PRINT.c.month, verdicts.c.decision)
    )
    for month, decision, count, deepest in connection.execute(standing):
        decided.setdefault(month, {})[Decision(decision)] = count, deepest
    # What was undone later took its time, too.
    times = sa.select(_BEFORE_PRINT.c.month, sa.func.min(_BEFORE_PRINT.c.at), sa.func.max(_BEFORE_PRINT.c.at))
    times = times.where(_BEFORE_PRINT.c.is_own).group_by(_BEFORE_PRINT.c.month)
    spans = {month: (first, last) for month, first, last in connection.execute(times)}
    return {
        month: _build_review(candidates.get(month, 0), decided.get(str(month), {}), spans.get(str(month)))
        for month in months
    }


def _build_review(
    candidates: int,
    decided: Mapping[Decision, tuple[int, int | None]],
    span: tuple[datetime, datetime] | None,
) -> MonthReview:
    approved, held, rejected = (
        decided.get(one, (0, None)) for one in (Decision.APPROVE, Decision.HOLD, Decision.REJECT)
    )
    return MonthReview(
        candidates=candidates,
        approved=approved[0],
        held=held[0],
        rejected=rejected[0],
        undecided=candidates - approved[0] - held[0] - rejected[0],
        first_at=span[0] if span else None,
        last_at=span[1] if span else None,
        deepest_approved=approved[1],
        deepest_decided=max((rank for _, rank in decided.values() if rank is not None), default=None),
    )
