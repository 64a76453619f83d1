"""All rows of a database as lines of JSON, and back into another: the same lines from SQLite and from PostgreSQL.

The first line says the revision of the tables, the last one how many rows of each table came between. Tables are in an
order in which each refers to earlier ones, rows in the order of their keys. A column without a value is left out, so
that ``null`` is the null of JSON. Moments are in UTC.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from aggregator.exceptions import StorageError
from aggregator.locales import t
from aggregator.storage.changes import Derived, put_all_behind
from aggregator.storage.database import Database, read_revisions
from aggregator.storage.revisions import find_head
from aggregator.storage.rows import upsert
from aggregator.storage.tables import SEARCH_INDEX, is_described, metadata, recipes

_FORMAT = "aggregator rows 1"
_BATCH_ROWS = 500
_ENCODER = json.JSONEncoder(ensure_ascii=False)
# As JSON writes the character that PostgreSQL does not store, and what is stored in its place.
_NUL, _REPLACEMENT = b"\\u0000", "\N{REPLACEMENT CHARACTER}"
_STAY = {name for name, table in metadata.tables.items() if table.info.get("stays")}


@dataclass(frozen=True, slots=True)
class Moved:
    """What was read into a database."""

    #: Of the tables that the lines are from.
    revision: str
    #: The number of rows by table.
    rows: Mapping[str, int]
    #: The rows with a character that this database does not store: the table and the key.
    mended: tuple[str, ...]


def count_rows(connection: sa.Connection) -> dict[str, int]:
    """Count the rows of each table that can be moved, by name."""
    return {table.name: _count(connection, table) for table in _list_tables(connection)}


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _list_tables(connection: sa.Connection) -> list[sa.Table]:
    """The tables as they are there, each after those that it refers to. Older ones may be others than those here."""
    revisions, found = read_revisions(connection), sa.MetaData()
    known = set(metadata.tables) if list(revisions) == [find_head()] else None

    def is_moved(name: str, _: object) -> bool:
        moves = is_described(name, "table", None) and name not in {*_STAY, "alembic_version"}
        return moves and (known is None or name in known)

    found.reflect(connection, only=is_moved, resolve_fks=False)
    return found.sorted_tables


# --- out ---


def write_rows(connection: sa.Connection, write: Callable[[bytes], object], progress: Callable[[int], object]) -> Moved:
    """Write all rows as lines of JSON, in constant memory."""
    revision, tables = next(iter(read_revisions(connection)), ""), _list_tables(connection)
    write(_encode({"format": _FORMAT, "revision": revision}))
    counts: dict[str, int] = {}
    for table in tables:
        counts[table.name] = 0
        for batch in _read_batches(connection, table):
            for row in batch:
                write(_encode({"table": table.name, "row": row}))
            counts[table.name] += len(batch)
            progress(len(batch))
    write(_encode({"rows": counts}))
    return Moved(revision, counts, ())


def _encode(value: object) -> bytes:
    return f"{_ENCODER.encode(value)}\n".encode()


def _read_batches(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    columns = [sa.cast(column, sa.Text).label(column.name) if _is_json(column) else column for column in table.columns]
    is_postgres = connection.dialect.name == "postgresql"
    # By code points on both databases, also if the server sorts by a language.
    keys = [
        sa.collate(column, "C") if is_postgres and isinstance(column.type, sa.String) else column
        for column in table.primary_key
    ]
    steps = [(column.name, _find_writer(column)) for column in table.columns]
    query = sa.select(*columns).order_by(*keys)
    with connection.execution_options(yield_per=_BATCH_ROWS).execute(query) as result:
        for batch in result.partitions():
            yield [
                {name: write(value) for (name, write), value in zip(steps, row, strict=True) if value is not None}
                for row in batch
            ]


def _is_json(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.JSON)


def _find_writer(column: sa.Column[Any]) -> Callable[[Any], Any]:
    if _is_json(column):
        return json.loads
    if isinstance(column.type, sa.DateTime):
        return _write_moment
    return _write_number if isinstance(column.type, sa.Float) else _keep


def _write_moment(value: datetime) -> str:
    return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat() + "Z"


def _write_number(value: float) -> float | str:
    # JSON has no infinity.
    return value if math.isfinite(value) else str(value)


def _keep(value: Any) -> Any:
    return value


# --- in ---


def read_rows(
    database: Database,
    connection: sa.Connection,
    lines: Iterable[bytes],
    *,
    replaces: bool,
    progress: Callable[[int], object],
) -> Moved:
    """Fill a database with the rows of *lines*, in the caller's transaction, and bring its tables up to date.

    All is put behind that the search finds posts by. Raises StorageError if the database has rows and it does not say
    *replaces*, if the lines are from a newer program, or if they are damaged or not complete.
    """
    numbered = enumerate(lines, 1)
    revision = _read_head(numbered)
    database.refuse_newer([revision])
    _clear(database, connection, replaces=replaces)
    database.upgrade(connection, revision)
    filling = _Filling(connection, _list_tables(connection))
    expected = filling.read(numbered, progress)
    if expected is None:
        raise StorageError(t("the last line is missing, so rows may be missing too"))
    _compare(expected, {name: _count(connection, table) for name, table in filling.tables.items()})
    database.upgrade(connection)
    if connection.dialect.name == "postgresql":
        _settle_postgres(connection)
    put_all_behind(connection, Derived.SEARCH)
    return Moved(revision, expected, tuple(filling.mended))


def _read_head(numbered: Iterator[tuple[int, bytes]]) -> str:
    _, line = next(numbered, (1, b""))
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != _FORMAT or not isinstance(head.get("revision"), str):
        raise StorageError(t("these are not rows that `aggregator db export` has written"))
    revision: str = head["revision"]
    return revision


def _clear(database: Database, connection: sa.Connection, *, replaces: bool) -> None:
    """Remove all tables, which the rows' own revision makes again. Raises StorageError if they have rows."""
    if not read_revisions(connection):
        return
    database.upgrade(connection)
    # These come with the tables.
    counts = {name: count for name, count in count_rows(connection).items() if count and name != recipes.name}
    if counts and not replaces:
        said = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise StorageError(
            t("{name} is not empty ({rows}); --force replaces all that it has", name=database.name, rows=said)
        )
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {SEARCH_INDEX}")
    metadata.drop_all(connection)
    connection.exec_driver_sql("DROP TABLE alembic_version")


