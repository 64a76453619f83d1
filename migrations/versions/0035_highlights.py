"""A line can be starred as a highlight of its month, and a digest keeps which of its lines were."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("corrections", sa.Column("star", sa.Boolean()))
    op.add_column("digest_lines", sa.Column("star", sa.String()))


def downgrade() -> None:
    op.drop_column("digest_lines", "star")
    op.drop_column("corrections", "star")
