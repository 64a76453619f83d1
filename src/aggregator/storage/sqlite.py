"""SQLite: prepares connections and begins transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

# What waits for the disk in WAL mode: every commit, or only a checkpoint.
_DURABLE, _REGAINED = "FULL", "NORMAL"
# Kilobytes of pages that a connection may keep in memory. With 12,000 the page of a digest takes a fifth more time than
# with 32,000 (100,000 posts).
_PAGES = 16_000
# Bytes that all connections of the process may take, because a scan fills the pages of each.
_MOST_MEMORY = 64_000_000
#: What SQLAlchemy's pool is asked for. It keeps few connections, because each has pages of its own, and takes the one
#: that was used last. A further one opens in 2 ms and is closed after its use.
POOL: Mapping[str, Any] = {"pool_size": 2, "max_overflow": 13, "pool_use_lifo": True}


def prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver has its own rules for transactions (and does not begin one for DDL), so SQLAlchemy's "begin" does it.
    connection.isolation_level = None
    # busy_timeout first: switching to WAL takes a lock that another process may hold.
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"cache_size=-{_PAGES}",
        f"soft_heap_limit={_MOST_MEMORY}",
        # 32 MB between two checkpoints, because each waits for the disk.
        "wal_autocheckpoint=8000",
        # What a larger transaction adds to the file is given back after its checkpoint.
        "journal_size_limit=33554432",
    ):
        connection.execute(f"PRAGMA {pragma}")


def prepare_to_look(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", f"cache_size=-{_PAGES}"):
        connection.execute(f"PRAGMA {pragma}")


def begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={_DURABLE if options['durable'] else _REGAINED}")
    # A transaction that changes from reading to writing cannot wait for another writer, so writers begin as such.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
