"""feeds.toml under a running daemon: followed at the start and whenever it changes, unless there is a mistake in it."""

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
    """Takes over the feeds of the file, with their credentials. Settings are those of the start until a restart."""

    def __init__(self, database: Database, config: Config) -> None:
        self._database = database
        self._config = config
        self._credentials = dict(config.credentials)
        self._mistake: str | None = None
        #: Settings that wait for a restart.
        self._waiting: list[str] = []
        self._stamp: tuple[int, ...] | None = None

    @property
    def credentials(self) -> Mapping[str, Credentials]:
        """By the key of the feed; follows the file."""
        return self._credentials

    @property
    def mistake(self) -> str | None:
        """Why the file as it stands is not followed; None when it is."""
        return self._mistake

    def follow(self, *, anyway: bool = False) -> None:
        """Read the file again if it has changed, or *anyway*, and follow what it says; a mistake leaves in force what
        was, and is logged once. Raises StorageError.
        """
        stamp = _find_stamp(self._config.file)
        if stamp == self._stamp and not self._mistake and not anyway:
            return
        try:
            self._take(self._config.read_again())
        except ConfigError as error:
            if str(error) != self._mistake:
                log.error("feeds.toml is not followed as it stands; what it said before holds", reason=str(error))
            self._mistake = str(error)
        else:
            if self._mistake:
                log.info("feeds.toml is followed again")
            self._mistake = None
        self._stamp = stamp

    def _take(self, config: Config) -> None:
        file = str(config.file)
        if is_shipped(config.file) and follow.has_feeds(self._database):
            # It stands in for a file that is missing, and nobody here has written it.
            if difference := follow.compare_feeds(self._database, config.feeds):
                log.warning("no feeds.toml was found; the stored feeds are followed", shipped=str(difference))
            return
        difference = follow.take_over(self._database, config.feeds, file=file)
        if difference:
            log.info("feeds.toml taken over", feeds=str(difference))
        # Never without those that stay, for visits are under way.
        self._credentials.update(config.credentials)
        for key in self._credentials.keys() - config.credentials.keys():
            del self._credentials[key]
        waiting = list_changed_settings(self._config.settings, config.settings)
        if waiting and waiting != self._waiting:
            log.warning("settings changed; a restart takes them over", settings=waiting)
        self._waiting = waiting


def _find_stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
