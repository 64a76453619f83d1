"""Notices that were due are kept, so that each is sent once."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_KINDS = ("draft", "closing", "feed", "alarm", "model")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(sa.column("kind").in_(_KINDS), op.f("ck_notices_kind")),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_notices")),
    )


def downgrade() -> None:
    op.drop_table("notices")
