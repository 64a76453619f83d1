"""The curator's wishes for the ranking, the sample from below the shortlist, the figures of closed months, and why a
candidate stands where it does to the shortlist.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("listed", sa.Float()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "samples",
        sa.Column("post_id", _Id, sa.ForeignKey("posts.id"), primary_key=True, autoincrement=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("below", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(op.f("ix_samples_month"), "samples", ["month"])
    op.create_table(
        "figures",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest_made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
    )
    op.add_column("scores", sa.Column("standing", sa.JSON()))


def downgrade() -> None:
    op.drop_column("scores", "standing")
    op.drop_table("figures")
    op.drop_table("samples")
    op.drop_table("wishes")
