"""Feeds: what feeds.toml says of them, and what is remembered between visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.storage.database import upsert
from aggregator.storage.tables import entries, feeds, row_values
from aggregator.types import Feed, FeedState, Kind, Outcome

_DESCRIPTION = ("name", "url", "site", "organisation", "language", "kind", "weight", "tags")


def save_feeds(connection: sa.Connection, listed: Sequence[Feed]) -> None:
    """Make the table follow feeds.toml: new feeds are added, changed ones updated, those no longer listed put to rest.

    A feed whose address changed is due at once and starts without validators, which belong to the old address.
    """
    known = {row.key: row.url for row in connection.execute(sa.select(feeds.c.key, feeds.c.url))}
    rows = [
        {
            **row_values(key=feed.key, **{name: getattr(feed, name) for name in _DESCRIPTION}),
            "active": True,
            "failures": 0,
        }
        for feed in listed
    ]
    upsert(connection, feeds, rows, unique=["key"], update=[*_DESCRIPTION, "active"])
    moved = [feed.key for feed in listed if feed.key in known and known[feed.key] != feed.url]
    if moved:
        connection.execute(
            feeds.update().where(feeds.c.key.in_(moved)).values(etag=None, last_modified=None, next_visit_at=None)
        )
    connection.execute(feeds.update().where(feeds.c.key.not_in([feed.key for feed in listed])).values(active=False))


def save_state(connection: sa.Connection, state: FeedState) -> None:
    connection.execute(
        feeds.update()
        .where(feeds.c.key == state.feed.key)
        .values(
            etag=state.etag,
            last_modified=state.last_modified,
            last_visit_at=state.last_visit_at,
            last_success_at=state.last_success_at,
            next_visit_at=state.next_visit_at,
            pace_minutes=state.pace / timedelta(minutes=1) if state.pace is not None else None,
            failures=state.failures,
            last_outcome=str(state.last_outcome) if state.last_outcome else None,
            last_reason=state.last_reason,
        )
    )


def list_feed_states(connection: sa.Connection, keys: Sequence[str] | None = None) -> list[FeedState]:
    """The followed feeds by name; with *keys* only those, and NotFoundError names the first that is not followed."""
    counts = (
        sa.select(entries.c.feed_key, sa.func.count().label("entries")).group_by(entries.c.feed_key).subquery("counts")
    )
    query = (
        sa.select(feeds, sa.func.coalesce(counts.c.entries, 0).label("entries"))
        .outerjoin(counts, counts.c.feed_key == feeds.c.key)
        .where(feeds.c.active)
        .order_by(sa.func.lower(feeds.c.name), feeds.c.key)
    )
    states = [_read_state(row) for row in connection.execute(query)]
    if keys is None:
        return states
    by_key = {state.feed.key: state for state in states}
    if unknown := [key for key in keys if key not in by_key]:
        raise NotFoundError(f"no feed has the key {unknown[0]!r}; `aggregator feeds list` shows the keys")
    return [by_key[key] for key in keys]


def list_due_feeds(connection: sa.Connection, now: datetime) -> list[FeedState]:
    """The followed feeds whose next visit has come, the longest waiting first."""
    due = [s for s in list_feed_states(connection) if s.next_visit_at is None or s.next_visit_at <= now]
    return sorted(due, key=lambda s: (s.next_visit_at is not None, s.next_visit_at or now, s.feed.key))


def _read_state(row: sa.Row[tuple[object, ...]]) -> FeedState:
    feed = Feed(
        key=row.key,
        name=row.name,
        url=row.url,
        site=row.site,
        organisation=row.organisation,
        language=row.language,
        kind=Kind(row.kind),
        weight=row.weight,
        tags=tuple(row.tags),
    )
    return FeedState(
        feed=feed,
        etag=row.etag,
        last_modified=row.last_modified,
        last_visit_at=row.last_visit_at,
        last_success_at=row.last_success_at,
        next_visit_at=row.next_visit_at,
        pace=timedelta(minutes=row.pace_minutes) if row.pace_minutes is not None else None,
        failures=row.failures,
        last_outcome=Outcome(row.last_outcome) if row.last_outcome else None,
        last_reason=row.last_reason,
        entries=row.entries,
    )
