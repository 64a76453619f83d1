"""Issues of round-ups, and what they link to."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, metadata

issues = sa.Table(
    "issues",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # The key of a feed, or the name of who sent a mail.
    sa.Column("source", sa.String, nullable=False),
    # The key of the entry, or the Message-ID.
    sa.Column("key", sa.String, nullable=False),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), index=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("url", sa.String),
    # The name of the file that a mail is from.
    sa.Column("file", sa.String),
    sa.Column("found_at", UtcDateTime, nullable=False),
    # Its page is to be read from then on; null if it is not.
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_at", UtcDateTime),
    sa.Column("trouble", sa.String),
    sa.UniqueConstraint("source", "key"),
)

mentions = sa.Table(
    "mentions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("issue_id", Id, sa.ForeignKey("issues.id"), nullable=False),
    # As the issue has it, with its title there.
    sa.Column("url", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    # Null while only its server knows where it leads.
    sa.Column("canonical_url", sa.String),
    # It is to be looked at from then on; null if that is done.
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_at", UtcDateTime),
    # Why it is not a post.
    sa.Column("trouble", sa.String),
    sa.UniqueConstraint("issue_id", "url"),
    # Few are to be looked at, and every tick asks for them.
    sa.Index(
        None,
        "retry_at",
        sqlite_where=sa.text("retry_at IS NOT NULL"),
        postgresql_where=sa.text("retry_at IS NOT NULL"),
    ),
)
