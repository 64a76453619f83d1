"""The notices that were due, and where they have arrived."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.storage.rows import row_of, upsert
from aggregator.storage.tables import notices
from aggregator.types import Notice, NoticeKind


def add_notices(connection: sa.Connection, due: Sequence[Notice]) -> None:
    """Store notices; those that are stored already stay as they are."""
    rows = [row_of(notice, Notice.__slots__) for notice in due]
    upsert(connection, notices, rows, unique=["kind", "subject"], update=())


def list_known(connection: sa.Connection, kinds: Collection[NoticeKind]) -> set[tuple[NoticeKind, str]]:
    """List kind and subject of the stored notices of these kinds."""
    query = sa.select(notices.c.kind, notices.c.subject).where(notices.c.kind.in_([str(kind) for kind in kinds]))
    return {(NoticeKind(kind), subject) for kind, subject in connection.execute(query)}


def list_unsent(connection: sa.Connection, most_tries: int) -> list[Notice]:
    """List the notices that are still to be sent to somewhere, oldest first."""
    query = sa.select(notices).where(sa.cast(notices.c.missing, sa.String) != "[]", notices.c.tries < most_tries)
    return [_read(row) for row in connection.execute(query.order_by(notices.c.due_at, notices.c.kind))]


def list_newest(connection: sa.Connection, limit: int) -> list[Notice]:
    """List the newest notices, newest first."""
    query = sa.select(notices).order_by(notices.c.due_at.desc(), notices.c.kind, notices.c.subject).limit(limit)
    return [_read(row) for row in connection.execute(query)]


def note_sent(connection: sa.Connection, notice: Notice, missing: Sequence[str], now: datetime) -> None:
    """Note where a notice has still not arrived after it was sent."""
    values = {"missing": list(missing), "tries": notice.tries + bool(missing), "tried_at": now}
    of_notice = (notices.c.kind == str(notice.kind), notices.c.subject == notice.subject)
    connection.execute(notices.update().where(*of_notice).values(values))


def _read(row: sa.Row[Any]) -> Notice:
    values = dict(row._mapping)
    return Notice(**{**values, "kind": NoticeKind(row.kind), "missing": tuple(row.missing)})
