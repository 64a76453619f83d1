"""What feeds gave in a time, posts that no feed gave, printed lines, looks at sites, and dismissed proposals."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import upsert
from aggregator.storage.tables import digest_lines, digests, dismissals, feeds, posts, site_looks, verdicts, visits
from aggregator.types import Decision, FeedYield, Month, SiteLook

_OF_LINES = sa.select(digest_lines.c.post_id).join(digests).where(IS_PUBLISHED)
# By the index of decided posts, which are few, without their rows, which are long.
_DECIDED = posts.alias("decided")
_APPROVED = sa.select(_DECIDED.c.id).where(
    _DECIDED.c.verdict_id.in_(sa.select(verdicts.c.id).where(verdicts.c.decision == str(Decision.APPROVE)))
)
_CHOSEN = posts.c.id.in_(sa.union(_APPROVED, _OF_LINES))


def list_yields(connection: sa.Connection, since: Month, *, fewest: int) -> dict[str, FeedYield]:
    """List by feed key how many posts of the months from *since* on it gave, and how many were approved or printed;
    without feeds that gave less than *fewest*.
    """
    # By a part of an index for each feed: of all posts those of a year are few. The first visit is asked of a few
    # feeds, for there may be millions of visits.
    given = feeds.join(posts, sa.and_(posts.c.feed_key == feeds.c.key, posts.c.month >= str(since)))
    first = sa.select(sa.func.min(visits.c.started_at)).where(visits.c.feed_key == feeds.c.key)
    columns = sa.func.count(), sa.func.count().filter(_CHOSEN), first.scalar_subquery()
    query = sa.select(feeds.c.key, *columns).select_from(given).group_by(feeds.c.key)
    rows = connection.execute(query.having(sa.func.count() >= fewest))
    return {key: FeedYield(*found) for key, *found in rows}


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
    """List the names of the proposals that are dismissed."""
    return frozenset(connection.execute(sa.select(dismissals.c.proposal).where(holds(dismissals))).scalars())


def dismiss(connection: sa.Connection, proposal: str, action_id: int) -> None:
    """Store that a proposal is not wanted, while the action is not undone."""
    connection.execute(dismissals.insert().values(proposal=proposal, action_id=action_id))


def find_dismissals(connection: sa.Connection, proposal: str) -> list[int]:
    """The actions that dismiss a proposal, newest first."""
    query = sa.select(dismissals.c.action_id).where(dismissals.c.proposal == proposal, holds(dismissals))
    return list(connection.execute(query.order_by(dismissals.c.action_id.desc())).scalars())
