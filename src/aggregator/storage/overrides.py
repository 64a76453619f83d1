"""The curator's overrides of ranking settings in feeds.toml: a history that is only appended to.

The quota of a section is stored by the section's key, so it stays with the section if others come or go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.rows import get_taxonomy, row_values
from aggregator.storage.tables import overrides
from aggregator.types import Override

_OF_SECTION = "shortlist.sections."


def append_overrides(connection: sa.Connection, made: Sequence[Override], action: int | None) -> None:
    if made:
        stored = {number: key for key, number in _list_quotas(connection).items()}
        made = [replace(override, name=stored.get(override.name, override.name)) for override in made]
        rows = [row_values(**{name: getattr(override, name) for name in Override.__slots__}) for override in made]
        connection.execute(overrides.insert(), [row | {"action_id": action} for row in rows])


def list_overrides(connection: sa.Connection) -> list[Override]:
    """List the history without what is undone, oldest first. The quota of a section is named by its number, or by its
    key if the section no longer exists.
    """
    columns, quotas = [overrides.c[name] for name in Override.__slots__], _list_quotas(connection)
    query = sa.select(*columns).where(holds(overrides)).order_by(overrides.c.id)
    found = (Override(*row) for row in connection.execute(query))
    return [replace(override, name=quotas.get(override.name, override.name)) for override in found]


def _list_quotas(connection: sa.Connection) -> dict[str, str]:
    """Quotas: stored name → name in feeds.toml."""
    return {f"{_OF_SECTION}{section.key}": f"{_OF_SECTION}{section}" for section in get_taxonomy(connection).sections}
