"""What is told to other programs after prints and corrections."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, choice, metadata

# A row for each print or correction and way, so that each is told.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("month", sa.String(7), nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    # The JSON that is sent, and signed: always the same bytes.
    sa.Column("body", sa.String, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", UtcDateTime),
    sa.Column("done_at", UtcDateTime),
    sa.Column("failure", sa.String, nullable=False),
    choice("kind", "command", "webhook", "commit"),
)
