"""The form of weights and quotas: what was typed, and why it was refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aggregator import words
from aggregator.exceptions import ConfigError

#: The two fields for a source that does not have a field yet.
NEW_SOURCE, NEW_MOST = "source", "most"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form, and what is wrong, by the name of the field."""

    values: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)


def list_changes(typed: Mapping[str, str]) -> dict[str, str | None]:
    """List the typed weights and quotas by their names in feeds.toml; None for an empty field, which goes back to
    feeds.toml.
    """
    changes: dict[str, str | None] = {
        name: value.replace("−", "-") or None
        for name, value in typed.items()
        if name.startswith(("weights.", "shortlist."))
    }
    if source := typed.get(NEW_SOURCE, ""):
        changes[f"shortlist.sources.{source}"] = typed.get(NEW_MOST, "") or None
    return changes


def explain_refusal(error: ConfigError, typed: Mapping[str, str]) -> Typed:
    """Put the mistake at its field. A ConfigError begins with the place, which the page already shows."""
    place = error.key or ""
    message = str(error).partition(f"{place}: ")[2] or str(error)
    name = place
    if name not in typed and name == f"shortlist.sources.{typed.get(NEW_SOURCE, '')}":
        name = NEW_SOURCE
    return Typed(typed, {name if name in typed else "": words.capitalise(message)})
