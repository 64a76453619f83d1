"""Applies feeds.toml in a running daemon: at the start and whenever it changes, unless it has a mistake. And writes it:
whole, checked before, and applied at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import structlog

from aggregator.config import Config, list_changed_settings, read_feeds_file
from aggregator.exceptions import ConfigError
from aggregator.files import write_whole
from aggregator.locales import ENGLISH, LANGUAGES, get_language, speaking
from aggregator.pipeline import follow
from aggregator.places import is_shipped
from aggregator.storage import feeds
from aggregator.storage.database import Connection, Database
from aggregator.types import Credentials, Feed

log = structlog.get_logger()

_Named = TypeVar("_Named")


class FeedsFile:
    """Applies the feeds of the file and their credentials. Other settings take effect only after a restart."""

    def __init__(self, database: Database, config: Config) -> None:
        self._database = database
        self._config = config
        self._credentials = dict(config.credentials)
        self._proxies = dict(config.proxies)
        #: By language.
        self._mistakes: dict[str, str] = {}
        #: Changed settings that need a restart.
        self._waiting: list[str] = []
        self._stamp: tuple[int, ...] | None = None
        self._writing = threading.Lock()

    @property
    def file(self) -> Path:
        """The file that is followed: it changes when a home that follows the shipped list gets its own."""
        return self._config.file

    @property
    def credentials(self) -> Mapping[str, Credentials]:
        """The credentials by the key of the feed; they change with the file."""
        return self._credentials

    @property
    def proxies(self) -> Mapping[str, str]:
        """The addresses of proxies by the key of the feed; they change with the file."""
        return self._proxies

    @property
    def mistake(self) -> str | None:
        """Why the present file is not applied, in the present language; None if it is."""
        return self._mistakes.get(get_language())

    def follow(self, *, anyway: bool = False) -> None:
        """Read and apply the file if it has changed, or *anyway*. If it has a mistake, log that once, and the last
        valid state stays in force. Raises StorageError.
        """
        stamp = _find_stamp(self._config.file)
        if stamp == self._stamp and not self._mistakes and not anyway:
            return
        before, self._mistakes = self._mistakes, self._read()
        if self._mistakes and self._mistakes != before:
            reason = self._mistakes[ENGLISH]
            log.error("feeds.toml has a mistake; its last valid state stays in force", reason=reason)
        elif before and not self._mistakes:
            log.info("feeds.toml is valid again and was applied")
        self._stamp = stamp

    def write(self, edit: Callable[[str], str], note: Callable[[Connection, Path], None]) -> bool:
        """Change the file by *edit* and apply it at once, with what *note* stores, in one transaction.

        A home that follows the shipped list gets a copy of it in its folder first; returns whether it did. *edit* gets
        the present text, and what it returns is loaded before it replaces the file. Raises ConfigError for a mistake
        in the file or what would come of it, and StorageError if it cannot be written; then all stays as it was.
        """
        with self._writing:
            old = self._config
            is_shipped_list = is_shipped(old.file.absolute())
            now = replace(old, file=old.home / "feeds.toml") if is_shipped_list else old
            # Read in the transaction too: a writer waits for another one, and does not write over it.
            with self._database.writing() as connection:
                feeds.lock_list(connection)
                text = read_feeds_file(old.file)
                # What was edited by hand is applied with it, so it must be sound as well.
                before, after = old.read_again(text), edit(text)
                config = now.read_again(after)
                follow.refuse_drastic(connection, before.feeds, file=str(old.file))
                note(connection, now.file)
                write_listed(connection, now.file, after, config.feeds)
            self._config, self._mistakes, self._stamp = now, {}, _find_stamp(now.file)
            self._take_rest(config)
        return is_shipped_list

    def _read(self) -> dict[str, str]:
        """Read and apply the file; return its mistake in each language, since anybody may look at the page."""
        said = {}
        for language in LANGUAGES:
            with speaking(language):
                try:
                    self._take(self._config.read_again())
                except ConfigError as error:
                    said[language] = str(error)
                else:
                    return {}
        return said

    def _take(self, config: Config) -> None:
        file = str(config.file)
        if is_shipped(config.file) and follow.has_feeds(self._database):
            # The shipped file replaces one that is missing, and the curator did not write it.
            if difference := follow.compare_feeds(self._database, config.feeds):
                log.warning("no feeds.toml was found; the stored feeds are followed", shipped=str(difference))
            return
        difference = follow.take_over(self._database, config.feeds, file=file)
        if difference:
            log.info("feeds.toml applied", feeds=str(difference))
        self._take_rest(config)

    def _take_rest(self, config: Config) -> None:
        """Take over what is not stored, and say which settings wait for a restart."""
        # Updated in place, and the credentials that stay are never missing, because visits may be under way.
        _update(self._credentials, config.credentials)
        _update(self._proxies, config.proxies)
        waiting = list_changed_settings(self._config.settings, config.settings)
        if waiting and waiting != self._waiting:
            log.warning("settings changed; they take effect after a restart", settings=waiting)
        self._waiting = waiting


def write_listed(connection: Connection, file: Path, text: str, listed: Sequence[Feed]) -> None:
    """Follow the feeds that a new text of feeds.toml lists, and write it. Raises StorageError."""
    feeds.save_feeds(connection, listed)
    # A link stays one.
    target = file.resolve()
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    write_whole(target, text, mode=mode)


def _update(present: dict[str, _Named], given: Mapping[str, _Named]) -> None:
    present.update(given)
    for key in present.keys() - given.keys():
        del present[key]


def _find_stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
