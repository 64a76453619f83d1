"""Feeds move, rest, fall silent and leave gaps; entries keep the id that their feed gives now."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _list_columns() -> dict[str, list[sa.Column]]:
    # Made anew each time, for a column belongs to the table that it was added to.
    return {
        "feeds": [
            sa.Column("listed", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("paused_at", sa.DateTime(timezone=True)),
            sa.Column("newest_at", sa.DateTime(timezone=True)),
            sa.Column("habit_minutes", sa.Float()),
            sa.Column("quiet_hours", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("quiet_days", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("trial_url", sa.String()),
            sa.Column("trial_since", sa.DateTime(timezone=True)),
            sa.Column("trial_agreements", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("failing_since", sa.DateTime(timezone=True)),
            sa.Column("last_status", sa.Integer()),
            sa.Column("last_excerpt", sa.String()),
        ],
        "entries": [
            sa.Column("guid", sa.String()),
            sa.Column("in_window", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("media", sa.JSON(), nullable=False, server_default="[]"),
        ],
    }


def upgrade() -> None:
    for table, columns in _list_columns().items():
        for column in columns:
            op.add_column(table, column)
    # Until now the key was the id of the feed wherever there was one.
    op.execute("UPDATE entries SET guid = key WHERE key <> canonical_url")
    op.execute("UPDATE feeds SET failing_since = last_visit_at WHERE failures > 0")
    op.drop_index(op.f("ix_posts_feed_key"), "posts")
    op.create_index(op.f("ix_posts_feed_key_month"), "posts", ["feed_key", "month"])
    op.create_table(
        "moves",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_url", sa.String(), nullable=False),
        sa.Column("to_url", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name=op.f("fk_moves_feed_key_feeds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )
    op.create_index(op.f("ix_moves_feed_key"), "moves", ["feed_key"])
    op.create_table(
        "gaps",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_before_at", sa.DateTime(timezone=True)),
        sa.Column("oldest_after_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name=op.f("fk_gaps_feed_key_feeds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_feed_key"), "gaps", ["feed_key"])


def downgrade() -> None:
    op.drop_table("gaps")
    op.drop_table("moves")
    op.drop_index(op.f("ix_posts_feed_key_month"), "posts")
    op.create_index(op.f("ix_posts_feed_key"), "posts", ["feed_key"])
    for table, columns in _list_columns().items():
        for column in columns:
            op.drop_column(table, column.name)
