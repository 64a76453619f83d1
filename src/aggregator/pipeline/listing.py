"""What feeds.toml lists: the curator adds, removes, renames and imports feeds. The file is written, what follows from
it is applied at once, and both can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from aggregator.addresses.urls import canonicalise_url, clean_url, complete_url, host_of
from aggregator.config import read_feeds_file, read_listed
from aggregator.config.document import change_feed, find_feed_before, list_tables, paste_feeds, write_feed
from aggregator.config.document import remove_feed as take_out
from aggregator.config.document import rename_feed as give_key
from aggregator.config.edits import describe_edit, take_back
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.locales import t
from aggregator.pipeline.actions import record
from aggregator.pipeline.feeds_file import FeedsFile, write_listed
from aggregator.pipeline.home import Home
from aggregator.places import find_shipped
from aggregator.storage import feeds
from aggregator.storage.database import Connection
from aggregator.types import Action, ActionKind, Feed, FeedState

# Fields that every feed in feeds.toml has.
_ALWAYS = {"name", "url", "language", "kind"}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written into feeds.toml."""

    file: Path
    #: Of the feeds that were added, removed or renamed; of a renamed one the new key.
    keys: tuple[str, ...]
    #: Whether the home followed the shipped list until now, and has a copy of its own from now on.
    is_copied: bool


def add_feeds(home: Home, file: FeedsFile, tables: Mapping[str, Mapping[str, Any]]) -> Written:
    """Add feeds to feeds.toml, each by its key with its fields. They are due at once.

    Raises ConfigError if a key or an address is taken or a value is not allowed, and StorageError.
    """
    blocks = {key: write_feed(key, _tidy(table)) for key, table in tables.items()}
    addresses = {key: str(table.get("url")) for key, table in tables.items()}
    return _write(home, file, lambda text: paste_feeds(text, blocks), blocks.keys(), addresses)


def add_shipped(home: Home, file: FeedsFile, addresses: Mapping[str, str]) -> Written:
    """Follow feeds of the shipped list as it writes them, by their keys with their addresses.

    Raises ConfigError if a key or an address is taken, and StorageError.
    """
    blocks = list_tables(read_feeds_file(find_shipped()), addresses)
    return _write(home, file, lambda text: paste_feeds(text, blocks), blocks.keys(), addresses)


def change_listed(home: Home, file: FeedsFile, key: str, changes: Mapping[str, Any]) -> Written:
    """Change fields of a feed in feeds.toml; None takes a field out.

    Raises NotFoundError, ConfigError if it is not written as a table of its own or a value is not allowed, and
    StorageError.
    """
    return _write(home, file, lambda text: change_feed(text, key, changes), [key])


