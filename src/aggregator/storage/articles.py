"""Articles: what was collected of posts, as people read it."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables import entries, pages, posts, withheld
from aggregator.types import Article, TextSource

#: That an entry has the text of its post: it is of the post's own feed, and nothing that this changed is withheld, for
#: the text may belong to another post then. The newest such entry counts.
HAS_TEXT = sa.and_(
    entries.c.post_id == posts.c.id,
    entries.c.feed_key == posts.c.feed_key,
    posts.c.text_from == str(TextSource.FEED),
    posts.c.id.not_in(sa.select(withheld.c.post_id)),
)


def find_article(connection: sa.Connection, post_id: int) -> Article | None:
    """The article that the text of a post was taken from. None if there is none, such as of a post from a digest, or
    of a page that an earlier version has read.
    """
    of_page = sa.and_(pages.c.post_id == posts.c.id, posts.c.text_from == str(TextSource.PAGE))
    html = sa.func.coalesce(pages.c.content, entries.c.content).label("html")
    query = (
        sa.select(posts.c.title, posts.c.url, html, posts.c.text_from)
        .select_from(posts)
        .outerjoin(pages, of_page)
        .outerjoin(entries, HAS_TEXT)
        .where(posts.c.id == post_id)
        .order_by(entries.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return Article(row.title, row.url, row.html, TextSource(row.text_from)) if row and row.html else None
