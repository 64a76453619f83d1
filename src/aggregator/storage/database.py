"""Opens and migrates the database, and hands out transactions. SQLite or PostgreSQL, by address."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa

from aggregator.addresses.urls import hide_credentials
from aggregator.exceptions import MissingExtraError, NotFoundError, StorageError
from aggregator.files import make_folder
from aggregator.locales import mark, t
from aggregator.precedence import PAGES
from aggregator.shipped import SHIPPED
from aggregator.storage import sqlite
from aggregator.storage.glance import name_unwritten
from aggregator.storage.patience import waiting_at_most
from aggregator.storage.revisions import find_head, find_migrations
from aggregator.types import Taxonomy

# How long to wait for a free connection if all are in use.
_POOL_SECONDS = 10
# An advisory lock of PostgreSQL: one process migrates at a time.
_MIGRATION_LOCK = 7_305_811_923
# And one daemon runs at a time. Below 2**31, so that pg_locks shows it in one column.
_DAEMON_LOCK = 730_581_192
_READING = mark("{name}: reading failed: {error}")
_WRITING = mark("{name}: writing failed: {error}")
_LOCKING = mark("{name}: locking failed: {error}")
#: The connection that queries take; named here so that callers need not import SQLAlchemy.
Connection = sa.Connection


class Aim(Enum):
    """What a database is opened for."""

    #: Only read; write and create nothing.
    LOOK = "look"
    #: Change an existing database.
    CHANGE = "change"
    #: Create the database if it is missing.
    BEGIN = "begin"
    #: The same, for a daemon; only one at a time.
    RUN = "run"


class Database:
    """Hands out connections inside a transaction: ``reading`` sees one state, ``writing`` is all or nothing.

    The SQLite file is in WAL mode, so reading never waits for writing. Only one writer works at a time, and the next
    one waits. If the file is removed or replaced while it is in use, that is an error; it is never created again.
    """

    def __init__(self, place: str | Path, aim: Aim = Aim.BEGIN, taxonomy: Taxonomy = SHIPPED) -> None:
        """Open the database. *place* is an SQLite file or an SQLAlchemy URL. Stored sections are read by the
        *taxonomy*.

        Raises StorageError and MissingExtraError, and NotFoundError if the file is missing and must not be created.
        """
        #: As given, with its password: only for child processes, never to be shown.
        self.place = place
        self.name = str(place) if isinstance(place, Path) else _hide_secrets(place)
        self.aim = aim
        self.taxonomy = taxonomy
        self._file: Path | None = None
        self._holding: sa.Connection | None = None
        try:
            address = self._find_address()
            self._engine = sa.create_engine(
                address,
                pool_pre_ping=address.get_backend_name() != "sqlite",
                pool_timeout=_POOL_SECONDS,
                **(sqlite.POOL if address.get_backend_name() == "sqlite" else {}),
                # Available on every connection.
                execution_options={"taxonomy": taxonomy} | ({"postgresql_readonly": True} if aim is Aim.LOOK else {}),
                json_serializer=_write_json,
                json_deserializer=_read_json,
            )
            self._opened = _identify(self._file) if self._file else None
        except (sa.exc.ArgumentError, ValueError) as error:
            # A ValueError quotes what it took for the port, which may be the rest of a password.
            plain = isinstance(error, ValueError) and not isinstance(error, sa.exc.ArgumentError)
            raise self._refuse(t("its port is not a number") if plain else error) from error
        except OSError as error:
            raise self._refuse(error.strerror) from error
        sa.event.listen(self._engine, "before_cursor_execute", _give_way)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", sqlite.prepare_to_look if aim is Aim.LOOK else sqlite.prepare)
            sa.event.listen(self._engine, "begin", sqlite.begin)
        else:
            sa.event.listen(self._engine, "do_connect", _connect_postgres)

    def _refuse(self, reason: object) -> StorageError:
        return StorageError(t("the database {name} cannot be opened: {reason}", name=self.name, reason=reason))

    def _find_address(self) -> sa.URL:
        place = self.place
        address = sa.URL.create("sqlite", database=str(place)) if isinstance(place, Path) else sa.make_url(place)
        if address.get_backend_name() in {"postgres", "postgresql"}:
            _check_psycopg()
            return address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() != "sqlite":
            raise StorageError(t("{name}: only sqlite and postgresql are supported", name=self.name))
        if address.database in {None, "", ":memory:"} or "uri" in address.query:
            return address
        self._file = file = Path(address.database or "")
        self._make_file(file)
        # A URI, because without mode=rw SQLite creates a missing file.
        named = name_unwritten(file) if self.aim is Aim.LOOK else f"{file.absolute().as_uri()}?mode=rw"
        database, _, query = named.partition("?")
        return address.set(database=database, query={**address.query, **dict(parse_qsl(query)), "uri": "true"})

    def _make_file(self, file: Path) -> None:
        """Create the file if it is missing and may be created. Raises NotFoundError if it must not be."""
        if os.path.lexists(file):
            return
        if self.aim in {Aim.LOOK, Aim.CHANGE}:
            raise self._miss()
        make_folder(file.parent)
        file.touch()

    def _miss(self) -> NotFoundError:
        return NotFoundError(t("there is no database at {name} yet; `aggregator run` creates it", name=self.name))

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads. Raises StorageError if the database fails."""
        with self._wrapped(_READING), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a transaction in which all queries see the state at its first one, for as long as it takes, while
        others write.

        Raises StorageError, also if somebody began to write an SQLite file that was opened as one at rest.
        """
        at_rest = self._file if "immutable" in self._engine.url.query else None
        before = _describe(at_rest)
        with waiting_at_most(None), self._wrapped(_READING), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
        if _describe(at_rest) != before:
            raise StorageError(t("{name} was written meanwhile; call the command again", name=self.name))

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sa.Connection]:
        """Open a transaction that writes. It is rolled back as a whole if anything in it fails.

        Once it has ended, it survives a power cut. Without *durable* it may not, which is for data that would be
        collected or derived again.
        """
        with self._wrapped(_WRITING), self._engine.connect() as connection:
            connection.execution_options(writes=True, durable=durable)
            with connection.begin():
                yield connection

    def prepare(self) -> None:
        """Bring the tables up to date; for reading only, check that they are.

        Raises StorageError, and NotFoundError if there are no tables and they must not be created.
        """
        if self.aim is not Aim.LOOK:
            if self.aim is Aim.CHANGE:
                self.require_tables()
            self.migrate()
            return
        found = self.require_tables()
        if found != [find_head()]:
            raise StorageError(
                t(
                    "{name}: the tables are older than this program (revision {found} of {head}); "
                    "`aggregator db upgrade` brings them up to date: make a backup first (`aggregator db backup`)",
                    name=self.name,
                    found=", ".join(found),
                    head=find_head(),
                )
            )

    def require_tables(self) -> Sequence[str]:
        """Return the revision of the tables. Raises NotFoundError without tables, and StorageError if they are from
        a newer program.
        """
        found = self.list_revisions()
        if not found:
            raise self._miss()
        self.refuse_newer(found)
        return found

    def refuse_newer(self, found: Sequence[str]) -> None:
        """Raise StorageError if a revision is newer than those that the program knows."""
        if newer := [revision for revision in found if revision > find_head()]:
            raise StorageError(
                t(
                    "{name}: the tables are from a newer program (revision {newer}; this one knows {head})",
                    name=self.name,
                    newer=newer[0],
                    head=find_head(),
                )
            )

    def hold(self) -> None:
        """Take the lock of a PostgreSQL database, so that only one daemon uses it. Raises StorageError if another one
        has it.

        The lock ends with this process or with the server. An SQLite file is protected by the lock of its home.
        """
        if self._engine.dialect.name != "postgresql":
            return
        with self._wrapped(_LOCKING):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_DAEMON_LOCK))).scalar_one():
                found = connection.execute(sa.text(_HOLDER), {"lock": _DAEMON_LOCK}).one_or_none()
                connection.close()
                began = f"{found.backend_start:%Y-%m-%d %H:%M %Z}" if found else "?"
                who = t("{name}, since {moment}", name=found.application_name, moment=began) if found else "?"
                raise StorageError(t("another daemon uses the database {name}: {who}", name=self.name, who=who))
        self._holding = connection

    def tell(self, said: str) -> None:
        """Record where the daemon that holds the database can be reached."""
        if self._holding:
            with self._wrapped(_LOCKING):
                self._holding.execute(sa.select(sa.func.set_config("application_name", said, False)))

    def measure_size(self, connection: Connection) -> int:
        """The bytes that the database takes on its disk, with its write-ahead log if that is a file here."""
        if self._file is None:
            query = sa.select(sa.func.pg_database_size(sa.func.current_database()))
            return int(connection.execute(query).scalar_one()) if self.name.startswith("postgres") else 0
        files = (self._file, self._file.with_name(f"{self._file.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def migrate(self, revision: str | None = None) -> None:
        """Bring the tables to the given revision, the newest by default; safe to call at every start.

        Raises StorageError, also if the database is from a newer program.
        """
        head, found = find_head(), self.list_revisions()
        if revision in {None, head} and found == [head]:
            return
        self.refuse_newer(found)
        with waiting_at_most(None), self.writing() as connection:
            self.upgrade(connection, revision)

    def upgrade(self, connection: sa.Connection, revision: str | None = None) -> None:
        """Do the same within the caller's transaction, which no limit of the server ends from here on.

        Raises StorageError.
        """
        # Imported late: loading it takes as long as the rest of a command, and tables are nearly always up to date.
        from alembic import command
        from alembic.config import Config as AlembicConfig

        config = AlembicConfig()
        config.set_main_option("script_location", str(find_migrations()))
        if connection.dialect.name == "postgresql":
            # A migration may take long, and so may waiting for another process that migrates.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision or "head")
        except Exception as error:
            raise StorageError(
                t("{name}: the tables cannot be brought up to date: {error}", name=self.name, error=error)
            ) from error

    def list_revisions(self) -> Sequence[str]:
        """List the revision of the tables as Alembic stores it; empty for an empty database."""
        with self.reading() as connection:
            return read_revisions(connection)

    def give_back_space(self) -> None:
        """Make an SQLite file smaller by what was deleted; others wait meanwhile. PostgreSQL uses the space again by
        itself. Raises StorageError.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with self._wrapped(_WRITING), closing(self._engine.raw_connection()) as connection:
            try:
                connection.cursor().execute("VACUUM")
            except sqlite3.Error as error:
                raise StorageError(t(_WRITING, name=self.name, error=error)) from error

    def close(self) -> None:
        if self._holding:
            # The server notices a closed connection some time later, when the next daemon may have asked already.
            with suppress(sa.exc.DBAPIError):
                self._holding.execute(sa.select(sa.func.pg_advisory_unlock(_DAEMON_LOCK)))
            # Not returned to the pool, because there the lock would outlive its daemon.
            self._holding.detach()
            self._holding.close()
        self._engine.dispose()

    def _check_file(self) -> None:
        """Raise StorageError if the file was removed or replaced: open connections would use one without a name."""
        if self._file is None:
            return
        try:
            is_same = _identify(self._file) == self._opened
        except OSError:
            raise StorageError(
                t(
                    "{name} was removed while it was in use: put it back, or end the daemon and start it again",
                    name=self.name,
                )
            ) from None
        if not is_same:
            raise StorageError(
                t("{name} was replaced by another file while it was in use: start the daemon again", name=self.name)
            )

    @contextmanager
    def _wrapped(self, failure: str) -> Iterator[None]:
        """Raise StorageError with *failure*, a message that names the database and the error."""
        self._check_file()
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.DatabaseError) as error:
            if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError):
                raise  # A bug, not a problem of the machine.
            raise StorageError(t(failure, name=self.name, error=error.orig)) from error
        except sa.exc.TimeoutError as error:
            # Raised by the pool if all its connections are in use.
            raise StorageError(
                t(failure, name=self.name, error=t("all connections to the database are in use"))
            ) from error


