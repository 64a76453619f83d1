"""Browsers that are logged in to the page, and its password."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import STAYS, Id, UtcDateTime, metadata

# Browsers that are logged in to the page.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # What the cookie says is stored nowhere: this is made of it and of the login key.
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    # Tells by which login key it began; another key ends it.
    sa.Column("door", sa.String(64), nullable=False),
    sa.Column("browser", sa.String, nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
    info=STAYS,
)

# The password of the page: one row at most, its number is 1.
passwords = sa.Table(
    "passwords",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("hash", sa.String, nullable=False),
    info=STAYS,
)
