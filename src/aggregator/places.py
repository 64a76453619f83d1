"""Where things lie on this machine. Pure but for a look at which file is there; loads no library of size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aggregator.exceptions import ConfigError

#: Environment variables that choose places, before any file is read.
PLACES = {"AGGREGATOR_HOME", "AGGREGATOR_FEEDS"}


def find_home(environment: Mapping[str, str]) -> Path:
    """The folder of all state, which need not exist: as the environment says, else in the platform's data folder."""
    if named := environment.get("AGGREGATOR_HOME"):
        return Path(named)
    # Imported late: most have the variable or --home.
    import platformdirs

    return platformdirs.user_data_path("aggregator")


def find_feeds(environment: Mapping[str, str], home: Path) -> Path:
    """The feeds.toml to use: as the environment says, else in the home folder, else in the working folder, else the
    shipped one. Raises ConfigError.
    """
    if named := environment.get("AGGREGATOR_FEEDS"):
        return Path(named).expanduser()
    package = Path(__file__).parent
    places = [home / "feeds.toml", Path("feeds.toml"), package / "feeds.toml", package.parents[1] / "feeds.toml"]
    for place in places:
        if place.is_file():
            return place
    raise ConfigError("was not found; name one with --feeds or AGGREGATOR_FEEDS", file="feeds.toml")


def name_database(home: Path) -> str:
    """The address of the database that is used where none is set."""
    return f"sqlite:///{home / 'aggregator.sqlite'}"
