"""What the curator set of the ranking over feeds.toml: a history that is only appended to."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from aggregator.storage.rows import row_values
from aggregator.storage.tables import wishes
from aggregator.types import Wish


def append_wishes(connection: sa.Connection, made: Sequence[Wish]) -> None:
    if made:
        rows = [row_values(**{name: getattr(wish, name) for name in Wish.__slots__}) for wish in made]
        connection.execute(wishes.insert(), rows)


def list_wishes(connection: sa.Connection) -> list[Wish]:
    """The whole history, oldest first."""
    columns = [wishes.c[name] for name in Wish.__slots__]
    return [Wish(*row) for row in connection.execute(sa.select(*columns).order_by(wishes.c.id))]
