"""The curator's cumulative page: each month's lines are merged into a file that a person keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.digest.merge import Merged, merge_digest
from aggregator.exceptions import DigestError, StorageError
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.storage.database import Connection
from aggregator.storage.placed import Placed, find_placed, read_placed, set_placed, write_placed
from aggregator.types import Digest, Month, Texts


@dataclass(frozen=True, slots=True)
class PageChange:
    """What putting a digest on the page does to it."""

    file: Path
    #: The page as it stands; empty if there is none yet.
    text: str
    merged: Merged
    #: The lines of the month, before and afterwards.
    before: Sequence[Placed]
    after: Sequence[Placed]

    @property
    def mark(self) -> str:
        """Tells this change from any other: a curator who confirms one confirms exactly this."""
        return hashlib.sha256(f"{self.text}\0{self.merged.text}".encode()).hexdigest()[:16]


def find_file(home: Home) -> Path | None:
    """Return the file of the page; None if the settings name none."""
    named = home.settings.digest.page
    # A link to a file elsewhere stays a link.
    return (home.folder / Path(named).expanduser()).resolve() if named else None


def plan_change(home: Home, connection: Connection, month: Month, digest: Digest) -> PageChange | None:
    """Plan to put the digest of a month on the page; None if the settings name no page.

    Raises DigestError if the page cannot be read, or if a code fence or a comment of it is never closed.
    """
    return _plan(home, digest.texts, find_placed(connection, month), write_placed(digest.lines))


def put_on_page(home: Home, connection: Connection, month: Month, change: PageChange) -> None:
    """Do what was planned. Raises StorageError if the page cannot be written; nothing is stored then."""
    set_placed(connection, month, change.after)
    if change.merged.edits:
        write_whole(change.file, change.merged.text)


def put_back(home: Home, connection: Connection, month: Month, texts: Texts, lines: Sequence[Placed]) -> None:
    """Put on the page what was there of a month before or after an action. Raises what ``plan_change`` raises."""
    if change := _plan(home, texts, find_placed(connection, month), lines):
        put_on_page(home, connection, month, change)


def _plan(home: Home, texts: Texts, before: Sequence[Placed], after: Sequence[Placed]) -> PageChange | None:
    file = find_file(home)
    if file is None:
        return None
    text = read_file(file)
    old, new = (Digest(texts, read_placed(lines, texts.taxonomy)) for lines in (before, after))
    try:
        merged = merge_digest(text, new, old)
    except DigestError as error:
        raise DigestError(f"{file}: {error}") from error
    return PageChange(file, text, merged, before, after)


def read_file(file: Path) -> str:
    """Read the page; empty if there is none yet. Raises StorageError, and DigestError if it is not UTF-8."""
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StorageError(t("{file} cannot be read: {reason}", file=file, reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise DigestError(t("{file} is not UTF-8 (byte {byte})", file=file, byte=error.start)) from error
