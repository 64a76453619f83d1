"""SQLite: prepares connections and begins transactions."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

# What waits for the disk in WAL mode: every commit, or only a checkpoint.
_DURABLE, _REGAINED = "FULL", "NORMAL"


def prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver has its own rules for transactions (and does not begin one for DDL), so SQLAlchemy's "begin" does it.
    connection.isolation_level = None
    # busy_timeout first: switching to WAL takes a lock that another process may hold.
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "cache_size=-32000",
        # 32 MB between two checkpoints, because each waits for the disk.
        "wal_autocheckpoint=8000",
        # What a larger transaction adds to the file is given back after its checkpoint.
        "journal_size_limit=33554432",
    ):
        connection.execute(f"PRAGMA {pragma}")


def prepare_to_look(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")


def begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={_DURABLE if options['durable'] else _REGAINED}")
    # A transaction that changes from reading to writing cannot wait for another writer, so writers begin as such.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
