"""Titles as they were printed or corrected, beside those that their posts came with."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.tables import corrections, digest_lines, digests, posts, withheld
from aggregator.types import TitlePair

#: The newest are enough: a house style changes.
MOST_PAIRS = 2000

# A post that was read from a page has its printed title, until its feed says another.
_OWN = sa.func.coalesce(withheld.c.title, posts.c.title).label("own")


def list_title_pairs(connection: sa.Connection) -> list[TitlePair]:
    """List the titles of printed lines, and of the curator's corrections over them, one of each post; the newest."""
    of_post = sa.select(posts.c.id, posts.c.url, posts.c.feed_key, _OWN).outerjoin(
        withheld, withheld.c.post_id == posts.c.id
    )
    lines = (
        of_post.add_columns(digest_lines.c.title, digest_lines.c.organisation)
        .join(digest_lines, digest_lines.c.post_id == posts.c.id)
        .join(digests, digests.c.id == digest_lines.c.digest_id)
        .where(IS_PUBLISHED)
        .order_by(digests.c.made_at.desc(), digests.c.id.desc(), digest_lines.c.position)
    )
    corrected = (
        of_post.add_columns(corrections.c.title, corrections.c.organisation)
        .join(corrections, corrections.c.post_id == posts.c.id)
        .where(corrections.c.title.is_not(None), holds(corrections))
        .order_by(corrections.c.id.desc())
    )
    found: dict[int, TitlePair] = {}
    for query in (corrected, lines):
        for row in connection.execute(query.limit(MOST_PAIRS)):
            found.setdefault(row.id, TitlePair(row.own, row.title, row.url, row.organisation or None, row.feed_key))
    return list(found.values())
