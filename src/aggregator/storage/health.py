"""The health of feeds: their visits, moves and gaps, and how many posts they gave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import in_batches, row_values
from aggregator.storage.tables import digest_lines, digests, entries, feeds, gaps, moves, posts, visits
from aggregator.types import Gap, Month, Move, Outcome, Visit
from aggregator.types.visits import LONGEST_PUT_OFF


def list_visits(connection: sa.Connection, feed_key: str, *, limit: int) -> list[Visit]:
    """List the last visits of a feed, newest first."""
    query = sa.select(visits).where(visits.c.feed_key == feed_key)
    query = query.order_by(visits.c.started_at.desc(), visits.c.id.desc()).limit(limit)
    return [_read_visit(row) for row in connection.execute(query)]


def forget_visits(connection: sa.Connection, before: datetime, *, keep: int) -> int:
    """Remove the visits *before* a moment; return how many. Gaps and moves stay.

    The newest *keep* of each feed stay too: a clock that is years ahead would otherwise remove all.
    """
    later = visits.alias()
    newest = sa.select(later.c.started_at).where(later.c.feed_key == visits.c.feed_key)
    oldest_kept = newest.order_by(later.c.started_at.desc()).limit(1).offset(keep - 1).scalar_subquery()
    # A feed with fewer visits has no such visit and keeps all.
    old = sa.and_(visits.c.started_at < before, visits.c.started_at < oldest_kept)
    return connection.execute(visits.delete().where(old)).rowcount


def list_oldest(connection: sa.Connection) -> dict[str, datetime]:
    """When the oldest entry that each feed gave was published, by its key; feeds without a dated entry are left out."""
    oldest = sa.func.min(entries.c.published_at).label("oldest")
    query = sa.select(entries.c.feed_key, oldest).where(entries.c.published_at.is_not(None))
    return {row.feed_key: row.oldest for row in connection.execute(query.group_by(entries.c.feed_key))}


def append_move(connection: sa.Connection, move: Move) -> None:
    values = row_values(**{name: getattr(move, name) for name in Move.__slots__ if name != "id"})
    connection.execute(moves.insert().values(values))


def list_moves(connection: sa.Connection, feed_key: str) -> list[Move]:
    """List the changes of a feed's address, newest first."""
    query = sa.select(moves).where(moves.c.feed_key == feed_key).order_by(moves.c.at.desc(), moves.c.id.desc())
    return [_read_move(row) for row in connection.execute(query)]


def refuse_move(connection: sa.Connection, feed_key: str, *, from_url: str, to_url: str, at: datetime) -> None:
    """Mark the moves between two addresses as undone, if there were any; they are not made again automatically."""
    these = (moves.c.feed_key == feed_key, moves.c.from_url == from_url, moves.c.to_url == to_url)
    connection.execute(moves.update().where(*these, moves.c.undone_at.is_(None)).values(undone_at=at))


def find_refused_moves(connection: sa.Connection, feed_key: str) -> frozenset[str]:
    """Return the addresses of the moves of a feed that the curator undid; they are not made again."""
    query = sa.select(moves.c.to_url).where(moves.c.feed_key == feed_key, moves.c.undone_at.is_not(None))
    return frozenset(connection.execute(query).scalars())


def append_gaps(connection: sa.Connection, found: Sequence[Gap]) -> None:
    connection.execute(gaps.insert(), [_gap_row(gap) for gap in found])


def save_gap(connection: sa.Connection, gap: Gap) -> None:
    """Store how far a gap is read back."""
    connection.execute(gaps.update().where(gaps.c.id == gap.id).values(_gap_row(gap)))


def _gap_row(gap: Gap) -> dict[str, object]:
    return row_values(**{name: getattr(gap, name) for name in Gap.__slots__ if name != "id"})


