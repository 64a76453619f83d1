"""The forms that describe a feed: their values, what was typed, and why it was refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregator import words
from aggregator.addresses.urls import hide_credentials
from aggregator.exceptions import ConfigError, FeedError
from aggregator.locales import mark, t
from aggregator.text.html import normalise
from aggregator.types import Feed, FeedState

#: The fields of the form with their labels.
LABELS = {
    "name": mark("Name"),
    "organisation": mark("Organisation"),
    "language": mark("Language"),
    "kind": mark("Kind"),
    "weight": mark("Weight"),
    "full_text": mark("Pages of its posts"),
    "tags": mark("Tags"),
    "only_words": mark("Only with these words"),
    "only_categories": mark("Or of these categories"),
    "site": mark("Site"),
    "url": mark("Address"),
}


#: Those of the form of the description.
EDITED = tuple(name for name in LABELS if name != "url")
# The fields of the filter, by their names in the form.
_FILTER = {"only_words": "words", "only_categories": "categories"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A refused form: what was typed into it, and what is wrong with it."""

    values: Mapping[str, str]
    #: The name of the wrong field; empty if the mistake is not in a field.
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    value: str
    #: The value in feeds.toml if it differs; "nothing" if feeds.toml has none.
    listed: str | None
    #: What is wrong with the value.
    mistake: str


def read_changes(typed: Mapping[str, str]) -> dict[str, Any]:
    """Convert what was typed to the changes of a feed."""
    plain = {name: normalise(value) for name, value in typed.items()}
    changes: dict[str, Any] = {name: _split(value) if name == "tags" else value for name, value in plain.items()}
    asked = {part: _split(changes.pop(name)) for name, part in _FILTER.items() if name in changes}
    return changes | ({"only": asked if any(asked.values()) else None} if asked else {})


def _split(tags: str) -> list[str]:
    return list(dict.fromkeys(tag for tag in map(str.strip, tags.split(",")) if tag))


def explain_refusal(error: ConfigError | FeedError, values: dict[str, str]) -> Typed:
    """Put the mistake at its field. A ConfigError begins with the place, which the page already shows."""
    place = error.key or "" if isinstance(error, ConfigError) else ""
    # A mistake inside a list has an index after the name: feeds.haneul.tags.0.
    # Those of the filter have a table of their own: feeds.haneul.only.words.0.
    steps = place.split(".")[2:]
    field = next((step for step in (*steps, "_".join(steps[:2])) if step in values), "")
    message = str(error).partition(f"{place}: ")[2] if place else str(error)
    return Typed(values, field, words.capitalise(message))


def build_fields(state: FeedState, typed: Typed | None = None) -> dict[str, Field]:
    """Build all fields by name; with *typed*, they hold what was typed into a refused form."""
    return {
        name: Field(
            name=name,
            label=t(label),
            value=typed.values[name] if typed and name in typed.values else _write(state.feed, name),
            listed=_write(state.listed, name) or "nothing"
            if state.listed and _get(state.listed, name) != _get(state.feed, name)
            else None,
            mistake=typed.message if typed and typed.field == name else "",
        )
        for name, label in LABELS.items()
    }


def _get(feed: Feed, name: str) -> Any:
    if part := _FILTER.get(name):
        return getattr(feed.only, part) if feed.only else ()
    return getattr(feed, name)


def _write(feed: Feed, name: str) -> str:
    """Write the value of a field for the form."""
    match name, _get(feed, name):
        case _, None:
            return ""
        case "weight", float(weight):
            return f"{weight:g}"
        case "full_text", bool(is_on):
            return "yes" if is_on else "no"
        case "tags" | "only_words" | "only_categories", tags:
            return ", ".join(tags)
        case "url", str(url):
            return hide_credentials(url)
        case _, value:
            return str(value)
