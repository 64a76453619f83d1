"""What was found at the site of a dying feed is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_looks",
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.String()),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name=op.f("fk_site_looks_feed_key_feeds")),
        sa.PrimaryKeyConstraint("feed_key", name=op.f("pk_site_looks")),
    )


def downgrade() -> None:
    op.drop_table("site_looks")
