"""The account of a month is kept with its print, and what is printed below its lines."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_LATE = sa.text("late_for IS NOT NULL")
_VISITS = "ix_visits_feed_key_started_at"
_VISITS_WITH_OUTCOME = "ix_visits_feed_key_started_at_outcome"


def upgrade() -> None:
    op.add_column("digests", sa.Column("foot", sa.String(), server_default="", nullable=False))
    op.add_column("digests", sa.Column("coverage", sa.JSON()))
    op.create_index(op.f("ix_posts_late_for"), "posts", ["late_for"], sqlite_where=_LATE, postgresql_where=_LATE)
    op.create_index(op.f(_VISITS_WITH_OUTCOME), "visits", ["feed_key", "started_at", "outcome"])
    op.drop_index(op.f(_VISITS), "visits")


def downgrade() -> None:
    op.create_index(op.f(_VISITS), "visits", ["feed_key", "started_at"])
    op.drop_index(op.f(_VISITS_WITH_OUTCOME), "visits")
    op.drop_index(op.f("ix_posts_late_for"), "posts")
    op.drop_column("digests", "coverage")
    op.drop_column("digests", "foot")
