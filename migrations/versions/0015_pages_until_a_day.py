"""A cumulative page goes up to a day and is not the digest of a month. Shortlists have an index."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index(
        op.f("ix_scores_month"),
        "scores",
        ["month"],
        sqlite_where=sa.text("shortlisted = 1"),
        postgresql_where=sa.text("shortlisted"),
    )
    if op.get_bind().dialect.name != "sqlite":
        op.add_column("digests", sa.Column("until_at", sa.DateTime(timezone=True)))
        op.alter_column("digests", "month", nullable=True)
        op.create_check_constraint("extent", "digests", "(month IS NULL) <> (until_at IS NULL)")
        return
    _rebuild(sa.Column("until_at", sa.DateTime(timezone=True)), may_lack_month=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_scores_month"), "scores")
    op.execute("DELETE FROM digest_lines WHERE digest_id IN (SELECT id FROM digests WHERE month IS NULL)")
    op.execute("DELETE FROM digests WHERE month IS NULL")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("extent", "digests", type_="check")
        op.alter_column("digests", "month", nullable=False)
        op.drop_column("digests", "until_at")
        return
    _rebuild(None, may_lack_month=False)


def _rebuild(added: sa.Column | None, *, may_lack_month: bool) -> None:
    """Make both tables anew: SQLite cannot make a column nullable, nor drop a table that another refers to."""
    op.execute("CREATE TABLE digest_lines_before AS SELECT * FROM digest_lines")
    op.execute("CREATE TABLE digests_before AS SELECT * FROM digests")
    op.drop_table("digest_lines")
    op.drop_table("digests")
    extent = [sa.CheckConstraint("(month IS NULL) <> (until_at IS NULL)", name="extent")] if may_lack_month else []
    op.create_table(
        "digests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=may_lack_month),
        *([added] if added is not None else []),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'printed', 'read')", name="state"),
        *extent,
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("month", name="uq_digests_month"),
    )
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
    op.execute(
        "INSERT INTO digests (id, month, state, head, parts, topics, made_at) "
        "SELECT id, month, state, head, parts, topics, made_at FROM digests_before"
    )
    op.execute(
        "INSERT INTO digest_lines (digest_id, position, post_id, section, title, url, month, organisation, note) "
        "SELECT digest_id, position, post_id, section, title, url, month, organisation, note FROM digest_lines_before"
    )
    op.drop_table("digest_lines_before")
    op.drop_table("digests_before")
