"""Entries of months that nobody reviews are stored unread, as their feeds gave them, until there is time."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

# What waits until an entry is read.
_WAITING = ("guesses", "copies", "search")


def upgrade() -> None:
    op.add_column("entries", sa.Column("raw", sa.String()))
    op.add_column("entries", sa.Column("repeated", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    # Feeds that are visited again give the content of what was unread.
    op.execute(
        "UPDATE feeds SET etag = NULL, last_modified = NULL"
        " WHERE key IN (SELECT feed_key FROM entries WHERE raw IS NOT NULL)"
    )
    op.execute("UPDATE entries SET fingerprint = '' WHERE raw IS NOT NULL")
    behind = sa.table("behind", sa.column("what", sa.String), sa.column("post_id", sa.Integer))
    for what in _WAITING:
        waiting = sa.select(sa.literal(what), behind.c.post_id).where(behind.c.what == "contents")
        op.execute(behind.insert().from_select(["what", "post_id"], waiting))
    op.execute("DELETE FROM behind WHERE what = 'contents'")
    op.drop_column("entries", "repeated")
    op.drop_column("entries", "raw")
