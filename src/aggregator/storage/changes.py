"""The one way in which posts are added and changed: what is derived from them falls behind with each change.

The table ``behind`` has a row for each post and each derived thing that has not taken in the post's last change.
Whoever derives it asks for these rows (``list_behind``) and removes them when the new result is stored (``catch_up``).
A later change replaces the row by one with another number, so that it is not removed with what came before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from aggregator.storage.rows import in_batches, insert, to_plain, upsert
from aggregator.storage.tables import behind, posts, recipes


class Derived(StrEnum):
    """What is derived from posts, and derived again after a change of the post or of the recipe."""

    #: The contents of unread entries, and the texts of their posts. All else of such a post waits for them.
    CONTENTS = "contents"
    ADDRESSES = "addresses"
    SERIES = "series"
    TEXTS = "texts"
    GUESSES = "guesses"
    COPIES = "copies"
    SEARCH = "search"


_READ = {"title", "text", "tags", "url", "organisation", "feed_key"}
_SAID = {"links", "said", "page_said"}
#: The columns of posts that each is made from. The others are made from entries, and stored with the post.
_MADE_FROM = {
    Derived.GUESSES: _READ | _SAID | {"language", "words", "images", "code_blocks", "code_lines"},
    Derived.COPIES: _READ | _SAID | {"canonical_url", "language", "published_at", "published_from", "text_from"},
    Derived.SEARCH: _READ | {"language", "month", "published_at", "verdict_id"},
}


def add_posts(
    connection: sa.Connection, rows: Sequence[Mapping[str, Any]], *, unread: Collection[str] = frozenset()
) -> dict[str, int]:
    """Add posts; those whose canonical address is known stay as they are. *unread* are the addresses of those whose
    contents are behind. Return the numbers of the new ones by address.
    """
    if not rows:
        return {}
    last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(posts.c.id), 0))).scalar_one()
    upsert(connection, posts, rows, unique=["canonical_url"], update=[])
    query = sa.select(posts.c.canonical_url, posts.c.id).where(posts.c.id > last).order_by(posts.c.id)
    added: dict[str, int] = dict(map(tuple, connection.execute(query)))
    lacking = [
        {"what": derived, "post_id": id_}
        for address, id_ in added.items()
        for derived in ((Derived.CONTENTS,) if address in unread else _MADE_FROM)
    ]
    insert(connection, behind, lacking)
    return added


def change_post(connection: sa.Connection, post_id: int, **values: Any) -> None:
    """Set some columns of one post."""
    change_posts(connection, {post_id: values}, tuple(values))


def change_posts(connection: sa.Connection, rows: Mapping[int, Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Set these *columns* of posts, by number, to what the rows have."""
    if not rows:
        return
    values = [{"post": id_, **{f"new_{name}": to_plain(row[name]) for name in columns}} for id_, row in rows.items()]
    change = posts.update().where(posts.c.id == sa.bindparam("post"))
    connection.execute(change.values({name: sa.bindparam(f"new_{name}") for name in columns}), values)
    for derived, made_from in _MADE_FROM.items():
        if not made_from.isdisjoint(columns):
            fall_behind(connection, derived, list(rows))


def give_feed_key(connection: sa.Connection, key: str, new: str) -> None:
    """Let the posts of a feed belong to its new key."""
    connection.execute(posts.update().where(posts.c.feed_key == key).values(feed_key=new))
    for derived, made_from in _MADE_FROM.items():
        if "feed_key" in made_from:
            put_behind(connection, derived, posts.c.feed_key == new)


# --- what is behind ---

_unread = behind.alias("unread")
#: The numbers of posts with unread entries.
UNREAD = sa.select(_unread.c.post_id).where(_unread.c.what == str(Derived.CONTENTS))


def fall_behind(connection: sa.Connection, derived: Derived, post_ids: Sequence[int]) -> None:
    """Put behind what is derived from these posts and from something else that has changed."""
    for batch in in_batches(post_ids):
        put_behind(connection, derived, posts.c.id.in_(batch))


def put_behind(connection: sa.Connection, derived: Derived, which: sa.ColumnElement[bool]) -> None:
    """Do the same for the posts that meet a condition."""
    of_posts = sa.select(sa.literal(str(derived)), posts.c.id).where(which)
    replaced = behind.c.post_id.in_(sa.select(posts.c.id).where(which))
    connection.execute(behind.delete().where(behind.c.what == str(derived), replaced))
    connection.execute(behind.insert().from_select(["what", "post_id"], of_posts))


def put_all_behind(connection: sa.Connection, derived: Derived) -> None:
    """Do the same for all posts."""
    put_behind(connection, derived, sa.true())


def list_behind(
    connection: sa.Connection,
    derived: Derived,
    *,
    among: Sequence[int] | None = None,
    limit: int | None = None,
    locked: bool = False,
) -> dict[int, int]:
    """The posts of which this is behind, the first ones first, each with the number of its last change.

    *among* some posts, or at most *limit*. Unread posts wait for their contents. Ask before you read what it is
    derived from. Once *locked*, nobody else catches up on these until the transaction ends.
    """
    query = sa.select(behind.c.post_id, behind.c.id).where(behind.c.what == str(derived))
    if derived is not Derived.CONTENTS:
        query = query.where(behind.c.post_id.not_in(UNREAD))
    query = query.order_by(behind.c.post_id, behind.c.id).limit(limit)
    if locked:
        query = query.with_for_update()
    asked = [query] if among is None else [query.where(behind.c.post_id.in_(some)) for some in in_batches(among)]
    return {post_id: change for each in asked for post_id, change in connection.execute(each)}


def count_behind(connection: sa.Connection, derived: Derived) -> int:
    """Count the posts of which this is behind."""
    query = sa.select(sa.func.count()).where(behind.c.what == str(derived))
    return int(connection.execute(query).scalar_one())


def has_unread(connection: sa.Connection) -> bool:
    """Whether contents of any post are behind."""
    return connection.execute(UNREAD.limit(1)).first() is not None


def count_unfound(connection: sa.Connection) -> int:
    """Count the posts that a search does not find yet, or not as they are now."""
    return count_behind(connection, Derived.SEARCH) + count_behind(connection, Derived.CONTENTS)


def catch_up(connection: sa.Connection, changes: Iterable[int]) -> None:
    """Note that what is stored now takes in these changes, as ``list_behind`` gave them."""
    for batch in in_batches(list(changes)):
        connection.execute(behind.delete().where(behind.c.id.in_(batch)))


# --- by which recipe ---


def list_recipes(connection: sa.Connection) -> dict[str, int]:
    """The recipes by which stored posts were last put behind, by what is derived."""
    return {row.name: row.recipe for row in connection.execute(sa.select(recipes.c.name, recipes.c.recipe))}


def save_recipe(connection: sa.Connection, derived: Derived, recipe: int) -> None:
    upsert(connection, recipes, [{"name": str(derived), "recipe": recipe}], unique=["name"])
