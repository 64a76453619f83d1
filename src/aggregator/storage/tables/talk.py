"""What other places were asked about posts, and how they answered. What they said is in the signals."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import UtcDateTime, metadata

# The last time that a source answered a question about an address, or gave one of its lists.
talk_asks = sa.Table(
    "talk_asks",
    metadata,
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("address", sa.String, primary_key=True),
    sa.Column("asked_at", UtcDateTime, nullable=False),
)

talk_states = sa.Table(
    "talk_states",
    metadata,
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("asked_at", UtcDateTime),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("rests_until", UtcDateTime),
)
