"""One file with all of a home: a ZIP archive with every row and the files beside the database.

It has ``manifest.json``, the rows as ``storage.moving`` writes them, and below ``home/`` feeds.toml, the models, the
folder of the digests with its pictures, and the pages and months that the settings name in the home. Login key, salt of
the spot checks, password, tokens and sessions stay out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from aggregator import __version__
from aggregator.config import Config
from aggregator.config.file_names import make_glob
from aggregator.digest.pictures import FOLDER
from aggregator.exceptions import StorageError
from aggregator.files import make_folder, write_whole
from aggregator.locales import t
from aggregator.pipeline import Progress, ignore_progress
from aggregator.pipeline.moving import opening_to_fill, opening_to_look
from aggregator.places import is_shipped
from aggregator.storage import moving
from aggregator.storage.patience import waiting_at_most
from aggregator.types import EditionFormat

_FORMAT = "aggregator backup 1"
_MANIFEST, _ROWS, _HOME, _FEEDS = "manifest.json", "rows.jsonl", "home/", "feeds.toml"
_FOLDERS = ("models", "digests")
# Names the database, perhaps with its password; a restored home has its own.
_DATABASE_LINE = re.compile(r"^database_url[ \t]*=[^\n]*", re.MULTILINE)
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup has."""

    format: str
    #: The version of the program, and the revision of the tables.
    version: str
    revision: str
    made_at: str
    #: The number of rows by table.
    rows: Mapping[str, int]
    #: SHA-256 of each member of the archive, by its name there.
    members: Mapping[str, str]

    @property
    def files(self) -> list[str]:
        """The files of the home, by their names below it."""
        return [name.removeprefix(_HOME) for name in self.members if name.startswith(_HOME)]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of restoring a backup."""

    manifest: Manifest
    #: The tables' revision now.
    revision: str
    #: The rows with a character that the database does not store.
    mended: tuple[str, ...]
    #: Whether the home had a feeds.toml, which stays.
    keeps_feeds: bool


# --- back up ---


def name_backup(config: Config, now: datetime) -> Path:
    """Name a new backup, in UTC."""
    return config.home / "backups" / f"aggregator-{now.astimezone(UTC):%Y%m%d-%H%M%S}.zip"


def back_up(config: Config, file: Path, progress: Progress = ignore_progress) -> Manifest:
    """Write a backup of a home as it is at one moment, also while a daemon works; it is read once more and compared
    before it has its name. An earlier backup of this name is replaced.

    Raises StorageError, also if the file is there and is not a backup.
    """
    with opening_to_look(config):
        pass  # Nothing is made for a home that is not there.
    if file.exists():
        check_backup(file)
    made: list[Manifest] = []

    def write(opened: BinaryIO) -> None:
        made.append(_write(config, opened, progress))
        opened.flush()
        _check(opened, file)

    write_whole(file, write, mode=0o600)
    return made[0]


def _write(config: Config, opened: BinaryIO, progress: Progress) -> Manifest:
    members: dict[str, str] = {}
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        with (
            opening_to_look(config) as database,
            database.snapshot() as connection,
            _adding(archive, _ROWS, members) as write,
        ):
            moved = moving.write_rows(connection, write, progress)
        for name, file in _list_files(config):
            try:
                content = file.open("rb")
            except FileNotFoundError:
                continue  # An old model that was removed meanwhile.
            with content, _adding(archive, f"{_HOME}{name}", members) as write:
                if name == _FEEDS:
                    write(_DATABASE_LINE.sub("# database_url is not in a backup", content.read().decode()).encode())
                    continue
                while block := content.read(_READ_BYTES):
                    write(block)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(_FORMAT, __version__, moved.revision, now, moved.rows, members)
        archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=2))
    return manifest


@contextmanager
def _adding(archive: zipfile.ZipFile, name: str, members: dict[str, str]) -> Iterator[Callable[[bytes], object]]:
    sum_ = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:

        def write(block: bytes) -> None:
            sum_.update(block)
            member.write(block)

        yield write
    members[name] = sum_.hexdigest()


def _list_files(config: Config) -> Iterator[tuple[str, Path]]:
    """The files beside the database, with their names below the home folder."""
    if config.file.is_file() and not is_shipped(config.file):
        yield _FEEDS, config.file
    digest = config.settings.digest
    # The editions of a month have the name of its file, with other ends.
    months = digest.month_file.removesuffix(".md")
    names = [digest.page, *(f"{months}{suffix}" for suffix in {".md", *(form.suffix for form in EditionFormat)})]
    printed = list(_list_named(config.home, names))
    pictures = {file.parent / FOLDER for file in printed}
    beside = (file for folder in (*map(config.home.joinpath, _FOLDERS), *pictures) for file in folder.rglob("*"))
    for file in sorted({*beside, *printed}):
        name = file.relative_to(config.home)
        # What is being written has a hidden name, and so has what git keeps, perhaps with the password of a server.
        if file.is_file() and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix(), file


def _list_named(home: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """The files in a home that patterns of the settings name; files elsewhere are not of the home."""
    for pattern in filter(None, patterns):
        name = os.path.relpath(home / Path(pattern).expanduser(), home)
        if not name.startswith(os.pardir):
            yield from home.glob(make_glob(name))


# --- check ---


def check_backup(file: Path) -> Manifest:
    """Read all of a backup and compare it with its manifest. Raises StorageError."""
    try:
        with file.open("rb") as opened:
            return _check(opened, file)
    except OSError as error:
        raise StorageError(t("{path} cannot be read: {error}", path=file, error=error.strerror)) from error


def _check(opened: BinaryIO, file: Path) -> Manifest:
    with _opening(opened, file) as (archive, manifest):
        for name in manifest.members:
            with archive.open(name) as member:
                _finish(_Summed(member), manifest, name)
    return manifest


@contextmanager
def _opening(opened: BinaryIO, file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open an archive. Raises StorageError, also for what is found to be damaged later."""
    try:
        with zipfile.ZipFile(opened) as archive:
            manifest = Manifest(**json.loads(archive.read(_MANIFEST)))
            if manifest.format != _FORMAT or not all(map(_is_inside, manifest.files)):
                raise ValueError(manifest.format)
            yield archive, manifest
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise StorageError(t("{path} is not a backup, or it is damaged: {error}", path=file, error=error)) from error


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


