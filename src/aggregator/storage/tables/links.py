"""What came of looking at the addresses of lines again."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import UtcDateTime, choice, metadata

# The last look at each address.
link_checks = sa.Table(
    "link_checks",
    metadata,
    sa.Column("url", sa.String, primary_key=True),
    sa.Column("checked_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("since_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.Integer),
    # The new address of what has moved.
    sa.Column("target", sa.String),
    sa.Column("reason", sa.String),
    choice("state", "reached", "moved", "missing", "home", "login", "deserted", "unknown"),
)
