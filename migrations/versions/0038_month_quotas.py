"""The quotas of each month are kept with its shortlist, so that the page can say how full they are."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "month_quotas",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("per_source", sa.Integer()),
        sa.Column("per_section", sa.Integer()),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_quotas")),
    )


def downgrade() -> None:
    op.drop_table("month_quotas")
