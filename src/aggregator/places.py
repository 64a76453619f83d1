"""Where things are on this machine. Pure except for checking which files exist; loads no large library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from aggregator.exceptions import ConfigError

#: Environment variables that choose places, before any file is read.
PLACES = {"AGGREGATOR_HOME", "AGGREGATOR_FEEDS"}

_PACKAGE = Path(__file__).parent
_SHIPPED = (_PACKAGE / "feeds.toml", _PACKAGE.parents[1] / "feeds.toml")


def find_home(environment: Mapping[str, str]) -> Path:
    """The folder of all state: as the environment says, else in the platform's data folder. It need not exist."""
    if named := environment.get("AGGREGATOR_HOME"):
        return Path(named)
    # Imported late: mostly there is the variable or --home.
    import platformdirs

    return platformdirs.user_data_path("aggregator")


def find_feeds(environment: Mapping[str, str], home: Path) -> Path:
    """The feeds.toml to use: as the environment says, else in the home folder, else in the working folder, else the
    shipped one. Raises ConfigError.
    """
    if named := environment.get("AGGREGATOR_FEEDS"):
        return Path(named).expanduser()
    for place in (home / "feeds.toml", Path("feeds.toml"), *_SHIPPED):
        # Path.is_file raises if a folder cannot be read.
        if os.path.isfile(place):
            return place
    raise ConfigError("was not found; name one with --feeds or AGGREGATOR_FEEDS", file="feeds.toml")


def is_shipped(file: Path) -> bool:
    """Whether this feeds.toml is the one that comes with the package."""
    return file in _SHIPPED


def name_database(home: Path) -> Path:
    """The database file that is used if no other is set."""
    return home / "aggregator.sqlite"
