"""Secrets in files of the home folder, and the permissions of these files."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Any

from aggregator.exceptions import NotFoundError, StorageError
from aggregator.files import write_whole
from aggregator.locales import t

LOGIN_KEY = "login-key"
SAMPLE_SALT = "sample-salt"
#: A shorter secret could be guessed, and an empty one would be known to everybody.
SHORTEST = 32


def get_secret(home: Path, name: str, *, may_make: bool = True) -> str:
    """Return a secret, which is made once and readable only by its owner.

    If the stored one is too short or not one line of printable ASCII, a new one is made. Raises StorageError, and
    NotFoundError if there is no secret and it must not be made.
    """
    path = home / name
    try:
        found = path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise StorageError(t("{path} cannot be read: {error}", path=path, error=error.strerror)) from error
    if found is not None and _is_secret(text := found.decode("ascii", "replace").strip()):
        return text
    if not may_make:
        raise NotFoundError(t("there is no secret in {path} yet; `aggregator run` makes it", path=path))
    if found is not None:
        reason = f"the old one was not {SHORTEST} characters of printable ASCII"
        _get_log().warning("a new secret is made", file=str(path), reason=reason)
    made = secrets.token_urlsafe(SHORTEST)
    write_whole(path, made, mode=0o600)
    return made


def _is_secret(text: str) -> bool:
    return len(text) >= SHORTEST and text.isascii() and text.isprintable() and " " not in text


def make_home(home: Path) -> None:
    """Make the home folder if it is missing, readable only by its owner. Raises StorageError."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            t("the home folder {home} cannot be made: {error}", home=home, error=error.strerror)
        ) from error


def tighten_home(home: Path) -> None:
    """Make the home folder and its secrets readable only by their owner. Log what was changed, and what could
    not be.
    """
    if os.name != "posix":
        return
    wanted = {home: 0o700, **{home / name: 0o600 for name in (LOGIN_KEY, SAMPLE_SALT)}}
    open_paths = [path for path in wanted if _is_open(path)]
    for path in open_paths:
        reason: str | None = "its file system does not store permissions"
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
    # Imported late: most commands log nothing here.
    import structlog

    return structlog.get_logger()
