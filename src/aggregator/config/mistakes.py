"""Explains a mistake in the configuration: a sentence with its place and what is allowed."""

from __future__ import annotations

import difflib
import re

from pydantic import BaseModel, ValidationError

from aggregator.addresses.urls import hide_credentials
from aggregator.config.settings import Settings
from aggregator.config.taxonomy import PartTable, TopicTable
from aggregator.exceptions import ConfigError

ENVIRONMENT_PREFIX = "AGGREGATOR_"
_TABLES: dict[str, type[BaseModel]] = {"parts": PartTable, "topics": TopicTable}
# Steps in the locations of pydantic's errors that feeds.toml does not have.
_NO_STEPS = ("[key]", "[text]", "[table]")


def explain_mistake(
    error: ValidationError,
    model: type[BaseModel],
    *,
    file: str,
    text: str,
    prefix: tuple[str, ...] = (),
    overridden: set[tuple[str, ...]] | None = None,
) -> ConfigError:
    """The first mistake that pydantic found, as a sentence with its place.

    *prefix* is the path of *model* in the file; *overridden* are paths that the environment set instead of the file.
    """
    first = error.errors(include_url=False)[0]
    path = tuple(str(step) for step in first["loc"] if step not in _NO_STEPS)
    found = first["input"]
    shown = "what it says" if path[-1:] == ("credentials",) else _hide_secrets(repr(found))
    if first["type"] == "extra_forbidden":
        message = f"is not a known key{suggest_nearest(path[-1], _keys_at(model, path[:-1]))}"
    elif first["type"] == "missing":
        message = "is missing"
    elif isinstance(found, dict):
        message = first["msg"].removeprefix("Value error, ")
    elif first["type"] == "enum":
        message = f"{shown} is not allowed; choose {first['ctx']['expected']}"
    else:
        message = f"{shown} is not allowed; {first['msg'].removeprefix('Value error, ').removeprefix('Input ')}"
    if overridden and path in overridden:
        return ConfigError(message, file="environment", key=name_variable(list(path)))
    place = (*prefix, *path)
    return ConfigError(message, file=file, key=".".join(place), line=find_line(text, place))


def _hide_secrets(text: str) -> str:
    """The text without name and password in an address, even if they contain characters that are not allowed there."""
    # Only before the last @; a search from every // would take quadratic time.
    before, at, rest = text.rpartition("@")
    return hide_credentials(re.sub(r"(?<=//)(?:[^/]*@|[^/@]*:(?!\d+[/?#])[^@]*@)", "", before + at) + rest)


def _keys_at(model: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    for step in path:
        kind = model.model_fields[step].annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            # A table for each key: the next step is one of these.
            model = _TABLES[step]
            break
        model = kind
    return [*model.model_fields, *(["feeds"] if model is Settings else [])]


def suggest_nearest(name: str, known: list[str]) -> str:
    """The end of a sentence about an unknown name."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"


def find_line(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a key in TOML text; the line of its table if the key is not on a line of its own."""
    table_line: int | None = None
    current: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*+\[++([^\]]++)\]", line):
            current = tuple(part.strip().strip("\"'") for part in match[1].split("."))
            if current == path[: len(current)] and len(current) >= len(path) - 1:
                table_line = number
        elif (match := re.match(r"\s*([\w\"'.-]+)\s*=", line)) and (
            (*current, *match[1].replace('"', "").replace("'", "").split(".")) == path
        ):
            return number
    return table_line


def name_variable(path: list[str]) -> str:
    """The environment variable of a setting."""
    return ENVIRONMENT_PREFIX + "_".join(path).upper()
