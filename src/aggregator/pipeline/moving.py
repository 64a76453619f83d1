"""All rows of a home: moved out of its database, into an empty one, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from aggregator.classify.fitting import name_file
from aggregator.config import Config
from aggregator.locales import t
from aggregator.lock import lock_home
from aggregator.pipeline import Progress, ignore_progress
from aggregator.storage import moving, soundness
from aggregator.storage.database import Aim, Database
from aggregator.storage.moving import Moved
from aggregator.storage.patience import waiting_at_most
from aggregator.storage.secrets import make_home


@contextmanager
def opening_to_look(config: Config) -> Iterator[Database]:
    """Open the database of a home as it is, also with older tables. Raises StorageError for newer ones, and
    NotFoundError if nothing is there.
    """
    database = Database(config.database, Aim.LOOK, config.settings.taxonomy)
    try:
        database.require_tables()
        yield database
    finally:
        database.close()


@contextmanager
def opening_to_fill(config: Config) -> Iterator[Database]:
    """Open or make the database of a home that no daemon uses meanwhile; if it fails, a file made for it is removed.

    Raises StorageError if a daemon runs.
    """
    file = config.database
    is_new = isinstance(file, Path) and not file.exists()
    make_home(config.home)
    with lock_home(config.home):
        database = Database(config.database, Aim.BEGIN, config.settings.taxonomy)
        try:
            database.hold()
            yield database
        except BaseException:
            database.close()
            if is_new:
                for end in ("", "-wal", "-shm"):
                    Path(f"{file}{end}").unlink(missing_ok=True)
            raise
        database.close()


def export_rows(config: Config, file: BinaryIO, progress: Progress = ignore_progress) -> Moved:
    """Write all rows of the home into an open file, as they were at one moment. Raises StorageError."""
    with opening_to_look(config) as database, database.snapshot() as connection:
        return moving.write_rows(connection, file.write, progress)


def import_rows(
    config: Config, lines: Iterable[bytes], *, replaces: bool = False, progress: Progress = ignore_progress
) -> Moved:
    """Fill the database of the home with exported rows, all or none. Raises StorageError.

    If it *replaces* what is there, sessions, the password and tokens go too.
    """
    with opening_to_fill(config) as database, waiting_at_most(None), database.writing() as connection:
        return moving.read_rows(database, connection, lines, replaces=replaces, progress=progress)


def list_faults(config: Config) -> list[str]:
    """List what is wrong in a home, as sentences; nothing is written.

    Raises StorageError if its tables are not those of this program, or cannot be read.
    """
    with opening_to_look(config) as database:
        database.prepare()
        with database.snapshot() as connection:
            faults, versions = list(soundness.list_faults(connection)), soundness.list_kept_models(connection)
    lost = [file for version in versions if not (file := name_file(config.home / "models", version)).is_file()]
    return faults + [t("{path} is not there; a model is fitted again by the daemon", path=file) for file in lost]
