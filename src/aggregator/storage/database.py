"""The database: opened, migrated, and handed out one transaction at a time. SQLite or PostgreSQL, by address."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa

from aggregator.addresses.urls import hide_credentials
from aggregator.exceptions import MissingExtraError, NotFoundError, StorageError
from aggregator.files import make_folder
from aggregator.shipped import SHIPPED
from aggregator.storage import sqlite
from aggregator.storage.glance import name_unwritten
from aggregator.storage.patience import waiting_at_most
from aggregator.storage.revisions import find_head, find_migrations
from aggregator.types import Taxonomy

# For a free connection, where all are in use.
_POOL_SECONDS = 10
# One number for all daemons: PostgreSQL lets one of them migrate at a time.
_MIGRATION_LOCK = 7_305_811_923
# And one of them run; below 2**31, so that pg_locks shows it in one column.
_DAEMON_LOCK = 730_581_192
#: What the queries of this package take; named here so that nobody else has to know whose it is.
Connection = sa.Connection


class Aim(Enum):
    """What a database is opened for."""

    #: Nothing is written, nor made.
    LOOK = "look"
    #: What is there is changed.
    CHANGE = "change"
    #: What is not there is made.
    BEGIN = "begin"
    #: So it is, and by one daemon at a time.
    RUN = "run"


class Database:
    """Hands out connections inside a transaction: ``reading`` sees one state, ``writing`` is all or nothing.

    On SQLite the file is in WAL mode, so that reading never waits for writing; one writer at a time, the next waits.
    A file that is removed or replaced while it is in use is an error, and never made anew.
    """

    def __init__(self, place: str | Path, aim: Aim = Aim.BEGIN, taxonomy: Taxonomy = SHIPPED) -> None:
        """*place* is the file of an SQLite database, or SQLAlchemy's address of one of either kind. What is stored of
        sections is read by the *taxonomy*.

        Raises StorageError, MissingExtraError, and NotFoundError for a file that is not there when nothing is to be
        made.
        """
        #: As it was given, with its password: for a process of our own, never to be shown.
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
                # Connections carry them.
                execution_options={"taxonomy": taxonomy} | ({"postgresql_readonly": True} if aim is Aim.LOOK else {}),
                json_serializer=_write_json,
                json_deserializer=_read_json,
            )
            self._opened = _identify(self._file) if self._file else None
        except (sa.exc.ArgumentError, ValueError) as error:
            # A ValueError quotes what it took for the port, which may be the rest of a password.
            plain = isinstance(error, ValueError) and not isinstance(error, sa.exc.ArgumentError)
            reason = "its port is not a number" if plain else error
            raise StorageError(f"the database {self.name} cannot be opened: {reason}") from error
        except OSError as error:
            raise StorageError(f"the database {self.name} cannot be opened: {error.strerror}") from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", sqlite.prepare_to_look if aim is Aim.LOOK else sqlite.prepare)
            sa.event.listen(self._engine, "begin", sqlite.begin)
        else:
            sa.event.listen(self._engine, "do_connect", _connect_postgres)

    def _find_address(self) -> sa.URL:
        place = self.place
        address = sa.URL.create("sqlite", database=str(place)) if isinstance(place, Path) else sa.make_url(place)
        if address.get_backend_name() in {"postgres", "postgresql"}:
            _check_psycopg()
            return address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() != "sqlite":
            raise StorageError(f"{self.name}: only sqlite and postgresql are supported")
        if address.database in {None, "", ":memory:"} or "uri" in address.query:
            return address
        self._file = file = Path(address.database or "")
        self._make_file(file)
        # A URI, for SQLite makes a file that is missing unless it is told not to.
        named = name_unwritten(file) if self.aim is Aim.LOOK else f"{file.absolute().as_uri()}?mode=rw"
        database, _, query = named.partition("?")
        return address.set(database=database, query={**address.query, **dict(parse_qsl(query)), "uri": "true"})

    def _make_file(self, file: Path) -> None:
        """Where it is missing; or say that it is."""
        if os.path.lexists(file):
            return
        if self.aim in {Aim.LOOK, Aim.CHANGE}:
            raise self._miss()
        make_folder(file.parent)
        file.touch()

    def _miss(self) -> NotFoundError:
        return NotFoundError(f"there is nothing at {self.name} yet; `aggregator run` begins")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads; raises StorageError when the database fails."""
        with self._wrapped("reading"), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sa.Connection]:
        """A transaction that writes; rolled back as a whole when anything in it fails.

        It is on the disk when it ends, and a power cut does not take it; without *durable* it may: for what would be
        collected or worked out again.
        """
        with self._wrapped("writing"), self._engine.connect() as connection:
            connection.execution_options(writes=True, durable=durable)
            with connection.begin():
                yield connection

    def prepare(self) -> None:
        """Bring the tables up to date; when this is for a look alone, say what is wrong with them.

        Raises StorageError, and NotFoundError where there are none and none are to be made.
        """
        found = self._list_revisions()
        if not found and self.aim in {Aim.LOOK, Aim.CHANGE}:
            raise self._miss()
        if self.aim is not Aim.LOOK:
            self.migrate()
            return
        self._refuse_newer(found)
        if found != [find_head()]:
            raise StorageError(
                f"{self.name}: the tables are older than this program (revision {', '.join(found)} of {find_head()}); "
                "`aggregator run` brings them up to date: make a backup first"
            )

    def _refuse_newer(self, found: Sequence[str]) -> None:
        if newer := [revision for revision in found if revision > find_head()]:
            raise StorageError(
                f"{self.name}: the tables are of a newer program (revision {newer[0]}; this one knows {find_head()})"
            )

    def hold(self) -> None:
        """Be the only daemon of a PostgreSQL until the end, or until its server lets go. Raises StorageError.

        An SQLite file is held by the lock of its home.
        """
        if self._engine.dialect.name != "postgresql":
            return
        with self._wrapped("locking"):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_DAEMON_LOCK))).scalar_one():
                found = connection.execute(sa.text(_HOLDER), {"lock": _DAEMON_LOCK}).one_or_none()
                connection.close()
                who = f"{found.application_name}, since {found.backend_start:%Y-%m-%d %H:%M %Z}" if found else "?"
                raise StorageError(f"another daemon uses the database {self.name}: {who}")
        self._holding = connection

    def tell(self, said: str) -> None:
        """Leave for others where the daemon is found that holds the database."""
        if self._holding:
            with self._wrapped("locking"):
                self._holding.execute(sa.select(sa.func.set_config("application_name", said, False)))

    def migrate(self, revision: str | None = None) -> None:
        """Bring the tables to the given revision, the newest by default; safe to call at every start.

        Raises StorageError, also for a database of a newer program.
        """
        head, found = find_head(), self._list_revisions()
        if revision in {None, head} and found == [head]:
            return
        self._refuse_newer(found)
        # Imported late: it takes as long as all else that a command does, and tables are nearly always up to date.
        from alembic import command
        from alembic.config import Config as AlembicConfig

        config = AlembicConfig()
        config.set_main_option("script_location", str(find_migrations()))
        with waiting_at_most(None), self.writing() as connection:
            if connection.dialect.name == "postgresql":
                # It takes as long as it takes, and so does the wait for another that does the same.
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, revision or "head")
            except Exception as error:
                raise StorageError(f"{self.name}: the tables cannot be brought up to date: {error}") from error

    def _list_revisions(self) -> Sequence[str]:
        """The revision that the tables are at, as Alembic keeps it; none in an empty database."""
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return []
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()

    def close(self) -> None:
        if self._holding:
            # Not back to the pool, where the lock would outlive its daemon.
            self._holding.detach()
            self._holding.close()
        self._engine.dispose()

    def _check_file(self) -> None:
        """Connections that are open would go on with a file that nobody finds any more."""
        if self._file is None:
            return
        try:
            is_same = _identify(self._file) == self._opened
        except OSError:
            raise StorageError(
                f"{self.name} was removed while it was in use: put it back, or end the daemon and start it again"
            ) from None
        if not is_same:
            raise StorageError(f"{self.name} was replaced by another file while it was in use: start the daemon again")

    @contextmanager
    def _wrapped(self, doing: str) -> Iterator[None]:
        self._check_file()
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.DatabaseError) as error:
            if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError):
                raise  # A mistake of ours, not of the surroundings.
            raise StorageError(f"{self.name}: {doing} failed: {error.orig}") from error
        except sa.exc.TimeoutError as error:
            # Of the pool: all its connections wait for an answer.
            raise StorageError(f"{self.name}: {doing} failed: too many wait for the database already") from error


# The session that has an advisory lock in this database.
_HOLDER = """
    SELECT application_name, backend_start FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND classid = 0 AND objid = :lock AND granted AND datname = current_database()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def _identify(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _write_json(value: object) -> str:
    # Most entries have no media, and many no tags.
    return "[]" if value == [] else _ENCODER.encode(value)


def _read_json(text: str | bytes) -> object:
    return [] if text in ("[]", b"[]") else json.loads(text)


def _hide_secrets(url: str) -> str:
    """Without user and password, also where these hold what would end them in a right address."""
    before, at, rest = url.rpartition("@")
    scheme, slashes, _ = before.partition("//")
    return hide_credentials(f"{scheme}{slashes}{rest}" if at and slashes else url)


def _check_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("database_url", "psycopg", "postgres") from error


def _connect_postgres(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> object:
    # Imported late: whoever has SQLite needs nothing of it.
    from aggregator.storage.postgres import connect

    return connect(named)
