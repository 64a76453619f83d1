"""A lock that allows one daemon per home, and that the system releases when the process ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from aggregator.exceptions import StorageError


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock that the daemon of a home holds."""

    file: TextIO

    def tell(self, said: str) -> None:
        """Write the address of this daemon into the lock file."""
        self.file.truncate(0)
        self.file.write(said)
        self.file.flush()


@contextmanager
def lock_home(home: Path) -> Iterator[Lock]:
    """Hold the lock of a home; a missing home is created.

    Raises StorageError if another daemon holds the lock, with the text that it wrote into it, and if the home is not
    writable.
    """
    path = home / "daemon.lock"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise StorageError(f"another daemon uses {home}: {file.read() or 'it is just starting'}") from error
        except OSError as error:
            raise StorageError(f"{path} cannot be locked: {error.strerror}") from error
        file.truncate(0)
        yield Lock(file)
        file.truncate(0)
