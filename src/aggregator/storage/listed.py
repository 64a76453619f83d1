"""What is remembered of the pages that sitemaps list."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from aggregator.storage.rows import upsert
from aggregator.storage.tables import listed_pages
from aggregator.types import FeedUpdate, ListedPage

_CHANGES = ("read_at", "title", "date", "summary", "attempts")


def list_pages(connection: sa.Connection, feed_key: str) -> dict[str, ListedPage]:
    """List what is remembered of the pages of a feed, by address."""
    query = sa.select(listed_pages.c.url, *(listed_pages.c[name] for name in _CHANGES))
    found = connection.execute(query.where(listed_pages.c.feed_key == feed_key))
    return {row.url: ListedPage(*row) for row in found}


def save_pages(connection: sa.Connection, updates: Sequence[FeedUpdate]) -> None:
    """Store what visits found out about the pages of sitemaps."""
    rows = [
        {"feed_key": update.visit.feed_key, "url": page.url, **{name: getattr(page, name) for name in _CHANGES}}
        for update in updates
        for page in update.pages
    ]
    if rows:
        upsert(connection, listed_pages, rows, unique=["feed_key", "url"], update=list(_CHANGES))
