"""Links that the curator gives out, and what came by them."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, choice, metadata

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    # The secret is derived from it and the login key; its SHA-256 finds it.
    sa.Column("salt", sa.String, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    # Of a link to a draft.
    sa.Column("month", sa.String(7)),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    choice("kind", "suggest", "draft"),
)

suggestions = sa.Table(
    "suggestions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invitation_id", Id, sa.ForeignKey("invitations.id"), index=True),
    # Of GitHub: owner/repository#12.
    sa.Column("issue", sa.String, unique=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("canonical_url", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    # What the reader let print, else empty; and what only the curator sees.
    sa.Column("credit", sa.String, nullable=False),
    sa.Column("contact", sa.String, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    # SHA-256 of the secret by which the reader finds it again.
    sa.Column("hash", sa.String(64), unique=True),
    # It is to be looked at from then on; null if that is done.
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_at", UtcDateTime),
    sa.Column("trouble", sa.String),
    # No info: what a reader suggested keeps its post, until the suggestion is forgotten.
    sa.Column("post_id", Id, sa.ForeignKey("posts.id"), index=True),
    sa.Column("declined", sa.String),
    sa.Column("answered_at", UtcDateTime),
    # Few are to be looked at, and every tick asks for them.
    sa.Index(
        None,
        "retry_at",
        sqlite_where=sa.text("retry_at IS NOT NULL"),
        postgresql_where=sa.text("retry_at IS NOT NULL"),
    ),
)

remarks = sa.Table(
    "remarks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invitation_id", Id, sa.ForeignKey("invitations.id"), nullable=False, index=True),
    # The canonical address of the line; null if it is about the whole draft.
    sa.Column("line", sa.String),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("post_id", Id, sa.ForeignKey("posts.id"), index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime),
)
