"""The pictures of notes: kept in the home folder, and carried beside each page that shows them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from aggregator.digest.pictures import FOLDER, is_name, list_pictures, name_picture
from aggregator.exceptions import DigestError, NotFoundError, StorageError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.types import Line

#: The size of the largest picture.
MOST_BYTES = 5_000_000


def keep_picture(home: Home, content: bytes) -> str:
    """Keep a picture in the home folder; return its name. The same picture is kept once.

    Raises DigestError if it is too large, or not a PNG, JPEG, WebP or GIF.
    """
    if len(content) > MOST_BYTES:
        said = t("the picture has more than {number} MB", number=MOST_BYTES // 1_000_000)
        raise DigestError(said, field="note")
    name = name_picture(content)
    if name is None:
        raise DigestError(t("the file is not a picture: PNG, JPEG, WebP and GIF can be printed"), field="note")
    _write(_find_folder(home) / name, content)
    return name


def read_picture(home: Home, name: str) -> bytes:
    """Read a picture that is kept. Raises NotFoundError."""
    try:
        if is_name(name):
            return (_find_folder(home) / name).read_bytes()
    except OSError:
        pass
    raise NotFoundError(t("{name} is not a picture of a note", name=name))


def carry_pictures(home: Home, lines: Iterable[Line], folder: Path) -> None:
    """Copy the pictures of lines beside the page in *folder* that is going to show them.

    Raises DigestError if a picture is missing, or if something else has its name there.
    """
    for name in list_pictures(line.note for line in lines):
        try:
            _write(folder / FOLDER / name, read_picture(home, name))
        except NotFoundError as error:
            said = t("the picture {name} of a note is not in {folder}", name=name, folder=_find_folder(home))
            raise DigestError(said) from error


def _find_folder(home: Home) -> Path:
    return home.digest_folder / FOLDER


def _write(file: Path, content: bytes) -> None:
    try:
        if file.read_bytes() == content:
            return
    except FileNotFoundError:
        write_whole(file, lambda opened: opened.write(content))
        return
    except OSError as error:
        raise StorageError(t("{file} cannot be read: {reason}", file=file, reason=error.strerror)) from error
    raise DigestError(t("{file} is another picture than that of the note; remove or rename it", file=file))