class _Filling:
    """Fills the tables of a revision with rows."""

    def __init__(self, connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
        self._connection = connection
        self.tables = {table.name: table for table in tables}
        self._steps = {
            name: {column.name: _find_reader(column) for column in table.columns} for name, table in self.tables.items()
        }
        self.mended: list[str] = []
        self._is_postgres = connection.dialect.name == "postgresql"
        for table in reversed(self.tables.values()):
            connection.execute(table.delete())

    def read(
        self, numbered: Iterable[tuple[int, bytes]], progress: Callable[[int], object]
    ) -> Mapping[str, int] | None:
        """Store the rows; return how many there should be, None if nothing says that."""
        current, expected = "", None
        batch: list[dict[str, Any]] = []
        for number, line in numbered:
            name, row, expected = self._parse(number, line)
            if batch and (name != current or len(batch) == _BATCH_ROWS):
                self._store(current, batch, number)
                progress(len(batch))
                batch = []
            if expected is not None:
                break
            current = name
            batch.append(row)
        return expected

    def _parse(self, number: int, line: bytes) -> tuple[str, dict[str, Any], Mapping[str, int] | None]:
        try:
            found = json.loads(line)
            if "rows" in found:
                return "", {}, dict(found["rows"])
            name, values = found["table"], found["row"]
            steps = self._steps[name]
            if not values.keys() <= steps.keys():
                raise KeyError(*(values.keys() - steps.keys()))
            row = {each: read(values[each]) if each in values else nothing for each, (read, nothing) in steps.items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StorageError(t("line {number} is damaged: {error}", number=number, error=repr(error))) from error
        if self._is_postgres and _NUL in line and (mended := _mend(row)) != row:
            self.mended.append(" ".join([name, *(str(row[key.name]) for key in self.tables[name].primary_key)]))
            row = mended
        return name, row, None

    def _store(self, name: str, rows: list[dict[str, Any]], before: int) -> None:
        table = self.tables[name]
        try:
            upsert(self._connection, table, rows, unique=[key.name for key in table.primary_key], update=[])
        except (sa.exc.DBAPIError, sa.exc.StatementError) as error:
            lines = f"{before - len(rows)}-{before - 1}"
            raise StorageError(
                t("the rows of lines {lines} ({table}) cannot be stored: {error}",
                  lines=lines, table=name, error=str(getattr(error, "orig", error)).strip())
            ) from error  # fmt: skip


def _find_reader(column: sa.Column[Any]) -> tuple[Callable[[Any], Any], Any]:
    """How a value is read, and what stands for one that is left out."""
    if _is_json(column):
        # Not None, which a column of JSON would store as its null.
        return _keep, sa.null()
    if isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat, None
    return (float if isinstance(column.type, sa.Float) else _keep), None


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", _REPLACEMENT)
    if isinstance(value, dict):
        return {_mend(key): _mend(part) for key, part in value.items()}
    return [_mend(part) for part in value] if isinstance(value, list) else value


def _compare(expected: Mapping[str, int], stored: Mapping[str, int]) -> None:
    wrong = [
        f"{name} {stored.get(name, 0)}/{expected.get(name, 0)}"
        for name in {**stored, **expected}
        if stored.get(name, 0) != expected.get(name, 0)
    ]
    if wrong:
        raise StorageError(t("some rows are missing or are there twice: {rows}", rows=", ".join(wrong)))


def _settle_postgres(connection: sa.Connection) -> None:
    """Number new rows after the present ones, and let queries be planned by their numbers."""
    for table in metadata.sorted_tables:
        if (column := table.autoincrement_column) is not None:
            newest = sa.select(sa.func.max(column)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(sa.select(sa.func.setval(sequence, newest)))
    connection.exec_driver_sql("ANALYZE")
