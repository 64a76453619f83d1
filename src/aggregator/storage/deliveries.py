"""The prints that are told to other programs, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.storage.rows import row_values
from aggregator.storage.tables import deliveries
from aggregator.types import Delivery, DeliveryKind, Month


def add_deliveries(connection: sa.Connection, found: Sequence[Delivery]) -> None:
    """Store what is to be told."""
    names = [name for name in Delivery.__slots__ if name != "id"]
    rows = [row_values(**{name: getattr(each, name) for name in names}) for each in found]
    if rows:
        connection.execute(deliveries.insert(), rows)


def list_open(connection: sa.Connection) -> list[Delivery]:
    """List what was not told yet, or failed, oldest first."""
    query = sa.select(deliveries).where(deliveries.c.done_at.is_(None))
    return [_read(row) for row in connection.execute(query.order_by(deliveries.c.id))]


def list_last(connection: sa.Connection, month: Month | None = None) -> list[Delivery]:
    """List the last one of each kind, of all months, newest month first, or of one."""
    query = sa.select(sa.func.max(deliveries.c.id)).group_by(deliveries.c.month, deliveries.c.kind)
    if month is not None:
        query = query.where(deliveries.c.month == str(month))
    found = sa.select(deliveries).where(deliveries.c.id.in_(query))
    return [_read(row) for row in connection.execute(found.order_by(deliveries.c.month.desc(), deliveries.c.kind))]


def claim(connection: sa.Connection, delivery: Delivery, now: datetime) -> bool:
    """Note that it is begun; returns whether nobody else has begun it meanwhile."""
    unchanged = deliveries.c.id == delivery.id, deliveries.c.tries == delivery.tries, deliveries.c.done_at.is_(None)
    values = {"tries": delivery.tries + 1, "tried_at": now, "failure": ""}
    return connection.execute(deliveries.update().where(*unchanged).values(values)).rowcount == 1


def note_end(connection: sa.Connection, delivery: Delivery, failure: str, now: datetime) -> None:
    """Note what came of it: why it failed, or that it is done."""
    values = {"failure": failure, "done_at": None if failure else now}
    connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(values))


def begin_again(connection: sa.Connection, delivery: Delivery, now: datetime) -> None:
    """Let it be told as if it had never been tried."""
    values = {"due_at": now, "tries": 0, "tried_at": None, "failure": ""}
    connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(values))


def remove_open(connection: sa.Connection, month: Month, kind: DeliveryKind | None = None) -> None:
    """Forget what was not told yet of a month, in all ways or in one."""
    query = deliveries.delete().where(deliveries.c.month == str(month), deliveries.c.done_at.is_(None))
    connection.execute(query if kind is None else query.where(deliveries.c.kind == str(kind)))


def _read(row: sa.Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "month": Month.parse(row.month), "kind": DeliveryKind(row.kind)})
