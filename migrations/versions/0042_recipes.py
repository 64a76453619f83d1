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
    _forget_listed("recipe")


def _forget_listed(*names: str) -> None:
    """Take fields out of what feeds.toml said of feeds: an older program does not know them."""
    feeds = sa.table("feeds", sa.column("key", sa.String), sa.column("listed", sa.JSON))
    for key, listed in op.get_bind().execute(sa.select(feeds.c.key, feeds.c.listed)).all():
        left = {name: value for name, value in (listed or {}).items() if name not in names}
        if listed and left != listed:
            op.execute(feeds.update().where(feeds.c.key == key).values(listed=left))
