"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'printed', 'read')", name="state"),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("month", name="uq_digests_month"),
    )
    op.create_table(
        "feeds",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("last_visit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_visit_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_outcome", sa.String(), nullable=True),
        sa.Column("last_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_feeds"),
    )
    op.create_table(
        "signals",
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("canonical_url", "source", "name", name="pk_signals"),
    )
    op.create_table(
        "posts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_from", sa.String(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feed_key", sa.String(), nullable=True),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("at_home", sa.Boolean(), nullable=False),
        sa.Column("verdict_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name="fk_posts_feed_key_feeds"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("canonical_url", name="uq_posts_canonical_url"),
    )
    op.create_index("ix_posts_feed_key", "posts", ["feed_key"])
    op.create_index("ix_posts_month", "posts", ["month"])

    op.create_table(
        "visits",
        sa.Column("id", _ID, nullable=False),
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("entries_seen", sa.Integer(), nullable=False),
        sa.Column("entries_new", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('retrieved', 'not modified', 'failed')", name="outcome"),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name="fk_visits_feed_key_feeds"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index("ix_visits_feed_key_started_at", "visits", ["feed_key", "started_at"])

    op.create_table(
        "corrections",
        sa.Column("id", _ID, nullable=False),
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("section", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_corrections_post_id_posts"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_post_id", "corrections", ["post_id"])

    op.create_table(
        "digest_lines",
        sa.Column("digest_id", _ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name="fk_digest_lines_digest_id_digests"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_digest_lines_post_id_posts"),
        sa.PrimaryKeyConstraint("digest_id", "position", name="pk_digest_lines"),
    )
    op.create_index("ix_digest_lines_post_id", "digest_lines", ["post_id"])

    op.create_table(
        "entries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("post_id", _ID, nullable=True),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_from", sa.String(), nullable=True),
        sa.Column("published_raw", sa.String(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name="fk_entries_feed_key_feeds"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_entries_post_id_posts"),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.UniqueConstraint("feed_key", "key", name="uq_entries_feed_key_key"),
    )
    op.create_index("ix_entries_post_id", "entries", ["post_id"])

    op.create_table(
        "guesses",
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("section", sa.String(length=3), nullable=False),
        sa.Column("out_of_scope", sa.Float(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("guessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_guesses_post_id_posts"),
        sa.PrimaryKeyConstraint("post_id", name="pk_guesses"),
    )
    op.create_index("ix_guesses_model_version", "guesses", ["model_version"])

    op.create_table(
        "scores",
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("shortlisted", sa.Boolean(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_scores_post_id_posts"),
        sa.PrimaryKeyConstraint("post_id", name="pk_scores"),
    )
    op.create_index("ix_scores_month_rank", "scores", ["month", "rank"])

    op.create_table(
        "verdicts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes", _ID, nullable=True),
        sa.CheckConstraint("decision IN ('approve', 'reject', 'hold', 'undo')", name="decision"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_verdicts_post_id_posts"),
        sa.ForeignKeyConstraint(["undoes"], ["verdicts.id"], name="fk_verdicts_undoes_verdicts"),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_post_id", "verdicts", ["post_id"])


def downgrade() -> None:
    for table in (
        "verdicts",
        "scores",
        "guesses",
        "entries",
        "digest_lines",
        "corrections",
        "visits",
        "posts",
        "signals",
        "feeds",
        "digests",
    ):
        op.drop_table(table)
