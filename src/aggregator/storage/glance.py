"""A glance at the database without SQLAlchemy, which takes longer to load than whoever presses Tab waits."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_MONTHS = "SELECT DISTINCT month FROM posts ORDER BY month DESC LIMIT 120"


def list_months(place: str | Path) -> list[str]:
    """The months that have posts, the newest first; none where there is no such database.

    Writes nothing. Raises what the driver raises.
    """
    if isinstance(place, Path):
        return _ask_sqlite(place) if place.is_file() else []
    scheme, _, rest = place.partition("://")
    if scheme.startswith("postgres"):
        return _ask_postgresql(f"postgresql://{rest}")
    file = Path(rest.partition("?")[0].removeprefix("/"))
    return _ask_sqlite(file) if file.is_file() else []


def name_unwritten(file: Path) -> str:
    """The URI by which SQLite reads a file and writes nothing, neither in it nor beside it."""
    # Whoever only reads would make the files beside a database in WAL mode anew and leave them there.
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
