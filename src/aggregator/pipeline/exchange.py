"""Exchange: lists of feeds come in from other programs and other homes, and go out to them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.config import check_feed, is_key
from aggregator.config.feed_table import NAMING_VARIABLES
from aggregator.exceptions import ConfigError
from aggregator.feeds.discovery.proposal import choose_key, find_kind
from aggregator.feeds.opml import MAX_BYTES, Outline, read_opml, write_opml
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import describe_feed, list_known, name_address
from aggregator.storage import feeds
from aggregator.text.language import find_language
from aggregator.types import Feed

# What OPML has attributes for; the other fields are ours.
_IN_OPML = {"name", "url", "site", "language"}
_TEXTS = {"key", "organisation", "kind"}


@dataclass(frozen=True, slots=True)
class Given:
    """A feed of a list that somebody gives."""

    name: str
    table: Mapping[str, Any]
    #: As the list has it; empty if it has none.
    key: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does; nothing is stored yet."""

    #: By key, the fields in feeds.toml.
    new: Mapping[str, Mapping[str, Any]]
    #: The name of each that is followed already, and the key as which it is.
    known: Sequence[tuple[str, str]]
    #: The name of each that cannot be followed, and why.
    refused: Sequence[tuple[str, str]]


def export_opml(home: Home) -> str:
    """The followed feeds as OPML, as they are followed now."""
    with home.reading() as connection:
        states = feeds.list_feed_states(connection)
    return write_opml((to_outline(state.feed) for state in states), t("Feeds of {curator}", curator=home.curator))


def plan_import(home: Home, body: bytes, file: str) -> Plan:
    """Read a list of feeds, OPML or a feeds.toml, and plan what it adds. Raises ConfigError."""
    given = read_list(body, file)
    with home.reading() as connection:
        states, keys = feeds.list_feed_states(connection), set(feeds.find_keys(connection))
        left = {name_address(url): key for key, url in feeds.find_left(connection).items()}
    known, new = list_known(states), dict[str, Mapping[str, Any]]()
    followed, refused = list[tuple[str, str]](), list[tuple[str, str]]()
    for each in given:
        address = name_address(str(each.table.get("url", "")))
        if address in known:
            followed.append((each.name, known[address]))
            continue
        key = left.get(address) or (each.key if is_key(each.key) and each.key not in keys else "")
        key = key or choose_key(str(each.table.get("url", "")), each.name, keys)
        if secret := next((field for field in NAMING_VARIABLES if field in each.table), None):
            # Else whoever made the list would be sent what the variable has.
            refused.append((each.name, t("its {field} names an environment variable; add it yourself", field=secret)))
            continue
        try:
            check_feed(key, each.table, file=file, line=each.line)
        except ConfigError as error:
            refused.append((each.name, str(error)))
            continue
        new[key], known[address] = each.table, key
        keys.add(key)
    return Plan(new, followed, refused)


def read_list(body: bytes, file: str) -> list[Given]:
    """The feeds of a list, OPML or a feeds.toml. Raises ConfigError."""
    if len(body) > MAX_BYTES:
        raise ConfigError(t("is longer than {number} MB", number=f"{MAX_BYTES / 1e6:g}"), file=file)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return [_read_outline(outline) for outline in read_opml(body, file)]
    try:
        tables = tomllib.loads(body.decode("utf-8-sig")).get("feeds", {})
    except UnicodeDecodeError as error:
        raise ConfigError(t("is not UTF-8 (byte {number})", number=error.start), file=file) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(t("is neither OPML nor valid TOML: {error}", error=error), file=file) from error
    return list(_read_tables(tables))


def _read_tables(tables: Any) -> Iterator[Given]:
    for key, table in tables.items() if isinstance(tables, dict) else ():
        if isinstance(table, dict):
            yield Given(str(table.get("name", key)), table, key)


def to_outline(feed: Feed) -> Outline:
    """A feed as OPML has it, with our settings."""
    fields = describe_feed(feed)
    own = {name: value for name, value in fields.items() if name not in _IN_OPML}
    settings = {"key": feed.key} | {name: _write_value(value) for name, value in own.items()}
    return Outline(feed.name, feed.url, feed.site or "", feed.language, feed.tags, settings)


def _write_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _read_outline(outline: Outline) -> Given:
    own = {name: _read_value(name, value) for name, value in outline.settings.items() if name != "key"}
    name = outline.name or outline.url
    said = {
        "name": name,
        "url": outline.url,
        "site": outline.site or None,
        "language": outline.language or find_language(name),
        "kind": str(find_kind(outline.url, name, outline.site, None)),
        "tags": list(outline.tags) or None,
    }
    table = {field: value for field, value in (said | own).items() if value is not None}
    return Given(name, table, outline.settings.get("key", ""), outline.line)


def _read_value(name: str, value: str) -> Any:
    if name in _TEXTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
