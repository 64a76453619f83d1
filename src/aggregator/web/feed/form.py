"""The forms that describe a feed: what stands in them, what was typed, and why that was refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregator import words
from aggregator.addresses.urls import hide_credentials
from aggregator.exceptions import ConfigError, FeedError
from aggregator.text.html import normalise
from aggregator.types import Feed, FeedState

#: The fields of the form, with what stands in front of them.
LABELS = {
    "name": "Name",
    "organisation": "Organisation",
    "language": "Language",
    "kind": "Kind",
    "weight": "Weight",
    "full_text": "Pages of its posts",
    "tags": "Tags",
    "site": "Site",
    "url": "Address",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was refused: what was typed into it, and what is wrong with it."""

    values: Mapping[str, str]
    #: The name of the field; empty where it is not one of them.
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    value: str
    #: What feeds.toml says where it says something else; "nothing" where it says nothing.
    listed: str | None
    #: What is wrong with the value.
    mistake: str


def read_changes(typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed as the App takes it."""
    plain = {name: normalise(value) for name, value in typed.items()}
    return {name: _split(value) if name == "tags" else value for name, value in plain.items()}


def _split(tags: str) -> list[str]:
    return list(dict.fromkeys(tag for tag in map(str.strip, tags.split(",")) if tag))


def explain_refusal(error: ConfigError | FeedError, values: dict[str, str]) -> Typed:
    """The mistake at its field. A ConfigError begins with the place, which the page shows by itself."""
    place = error.key or "" if isinstance(error, ConfigError) else ""
    # A mistake inside a list has its number behind the name: feeds.haneul.tags.0.
    field = next((step for step in place.split(".")[2:] if step in values), "")
    message = str(error).partition(f"{place}: ")[2] if place else str(error)
    return Typed(values, field, words.capitalise(message))


def build_fields(state: FeedState, typed: Typed | None = None) -> dict[str, Field]:
    """All fields by name; where a form was refused, with what was *typed* into it."""
    return {
        name: Field(
            name=name,
            label=label,
            value=typed.values[name] if typed and name in typed.values else _write(state.feed, name),
            listed=_write(state.listed, name) or "nothing"
            if state.listed and getattr(state.listed, name) != getattr(state.feed, name)
            else None,
            mistake=typed.message if typed and typed.field == name else "",
        )
        for name, label in LABELS.items()
    }


def _write(feed: Feed, name: str) -> str:
    """A field as it stands in the form."""
    match name, getattr(feed, name):
        case _, None:
            return ""
        case "weight", float(weight):
            return f"{weight:g}"
        case "full_text", bool(is_on):
            return "yes" if is_on else "no"
        case "tags", tags:
            return ", ".join(tags)
        case "url", str(url):
            return hide_credentials(url)
        case _, value:
            return str(value)
