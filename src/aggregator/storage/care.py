"""What feeds gave in a time, posts that no feed gave, printed lines, looks at sites, and dismissed proposals."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.actions import holds
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


def list_yields(connection: sa.Connection, since: Month, *, fewest: int) -> dict[str, FeedYield]:
    """List by feed key how many posts of the months from *since* on it gave, and how many were approved or printed;
    without feeds that gave less than *fewest*.
    """
    in_time = sa.and_(posts.c.feed_key.is_not(None), posts.c.month >= str(since))
    counted = sa.select(posts.c.feed_key, sa.func.count().label("number")).where(in_time).group_by(posts.c.feed_key)
    chosen: dict[str, int] = dict(connection.execute(counted.where(_CHOSEN)).all())
    # Of a few feeds, for there may be millions of visits.
    many = counted.having(sa.func.count() >= fewest).subquery()
    first = sa.select(sa.func.min(visits.c.started_at)).where(visits.c.feed_key == many.c.feed_key).scalar_subquery()
    rows = connection.execute(sa.select(many.c.feed_key, many.c.number, first.label("first_at")))
    return {row.feed_key: FeedYield(row.number, chosen.get(row.feed_key, 0), row.first_at) for row in rows}


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
