"""The password of the page, as a hash."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.rows import upsert
from aggregator.storage.tables import passwords


def find_password(connection: sa.Connection, *, hold: bool = False) -> str | None:
    """Return the hash of the password. With *hold*, it cannot be changed until the transaction has ended."""
    query = sa.select(passwords.c.hash)
    return connection.execute(query.with_for_update(read=True) if hold else query).scalar_one_or_none()


def put_password(connection: sa.Connection, hash: str) -> None:
    """Store the hash in place of the one before."""
    upsert(connection, passwords, [{"id": 1, "hash": hash}], unique=["id"])


def remove_password(connection: sa.Connection) -> bool:
    """Remove the password; return whether there was one."""
    return connection.execute(passwords.delete()).rowcount > 0
