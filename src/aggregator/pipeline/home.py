"""An open home: what everything that is done in it shares."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.config import Settings
from aggregator.storage.database import Connection, Database
from aggregator.types import Month, Taxonomy


@dataclass(frozen=True)
class Home:
    """A home folder with its database. What is done here is recorded by the name of its curator and the time of its
    clock.
    """

    folder: Path
    #: As feeds.toml says.
    settings: Settings
    database: Database
    clock: Callable[[], datetime]

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for the queries of ``storage``."""
        return self.database.reading()

    @property
    def now(self) -> datetime:
        return self.clock()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the curator, whose days and months count."""
        return self.settings.zone

    @property
    def curator(self) -> str:
        return self.settings.curator

    @property
    def taxonomy(self) -> Taxonomy:
        """The parts and topics of the digest."""
        return self.database.taxonomy

    @property
    def current_month(self) -> Month:
        return Month.of(self.now, self.zone)

    @property
    def digest_folder(self) -> Path:
        return self.folder / "digests"

    @property
    def model_folder(self) -> Path:
        return self.folder / "models"
