"""feeds.toml as a document: a feed is added, changed or removed, and comments, order and spacing of everything
else stay. Owns tomlkit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.items import Comment, Item, Key, Table, Whitespace

from aggregator.exceptions import NotFoundError
from aggregator.locales import t


def add_feed(text: str, key: str, table: Mapping[str, Any]) -> str:
    """Return the document with a feed at its end. Values of None are left out."""
    said = tomlkit.document()
    feed = tomlkit.table()
    for name, value in table.items():
        if value is not None:
            feed.add(name, value)
    said["feeds"] = tomlkit.table(is_super_table=True)
    said["feeds"].add(key, feed)
    before = text.rstrip("\n")
    return f"{before}\n\n{said.as_string()}" if before else said.as_string()


def change_feed(text: str, key: str, changes: Mapping[str, Any]) -> str:
    """Return the document with some fields of a feed changed; None takes a field out. Raises NotFoundError."""
    document = tomlkit.parse(text)
    feed = _find(document, key)
    for name, value in changes.items():
        if value is None:
            feed.pop(name, None)
        elif name in feed:
            feed[name] = value
        else:
            _add_field(feed, name, value)
    return document.as_string()


def remove_feed(text: str, key: str) -> str:
    """Return the document without a feed and the comment right above it. Raises NotFoundError."""
    document = tomlkit.parse(text)
    feed = _find(document, key)
    feeds = document["feeds"]
    names = [each.key for each, _ in feeds.value.body if each is not None]
    place = names.index(key)
    above = feeds[names[place - 1]].value if place else None
    last = _take_tail(feed.value)
    if isinstance(above, Container):
        _drop_comment(above)
        for _, item in last:
            above.body.append((None, item))
    feeds.remove(key)
    return document.as_string()


def _find(document: tomlkit.TOMLDocument, key: str) -> Table:
    feed = document.get("feeds", {}).get(key)
    if not isinstance(feed, Table):
        raise NotFoundError(t("there is no feed with the key {key}", key=key))
    return feed


def _add_field(feed: Table, name: str, value: Any) -> None:
    """After the last field, before what is said above the next feed."""
    tail = _take_tail(feed.value)
    feed.add(name, value)
    feed.value.body.extend(tail)


def _take_tail(body: Container) -> list[tuple[Key | None, Item]]:
    """Blank lines and comments after the last field belong to what follows."""
    last = max((number for number, (key, _) in enumerate(body.body) if key is not None), default=-1)
    tail = body.body[last + 1 :]
    del body.body[last + 1 :]
    return tail


def _drop_comment(body: Container) -> None:
    while body.body and isinstance(body.body[-1][1], Comment):
        body.body.pop()
    while len(body.body) > 1 and all(isinstance(item, Whitespace) for _, item in body.body[-2:]):
        body.body.pop()
