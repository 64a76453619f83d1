"""Explains a mistake in the configuration: a sentence with its place and what is allowed."""

from __future__ import annotations

import difflib
import re

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from aggregator.addresses.urls import hide_credentials
from aggregator.config.feed_table import RecipeTable
from aggregator.config.settings import Settings
from aggregator.config.taxonomy import PartTable, TopicTable
from aggregator.exceptions import ConfigError
from aggregator.locales import mark, t
from aggregator.locales.retelling import retell

ENVIRONMENT_PREFIX = "AGGREGATOR_"
_TABLES: dict[str, type[BaseModel]] = {"parts": PartTable, "topics": TopicTable, "recipe": RecipeTable}
# What pydantic asks for, the first that fits; other texts of it stay in English.
_ASKED = (
    mark("should be a valid boolean, unable to interpret input"),
    mark("should be a valid boolean"),
    mark("should be a valid number, unable to parse string as a number"),
    mark("should be a valid number"),
    mark("should be a finite number"),
    mark("should be a valid integer, got a number with a fractional part"),
    mark("should be a valid integer, unable to parse string as an integer"),
    mark("should be a valid integer"),
    mark("should be a valid string"),
    mark("String should match pattern '{pattern}'"),
    mark("String should have at most {number} characters"),
    mark("String should have at least {number} character"),
    mark("should be greater than or equal to {least}"),
    mark("should be greater than {least}"),
    mark("should be less than or equal to {most}"),
    mark("should be less than {most}"),
    mark("should be a valid dictionary"),
    mark("should be a valid list"),
    mark("should be a valid tuple"),
    mark("Value should have at least {number} item after validation, not {found}"),
    mark("URL scheme should be {schemes}"),
    mark("should be a valid URL, {error}"),
    mark("should be {choices}"),
    mark("{first} or {last}"),
)
# Somebody may write a secret there by mistake, in place of the name of its variable.
_SECRET = {("credentials",), ("proxy",), ("github_token",), ("after_print_secret",)}
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
    is_secret = path[-1:] in _SECRET or path[:2] == ("notices", "urls")
    shown = t("what it says") if is_secret else _hide_secrets(repr(found))
    if first["type"] == "extra_forbidden":
        near = suggest_nearest(path[-1], _keys_at(model, path[:-1]))
        message = t("is not a known key; {suggestion}", suggestion=near)
    elif first["type"] == "missing":
        message = t("is missing")
    elif isinstance(found, dict):
        message = _say_asked(first)
    elif first["type"] == "enum":
        message = t(
            "{value} is not allowed; choose {choices}", value=shown, choices=retell(first["ctx"]["expected"], _ASKED)
        )
    else:
        message = t("{value} is not allowed; {asked}", value=shown, asked=_say_asked(first))
    if overridden and path in overridden:
        return ConfigError(message, file=t("environment"), key=name_variable(list(path)))
    place = (*prefix, *path)
    line = find_line(text, place) or find_line(text, place[:-1])
    return ConfigError(message, file=file, key=".".join(place), line=line)


def _say_asked(error: ErrorDetails) -> str:
    return retell(error["msg"].removeprefix("Value error, ").removeprefix("Input "), _ASKED)


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
    return [
        *(info.alias or name for name, info in model.model_fields.items()),
        *(["feeds"] if model is Settings else []),
    ]


def suggest_nearest(name: str, known: list[str]) -> str:
    """The end of a sentence about an unknown name."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return t("did you mean {near}?", near=near[0]) if near else t("known are {names}", names=", ".join(sorted(known)))


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
