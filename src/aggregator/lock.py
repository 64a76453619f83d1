"""A lock that allows one daemon per home, and that the system releases when the process ends. The file of the lock says
what the daemon serves.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from aggregator.exceptions import StorageError
from aggregator.locales import t

LOCK = "daemon.lock"


@dataclass(frozen=True, slots=True)
class Serving:
    """What a running daemon serves."""

    #: The address of the page, without a slash at the end.
    page: str
    port: int
    process: int
    #: In words: ``2026-11-29 09:12 UTC``.
    since: str
    #: Whether a link logs in to the page, or only the password.
    takes_links: bool = True

    def __str__(self) -> str:
        return t(
            "it has served {page} since {since} (process {process})",
            page=self.page,
            since=self.since,
            process=self.process,
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock that the daemon of a home holds."""

    file: TextIO

    def tell(self, serving: Serving) -> None:
        """Write into the lock file what this daemon serves."""
        self.file.truncate(0)
        self.file.write(json.dumps(asdict(serving)))
        self.file.flush()


@contextmanager
def lock_home(home: Path) -> Iterator[Lock]:
    """Hold the lock of a home; a missing home is created.

    Raises StorageError if another daemon holds the lock, with what it serves, and if the home is not writable.
    """
    path = home / LOCK
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise StorageError(t("{path} cannot be written: {error}", path=path, error=error.strerror)) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = _read(file) or t("it is just starting")
            raise StorageError(t("another daemon uses {home}: {who}", home=home, who=who)) from error
        except OSError as error:
            raise StorageError(t("{path} cannot be locked: {error}", path=path, error=error.strerror)) from error
        file.truncate(0)
        yield Lock(file)
        file.truncate(0)


def find_serving(home: Path) -> Serving | None:
    """Return what the running daemon of a home serves; None if there is none, or it is just starting."""
    try:
        with (home / LOCK).open(encoding="utf-8", errors="replace") as file:
            # A daemon that begins empties the file, so this does not touch its lock.
            serving = _read(file)
            if serving is not None:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return serving
    except OSError:
        pass
    return None


def _read(file: TextIO) -> Serving | None:
    file.seek(0)
    try:
        return Serving(**json.loads(file.read()))
    except (ValueError, TypeError):
        return None
