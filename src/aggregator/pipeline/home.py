"""An open home: database, settings, clock and curator, which all acts in it share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.config import Settings
from aggregator.pipeline.rehearsal import Rehearsal, find_copy
from aggregator.storage.database import Connection, Database
from aggregator.types import Month, Taxonomy


@dataclass(frozen=True)
class Home:
    """A home folder with its database. Acts are recorded with the name of its curator and the time of its clock."""

    folder: Path
    #: As in feeds.toml, without overrides.
    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    #: What keeps it from doing anything outside; None in earnest.
    rehearsal: Rehearsal | None = field(default=None, kw_only=True)

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection for the queries of ``storage``."""
        return self.database.reading()

    @property
    def now(self) -> datetime:
        return self.clock()

    @property
    def zone(self) -> ZoneInfo:
        """The curator's time zone, which defines days and months."""
        return self.settings.zone

    @property
    def curator(self) -> str:
        """Who acts."""
        return self.settings.curator

    def act_as(self, name: str) -> Home:
        """Return this home for acts of somebody else. What it publishes stays its curator's: see the settings."""
        return _ActedHome(self.folder, self.settings, self.database, self.clock, name, rehearsal=self.rehearsal)

    @property
    def taxonomy(self) -> Taxonomy:
        """The parts and topics of the digest."""
        return self.database.taxonomy

    @property
    def current_month(self) -> Month:
        return Month.of(self.now, self.zone)

    def find_file(self, name: str) -> Path:
        """Return the file that settings or stored values name: below the home folder, unless the name is absolute.
        In a rehearsal, its copy.
        """
        if self.rehearsal and self.rehearsal.origin:
            return find_copy(self.rehearsal.origin, self.folder, name)
        return self.folder / Path(name).expanduser()

    @property
    def digest_folder(self) -> Path:
        return self.folder / "digests"

    @property
    def model_folder(self) -> Path:
        return self.folder / "models"


@dataclass(frozen=True)
class _ActedHome(Home):
    """A home in which somebody else than its curator acts."""

    name: str

    @property
    def curator(self) -> str:
        return self.name
