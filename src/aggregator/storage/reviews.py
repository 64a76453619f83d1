"""What was published, and how each month was reviewed before it: evidence over years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.judgements import FROM_DIGEST
from aggregator.storage.posts import count_candidates
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.tables import digest_lines, digests, posts, scores, verdicts
from aggregator.types import Decision, DigestState, Month, MonthReview, PastDigest

_STANDING = verdicts.alias("standing")
_HIDDEN = posts.alias("hidden")
_IS_OWN = verdicts.c.by.not_like(FROM_DIGEST)
# By the index of months, which has the numbers of posts and is read for published months alone. That they are
# candidates is read from small indexes too: the month of a row stands behind its text.
_DECIDED = (
    sa.select(
        posts.c.month,
        verdicts.c.post_id,
        sa.func.max(sa.case((holds(verdicts), verdicts.c.id))).label("standing"),
        # What was undone later took its time, too.
        sa.func.min(sa.case((_IS_OWN, verdicts.c.at))).label("first_at"),
        sa.func.max(sa.case((_IS_OWN, verdicts.c.at))).label("last_at"),
    )
    .select_from(posts)
    .join(digests, digests.c.month == posts.c.month)
    .join(verdicts, verdicts.c.post_id == posts.c.id)
    .where(posts.c.month.in_(sa.bindparam("months", expanding=True)), verdicts.c.at <= digests.c.made_at)
    .where(posts.c.id.not_in(sa.select(_HIDDEN.c.id).where(_HIDDEN.c.waits_for.is_not(None))))
    .where(posts.c.id.not_in(sa.select(_HIDDEN.c.id).where(_HIDDEN.c.copy_of.is_not(None))))
    .group_by(posts.c.month, verdicts.c.post_id)
    .subquery("decided")
)
#: Null for posts whose verdicts were undone, or that were back from a hold at the print.
_DECISION = sa.case((_STANDING.c.returned_at <= digests.c.made_at, None), else_=_STANDING.c.decision)


class _Decided(NamedTuple):
    """Some posts of a month, with their deepest rank and the curator's first and last verdict."""

    posts: int = 0
    deepest: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None


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
    candidates = count_candidates(connection, months)
    query = (
        sa.select(
            _DECIDED.c.month,
            _DECISION,
            sa.func.count(),
            sa.func.max(scores.c.rank),
            sa.func.min(_DECIDED.c.first_at),
            sa.func.max(_DECIDED.c.last_at),
        )
        .join(digests, digests.c.month == _DECIDED.c.month)
        .outerjoin(_STANDING, _STANDING.c.id == _DECIDED.c.standing)
        .outerjoin(scores, scores.c.post_id == _DECIDED.c.post_id)
        .group_by(_DECIDED.c.month, _DECISION)
    )
    decided: dict[str, dict[str | None, _Decided]] = {}
    for month, decision, *found in connection.execute(query, {"months": [str(month) for month in months]}):
        decided.setdefault(month, {})[decision] = _Decided(*found)
    return {month: _build_review(candidates.get(month, 0), decided.get(str(month), {})) for month in months}


def _build_review(candidates: int, decided: Mapping[str | None, _Decided]) -> MonthReview:
    approved, held, rejected = (
        decided.get(decision, _Decided()) for decision in (Decision.APPROVE, Decision.HOLD, Decision.REJECT)
    )
    ranks = [one.deepest for one in (approved, held, rejected) if one.deepest is not None]
    return MonthReview(
        candidates=candidates,
        approved=approved.posts,
        held=held.posts,
        rejected=rejected.posts,
        undecided=candidates - approved.posts - held.posts - rejected.posts,
        first_at=min((one.first_at for one in decided.values() if one.first_at), default=None),
        last_at=max((one.last_at for one in decided.values() if one.last_at), default=None),
        deepest_approved=approved.deepest,
        deepest_decided=max(ranks, default=None),
    )