class _Summed:
    """The lines of a member of the archive, with the sum of what was read."""

    def __init__(self, member: IO[bytes]) -> None:
        self._member = member
        self._sum = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._member:
            self._sum.update(line)
            yield line

    def read_rest(self, write: Callable[[bytes], object] = len) -> str:
        """Read what is left; return the sum of all."""
        while block := self._member.read(_READ_BYTES):
            self._sum.update(block)
            write(block)
        return self._sum.hexdigest()


def _finish(summed: _Summed, manifest: Manifest, name: str, write: Callable[[bytes], object] = len) -> None:
    if summed.read_rest(write) != manifest.members[name]:
        raise ValueError(t("{name} differs from what was written", name=name))


# --- restore ---


def restore(config: Config, file: Path, *, replaces: bool = False, progress: Progress = ignore_progress) -> Restored:
    """Fill an empty home with a backup, whole or not at all, and bring its tables up to date.

    A feeds.toml that is there stays. Raises StorageError if a daemon runs, if the home is not empty and it does not say
    *replaces*, if the backup is from a newer program, or if it is damaged.
    """
    try:
        opened = file.open("rb")
    except OSError as error:
        raise StorageError(t("{path} cannot be read: {error}", path=file, error=error.strerror)) from error
    with ExitStack() as stack:
        stack.enter_context(opened)
        archive, manifest = stack.enter_context(_opening(opened, file))
        database = stack.enter_context(opening_to_fill(config))
        database.refuse_newer([manifest.revision])
        keeps_feeds = (config.home / _FEEDS).exists()
        names = [name for name in manifest.files if not (name == _FEEDS and keeps_feeds)]
        if not replaces and (there := [name for name in names if (config.home / name).exists()]):
            said = t("{file} is there already; --force replaces it", file=config.home / there[0])
            raise StorageError(said)
        staged = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=config.home, prefix=".restore-")))
        for name in names:
            _stage(archive, manifest, name, staged / "new" / name)
        with waiting_at_most(None), database.writing() as connection:
            with archive.open(_ROWS) as member:
                summed = _Summed(member)
                moved = moving.read_rows(database, connection, summed, replaces=replaces, progress=progress)
                _finish(summed, manifest, _ROWS)
            # Taken back if the transaction fails at its end.
            stack.enter_context(_placing(staged, config.home, names))
        revision = database.list_revisions()[0]
    return Restored(manifest, revision, moved.mended, keeps_feeds)


def _stage(archive: zipfile.ZipFile, manifest: Manifest, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(f"{_HOME}{name}") as member, target.open("wb") as written:
        _finish(_Summed(member), manifest, f"{_HOME}{name}", written.write)


@contextmanager
def _placing(staged: Path, home: Path, names: list[str]) -> Iterator[None]:
    """Move staged files into the home, where a folder may be another volume; if what follows fails, it is as before."""
    placed: list[str] = []
    try:
        for name in names:
            target, old = home / name, staged / "old" / name
            make_folder(target.parent)
            if target.exists():
                old.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(target, old)
            placed.append(name)
            shutil.move(staged / "new" / name, target)
        yield
    except BaseException:
        for name in placed:
            (home / name).unlink(missing_ok=True)
            if (staged / "old" / name).exists():
                shutil.move(staged / "old" / name, home / name)
        raise
