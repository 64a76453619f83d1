"""Reads the database without SQLAlchemy, which would take too long to load for shell completion."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_MONTHS = "SELECT DISTINCT month FROM posts ORDER BY month DESC LIMIT 120"


def list_months(place: str | Path) -> list[str]:
    """List the months that have posts, newest first; empty if there is no such database.

    Writes nothing. Exceptions of the driver are not wrapped.
    """
    if isinstance(place, Path):
        return _ask_sqlite(place) if place.is_file() else []
    scheme, _, rest = place.partition("://")
    if scheme.startswith("postgres"):
        return _ask_postgresql(f"postgresql://{rest}")
    file = Path(rest.partition("?")[0].removeprefix("/"))
    return _ask_sqlite(file) if file.is_file() else []


def name_unwritten(file: Path) -> str:
    """Return the URI by which SQLite reads a file and writes nothing, not even files beside it."""
    # A reader would create the files beside a database in WAL mode and leave them there.
    is_open = file.with_name(f"{file.name}-wal").exists()
    return f"{file.absolute().as_uri()}?mode=ro{'' if is_open else '&immutable=1'}"


def _ask_sqlite(file: Path) -> list[str]:
    with closing(sqlite3.connect(name_unwritten(file), uri=True, timeout=0.2)) as connection:
        return [month for (month,) in connection.execute(_MONTHS)]


def _ask_postgresql(url: str) -> list[str]:
    import psycopg

    asked = "-c default_transaction_read_only=on -c statement_timeout=1000"
    with psycopg.connect(url, connect_timeout=2, options=asked) as connection:
        return [month for (month,) in connection.execute(_MONTHS)]
