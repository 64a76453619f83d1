"""PostgreSQL over a network, with timeouts for a server that does not answer. Owns psycopg.

If a server is frozen or its network is gone, the server's own timeouts do not help, and the system does not notice. So
each wait for an answer is limited on this side, and the connection is closed when it expires.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import PQGen

from aggregator.locales import t
from aggregator.storage.patience import get_patience

# For a new connection; 2 seconds are libpq's minimum.
_CONNECT_SECONDS = 2
_ARGUMENTS = {
    "connect_timeout": _CONNECT_SECONDS,
    # If nobody waits for an answer, a dead peer is noticed within a minute.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# The server ends statements whose client is gone, and those that would wait for a lock forever. It does not compile
# statements: those of a page are long and read little, so that this takes longer than the answer.
_LIMITS = (
    "SET client_connection_check_interval = '2s'; SET lock_timeout = '60s'; SET statement_timeout = '10min'; "
    "SET jit = off"
)


class _Connection(psycopg.Connection[Any]):
    """A connection that is closed if the server does not answer within the caller's timeout."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        seconds = timeout or get_patience()
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.errors._WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError(
                t("the database does not answer within {seconds} seconds", seconds=f"{seconds:g}")
            ) from error


def connect(arguments: dict[str, Any]) -> psycopg.Connection[Any]:
    """Open a connection with these limits; *arguments* override them."""
    try:
        connection = _Connection.connect(**(_ARGUMENTS | arguments))
    except psycopg.errors.ConnectionTimeout as error:
        raise psycopg.OperationalError(t("the database does not answer to a new connection")) from error
    try:
        connection.execute(_LIMITS)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
