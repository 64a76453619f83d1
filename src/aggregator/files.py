"""Reads files that a person gives, and writes those of the home folder: atomic and durable."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from aggregator.exceptions import DigestError, NotFoundError, StorageError
from aggregator.locales import t


def read_text(file: Path, *, most_bytes: int | None = None) -> str:
    """Read UTF-8 with its ends of lines as they are. Raises NotFoundError, also for a file with more than *most_bytes*,
    and DigestError for other bytes.
    """
    try:
        if most_bytes is not None and file.is_file() and file.stat().st_size > most_bytes:
            raise NotFoundError(t("{file} is larger than {most} MB", file=file, most=most_bytes // 1_000_000))
        # Bytes, because reading as text would turn CR LF into LF before anybody could remark on it.
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise NotFoundError(t("{file} cannot be read: {why}", file=file, why=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise DigestError(t("{file} is not UTF-8 (byte {number})", file=file, number=error.start)) from error


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
