"""Posts that share the stem of their titles, among which a series is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.storage.printed import PRINTED
from aggregator.storage.rows import in_batches
from aggregator.storage.tables import digest_lines, posts, verdicts
from aggregator.types import Decision, Month, Sibling, Wait

#: More posts than this with one stem are a column, not a series.
MOST_SIBLINGS = 200

_PRINTED = (
    PRINTED.with_only_columns(PRINTED.selected_columns.printed_in, maintain_column_froms=True)
    .where(digest_lines.c.post_id == posts.c.id)
    .correlate(posts)
    .scalar_subquery()
    .label("printed_in")
)
_SIBLINGS = sa.select(
    posts.c.id,
    posts.c.series,
    posts.c.title,
    posts.c.url,
    posts.c.published_at,
    posts.c.feed_key,
    posts.c.waits_for,
    posts.c.copy_of,
    verdicts.c.decision,
    _PRINTED,
).outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)


_ALIKE = posts.alias("alike")
_COUNT = (
    sa.select(sa.func.count())
    .where(_ALIKE.c.series == posts.c.series)
    .correlate(posts)
    .scalar_subquery()
    .label("siblings")
)


def list_siblings(connection: sa.Connection, post_ids: Sequence[int]) -> list[Sibling]:
    """List the posts that share their stem with one of these, including themselves; stems with too many posts are left
    out.
    """
    stems = [stem for batch in in_batches(post_ids) for stem in _list_stems(connection, posts.c.id.in_(batch))]
    return _list_of(connection, stems)


def list_siblings_of_month(connection: sa.Connection, month: Month) -> list[Sibling]:
    """List the same for all candidates of a month, without posts whose stem no other post has."""
    is_candidate = sa.and_(posts.c.month == str(month), posts.c.waits_for.is_(None))
    return _list_of(connection, _list_stems(connection, is_candidate, least=2))


def list_seen_since(connection: sa.Connection, post_ids: Sequence[int], moment: datetime) -> set[int]:
    """Which of these posts were first seen after a moment."""
    query = sa.select(posts.c.id).where(posts.c.id.in_(post_ids), posts.c.first_seen_at > moment)
    return set(connection.execute(query).scalars())


def _list_stems(connection: sa.Connection, where: sa.ColumnElement[bool], *, least: int = 1) -> list[str]:
    rows = connection.execute(sa.select(posts.c.series, _COUNT).where(where, posts.c.series.is_not(None)))
    return [row.series for row in rows if least <= row.siblings <= MOST_SIBLINGS]


def _list_of(connection: sa.Connection, stems: Sequence[str]) -> list[Sibling]:
    # The stems are values and not a subquery, so that PostgreSQL uses the index regardless of its statistics.
    siblings: list[Sibling] = []
    for batch in in_batches(list(dict.fromkeys(stems))):
        rows = connection.execute(_SIBLINGS.where(posts.c.series.in_(batch)).order_by(posts.c.id))
        siblings += [_read(row) for row in rows]
    return siblings


def _read(row: Any) -> Sibling:
    return Sibling(
        post_id=row.id,
        series=row.series,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        feed_key=row.feed_key,
        decision=Decision(row.decision) if row.decision else None,
        printed_in=Month.parse(row.printed_in) if row.printed_in else None,
        waits_for=Wait(row.waits_for) if row.waits_for else None,
        copy_of=row.copy_of,
    )
