"""The last look at each address of a line."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from aggregator.storage.rows import in_batches, row_of, upsert
from aggregator.storage.tables import link_checks
from aggregator.types import LinkCheck, LinkState


def save_check(connection: sa.Connection, check: LinkCheck) -> None:
    """Store a look in place of the one before."""
    upsert(connection, link_checks, [row_of(check, LinkCheck.__slots__)], unique=["url"])


def list_faulty(connection: sa.Connection) -> list[LinkCheck]:
    """List the last looks at addresses that have moved or lead to no page."""
    states = [str(state) for state in LinkState if state.is_gone or state is LinkState.MOVED]
    return [_read(row) for row in connection.execute(sa.select(link_checks).where(link_checks.c.state.in_(states)))]


def find_checks(connection: sa.Connection, urls: Collection[str]) -> dict[str, LinkCheck]:
    """Find the last look at each of these addresses that was looked at."""
    rows: list[Any] = []
    for some in in_batches(list(urls)):
        rows += connection.execute(sa.select(link_checks).where(link_checks.c.url.in_(some)))
    return {row.url: _read(row) for row in rows}


def _read(row: sa.Row[Any]) -> LinkCheck:
    return LinkCheck(**{**row._mapping, "state": LinkState(row.state)})
