"""Posts keep what their text holds besides prose; pages that were read, and feeds whose pages are.

Text, words, links, language, pictures and code of stored posts are read again from the entry that they came from, by
the package's own rules: what matters afterwards is what the running code would have stored. Text that changed is
guessed and indexed anew by the next round.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from aggregator.collect.drafts import TEXT_LIMIT
from aggregator.content import read_content
from aggregator.languages import find_language
from aggregator.text import shorten

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BATCH = 1000
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTS = ("images", "code_blocks", "code_lines")
_FIELDS = ("text", "words", "links", "language", "images", "first_image", "code_blocks", "code_lines")
_posts = sa.table(
    "posts",
    *(sa.column(name) for name in ("id", "title", "feed_key", "verdict_id", *_FIELDS) if name != "links"),
    sa.column("links", sa.JSON),
)
_entries = sa.table("entries", *(sa.column(name) for name in ("id", "post_id", "feed_key", "content")))
_feeds = sa.table("feeds", *(sa.column(name) for name in ("key", "language")))
_guesses = sa.table("guesses", sa.column("post_id"))
_indexed = sa.table("indexed", sa.column("post_id"), sa.column("recipe"))


def upgrade() -> None:
    op.add_column("feeds", sa.Column("full_text", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in _COUNTS:
        op.add_column("posts", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("posts", sa.Column("first_image", sa.String()))
    op.add_column("posts", sa.Column("text_from", sa.String(), nullable=False, server_default="feed"))
    op.create_table(
        "pages",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("retrieved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.String()),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("canonical_url", sa.String()),
        sa.CheckConstraint("outcome IN ('taken', 'kept', 'refused', 'failed')", name=op.f("ck_pages_outcome")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_pages_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_pages")),
    )
    op.create_table(
        "aliases",
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("post_id", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_aliases_post_id_posts")),
        sa.PrimaryKeyConstraint("canonical_url", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_post_id"), "aliases", ["post_id"])
    _read_again(op.get_bind())


def downgrade() -> None:
    op.drop_table("aliases")
    op.drop_table("pages")
    for name in ("text_from", "first_image", *reversed(_COUNTS)):
        op.drop_column("posts", name)
    op.drop_column("feeds", "full_text")


def _read_again(connection: sa.Connection) -> None:
    update = sa.update(_posts).where(_posts.c.id == sa.bindparam("post"))
    update = update.values({name: sa.bindparam(f"new_{name}", type_=_posts.c[name].type) for name in _FIELDS})
    for rows in _list_batches(connection):
        changes = {row.id: change for row in rows if (change := _read(row))}
        if not changes:
            continue
        connection.execute(update, list(changes.values()))
        ids = [row.id for row in rows if row.id in changes and changes[row.id]["new_text"] != row.text]
        # What was decided on keeps what the curator saw.
        undecided = sa.select(_posts.c.id).where(_posts.c.id.in_(ids), _posts.c.verdict_id.is_(None))
        connection.execute(sa.delete(_guesses).where(_guesses.c.post_id.in_(undecided)))
        connection.execute(sa.update(_indexed).where(_indexed.c.post_id.in_(ids)).values(recipe=0))


def _list_batches(connection: sa.Connection) -> Iterator[list[sa.Row]]:
    """The posts that a feed gave, each with the newest of its entries there."""
    query = (
        sa.select(_posts, _entries.c.content, _feeds.c.language.label("declared"))
        .join(_entries, sa.and_(_entries.c.post_id == _posts.c.id, _entries.c.feed_key == _posts.c.feed_key))
        .join(_feeds, _feeds.c.key == _posts.c.feed_key)
        .order_by(_posts.c.id, _entries.c.id)
    )
    last = 0
    while True:
        some = sa.select(_posts.c.id).where(_posts.c.id > last).order_by(_posts.c.id).limit(_BATCH)
        ids = connection.execute(some).scalars().all()
        if not ids:
            return
        within = query.where(_posts.c.id.between(ids[0], ids[-1]))
        yield list({row.id: row for row in connection.execute(within)}.values())
        last = ids[-1]


def _read(row: sa.Row) -> dict[str, object] | None:
    content = read_content(row.content)
    found = {
        "text": shorten(content.text, TEXT_LIMIT),
        "words": content.words,
        "links": list(content.links),
        "language": find_language(f"{row.title}\n{content.text}", row.declared),
        "images": content.images,
        "first_image": content.first_image,
        "code_blocks": content.code_blocks,
        "code_lines": content.code_lines,
    }
    if all(getattr(row, name) == value for name, value in found.items()):
        return None
    return {"post": row.id, **{f"new_{name}": value for name, value in found.items()}}
