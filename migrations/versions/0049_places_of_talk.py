"""Signals of places that are asked have a source that no feed can have as its key."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_signals = sa.table("signals", sa.column("source"), sa.column("name"), sa.column("url"))
_feeds = sa.table("feeds", sa.column("key"))
# Feeds count these; the other counts are of works.
_OF_FEEDS = ("links", "points", "comments")
_OF_WORKS = ("github", "huggingface")
_PLACES = {
    "hackernews": "news.ycombinator.com",
    "geeknews": "news.hada.io",
    "lobsters": "lobste.rs",
    "reddit": "reddit.com",
}


def upgrade() -> None:
    for source in _OF_WORKS:
        _rename(source, _signals.c.name.not_in(_OF_FEEDS))
    for source, host in _PLACES.items():
        is_feed = sa.exists().where(_feeds.c.key == source)
        # What a feed of that key gave stays with it.
        of_place = _signals.c.url.like(f"%//{host}/%") | _signals.c.url.like(f"%//www.{host}/%")
        _rename(source, (_signals.c.name != "links") & (of_place | ~is_feed))


def downgrade() -> None:
    for source in (*_OF_WORKS, *_PLACES):
        other = sa.table("signals", sa.column("canonical_url"), sa.column("source"), sa.column("name")).alias()
        mine = sa.table("signals", sa.column("canonical_url"), sa.column("source"), sa.column("name"))
        is_taken = sa.exists().where(
            other.c.source == source, other.c.name == mine.c.name, other.c.canonical_url == mine.c.canonical_url
        )
        op.execute(sa.delete(mine).where(mine.c.source == f"talk:{source}", is_taken))
        op.execute(_signals.update().where(_signals.c.source == f"talk:{source}").values(source=source))


def _rename(source: str, is_of_place: sa.ColumnElement[bool]) -> None:
    op.execute(_signals.update().where(_signals.c.source == source, is_of_place).values(source=f"talk:{source}"))
