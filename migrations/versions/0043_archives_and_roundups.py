"""A gap is read back from older pages of its feed; issues of round-ups vote for the posts that they link to."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in _list_gap_columns():
        op.add_column("gaps", column)
    op.add_column("signals", sa.Column("label", sa.String(), server_default="", nullable=False))
    op.create_table(
        "issues",
        _make_id(),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("feed_key", sa.String()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("url", sa.String()),
        sa.Column("file", sa.String()),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name=op.f("fk_issues_feed_key_feeds")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_issues_source_key")),
    )
    op.create_index(op.f("ix_issues_feed_key"), "issues", ["feed_key"])
    op.create_table(
        "mentions",
        _make_id(),
        sa.Column("issue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("canonical_url", sa.String()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_mentions_issue_id_issues")),
        sa.UniqueConstraint("issue_id", "url", name=op.f("uq_mentions_issue_id_url")),
    )
    is_due = sa.text("retry_at IS NOT NULL")
    op.create_index(
        op.f("ix_mentions_retry_at"), "mentions", ["retry_at"], sqlite_where=is_due, postgresql_where=is_due
    )


def downgrade() -> None:
    # To an older program, a feed that makes no posts is a signal.
    feeds = sa.table("feeds", sa.column("key", sa.String), sa.column("kind", sa.String), sa.column("listed", sa.JSON))
    op.execute(feeds.update().where(feeds.c.kind == "roundup").values(kind="signal"))
    for key, listed in op.get_bind().execute(sa.select(feeds.c.key, feeds.c.listed)).all():
        if listed and listed.get("kind") == "roundup":
            op.execute(feeds.update().where(feeds.c.key == key).values(listed={**listed, "kind": "signal"}))
    op.drop_table("mentions")
    op.drop_table("issues")
    op.drop_column("signals", "label")
    for column in _list_gap_columns():
        op.drop_column("gaps", column.name)


def _make_id() -> sa.Column:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _list_gap_columns() -> list[sa.Column]:
    return [
        sa.Column("is_first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_url", sa.String()),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.String()),
    ]
