"""What came of looking at the addresses of lines again."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, action_id, choice, metadata

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
    # When an archive was asked for a copy, and the address of the one that it has.
    sa.Column("archive_asked_at", UtcDateTime),
    sa.Column("archived", sa.String),
    choice("state", "reached", "moved", "missing", "home", "login", "deserted", "unknown"),
)

# What the curator did about the addresses of printed lines. Appended only.
link_remedies = sa.Table(
    "link_remedies",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("remedy", sa.String, nullable=False),
    # As it was found then.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("target", sa.String),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    action_id(),
    choice("remedy", "moved", "archived", "left"),
)