def list_gaps_to_read(connection: sa.Connection, now: datetime) -> list[Gap]:
    """List the gaps with an older page to read now, of feeds that are followed and not paused, oldest first."""
    query = sa.select(*(gaps.c[name] for name in Gap.__slots__)).join(feeds, feeds.c.key == gaps.c.feed_key)
    query = query.where(gaps.c.next_url.is_not(None), feeds.c.active, feeds.c.paused_at.is_(None))
    # A retry that is further off was set under a wrong clock.
    query = query.where(
        sa.or_(gaps.c.retry_at.is_(None), gaps.c.retry_at <= now, gaps.c.retry_at > now + LONGEST_PUT_OFF)
    )
    return [Gap(*row) for row in connection.execute(query.order_by(gaps.c.id))]


def list_gaps(connection: sa.Connection, feed_key: str | None = None, *, since: datetime | None = None) -> list[Gap]:
    """List the gaps of a feed, or of all feeds, newest first; with *since* only those noticed from then on.

    Those of new feeds count only in the list of one feed.
    """
    query = sa.select(*(gaps.c[name] for name in Gap.__slots__)).order_by(gaps.c.noticed_at.desc(), gaps.c.id.desc())
    query = query.where(gaps.c.feed_key == feed_key if feed_key is not None else ~gaps.c.is_first)
    if since is not None:
        query = query.where(gaps.c.noticed_at >= since)
    return [Gap(*row) for row in connection.execute(query)]


def count_posts(
    connection: sa.Connection, months: Sequence[Month], feed_keys: Sequence[str]
) -> dict[str, dict[Month, int]]:
    """Count the posts of feeds in these months; feeds without posts are left out."""
    by_name = {str(month): month for month in months}
    found: dict[str, dict[Month, int]] = {}
    for batch in in_batches(feed_keys):
        query = sa.select(posts.c.feed_key, posts.c.month, sa.func.count().label("posts"))
        query = query.where(posts.c.feed_key.in_(batch), posts.c.month.in_(list(by_name)))
        for row in connection.execute(query.group_by(posts.c.feed_key, posts.c.month)):
            found.setdefault(row.feed_key, {})[by_name[row.month]] = row.posts
    return found


def count_printed(connection: sa.Connection, feed_keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Count for each feed its posts in the months with a published digest, and how many of them were printed."""
    published = sa.select(digests.c.id, digests.c.month).where(IS_PUBLISHED).subquery()
    printed = sa.select(digest_lines.c.post_id).where(digest_lines.c.digest_id.in_(sa.select(published.c.id)))
    found: dict[str, tuple[int, int]] = {}
    for batch in in_batches(feed_keys):
        query = (
            sa.select(
                posts.c.feed_key,
                sa.func.count().label("posts"),
                sa.func.count().filter(posts.c.id.in_(printed)).label("printed"),
            )
            .where(posts.c.feed_key.in_(batch), posts.c.month.in_(sa.select(published.c.month)))
            .group_by(posts.c.feed_key)
        )
        found |= {row.feed_key: (row.posts, row.printed) for row in connection.execute(query)}
    return found


def list_newest_titles(connection: sa.Connection, feed_key: str, *, limit: int) -> list[tuple[str, str]]:
    """List title and address of the newest entries of a feed."""
    query = sa.select(entries.c.title, entries.c.url).where(entries.c.feed_key == feed_key)
    newest = sa.func.coalesce(entries.c.published_at, entries.c.first_seen_at).desc()
    query = query.order_by(newest, entries.c.id.desc()).limit(limit)
    return [(row.title, row.url) for row in connection.execute(query)]


def _read_visit(row: sa.Row[tuple[object, ...]]) -> Visit:
    values = {name: getattr(row, name) for name in Visit.__slots__}
    return Visit(**{**values, "outcome": Outcome(row.outcome)})


def _read_move(row: sa.Row[tuple[object, ...]]) -> Move:
    return Move(**{name: getattr(row, name) for name in Move.__slots__})
