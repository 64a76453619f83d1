"""Converts values for the databases, and writes rows in batches."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from aggregator.storage.tables import UtcDateTime
from aggregator.types import Media, Only, Reason, Recipe, Section, Taxonomy

# Values of one IN list: SQLite allows 32,766 in a statement and PostgreSQL 65,535.
_BATCH_ROWS = 500

T = TypeVar("T")


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    unique: Sequence[str],
    update: Sequence[str] | None = None,
    fill: Sequence[str] = (),
) -> None:
    """Insert rows, all with the same columns; if a row with the same *unique* columns exists, set those of *update*.
    Values of the project's own types are converted.

    Without *update*, all given columns are set; an empty *update* leaves existing rows unchanged. The columns of *fill*
    are also set if the first of them is empty.
    """
    if not rows:
        return
    names = tuple(rows[0])
    changed = tuple(name for name in names if name not in unique) if update is None else tuple(update)
    text, bind = _compile(connection.dialect, table, names, tuple(unique), changed, tuple(fill))
    connection.exec_driver_sql(text, [bind(row) for row in rows])


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert new rows, all with the same columns; values of the project's own types are converted."""
    if rows:
        text, bind = _compile(connection.dialect, table, tuple(rows[0]), (), (), ())
        connection.exec_driver_sql(text, [bind(row) for row in rows])


_Bind = Callable[[Mapping[str, Any]], tuple[Any, ...] | dict[str, Any]]


@lru_cache(maxsize=64)
def _compile(
    dialect: sa.Dialect,
    table: sa.Table,
    names: tuple[str, ...],
    unique: tuple[str, ...],
    changed: tuple[str, ...],
    filled: tuple[str, ...],
) -> tuple[str, _Bind]:
    """The statement for the driver, and a function that turns a row into its parameters.

    SQLAlchemy would process every parameter of every row again, which takes longer than the rest of a first visit.
    """
    make = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    # Inline: nobody reads the numbers of the new rows, which PostgreSQL would send back.
    statement = make(table).inline().values({name: sa.bindparam(name, type_=table.c[name].type) for name in names})
    if changed:
        values: dict[str, Any] = {name: statement.excluded[name] for name in changed}
        for name in filled:
            empty = table.c[filled[0]].is_(None)
            values[name] = sa.case((empty, statement.excluded[name]), else_=table.c[name])
        statement = statement.on_conflict_do_update(index_elements=list(unique), set_=values)
    elif unique:
        statement = statement.on_conflict_do_nothing(index_elements=list(unique))
    compiled = statement.compile(dialect=dialect)
    converters = {name: _find_converter(table.c[name].type, dialect) for name in names}
    order = compiled.positiontup

    if order is None:
        return str(compiled), lambda row: {name: convert(to_plain(row[name])) for name, convert in converters.items()}
    take = itemgetter(*order)
    # Most values go as they are, and a first visit writes millions.
    steps = [(place, converters[name]) for place, name in enumerate(order) if converters[name] is not _keep]

    def bind(row: Mapping[str, Any]) -> tuple[Any, ...]:
        values = [value if type(value) in _AS_IS else to_plain(value) for value in take(row)]
        for place, convert in steps:
            values[place] = convert(values[place])
        return tuple(values)

    return str(compiled), bind


def _find_converter(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any]:
    convert = kind.dialect_impl(dialect).bind_processor(dialect) or _keep
    if isinstance(kind, UtcDateTime):
        # Thousands of rows have the same few times.
        return lru_cache(maxsize=4096)(convert)
    if isinstance(kind, sa.JSON):
        # Most lists are empty.
        empty = convert([])
        return lambda value: empty if value == [] else convert(value)
    return convert


def _keep(value: Any) -> Any:
    return value


