"""Completions for the shell.

They are looked up without settings and without SQLAlchemy, so that they are quick. Nothing is written. If anything goes
wrong, nothing is offered: a message would appear in the middle of the line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from aggregator.places import find_feeds, find_home, name_database

if TYPE_CHECKING:
    from aggregator.types import Taxonomy

_AXES = ("parts", "topics")

Complete = Callable[[typer.Context], list[str]]

#: Set by the script that `completion install` writes; it holds the name of the shell.
VARIABLE = "_AGGREGATOR_COMPLETE"


def _quietly(complete: Complete) -> Complete:
    @wraps(complete)
    def offer(context: typer.Context) -> list[str]:
        try:
            return complete(context)
        except Exception:
            return []

    return offer


@_quietly
def complete_feeds(context: typer.Context) -> list[str]:
    """Offer the feeds of feeds.toml by key."""
    _, listed = _read_feeds_toml(context)
    return list(listed["feeds"])


@_quietly
def complete_months(context: typer.Context) -> list[str]:
    """Offer the months that have posts, newest first."""
    from aggregator.config.database import add_password
    from aggregator.storage.glance import list_months

    home, listed = _read_feeds_toml(context)
    named = os.environ.get("AGGREGATOR_DATABASE_URL") or listed.get("database_url")
    file = os.environ.get("AGGREGATOR_DATABASE_PASSWORD_FILE") or listed.get("database_password_file")
    if named and file:
        named = add_password(named, Path(file))
    return list_months(named or name_database(home.expanduser()))


@_quietly
def complete_sections(context: typer.Context) -> list[str]:
    return [str(section) for section in _read_taxonomy(context).sections]


def _read_taxonomy(context: typer.Context) -> Taxonomy:
    from aggregator.shipped import SHIPPED
    from aggregator.types import Part, Taxonomy, Topic

    digest = _read_feeds_toml(context)[1].get("digest", {})
    # A string is a new heading for a shipped part or topic.
    parts, topics = ([key for key, said in digest.get(axis, {}).items() if isinstance(said, dict)] for axis in _AXES)
    own = Taxonomy.of(map(Part, parts or ["all"]), map(Topic, topics or ["all"]))
    return own if parts or topics else SHIPPED


@_quietly
def complete_reasons(context: typer.Context) -> list[str]:
    """Offer the usual reasons for a rejection."""
    from aggregator.review.verdicts import list_reasons

    # bash inserts a completion without quoting it.
    is_bash = os.environ.get(VARIABLE) == "complete_bash"
    return [reason.replace(" ", "\\ ") if is_bash else reason for reason in list_reasons(_read_taxonomy(context))]


@_quietly
def complete_verdicts(context: typer.Context) -> list[str]:
    from aggregator.storage.narrowing import VERDICTS

    return list(VERDICTS)


def _read_feeds_toml(context: typer.Context) -> tuple[Path, dict[str, Any]]:
    """Return the home folder and the contents of feeds.toml, by the options earlier in the line."""
    given = context.find_root().params
    home = Path(given.get("home") or find_home(os.environ))
    file = given.get("feeds_file") or find_feeds(os.environ, home)
    return home, tomllib.loads(Path(file).read_text(encoding="utf-8-sig"))
