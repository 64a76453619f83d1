"""Deletes old posts that nobody decided about, with all that is theirs alone.

Which rows go with a post is said where its tables are described; any other row that refers to a post keeps it, such as
a verdict, also one that was taken back, a correction, an action, a line of a digest or a spot check.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aggregator.storage.search import unindex_posts
from aggregator.storage.tables import entries, indexed, metadata, pairs, posts
from aggregator.types import Month


def list_old(connection: sa.Connection, before: Month) -> list[list[int]]:
    """List the posts of months *before* one that can be deleted: copies of one article together, the oldest first."""
    family = sa.func.coalesce(posts.c.copy_of, posts.c.id)
    query = sa.select(family, posts.c.id).where(_may_go(before)).order_by(family, posts.c.id)
    families: dict[int, list[int]] = {}
    for first, post_id in connection.execute(query):
        families.setdefault(first, []).append(post_id)
    return list(families.values())


def count_old(connection: sa.Connection, before: Month) -> dict[str, int]:
    """Count what would be deleted, by table."""
    going = sa.select(posts.c.id).where(_may_go(before))
    counts = {}
    for table, columns in _list_belongings():
        query = sa.select(sa.func.count()).select_from(table).where(sa.or_(*(column.in_(going) for column in columns)))
        counts[table.name] = int(connection.execute(query).scalar_one())
    return counts


def delete_old(connection: sa.Connection, post_ids: Sequence[int], before: Month) -> dict[str, int]:
    """Delete those of some posts that may still go; return how many rows of each table went."""
    # On PostgreSQL others write meanwhile: until this has ended nobody can refer to these posts, and who was about to
    # has done so.
    connection.execute(sa.select(posts.c.id).where(posts.c.id.in_(post_ids)).order_by(posts.c.id).with_for_update())
    may_go = sa.select(posts.c.id).where(posts.c.id.in_(post_ids), _may_go(before))
    going = list(connection.execute(may_go).scalars())
    unindex_posts(connection, going)
    counts = {}
    for table, columns in _list_belongings():
        theirs = sa.or_(*(column.in_(going) for column in columns))
        counts[table.name] = connection.execute(table.delete().where(theirs)).rowcount
    return counts


def _list_belongings() -> list[tuple[sa.Table, list[sa.Column[Any]]]]:
    """The tables with rows that go with a post, by which columns, each before those that it refers to."""
    found = [
        (table, [column for column in table.columns if column.info.get("goes")])
        for table in reversed(metadata.sorted_tables)
        # The index has its own way.
        if table is not indexed
    ]
    return [*((table, columns) for table, columns in found if columns), (posts, [posts.c.id])]


def _may_go(before: Month) -> sa.ColumnElement[bool]:
    """Whether a post and all copies of its article are older than *before*, and nothing keeps one of them."""
    other = posts.alias("other")
    first = sa.func.coalesce(posts.c.copy_of, posts.c.id)
    is_same = sa.or_(other.c.id == first, other.c.copy_of == first)
    return sa.and_(posts.c.month < str(before), ~sa.exists().where(is_same, _stays(other, before)))


def _stays(post: sa.FromClause, before: Month) -> sa.ColumnElement[bool]:
    # The feed still brings it, and would bring it again.
    is_offered = sa.exists().where(entries.c.post_id == post.c.id, entries.c.in_window)
    of_pair = sa.or_(pairs.c.first_id == post.c.id, pairs.c.second_id == post.c.id)
    return sa.or_(
        post.c.month >= str(before),
        post.c.verdict_id.is_not(None),
        post.c.waits_for.is_not(None),
        is_offered,
        sa.exists().where(of_pair, pairs.c.is_by_hand),
        *(sa.exists().where(column == post.c.id) for column in _list_keeping()),
    )


def _list_keeping() -> list[sa.Column[Any]]:
    return [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if table is not posts and not column.info.get("goes") and _refers_to_post(column)
    ]


def _refers_to_post(column: sa.Column[Any]) -> bool:
    return column.info.get("refers_to") == "posts.id" or any(key.column is posts.c.id for key in column.foreign_keys)
