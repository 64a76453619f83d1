"""Finds the files of this program on the machine. Pure except for checking which exist; loads no large library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from aggregator.exceptions import ConfigError
from aggregator.locales import t

#: Environment variables that set places; they are read before any file.
PLACES = {"AGGREGATOR_HOME", "AGGREGATOR_FEEDS"}

_PACKAGE = Path(__file__).parent
_SHIPPED = (_PACKAGE / "feeds.toml", _PACKAGE.parents[1] / "feeds.toml")


def find_home(environment: Mapping[str, str]) -> Path:
    """Return the folder for all state: from the environment, else in the platform's data folder. It need not exist."""
    if named := environment.get("AGGREGATOR_HOME"):
        return Path(named)
    # Imported late: usually the variable or --home is set.
    import platformdirs

    return platformdirs.user_data_path("aggregator")


def find_feeds(environment: Mapping[str, str], home: Path) -> Path:
    """Return the feeds.toml to use: from the environment, else in the home folder, else in the working folder, else the
    shipped one. Raises ConfigError.
    """
    if named := environment.get("AGGREGATOR_FEEDS"):
        return Path(named).expanduser()
    for place in (home / "feeds.toml", Path("feeds.toml"), *_SHIPPED):
        # Path.is_file raises if a folder cannot be read.
        if os.path.isfile(place):
            return place
    raise ConfigError(t("was not found; name one with --feeds or AGGREGATOR_FEEDS"), file="feeds.toml")


def find_shipped() -> Path:
    """Return the feeds.toml that comes with the package. Raises ConfigError."""
    found = next((file for file in _SHIPPED if os.path.isfile(file)), None)
    if found is None:
        raise ConfigError(t("does not come with this installation"), file="feeds.toml")
    return found


def is_shipped(file: Path) -> bool:
    """Whether this feeds.toml is the one that comes with the package."""
    return file in _SHIPPED


#: The digests of the demo, and their folders.
_DEMOS = {"monthly": "demo", "weekly": "demo-weekly"}


def name_demo(home: Path, digest: str = "monthly") -> Path:
    """Return the default home of a digest of the demo, beside the state of a home."""
    return home / _DEMOS[digest]


def list_demos(home: Path) -> list[Path]:
    """Return the default homes of all of them."""
    return [home / folder for folder in _DEMOS.values()]


def name_database(home: Path) -> Path:
    """Return the default database file."""
    return home / "aggregator.sqlite"
