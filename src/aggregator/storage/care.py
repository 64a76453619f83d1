"""What feeds gave in a time, posts that no feed gave, printed lines, looks at sites, and dismissed proposals."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import upsert
from aggregator.storage.tables import digest_lines, digests, dismissals, posts, site_looks, verdicts, visits
from aggregator.types import Decision, FeedYield, Month, SiteLook

_OF_LINES = sa.select(digest_lines.c.post_id).join(digests).where(IS_PUBLISHED)
# From the few verdicts to their posts: those of a year are many, and their rows are long.
_VERDICT_POSTS = posts.alias("of_verdict")
_APPROVED = (
    sa.select(_VERDICT_POSTS.c.id)
    .join(verdicts, verdicts.c.post_id == _VERDICT_POSTS.c.id)
    .where(verdicts.c.decision == str(Decision.APPROVE), _VERDICT_POSTS.c.verdict_id == verdicts.c.id)
)
_CHOSEN = posts.c.id.in_(sa.union(_APPROVED, _OF_LINES))


def list_yields(connection: sa.Connection, since: Month) -> dict[str, FeedYield]:
    """List by feed key how many posts of the months from *since* on it gave, and how many were approved or printed."""
    in_time = sa.and_(posts.c.feed_key.is_not(None), posts.c.month >= str(since))
    counted = sa.select(posts.c.feed_key, sa.func.count()).where(in_time).group_by(posts.c.feed_key)
    given: dict[str, int] = dict(connection.execute(counted).all())
    chosen: dict[str, int] = dict(connection.execute(counted.where(_CHOSEN)).all())
    first = sa.select(visits.c.feed_key, sa.func.min(visits.c.started_at)).group_by(visits.c.feed_key)
    visited = dict(connection.execute(first).all())
    return {key: FeedYield(number, chosen.get(key, 0), visited.get(key)) for key, number in given.items()}


def list_by_hand(connection: sa.Connection, since: Month) -> list[str]:
    """List the addresses of approved and printed posts from *since* on that no feed gave."""
    by_hand = sa.and_(posts.c.feed_key.is_(None), posts.c.month >= str(since))
    return list(connection.execute(sa.select(posts.c.url).where(by_hand, _CHOSEN)).scalars())


def list_printed_places(connection: sa.Connection) -> list[tuple[str, str | None]]:
    """List the address of each printed post once, with the key of the feed that it came from."""
    printed = sa.select(posts.c.url, posts.c.feed_key).where(posts.c.id.in_(_OF_LINES)).order_by(posts.c.id)
    return [(url, key) for url, key in connection.execute(printed)]


def list_looks(connection: sa.Connection) -> dict[str, SiteLook]:
    """List the last look at the site of each feed that was dying, by the key of the feed."""
    return {row.feed_key: SiteLook(row.feed_key, row.at, row.url) for row in connection.execute(sa.select(site_looks))}


def save_look(connection: sa.Connection, look: SiteLook) -> None:
    """Keep a look in place of the one before it."""
    row = {"feed_key": look.feed_key, "at": look.at, "url": look.url}
    upsert(connection, site_looks, [row], unique=["feed_key"])


def list_dismissed(connection: sa.Connection) -> frozenset[str]:
    """List the names of the proposals that were dismissed."""
    return frozenset(connection.execute(sa.select(dismissals.c.proposal)).scalars())


def dismiss(connection: sa.Connection, proposal: str, by: str, at: datetime) -> None:
    """Remember that a proposal is not wanted."""
    upsert(connection, dismissals, [{"proposal": proposal, "at": at, "by": by}], unique=["proposal"])


def forget_dismissal(connection: sa.Connection, proposal: str) -> None:
    """Let a proposal be made again."""
    connection.execute(dismissals.delete().where(dismissals.c.proposal == proposal))
