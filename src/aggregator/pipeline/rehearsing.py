"""Makes the copy of a home in which a rehearsal works, so that the home itself stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config import Config, load_config
from aggregator.config.file_names import find_root, make_glob
from aggregator.exceptions import ConfigError, StorageError
from aggregator.files import make_folder, write_whole
from aggregator.locales import t
from aggregator.pipeline import Progress, backup, ignore_progress
from aggregator.pipeline.home import Home
from aggregator.pipeline.rehearsal import Rehearsal, find_copy
from aggregator.storage import feeds

#: Says that a folder is the copy of a rehearsal, and which moment it has reached.
MARK = "rehearsal.json"
_LONGEST = timedelta(days=3660)


@contextmanager
def opening_copy(
    config: Config, folder: Path | None, begin: datetime, progress: Progress = ignore_progress
) -> Iterator[Config]:
    """Yield the configuration of a copy of the home: in a temporary folder, which is removed at the end, or in
    *folder*, which stays. A rehearsal that was in that folder before goes on.

    Raises ConfigError if *begin* is before what is in the copy, or too far ahead, and StorageError if the folder has
    something else, or if the home has no database.
    """
    is_begun = folder is not None and (folder / MARK).exists()
    _check(begin, read_reached(folder) if folder and is_begun else datetime.now(UTC))
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="aggregator-rehearsal-") as made:
            yield _copy(config, Path(made), begin, progress)
        return
    if is_begun:
        yield _load(config, folder)
    elif folder.exists() and any(folder.iterdir()):
        raise StorageError(t("{folder} has something else than a rehearsal", folder=folder))
    else:
        yield _copy(config, folder, begin, progress)


def _check(begin: datetime, reached: datetime) -> None:
    if begin < reached:
        said = t(
            "{moment} is past; a rehearsal begins later than what is stored", moment=begin.isoformat(" ", "minutes")
        )
    elif begin > reached + _LONGEST:
        said = t("{moment} is more than ten years ahead", moment=begin.isoformat(" ", "minutes"))
    else:
        return
    raise ConfigError(said, file=t("the command line"), key="--now")


def note_reached(folder: Path, reached: datetime) -> None:
    """Note in the copy which moment it has reached."""
    write_whole(folder / MARK, json.dumps({"reached": reached.isoformat()}))


def read_reached(folder: Path) -> datetime:
    """Return the moment that a copy has reached. Raises StorageError."""
    try:
        return datetime.fromisoformat(json.loads((folder / MARK).read_text("utf-8"))["reached"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(t("{path} cannot be read: {error}", path=folder / MARK, error=error)) from error


def rest(home: Home, rehearsal: Rehearsal) -> None:
    """Let the feeds rest in real time as they would without a rehearsal. In a copy that goes on, where the next visits
    are planned by another clock, they rest as after a visit.
    """
    with home.reading() as connection:
        states = feeds.list_feed_states(connection)
    now = datetime.now(UTC)
    pause = timedelta(minutes=home.settings.visits.min_interval_minutes)
    rehearsal.rest(
        (
            replace(state, next_visit_at=now + pause) if state.last_visit_at and state.last_visit_at > now else state
            for state in states
        ),
        now,
    )


def _copy(config: Config, folder: Path, begin: datetime, progress: Progress) -> Config:
    make_folder(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".copy-") as made:
        file = Path(made) / "home.zip"
        backup.back_up(config, file, progress)
        plain = config.settings.model_copy(update={"database_url": "", "database_password_file": ""})
        own = replace(config, home=folder, file=folder / "feeds.toml", settings=plain, database_address="")
        backup.restore(own, file, progress=progress)
    digest = config.settings.digest
    for pattern in filter(None, (digest.page, digest.month_file)):
        _copy_files(config.home, folder, pattern)
    note_reached(folder, begin)
    return _load(config, folder)


def _load(config: Config, folder: Path) -> Config:
    """Load the configuration of the copy: as it is in earnest, but for what lies or leads outside."""
    digest, roundups = config.settings.digest, config.settings.roundups
    own = {
        "DATABASE_URL": "",
        "DATABASE_PASSWORD_FILE": "",
        "SERVER_HOST": "127.0.0.1",
        "SERVER_PUBLIC_URL": "",
        "SERVER_PROXIES": "",
        "DIGEST_PAGE": _name_copy(config.home, folder, digest.page),
        "DIGEST_MONTH_FILE": _name_copy(config.home, folder, digest.month_file),
        "ROUNDUPS_FOLDER": str((config.home / roundups.folder).absolute()) if roundups.folder else "",
    }
    environment = {**config.environment, **{f"AGGREGATOR_{name}": value for name, value in own.items()}}
    copied = folder / "feeds.toml"
    return load_config(environment, home=folder, file=copied if copied.is_file() else config.file)


def _is_in(home: Path, pattern: str) -> bool:
    return not os.path.relpath(home / Path(pattern).expanduser(), home).startswith(os.pardir)


def _name_copy(home: Path, folder: Path, pattern: str) -> str:
    """Name the copy of the files that a pattern names."""
    return os.path.relpath(find_copy(home, folder, pattern), folder) if pattern else ""


def _copy_files(home: Path, folder: Path, pattern: str) -> None:
    """Copy the files that a pattern names outside the home."""
    if _is_in(home, pattern):
        return
    whole = os.path.normpath(home.absolute() / Path(pattern).expanduser())
    root = find_root(whole) if "{" in whole else Path(whole).parent
    for file in root.glob(os.path.relpath(make_glob(whole), root)):
        target = find_copy(home, folder, str(file))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
