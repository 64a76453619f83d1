"""Secrets in files of the home folder, and who may read what lies there."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Any

from aggregator.exceptions import NotFoundError, StorageError
from aggregator.files import write_whole

LOGIN_KEY = "login-key"
SAMPLE_SALT = "sample-salt"
#: What is shorter could be guessed; an empty one would be known to everybody.
SHORTEST = 32


def get_secret(home: Path, name: str, *, may_make: bool = True) -> str:
    """A secret that is made once and readable by its owner alone. One that is too short, or no line of printable
    ASCII, is not a secret: it is made anew. Raises StorageError, and NotFoundError where none may be made.
    """
    path = home / name
    try:
        found = path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    if found is not None and _is_secret(text := found.decode("ascii", "replace").strip()):
        return text
    if not may_make:
        raise NotFoundError(f"there is no secret in {path} yet; `aggregator run` makes it")
    if found is not None:
        reason = f"it was not {SHORTEST} characters of printable ASCII"
        _get_log().warning("a secret is made anew", file=str(path), reason=reason)
    made = secrets.token_urlsafe(SHORTEST)
    write_whole(path, made, mode=0o600)
    return made


def _is_secret(text: str) -> bool:
    return len(text) >= SHORTEST and text.isascii() and text.isprintable() and " " not in text


def make_home(home: Path) -> None:
    """Make the home folder where there is none, for its owner alone. Raises StorageError."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the home folder {home} cannot be made: {error.strerror}") from error


def tighten_home(home: Path) -> None:
    """Leave the home folder and its secrets to their owner, with a line in the log where that changes anything, and
    one for each that cannot be changed.
    """
    if os.name != "posix":
        return
    wanted = {home: 0o700, **{home / name: 0o600 for name in (LOGIN_KEY, SAMPLE_SALT)}}
    open_paths = [path for path in wanted if _is_open(path)]
    for path in open_paths:
        reason: str | None = "its file system keeps no modes"
        try:
            path.chmod(wanted[path])
        except OSError as error:
            reason = error.strerror
        if _is_open(path):
            _get_log().warning("other users of this machine can read this", path=str(path), reason=reason)
    if closed := [str(path) for path in open_paths if not _is_open(path)]:
        _get_log().info("closed to other users of this machine", paths=closed)


def _is_open(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


def _get_log() -> Any:
    # Imported late: most commands have nothing to say here.
    import structlog

    return structlog.get_logger()