def change_proposal(feed: Feed, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a proposed feed for feeds.toml, with what the curator says otherwise: None changes nothing, and
    what is empty clears a field.
    """
    said = {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in (describe_feed(feed) | said).items() if value not in ("", [], ())}


def remove_feed(home: Home, file: FeedsFile, key: str) -> Written:
    """Take a feed out of feeds.toml. It is not visited any more; its posts stay.

    Raises NotFoundError, ConfigError if it is not written as a table of its own, and StorageError.
    """
    return _write(home, file, lambda text: take_out(text, key), [key])


def _write(
    home: Home,
    file: FeedsFile,
    edit: Callable[[str], str],
    keys: Collection[str],
    new: Mapping[str, str] | None = None,
) -> Written:
    """Change the tables of some feeds and record that. *new* are the addresses of those that were not there, by key."""
    texts = [""]

    def change(text: str) -> str:
        texts[:] = [text, edit(text)]
        return texts[1]

    def note(connection: Connection, path: Path) -> None:
        _refuse_taken(connection, new or {})
        _record(home, connection, path, keys, *texts)

    is_copied = file.write(change, note)
    return Written(file.file, tuple(keys), is_copied)


def rename_feed(home: Home, file: FeedsFile, key: str, new: str) -> Written:
    """Give a feed another key, in feeds.toml and everywhere; its entries, posts, visits and signals stay with it.

    Raises NotFoundError, ConfigError if the new key is taken or not allowed, and StorageError.
    """

    def note(connection: Connection, path: Path) -> None:
        feeds.rename_feed(connection, key, new)
        details, changes = {"file": _name_file(home, path)}, {"key": (key, new)}
        record(home, connection, ActionKind.FEED, feed_key=new, details=details, changes=changes)

    is_copied = file.write(lambda text: give_key(text, key, new), note)
    return Written(file.file, (new,), is_copied)


def is_about_file(action: Action) -> bool:
    """Whether an action on feeds changed feeds.toml."""
    return "listed" in action.changes or "key" in action.changes


def put_back(home: Home, connection: Connection, action: Action, *, is_undone: bool) -> None:
    """Change feeds.toml back, or change it again: to the byte, if nothing else of it has changed since. Else what comes
    back stands behind the feed that it stood behind, or at the end.

    Raises NotFoundError, ConfigError if the file says something else by now, and StorageError.
    """
    file = home.find_file(action.details["file"])
    feeds.lock_list(connection)
    text = read_feeds_file(file)
    changes = {name: (new, old) if is_undone else (old, new) for name, (old, new) in action.changes.items()}
    if "key" in changes:
        feeds.rename_feed(connection, *changes["key"])
        text = give_key(text, *changes["key"])
    else:
        exact = take_back(text, *changes["text"]) if "text" in changes else None
        text = _change_tables(text, *changes["listed"], behind=action.details.get("behind")) if exact is None else exact
    write_listed(connection, file, text, read_listed(text, file))


def _change_tables(text: str, there: Mapping[str, str], back: Mapping[str, str], *, behind: str | None) -> str:
    for key in there:
        text = take_out(text, key)
    return paste_feeds(text, back, behind=behind) if back else text


# --- how feeds are told apart and written ---


def list_known(states: Sequence[FeedState]) -> dict[str, str]:
    """The keys of followed feeds by the canonical forms of their addresses, those of feeds.toml included."""
    known: dict[str, str] = {}
    for state in states:
        for feed in filter(None, (state.feed, state.listed)):
            known.setdefault(name_address(feed.url), state.feed.key)
    return known


def read_typed(typed: str) -> str:
    """Read the address of a site, a page or a feed as a person types it. Raises NotFoundError."""
    url = clean_url(complete_url(typed.strip())) or clean_url(f"https://{typed.strip()}")
    if url is None or ("." not in host_of(url) and host_of(url) != "localhost"):
        raise NotFoundError(t("{address} is not an address; give one such as https://blog.example", address=typed))
    return url


def name_address(url: str) -> str:
    """The form of an address by which feeds are the same."""
    return canonicalise_url(clean_url(url) or url)


def _tidy(table: Mapping[str, Any]) -> dict[str, Any]:
    """Values as TOML has them."""
    given = {name: value for name, value in table.items() if value is not None}
    return {name: _as_toml(value) for name, value in given.items()}


def _as_toml(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def describe_feed(feed: Feed) -> dict[str, Any]:
    """The fields of a feed for feeds.toml, without those that have their default."""
    plain = Feed(feed.key, feed.name, feed.url, feed.kind, feed.language)
    values = {name: getattr(feed, name) for name in Feed.__slots__ if name != "key"}
    kept = {name: each for name, each in values.items() if name in _ALWAYS or each != getattr(plain, name)}
    kept["kind"] = str(feed.kind)
    for name in ("recipe", "only"):
        if (said := getattr(feed, name)) is not None:
            parts = {each.name: (getattr(said, each.name), each.default) for each in fields(said)}
            kept[name] = {part: _as_toml(value) for part, (value, usual) in parts.items() if value != usual}
    return kept


def _record(home: Home, connection: Connection, path: Path, keys: Collection[str], before: str, after: str) -> None:
    listed = (list_tables(before, keys), list_tables(after, keys))
    details = {"file": _name_file(home, path), "behind": find_feed_before(before if listed[0] else after, keys)}
    record(
        home,
        connection,
        ActionKind.FEED,
        feed_key=next(iter(keys)) if len(keys) == 1 else None,
        details={name: value for name, value in details.items() if value},
        changes={"listed": listed, "text": describe_edit(before, after)},
    )


def _name_file(home: Home, path: Path) -> str:
    """The file as ``Home.find_file`` finds it, also after the home has moved."""
    return str(path.relative_to(home.folder) if path.is_relative_to(home.folder) else path)


def _refuse_taken(connection: Connection, addresses: Mapping[str, str]) -> None:
    """Refuse the key of a feed that was followed before at another address, because its posts have it still."""
    left = feeds.find_left(connection)
    for key, url in addresses.items():
        if key in left and name_address(left[key]) != name_address(url):
            said = t("another feed has or had this key, and its posts have it still")
            raise ConfigError(said, file=t("the change"), key=f"feeds.{key}")
