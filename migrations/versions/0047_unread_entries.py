"""Entries of months that nobody reviews are stored unread, as their feeds gave them, until there is time."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entries", sa.Column("raw", sa.String()))
    op.add_column("entries", sa.Column("repeated", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    # Feeds that are visited again give the content of what was unread.
    op.execute("UPDATE entries SET fingerprint = '' WHERE raw IS NOT NULL")
    op.execute("DELETE FROM behind WHERE what = 'contents'")
    op.drop_column("entries", "repeated")
    op.drop_column("entries", "raw")
