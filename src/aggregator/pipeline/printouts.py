"""The files of a digest: where they lie, and that they are written with the pictures that they show."""

from __future__ import annotations

from pathlib import Path

from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import pictures
from aggregator.pipeline.cumulative import list_pages
from aggregator.pipeline.home import Home
from aggregator.storage import digests
from aggregator.storage.database import Connection
from aggregator.types import Digest, DigestState, Month


def name_file(home: Home, month: Month, state: DigestState) -> Path:
    """Return the file of a draft, or of what was printed."""
    if state is DigestState.DRAFT:
        return home.digest_folder / f"{month}.draft.md"
    return home.find_file(home.settings.digest.name_month_file(month))


def write_file(home: Home, month: Month, state: DigestState, digest: Digest) -> Path:
    """Write the file of a month, and remove that of the other state; return the file.

    Raises DigestError for a picture that cannot be carried there, and StorageError.
    """
    file = name_file(home, month, state)
    pictures.carry_pictures(home, digest.lines, file.parent)
    write_whole(file, render_digest(digest))
    return file


def remove_file(home: Home, month: Month, state: DigestState) -> None:
    name_file(home, month, state).unlink(missing_ok=True)


def write_again(home: Home, month: Month) -> Path:
    """Write the file of a printed month again, byte for byte as it was printed; return it.

    Raises DigestError if the month was not printed here.
    """
    with home.reading() as connection:
        stored = _get_printed(connection, month)
    return write_file(home, month, DigestState.PRINTED, stored)


def list_files(home: Home, connection: Connection, month: Month) -> list[Path]:
    """List the files that a print of a month may have written: its own, its pages, and the pictures beside them.

    Raises DigestError if the month was not printed here.
    """
    lines = _get_printed(connection, month).lines
    files = [name_file(home, month, DigestState.PRINTED), *list_pages(home, connection, month)]
    return [*files, *(each for file in files for each in pictures.list_files(lines, file.parent))]


def _get_printed(connection: Connection, month: Month) -> Digest:
    stored = digests.find_digest(connection, month)
    if stored is None or stored.state is not DigestState.PRINTED:
        raise DigestError(t("the digest of {month} is not printed yet", month=month.name))
    return stored.digest
