"""The evidence of printed lines is kept, and which drafts of its note a post had."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_receipts_post_id_posts")),
        sa.PrimaryKeyConstraint("month", "sha256", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_post_id"), "receipts", ["post_id"])
    op.create_table(
        "note_drafts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_note_drafts_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_drafts")),
    )
    op.create_index(op.f("ix_note_drafts_post_id"), "note_drafts", ["post_id"])
    op.add_column("corrections", sa.Column("drafts_known", sa.Boolean(), nullable=False, server_default=sa.true()))
    # Of what is there already, nobody knows whether a draft became its note.
    corrections = sa.table("corrections", sa.column("drafts_known", sa.Boolean))
    op.get_bind().execute(corrections.update().values(drafts_known=False))


def downgrade() -> None:
    op.drop_column("corrections", "drafts_known")
    op.drop_table("note_drafts")
    op.drop_table("receipts")
