"""Loads the TOML tables that the package ships: names, and what belongs to each."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from aggregator.exceptions import ConfigError


def load_data(package: str, name: str) -> dict[str, Any]:
    """Load a file of a package's folder ``data``. Raises ConfigError with the line."""
    file, text = _read(package, name)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", file=file) from error


def load_table(package: str, name: str) -> dict[str, list[str]]:
    """Load a table that lists texts by name, each once. Raises ConfigError with line and name."""
    table = load_data(package, name)
    for key, forms in table.items():
        if not (isinstance(forms, list) and all(isinstance(form, str) and form for form in forms)):
            raise make_error(package, name, key, "is not a list of texts")
        if twice := next((form for at, form in enumerate(forms) if form in forms[:at]), None):
            raise make_error(package, name, key, "is listed twice", form=twice)
    return table


def make_error(package: str, name: str, key: str, message: str, *, form: str | None = None) -> ConfigError:
    """Make the error for the *key* of a table, with the line of the first such *form*, or of the key."""
    file, text = _read(package, name)
    quoted = f'"{form}"' if form else key
    before = text.partition(f"{key} =" if f"\n{key} =" in f"\n{text}" else f'"{key}" =')[0]
    at = len(before) + text[len(before) :].find(quoted)
    return ConfigError(f"{quoted} {message}", file=file, key=key, line=text.count("\n", 0, at) + 1)


def _read(package: str, name: str) -> tuple[str, str]:
    file = resources.files(package) / "data" / f"{name}.toml"
    return str(file), file.read_text("utf-8")
