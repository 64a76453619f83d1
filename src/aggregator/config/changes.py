"""Changes while the daemon runs: what the curator sets over feeds.toml (weights, quotas, fields of a feed), and changes
of feeds.toml itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError

from aggregator.config.feed_table import NAMING_VARIABLES, FeedTable
from aggregator.config.mistakes import explain_mistake, find_line
from aggregator.config.settings import Settings, ShortlistSettings, WeightSettings, name_sections
from aggregator.config.values import Table
from aggregator.exceptions import ConfigError
from aggregator.locales import t
from aggregator.types import Feed

_OVERRIDABLE: dict[str, type[Table]] = {"weights": WeightSettings, "shortlist": ShortlistSettings}


def list_weights(settings: Settings) -> dict[str, float]:
    """The weights and quotas, by their names in feeds.toml: ``weights.depth``, ``shortlist.sections.2.4``."""
    found: dict[str, float] = {}
    for table in _OVERRIDABLE:
        for key, value in getattr(settings, table).model_dump().items():
            if isinstance(value, dict):
                found.update({f"{table}.{key}.{name}": each for name, each in value.items()})
            else:
                found[f"{table}.{key}"] = value
    return found


def change_weights(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """The settings with some weights and quotas changed, by the names of ``list_weights``.

    Raises ConfigError for unknown names and invalid values.
    """
    tables = {table: getattr(settings, table).model_dump() for table in _OVERRIDABLE}
    for name, value in changes.items():
        table, _, rest = name.partition(".")
        key, _, entry = rest.partition(".")
        if table not in tables or not key:
            known = {each.partition(".")[2]: each for each in list_weights(settings)}
            near = difflib.get_close_matches(rest or name, known, n=1, cutoff=0.5)
            said = t("is not a weight or a quota")
            if near:
                said = t("is not a weight or a quota; did you mean {near}?", near=known[near[0]])
            raise ConfigError(said, file=t("the change"), key=name)
        if entry and isinstance(tables[table].get(key), dict):
            tables[table][key][entry] = value
        else:
            tables[table][rest] = value
    changed: dict[str, Table] = {}
    for table, model in _OVERRIDABLE.items():
        try:
            made = model.model_validate(tables[table])
            changed[table] = name_sections(made, settings.taxonomy) if isinstance(made, ShortlistSettings) else made
        except ValidationError as error:
            raise explain_mistake(error, model, file=t("the change"), text="", prefix=(table,)) from None
    return settings.model_copy(update=changed)


_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*+")
_STYLES = ("label_style", "note_style")


def list_texts(settings: Settings) -> dict[str, str]:
    """The head, the styles and the headings that feeds.toml itself says, by their names there: ``digest.head``."""
    said = settings.digest
    found = {"digest.head": said.head} if said.head else {}
    found |= {f"digest.{name}": str(getattr(said, name)) for name in _STYLES if name in said.model_fields_set}
    for axis, table in (("parts", said.parts), ("topics", said.topics)):
        for key, place in table.items():
            found[f"digest.{axis}.{key}"] = place if isinstance(place, str) else place.heading
    return found


def list_changed_settings(old: Settings, new: Settings) -> list[str]:
    """The names of the settings that differ, as in feeds.toml."""
    before, after = _name_values(old.model_dump()), _name_values(new.model_dump())
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def _name_values(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _name_values(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def change_feed(feed: Feed, changes: Mapping[str, Any]) -> Feed:
    """The feed with some fields changed, empty ones cleared. Raises ConfigError for invalid values."""
    values = {name: getattr(feed, name) for name in FeedTable.model_fields if name not in NAMING_VARIABLES}
    values["only"] = feed.only and asdict(feed.only)
    given = {name: value or None if name in {"site", "organisation"} else value for name, value in changes.items()}
    try:
        read = FeedTable.model_validate(values | given)
    except ValidationError as error:
        raise explain_mistake(error, FeedTable, file=t("the change"), text="", prefix=("feeds", feed.key)) from None
    return read.make_feed(feed.key)


def is_key(key: str) -> bool:
    """Whether a feed may have this key."""
    return _KEY.fullmatch(key) is not None


def check_key(key: str, *, file: str, text: str) -> None:
    """Raise ConfigError, which names the line in the *text* of the file, unless a feed may have this key."""
    if not is_key(key):
        message = t("a feed's key consists of lower-case letters, digits, - and _")
        line = find_line(text, ("feeds", key))
        raise ConfigError(message, file=file, key=f"feeds.{key}", line=line)