def _give_way(*_: object) -> None:
    PAGES.give_way()


# The session that holds an advisory lock in this database.
_HOLDER = """
    SELECT application_name, backend_start FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND granted AND datname = current_database()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _identify(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


def _describe(file: Path | None) -> object:
    """What differs as soon as somebody has written an SQLite file."""
    if file is None:
        return None
    found = file.stat()
    return found.st_mtime_ns, found.st_size, file.with_name(f"{file.name}-wal").exists()


def read_revisions(connection: sa.Connection) -> Sequence[str]:
    """Return the revision of the tables; empty without tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return []
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _write_json(value: object) -> str:
    # Most entries have no media, and many no tags.
    return "[]" if value == [] else _ENCODER.encode(value)


def _read_json(text: str | bytes) -> object:
    return [] if text in ("[]", b"[]") else json.loads(text)


def _hide_secrets(url: str) -> str:
    """The URL without user and password, also if they have unescaped characters that would end them."""
    before, at, rest = url.rpartition("@")
    scheme, slashes, _ = before.partition("//")
    return hide_credentials(f"{scheme}{slashes}{rest}" if at and slashes else url)


def _check_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("database_url", "psycopg", "postgres") from error


def _connect_postgres(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> object:
    # Imported late: it is not needed for SQLite.
    from aggregator.storage.postgres import connect

    return connect(named)
