"""The curator's head and headings over feeds.toml: a history that is only appended to."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.rows import row_values
from aggregator.storage.tables import texts
from aggregator.types import TextChange


def append_texts(connection: sa.Connection, made: Sequence[TextChange], action: int) -> None:
    rows = [row_values(**{name: getattr(one, name) for name in TextChange.__slots__}) for one in made]
    connection.execute(texts.insert(), [row | {"action_id": action} for row in rows])


def list_texts(connection: sa.Connection) -> list[TextChange]:
    """List the history without what is undone, oldest first."""
    columns = [texts.c[name] for name in TextChange.__slots__]
    query = sa.select(*columns).where(holds(texts)).order_by(texts.c.id)
    return [TextChange(*row) for row in connection.execute(query)]
