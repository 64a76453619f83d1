"""Posts keep what their text holds besides prose; pages that were read, and feeds whose pages are.

The program fills this in when it starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTS = ("images", "code_blocks", "code_lines")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("full_text", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in _COUNTS:
        op.add_column("posts", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("posts", sa.Column("first_image", sa.String()))
    op.add_column("posts", sa.Column("text_from", sa.String(), nullable=False, server_default="feed"))
    op.create_table(
        "pages",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("retrieved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.String()),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("canonical_url", sa.String()),
        sa.CheckConstraint("outcome IN ('taken', 'kept', 'refused', 'failed')", name=op.f("ck_pages_outcome")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_pages_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_pages")),
    )
    op.create_table(
        "aliases",
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("post_id", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_aliases_post_id_posts")),
        sa.PrimaryKeyConstraint("canonical_url", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_post_id"), "aliases", ["post_id"])


def downgrade() -> None:
    op.drop_table("aliases")
    op.drop_table("pages")
    for name in ("text_from", "first_image", *reversed(_COUNTS)):
        op.drop_column("posts", name)
    op.drop_column("feeds", "full_text")
