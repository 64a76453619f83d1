"""The one way to change stored posts, which marks what was derived from the changed columns as out of date.

Each kind of derived data has a query for what is out of date: ``search.list_unindexed``,
``duplicates.list_uncompared``, ``posts.list_unclassified``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from aggregator.storage.rows import in_batches, row_values
from aggregator.storage.tables import compared, guesses, indexed, posts

_READ = {"title", "text", "tags", "url", "organisation", "feed_key", "links", "said", "page_said"}
# What each is made of.
_GUESSED_FROM = _READ | {"language", "words", "images", "code_blocks", "code_lines"}
_COMPARED_BY = _READ | {"canonical_url", "language", "published_at", "published_from", "text_from"}
_FOUND_BY = _READ | {"language", "month", "published_at", "verdict_id", "copy_of"}


def change_post(connection: sa.Connection, post_id: int, **values: Any) -> None:
    """Set some columns of one post."""
    change_posts(connection, {post_id: row_values(**values)}, tuple(values))


def change_posts(connection: sa.Connection, rows: Mapping[int, Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Set these *columns* of posts, by number, to what the rows have."""
    if not rows:
        return
    values = [{"post": id_, **{f"new_{name}": row[name] for name in columns}} for id_, row in rows.items()]
    change = posts.update().where(posts.c.id == sa.bindparam("post"))
    connection.execute(change.values({name: sa.bindparam(f"new_{name}") for name in columns}), values)
    ids = list(rows)
    if not _GUESSED_FROM.isdisjoint(columns):
        forget_guesses(connection, ids)
    if not _COMPARED_BY.isdisjoint(columns):
        mark_uncompared(connection, ids)
    if not _FOUND_BY.isdisjoint(columns):
        mark_unindexed(connection, ids)


def forget_guesses(connection: sa.Connection, post_ids: Sequence[int]) -> None:
    """Mark the guesses of posts whose text has changed as out of date, unless they are decided: the verdict may rest on
    the guess.
    """
    for batch in in_batches(post_ids):
        undecided = sa.select(posts.c.id).where(posts.c.id.in_(batch), posts.c.verdict_id.is_(None))
        connection.execute(guesses.delete().where(guesses.c.post_id.in_(undecided)))


def mark_uncompared(connection: sa.Connection, post_ids: Sequence[int]) -> None:
    """Have these posts compared with the others again."""
    for batch in in_batches(post_ids):
        connection.execute(compared.update().where(compared.c.post_id.in_(batch)).values(recipe=0))


def mark_unindexed(connection: sa.Connection, post_ids: Sequence[int]) -> None:
    """Have these posts indexed again, because what they are found by has changed."""
    for batch in in_batches(post_ids):
        connection.execute(indexed.update().where(indexed.c.post_id.in_(batch)).values(recipe=0))


def mark_feeds_unindexed(connection: sa.Connection, keys: Sequence[str]) -> None:
    """Have all posts of these feeds indexed again."""
    for batch in in_batches(keys):
        of_feed = sa.select(posts.c.id).where(posts.c.feed_key.in_(batch))
        connection.execute(indexed.update().where(indexed.c.post_id.in_(of_feed)).values(recipe=0))


def mark_all_unindexed(connection: sa.Connection) -> None:
    connection.execute(indexed.update().values(recipe=0))
