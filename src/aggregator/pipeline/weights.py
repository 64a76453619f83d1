"""The weights and quotas in force: those of feeds.toml with the curator's overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aggregator import config
from aggregator.config import Settings
from aggregator.exceptions import ConfigError
from aggregator.locales import t
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.rank.weights import Weights, find_in_force
from aggregator.storage import overrides
from aggregator.storage.database import Connection
from aggregator.storage.feeds import list_names, say_unknown
from aggregator.types import ActionKind, Override, Quotas, Weight

_OF_SOURCE = "shortlist.sources."
_OF_SECTION = "shortlist.sections."


def get_settings_in_force(home: Home) -> Settings:
    """Return the settings with the curator's overrides of weights and quotas."""
    with home.reading() as connection:
        return read_settings_in_force(connection, home.settings)


def read_settings_in_force(connection: Connection, settings: Settings) -> Settings:
    """Return the settings with the curator's overrides."""
    return config.change_weights(settings, list_in_force(connection, settings))


def list_in_force(connection: Connection, settings: Settings) -> dict[str, float]:
    """List the curator's overrides in force, by name."""
    listed = config.list_weights(settings)
    found = find_in_force(overrides.list_overrides(connection), listed)
    sections = {f"{_OF_SECTION}{section}" for section in settings.taxonomy.sections}
    # Weights of older versions and quotas of sections that no longer exist do not count.
    return {
        name: value
        for name, value in found.items()
        if name in listed or name in sections or name.startswith(_OF_SOURCE)
    }


def set_overrides(home: Home, changes: Mapping[str, Any]) -> list[Override]:
    """Override weights and quotas; None goes back to feeds.toml. Returns what changed; does not rank.

    Raises ConfigError for values that are not valid in feeds.toml either, and for a source that is not a feed.
    """
    settings = home.settings
    changes = _settle_names(settings, changes)
    with home.database.writing() as connection:
        listed, held = config.list_weights(settings), list_in_force(connection, settings)
        wanted = config.list_weights(_plan(connection, settings, changes))
        made = [
            Override(
                name, None if changes[name] in {None, ""} else wanted[name], listed.get(name), home.curator, home.now
            )
            for name in changes
        ]
        made = [override for override in made if _is_news(override, held)]
        if made:
            told = {override.name: override.value for override in made}
            action = record(home, connection, ActionKind.WEIGH, details={"weights": told})
            overrides.append_overrides(connection, made, action)
    return made


def reset_overrides(home: Home) -> list[Override]:
    """Go back to the weights and quotas of feeds.toml; return what changed."""
    with home.reading() as connection:
        held = list_in_force(connection, home.settings)
    return set_overrides(home, dict.fromkeys(held))


def plan_overrides(home: Home, changes: Mapping[str, Any]) -> Settings:
    """Return the settings with some of them changed, by their names in feeds.toml; None goes back to feeds.toml.

    Raises ConfigError for values that are not valid in feeds.toml either.
    """
    with home.reading() as connection:
        return _plan(connection, home.settings, changes)


def _plan(connection: Connection, settings: Settings, changes: Mapping[str, Any]) -> Settings:
    changes = _settle_names(settings, changes)
    held = list_in_force(connection, settings)
    cleared = {name for name, value in changes.items() if value in {None, ""}}
    given = {name: value for name, value in changes.items() if name not in cleared}
    for name in given:
        if name.startswith(_OF_SOURCE):
            _check_source(connection, name, config.list_weights(settings))
    kept = {name: value for name, value in held.items() if name not in cleared}
    return config.change_weights(settings, kept | given)


def _settle_names(settings: Settings, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with sections by number; an unknown section is left for the settings to refuse."""

    def settle(name: str) -> str:
        if not name.startswith(_OF_SECTION):
            return name
        with suppress(ValueError):
            return f"{_OF_SECTION}{settings.taxonomy.parse_section(name.removeprefix(_OF_SECTION))}"
        return name

    return {settle(name): value for name, value in changes.items()}


def _check_source(connection: Connection, name: str, listed: Mapping[str, float]) -> None:
    key = name.removeprefix(_OF_SOURCE)
    known = [each for each, _ in list_names(connection)]
    if key not in known and name not in listed:
        raise ConfigError(say_unknown(key, known), file=t("the change"), key=name)


def _is_news(override: Override, held: Mapping[str, float]) -> bool:
    if override.value is None or override.value == override.listed:
        return override.name in held
    return held.get(override.name) != override.value


def list_history(connection: Connection, limit: int) -> Sequence[Override]:
    """List the last changes, newest first."""
    return overrides.list_overrides(connection)[: -limit - 1 : -1]


def make_weights(settings: Settings) -> Weights:
    """Return the factors of the shares of scores."""
    return {weight: getattr(settings.weights, weight) for weight in Weight}


def make_quotas(settings: Settings) -> Quotas:
    """Return the quotas of a shortlist that the settings have."""
    wanted = settings.shortlist
    return Quotas(
        size=wanted.size,
        floor=wanted.floor,
        out_of_scope=wanted.out_of_scope,
        burst=wanted.burst,
        diversity=wanted.diversity,
        per_source=wanted.per_source or None,
        per_section=wanted.per_section or None,
        sources=wanted.sources,
        sections={settings.taxonomy.parse_section(section): most for section, most in wanted.sections.items()},
    )
