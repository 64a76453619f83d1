"""The curator's corrections of posts; later ones override earlier ones, and undone ones do not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.tables import corrections, posts

_HOLDS = holds(corrections)
_last = sa.select(sa.func.max(corrections.c.id)).where(corrections.c.section.is_not(None), _HOLDS)
#: The last correction of the section of each post.
LAST_OF_SECTION = sa.select(corrections).where(corrections.c.id.in_(_last.group_by(corrections.c.post_id)))
#: A column for queries of few posts: the key of the section in the last correction.
CORRECTED_SECTION = (
    sa.select(corrections.c.section)
    .where(corrections.c.post_id == posts.c.id, corrections.c.section.is_not(None), _HOLDS)
    .order_by(corrections.c.id.desc())
    .limit(1)
    .correlate(posts)
    .scalar_subquery()
)


def list_stars(connection: sa.Connection) -> dict[str, bool]:
    """List what the curator last said about the star of posts, by their canonical addresses."""
    query = (
        sa.select(posts.c.canonical_url, corrections.c.star).join(corrections).where(corrections.c.star.is_not(None))
    )
    rows = connection.execute(query.where(_HOLDS).order_by(corrections.c.id))
    return {row.canonical_url: row.star for row in rows}


def list_texts(connection: sa.Connection, actions: Sequence[int]) -> dict[int, list[str]]:
    """List the titles, organisations and notes that these actions gave, by the number of the action."""
    query = sa.select(corrections).where(corrections.c.action_id.in_(actions))
    return {
        row.action_id: [text for text in (row.title, row.organisation, row.note) if text]
        for row in connection.execute(query)
    }


def select_corrections(where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The query of ``merge_corrections``; *where* selects posts."""
    query = sa.select(corrections).join(posts, posts.c.id == corrections.c.post_id)
    return query.where(where, _HOLDS).order_by(corrections.c.id)


def merge_corrections(
    connection: sa.Connection, query: sa.Select[Any], values: Mapping[str, Any] | None = None
) -> dict[int, dict[str, Any]]:
    """Return the last value of each corrected field, by post; *values* are those of the parameters of the query."""
    merged: dict[int, dict[str, Any]] = {}
    for row in connection.execute(query, values).mappings():
        fields = merged.setdefault(row["post_id"], {})
        fields.update({name: value for name, value in row.items() if value is not None})
    return merged
