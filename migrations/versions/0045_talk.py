"""Talk about posts is asked for at other places, and its growth is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signals", sa.Column("url", sa.String()))
    op.add_column("signals", sa.Column("first_value", sa.Float()))
    op.add_column("signals", sa.Column("first_at", sa.DateTime(timezone=True)))
    op.add_column("signals", sa.Column("peak_value", sa.Float()))
    op.create_table(
        "talk_asks",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "address", name=op.f("pk_talk_asks")),
    )
    op.create_table(
        "talk_states",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_talk_states")),
    )


def downgrade() -> None:
    op.drop_table("talk_states")
    op.drop_table("talk_asks")
    for name in ("peak_value", "first_at", "first_value", "url"):
        op.drop_column("signals", name)
