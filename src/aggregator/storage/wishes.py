"""What the curator set of the ranking over feeds.toml: a history that is only appended to.

A quota of a section is stored by the section's key: it stays with the section when others come or go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from aggregator.storage.rows import get_taxonomy, row_values
from aggregator.storage.tables import wishes
from aggregator.types import Wish

_OF_SECTION = "shortlist.sections."


def append_wishes(connection: sa.Connection, made: Sequence[Wish]) -> None:
    if made:
        stored = {number: key for key, number in _list_quotas(connection).items()}
        made = [replace(wish, name=stored.get(wish.name, wish.name)) for wish in made]
        rows = [row_values(**{name: getattr(wish, name) for name in Wish.__slots__}) for wish in made]
        connection.execute(wishes.insert(), rows)


def list_wishes(connection: sa.Connection) -> list[Wish]:
    """The whole history, oldest first. The quota of a section is named by its number, or its key if it is gone."""
    columns, quotas = [wishes.c[name] for name in Wish.__slots__], _list_quotas(connection)
    found = (Wish(*row) for row in connection.execute(sa.select(*columns).order_by(wishes.c.id)))
    return [replace(wish, name=quotas.get(wish.name, wish.name)) for wish in found]


def _list_quotas(connection: sa.Connection) -> dict[str, str]:
    """As they are stored → as feeds.toml names them."""
    return {f"{_OF_SECTION}{section.key}": f"{_OF_SECTION}{section}" for section in get_taxonomy(connection).sections}
