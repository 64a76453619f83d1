"""Files under the home folder, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from aggregator.exceptions import StorageError


def write_whole(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Put *text* (UTF-8) in place of the file; a crash leaves the old one. Raises StorageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error
