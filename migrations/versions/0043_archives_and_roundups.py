"""A gap is read back from older pages of its feed."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0039"
branch_labels = None
depends_on = None


def _list_gap_columns() -> list[sa.Column]:
    return [
        sa.Column("is_first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_url", sa.String()),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.String()),
    ]


def upgrade() -> None:
    for column in _list_gap_columns():
        op.add_column("gaps", column)


def downgrade() -> None:
    for column in _list_gap_columns():
        op.drop_column("gaps", column.name)
