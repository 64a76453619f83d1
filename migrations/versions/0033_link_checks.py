"""What came of looking at the addresses of lines again is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0029"
branch_labels = None
depends_on = None

_STATES = ("reached", "moved", "missing", "home", "login", "deserted", "unknown")


def upgrade() -> None:
    op.create_table(
        "link_checks",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("target", sa.String()),
        sa.Column("reason", sa.String()),
        sa.CheckConstraint(sa.column("state").in_(_STATES), op.f("ck_link_checks_state")),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_link_checks")),
    )


def downgrade() -> None:
    op.drop_table("link_checks")
