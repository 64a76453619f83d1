"""Posts that are the same article as another one are copies of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COPIES = sa.text("copy_of IS NOT NULL")


def upgrade() -> None:
    op.add_column("posts", sa.Column("copy_of", _NUMBER))
    op.create_index(
        op.f("ix_posts_copy_of_month"),
        "posts",
        ["copy_of", "month"],
        sqlite_where=_COPIES,
        postgresql_where=_COPIES,
    )
    op.create_table(
        "pairs",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("first_id", _NUMBER, nullable=False),
        sa.Column("second_id", _NUMBER, nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.CheckConstraint("said IN ('same', 'maybe', 'different')", name=op.f("ck_pairs_said")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_pairs_order")),
        sa.ForeignKeyConstraint(["first_id"], ["posts.id"], name=op.f("fk_pairs_first_id_posts")),
        sa.ForeignKeyConstraint(["second_id"], ["posts.id"], name=op.f("fk_pairs_second_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
    )
    op.create_index(op.f("ix_pairs_first_id_second_id"), "pairs", ["first_id", "second_id"])
    op.create_index(op.f("ix_pairs_said"), "pairs", ["said"])
    op.create_index(op.f("ix_pairs_second_id"), "pairs", ["second_id"])
    op.create_table(
        "meetings",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_meetings_post_id_posts")),
        sa.PrimaryKeyConstraint("key", "post_id", name=op.f("pk_meetings")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_meetings_post_id"), "meetings", ["post_id"])
    op.create_table(
        "compared",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_compared_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_compared")),
    )


def downgrade() -> None:
    for name in ("compared", "meetings", "pairs"):
        op.drop_table(name)
    op.drop_index(op.f("ix_posts_copy_of_month"), "posts")
    op.drop_column("posts", "copy_of")
