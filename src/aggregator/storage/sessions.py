"""Sessions of the page."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.storage.tables import sessions
from aggregator.types import LONGEST_SESSION, SESSION_LIFETIME, Session

_COLUMNS = [sessions.c[name] for name in Session.__slots__]


def add_session(connection: sa.Connection, hash: str, door: str, browser: str, *, now: datetime) -> None:
    """Store a new session, and remove those that have expired or belong to another login key."""
    connection.execute(sessions.delete().where(~_holds(now) | (sessions.c.door != door)))
    connection.execute(
        sessions.insert(), {"hash": hash, "door": door, "browser": browser, "began_at": now, "used_at": now}
    )


def find_session(connection: sa.Connection, hash: str, *, now: datetime) -> Session | None:
    query = sa.select(*_COLUMNS).where(sessions.c.hash == hash, _holds(now))
    row = connection.execute(query).first()
    return Session(*row) if row else None


def list_sessions(connection: sa.Connection, door: str, *, now: datetime) -> list[Session]:
    """List the valid sessions, the one used last first."""
    query = sa.select(*_COLUMNS).where(_holds(now), sessions.c.door == door)
    query = query.order_by(sessions.c.used_at.desc(), sessions.c.id.desc())
    return [Session(*row) for row in connection.execute(query)]


def note_use(connection: sa.Connection, session_id: int, *, now: datetime) -> None:
    """Extend the session. If it began in the future, under a wrong clock, it begins now."""
    of_session = sessions.c.id == session_id
    connection.execute(sessions.update().where(of_session), {"used_at": now})
    connection.execute(sessions.update().where(of_session, sessions.c.began_at > now), {"began_at": now})


def end_session(connection: sa.Connection, session_id: int) -> None:
    """End a session. Raises NotFoundError."""
    if not connection.execute(sessions.delete().where(sessions.c.id == session_id)).rowcount:
        raise NotFoundError(t("there is no session {number}", number=session_id))


def end_sessions(connection: sa.Connection, *, but: int | None = None) -> int:
    """End all sessions, or all except one; return how many ended."""
    which = sa.true() if but is None else sessions.c.id != but
    return connection.execute(sessions.delete().where(which)).rowcount


def _holds(now: datetime) -> sa.ColumnElement[bool]:
    return (sessions.c.used_at > now - SESSION_LIFETIME) & (sessions.c.began_at > now - LONGEST_SESSION)
