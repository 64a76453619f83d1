"""What the curator corrected of posts; later corrections win, undone ones do not count."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.tables import corrections, posts

_HOLDS = holds(corrections)
_last = sa.select(sa.func.max(corrections.c.id)).where(corrections.c.section.is_not(None), _HOLDS)
#: Of each post, the last correction of its section.
LAST_OF_SECTION = sa.select(corrections).where(corrections.c.id.in_(_last.group_by(corrections.c.post_id)))
#: Beside a few posts of a query: the key of the section that the last correction gave.
CORRECTED_SECTION = (
    sa.select(corrections.c.section)
    .where(corrections.c.post_id == posts.c.id, corrections.c.section.is_not(None), _HOLDS)
    .order_by(corrections.c.id.desc())
    .limit(1)
    .correlate(posts)
    .scalar_subquery()
)


def merge_corrections(connection: sa.Connection, where: sa.ColumnElement[bool]) -> dict[int, dict[str, Any]]:
    """By post, the last value of each field that was ever corrected; *where* chooses posts."""
    query = (
        sa.select(corrections)
        .join(posts, posts.c.id == corrections.c.post_id)
        .where(where, _HOLDS)
        .order_by(corrections.c.id)
    )
    merged: dict[int, dict[str, Any]] = {}
    for row in connection.execute(query).mappings():
        fields = merged.setdefault(row["post_id"], {})
        fields.update({name: value for name, value in row.items() if value is not None})
    return merged
