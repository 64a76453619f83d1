"""What the curator was told outside the page."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import UtcDateTime, choice, metadata

# A row for each notice that was due, so that each is sent once.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("said", sa.String, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    # The names of the variables whose URLs it has not reached.
    sa.Column("missing", sa.JSON, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", UtcDateTime),
    choice("kind", "draft", "closing", "feed", "alarm", "model"),
)
