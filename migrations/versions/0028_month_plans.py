"""What of a month was last put on the cumulative page is kept, and what the curator plans for its print."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "placed_lines",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_placed_lines")),
    )
    op.create_table(
        "month_plans",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True)),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_plans")),
    )


def downgrade() -> None:
    op.drop_table("month_plans")
    op.drop_table("placed_lines")
