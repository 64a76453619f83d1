"""Posts that share the stem of their titles, among which a series is looked for."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from aggregator.storage.database import in_batches
from aggregator.storage.tables import digest_lines, digests, posts, verdicts
from aggregator.types import Decision, Kin, Month, Wait

#: More posts than this under one stem are a column, and no series.
MOST_KIN = 200

_PRINTED = (
    sa.select(sa.func.min(digests.c.month))
    .join(digest_lines, digest_lines.c.digest_id == digests.c.id)
    .where(digest_lines.c.post_id == posts.c.id, digests.c.state != "draft")
    .correlate(posts)
    .scalar_subquery()
    .label("printed_in")
)
_KIN = sa.select(
    posts.c.id,
    posts.c.series,
    posts.c.title,
    posts.c.url,
    posts.c.published_at,
    posts.c.feed_key,
    posts.c.waits_for,
    verdicts.c.decision,
    _PRINTED,
).outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)


def list_kin(connection: sa.Connection, post_ids: Sequence[int]) -> list[Kin]:
    """The posts that share their stem with one of these, themselves included; none of stems with too many posts."""
    found: dict[int, Kin] = {}
    for batch in in_batches(post_ids):
        found.update({kin.post_id: kin for kin in _list(connection, posts.c.id.in_(batch))})
    return list(found.values())


def list_kin_of_month(connection: sa.Connection, month: Month) -> list[Kin]:
    """The same for all candidates of a month."""
    return _list(connection, sa.and_(posts.c.month == str(month), posts.c.waits_for.is_(None)))


def _list(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Kin]:
    named = posts.alias("named")
    stems = (
        sa.select(named.c.series)
        .where(named.c.series.in_(sa.select(posts.c.series).where(where).correlate(None)))
        .group_by(named.c.series)
        .having(sa.func.count() <= MOST_KIN)
    )
    rows = connection.execute(_KIN.where(posts.c.series.in_(stems)).order_by(posts.c.id))
    return [
        Kin(
            post_id=row.id,
            series=row.series,
            title=row.title,
            url=row.url,
            published_at=row.published_at,
            feed_key=row.feed_key,
            decision=Decision(row.decision) if row.decision else None,
            printed_in=Month.parse(row.printed_in) if row.printed_in else None,
            waits_for=Wait(row.waits_for) if row.waits_for else None,
        )
        for row in rows
    ]
