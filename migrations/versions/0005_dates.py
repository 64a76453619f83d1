"""Posts keep how sure their date is, what they wait for, and the month that they came too late for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WAITING = sa.text("waits_for IS NOT NULL")


def upgrade() -> None:
    op.add_column("posts", sa.Column("confidence", sa.String(), nullable=False, server_default="fair"))
    op.add_column("posts", sa.Column("late_for", sa.String(7)))
    op.add_column("posts", sa.Column("waits_for", sa.String()))
    # Of the others only the date is stored, not how it was written.
    op.execute("UPDATE posts SET confidence = 'weak' WHERE published_from = 'first seen'")
    op.execute("UPDATE posts SET confidence = 'sure' WHERE published_from = 'digest'")
    op.create_index(
        op.f("ix_posts_waits_for"), "posts", ["waits_for"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_posts_waits_for"), "posts")
    for name in ("waits_for", "late_for", "confidence"):
        op.drop_column("posts", name)
