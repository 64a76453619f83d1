"""Which posts can be searched."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import STAYS, metadata, post_id

# What they are found by is in SEARCH_INDEX.
indexed = sa.Table(
    "indexed",
    metadata,
    post_id(primary_key=True, goes=True),
    # The place of the post among all, by date and number; the key in SEARCH_INDEX.
    sa.Column("position", sa.BigInteger, nullable=False, unique=True),
    info=STAYS,
)

#: Terms by position: a full-text table on SQLite (which makes more tables of this name), a tsvector on PostgreSQL. Made
#: only by its revision, because the two have no common description.
SEARCH_INDEX = "search_index"


def is_described(name: str | None, kind: str, _parents: object) -> bool:
    """Whether something found in a database is described here; Alembic asks (``include_name``)."""
    return kind != "table" or not (name or "").startswith(SEARCH_INDEX)
