"""Atomic, durable writes of files in the home folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from aggregator.exceptions import StorageError
from aggregator.locales import t


def write_whole(path: Path, content: str | Callable[[BinaryIO], object], *, mode: int = 0o644) -> None:
    """Replace the file at *path* with *content*: a text (as UTF-8), or a function that writes into the open file,
    and may read it.

    A crash or power cut never leaves a partial file. Until this returns, either the old or the new file is there;
    afterwards, the new one. Raises StorageError.
    """
    try:
        make_folder(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w+b") as file:
                if isinstance(content, str):
                    file.write(content.encode())
                else:
                    content(file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
            _sync_folder(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(t("{path} cannot be written: {error}", path=path, error=error.strerror)) from error


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make new and changed names durable by syncing their folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
