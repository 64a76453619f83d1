"""A page can be read as a feed, and the pages of a sitemap are remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feeds", sa.Column("recipe", sa.JSON(none_as_null=True)))
    op.create_table(
        "listed_pages",
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("date", sa.String()),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_key"], ["feeds.key"], name=op.f("fk_listed_pages_feed_key_feeds")),
        sa.PrimaryKeyConstraint("feed_key", "url", name=op.f("pk_listed_pages")),
    )


def downgrade() -> None:
    op.drop_table("listed_pages")
    op.drop_column("feeds", "recipe")
