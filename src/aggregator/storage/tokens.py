"""Tokens of the API."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError, TokenError
from aggregator.locales import t
from aggregator.storage.tables import tokens
from aggregator.types import Token

_COLUMNS = [tokens.c[name] for name in ("id", "name", "read_only", "made_at", "used_at")]


def add_token(connection: sa.Connection, name: str, hash: str, *, is_read_only: bool, now: datetime) -> Token:
    """Store a token. Raises TokenError if there is one of this name."""
    if connection.execute(sa.select(tokens.c.id).where(tokens.c.name == name)).first():
        raise TokenError(t("there is a token {name} already; remove it first, or choose another name", name=name))
    values = {"name": name, "hash": hash, "read_only": is_read_only, "made_at": now}
    number: int = connection.execute(tokens.insert().values(values).returning(tokens.c.id)).scalar_one()
    return Token(number, name, is_read_only, now)


def find_token(connection: sa.Connection, hash: str) -> Token | None:
    row = connection.execute(sa.select(*_COLUMNS).where(tokens.c.hash == hash)).first()
    return Token(*row) if row else None


def list_tokens(connection: sa.Connection) -> list[Token]:
    """List all tokens by name."""
    return [Token(*row) for row in connection.execute(sa.select(*_COLUMNS).order_by(tokens.c.name))]


def note_use(connection: sa.Connection, token_id: int, *, now: datetime) -> None:
    connection.execute(tokens.update().where(tokens.c.id == token_id), {"used_at": now})


def remove_token(connection: sa.Connection, name: str) -> None:
    """Remove a token. Raises NotFoundError."""
    if not connection.execute(tokens.delete().where(tokens.c.name == name)).rowcount:
        raise NotFoundError(t("there is no token {name}", name=name))
