"""What a post may be related to: what was printed, and posts with the same resources."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from aggregator.storage.posts import IS_CANDIDATE
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.tables import digest_lines, digests, posts
from aggregator.types import Month, Post, PrintedPost

#: More lines are not looked at: a sequel of what is older is rare.
MOST_LINES = 3000


def list_printed_posts(connection: sa.Connection, publisher: tuple[str | None, str] | None = None) -> list[PrintedPost]:
    """List what was printed, each post by its newest line, the newest first; of a *publisher* (organisation and host)
    hardly more than what is its own.
    """
    month = sa.func.coalesce(digests.c.month, digest_lines.c.month, posts.c.month)
    query = (
        sa.select(
            posts.c.id,
            digest_lines.c.title,
            digest_lines.c.url,
            posts.c.canonical_url,
            month.label("month"),
            posts.c.published_at,
            sa.func.coalesce(digest_lines.c.organisation, posts.c.organisation).label("organisation"),
            posts.c.links,
        )
        .join(digests, digests.c.id == digest_lines.c.digest_id)
        .join(posts, posts.c.id == digest_lines.c.post_id)
        .where(IS_PUBLISHED)
        .order_by(digests.c.made_at.desc(), digest_lines.c.position)
        .limit(MOST_LINES)
    )
    if publisher is not None:
        query = query.where(_is_by(*publisher))
    found: dict[int, PrintedPost] = {}
    for number, title, url, canonical, when, at, organisation, links in connection.execute(query):
        one = PrintedPost(number, title, url, canonical, Month.parse(when), at, organisation or None, tuple(links))
        found.setdefault(number, one)
    return list(found.values())


def _is_by(organisation: str | None, host: str) -> sa.ColumnElement[bool]:
    """Lines of an organisation, and on its host those without one."""
    named = sa.func.coalesce(digest_lines.c.organisation, posts.c.organisation, "")
    is_there = sa.func.lower(digest_lines.c.url).contains(host, autoescape=True)
    if not organisation:
        return is_there
    # SQLite makes small what is ASCII alone.
    is_its_own = sa.or_(named == organisation, sa.func.lower(named) == organisation.lower())
    return sa.or_(is_its_own, sa.and_(named == "", is_there))


def list_sharing(connection: sa.Connection, post: Post, names: Collection[str], keys: Sequence[str]) -> list[int]:
    """List the candidates of the month of a post and of those beside it that link to one of these *names*, or whose
    address is one of these *keys*.
    """
    if not keys:
        return []
    months = [str(month) for by in (-1, 0, 1) if (month := _shift(post.month, by))]
    text = sa.func.lower(sa.cast(posts.c.links, sa.Text))
    links = [text.contains(name, autoescape=True) for name in names]
    query = sa.select(posts.c.id).where(posts.c.month.in_(months), IS_CANDIDATE, posts.c.id != post.id)
    query = query.where(sa.or_(sa.func.lower(posts.c.canonical_url).in_(keys), *links)).order_by(posts.c.id)
    return list(connection.execute(query).scalars())


def _shift(month: Month, by: int) -> Month | None:
    """The month beside another one; None where the calendar ends."""
    try:
        return month.shift(by)
    except ValueError:
        return None
