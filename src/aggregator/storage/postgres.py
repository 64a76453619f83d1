"""PostgreSQL over a network: how long a connection waits for a server that does not answer. Owns psycopg.

A server may be frozen, or its network gone: then no limit of its own helps, and the system goes on believing in the
connection. So each wait for an answer ends on this side, and the connection with it.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import PQGen

from aggregator.storage.patience import get_patience

# For a new connection; libpq takes no less than 2 seconds.
_CONNECT_SECONDS = 2
_ARGUMENTS = {
    "connect_timeout": _CONNECT_SECONDS,
    # Where nobody waits for an answer, a peer that is gone is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# The server ends what nobody waits for any more, and what would wait for others for good.
_LIMITS = "SET client_connection_check_interval = '2s'; SET lock_timeout = '60s'; SET statement_timeout = '10min'"


class _Connection(psycopg.Connection[Any]):
    """A connection that is closed when the server takes longer than the caller has patience."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        seconds = timeout or get_patience()
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.errors._WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError(f"the database does not answer within {seconds:g} seconds") from error


def connect(arguments: dict[str, Any]) -> psycopg.Connection[Any]:
    """A connection with these limits; what *arguments* say goes first."""
    try:
        connection = _Connection.connect(**(_ARGUMENTS | arguments))
    except psycopg.errors.ConnectionTimeout as error:
        raise psycopg.OperationalError("the database does not answer to a new connection") from error
    try:
        connection.execute(_LIMITS)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
