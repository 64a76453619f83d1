"""Applies feeds.toml in a running daemon: at the start and whenever it changes, unless it has a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog

from aggregator.config import Config, list_changed_settings
from aggregator.exceptions import ConfigError
from aggregator.pipeline import follow
from aggregator.places import is_shipped
from aggregator.storage.database import Database
from aggregator.types import Credentials

log = structlog.get_logger()


class FeedsFile:
    """Applies the feeds of the file and their credentials. Other settings take effect only after a restart."""

    def __init__(self, database: Database, config: Config) -> None:
        self._database = database
        self._config = config
        self._credentials = dict(config.credentials)
        self._mistake: str | None = None
        #: Changed settings that need a restart.
        self._waiting: list[str] = []
        self._stamp: tuple[int, ...] | None = None

    @property
    def credentials(self) -> Mapping[str, Credentials]:
        """The credentials by the key of the feed; they change with the file."""
        return self._credentials

    @property
    def mistake(self) -> str | None:
        """Why the present file is not applied; None if it is."""
        return self._mistake

    def follow(self, *, anyway: bool = False) -> None:
        """Read and apply the file if it has changed, or *anyway*. If it has a mistake, log that once, and the last
        valid state stays in force. Raises StorageError.
        """
        stamp = _find_stamp(self._config.file)
        if stamp == self._stamp and not self._mistake and not anyway:
            return
        try:
            self._take(self._config.read_again())
        except ConfigError as error:
            if str(error) != self._mistake:
                log.error("feeds.toml has a mistake; its last valid state stays in force", reason=str(error))
            self._mistake = str(error)
        else:
            if self._mistake:
                log.info("feeds.toml is valid again and was applied")
            self._mistake = None
        self._stamp = stamp

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
        # Updated in place, and the credentials that stay are never missing, because visits may be under way.
        self._credentials.update(config.credentials)
        for key in self._credentials.keys() - config.credentials.keys():
            del self._credentials[key]
        waiting = list_changed_settings(self._config.settings, config.settings)
        if waiting and waiting != self._waiting:
            log.warning("settings changed; they take effect after a restart", settings=waiting)
        self._waiting = waiting


def _find_stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
