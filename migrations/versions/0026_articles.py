"""Of a page whose text a post has, the HTML is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("content", sa.String()))


def downgrade() -> None:
    op.drop_column("pages", "content")