def list_raw(
    connection: sa.Connection, query: sa.Select[Any]
) -> tuple[list[tuple[Any, ...]], Callable[[Sequence[Any]], Any]]:
    """Return the rows of a query with times as the driver gives them and JSON as text, and a function that makes of
    such a row one of the query. Such rows can be hashed, to compare them with those read before, and most need not be
    converted again.
    """
    columns = list(query.selected_columns)
    raw: list[sa.ColumnElement[Any]] = []
    found: list[Callable[[Any], Any] | None] = []
    for column in columns:
        if isinstance(column.type, sa.JSON):
            raw.append(sa.cast(column, sa.Text).label(column.key))
            found.append(_read_json)
        elif isinstance(column.type, UtcDateTime):
            raw.append(as_given(column))
            found.append(find_reader(connection))
        else:
            raw.append(column)
            found.append(None)
    rows = [tuple(row) for row in connection.execute(query.with_only_columns(*raw))]
    make = _make_row(tuple(str(column.key) for column in columns))
    steps = [(place, convert) for place, convert in enumerate(found) if convert]

    def convert_row(row: Sequence[Any]) -> Any:
        values = list(row)
        for place, convert in steps:
            values[place] = convert(values[place])
        return make(*values)

    return rows, convert_row


def _read_json(text: str | None) -> Any:
    # Most lists are empty.
    return None if text is None else [] if text == "[]" else json.loads(text)


@lru_cache(maxsize=16)
def _make_row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def as_given(column: sa.ColumnElement[Any]) -> sa.Label[Any]:
    """A moment as the driver gives it: SQLite's text need not be read for rows that have not changed."""
    return sa.type_coerce(column, sa.types.NULLTYPE).label(column.key)


def find_reader(connection: sa.Connection) -> Callable[[Any], datetime | None]:
    """Return what reads a moment that comes ``as_given``; of one kind of database always the same function."""
    return UtcDateTime().result_processor(connection.dialect, None)


def get_taxonomy(connection: sa.Connection) -> Taxonomy:
    """Return the parts and topics by which stored sections are read."""
    taxonomy: Taxonomy = connection.get_execution_options()["taxonomy"]
    return taxonomy


def in_batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split the values of an IN list into batches that both databases accept."""
    for start in range(0, len(values), _BATCH_ROWS):
        yield values[start : start + _BATCH_ROWS]


def row_values(**values: Any) -> dict[str, Any]:
    """Convert values of the project's own types (enumerations, months, sections, tuples) to those of the tables."""
    return {name: to_plain(value) for name, value in values.items()}


def row_of(thing: object, names: tuple[str, ...]) -> dict[str, Any]:
    """These attributes of an object as they are; ``upsert`` and ``insert`` convert them."""
    return dict(zip(names, _make_getter(names)(thing), strict=True))


@lru_cache(maxsize=64)
def _make_getter(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    return attrgetter(*names)


# JSON has a reason as a list.
_AS_IS = frozenset({str, int, float, bool, type(None), datetime, Reason})


def to_plain(value: Any) -> Any:
    """The value as a table has it, if it is of the project's own types."""
    kind = type(value)
    if kind in _AS_IS:
        return value
    convert = _CONVERTERS.get(kind)
    if convert is None:
        convert = next((each for known, each in _PLAIN.items() if issubclass(kind, known)), str)
        _CONVERTERS[kind] = convert
    return convert(value)


def _list_plain(values: Sequence[Any]) -> list[Any]:
    return [value if type(value) in _AS_IS else to_plain(value) for value in values]


#: By type, as found below.
_CONVERTERS: dict[type, Callable[[Any], Any]] = {}
#: Of types that are not texts.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    # numpy's are kinds of float.
    float: float,
    # SQL's NULL, where a column of JSON would write JSON's.
    type(sa.null()): lambda value: value,
    Section: lambda value: value.key,
    Media: lambda value: {"url": value.url, "type": value.type},
    Recipe: asdict,
    Only: lambda value: {"words": list(value.words), "categories": list(value.categories)},
    tuple: _list_plain,
    list: _list_plain,
    dict: lambda value: {str(key): to_plain(part) for key, part in value.items()},
}
