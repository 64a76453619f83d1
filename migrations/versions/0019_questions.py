"""Which unsure posts are asked about first, and how many others are like them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scores", sa.Column("asked", sa.Integer()))
    op.add_column("scores", sa.Column("alike", sa.Integer()))


def downgrade() -> None:
    op.drop_column("scores", "alike")
    op.drop_column("scores", "asked")
