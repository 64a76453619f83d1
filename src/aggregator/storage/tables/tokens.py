"""Tokens of the API."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import STAYS, Id, UtcDateTime, metadata

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # The curator that its actions are of.
    sa.Column("name", sa.String, nullable=False, unique=True),
    # SHA-256 of what the program sends. That is random and long, so it cannot be guessed from a fast hash either.
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("read_only", sa.Boolean, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
    info=STAYS,
)
