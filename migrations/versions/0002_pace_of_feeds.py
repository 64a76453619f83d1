"""Feeds remember how often to look at them, so that an unchanged document keeps the rhythm of the last one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("pace_minutes", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("feeds", "pace_minutes")
