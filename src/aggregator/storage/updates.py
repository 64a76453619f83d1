"""What visits changed, written as a whole: visit, feed state, entries, posts and signals in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aggregator.storage.database import in_batches, upsert
from aggregator.storage.feeds import save_state
from aggregator.storage.tables import entries, guesses, posts, row_values, signals, visits
from aggregator.types import Entry, FeedUpdate, PostDraft, Visit

# A stored date does not move because the feed is read again.
_ENTRY_CHANGES = ("url", "canonical_url", "title", "content", "author", "tags", "fingerprint", "post_id")
_POST_EDITS = ("title", "text", "words", "links", "tags", "language")
_POST_ORIGIN = ("feed_key", "organisation", "at_home", "url", "published_at", "published_from", "month")


def list_fingerprints(connection: sa.Connection, feed_keys: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each feed, the fingerprint of every stored entry by the entry's key."""
    known: dict[str, dict[str, str]] = {key: {} for key in feed_keys}
    for batch in in_batches(feed_keys):
        query = sa.select(entries.c.feed_key, entries.c.key, entries.c.fingerprint).where(entries.c.feed_key.in_(batch))
        for row in connection.execute(query):
            known[row.feed_key][row.key] = row.fingerprint
    return known


def apply_updates(connection: sa.Connection, updates: Sequence[FeedUpdate]) -> None:
    """Write what was decided for some feeds."""
    drafts: dict[str, PostDraft] = {}
    for draft in (draft for update in updates for draft in update.posts):
        first = drafts.setdefault(draft.canonical_url, draft)
        if draft.at_home and not first.at_home:
            drafts[draft.canonical_url] = draft
    _save_posts(connection, list(drafts.values()))
    found = [entry for update in updates for entry in update.entries]
    ids = _find_post_ids(connection, [entry.canonical_url for entry in found])
    _save_entries(connection, found, ids)
    _save_signals(connection, updates)
    for update in updates:
        save_state(connection, update.state)
    connection.execute(visits.insert(), [_visit_row(update.visit) for update in updates])


def _visit_row(visit: Visit) -> dict[str, object]:
    return row_values(**{name: getattr(visit, name) for name in Visit.__slots__})


def _save_posts(connection: sa.Connection, drafts: Sequence[PostDraft]) -> None:
    """Add the posts that are new; of the others, take over what changed in the feed that they belong to.

    A post that was read from a digest belongs to no feed yet: the first that carries it fills it. A post that a planet
    gave first goes over to the feed of its own site.
    """
    rows = {draft.canonical_url: row_values(**{n: getattr(draft, n) for n in PostDraft.__slots__}) for draft in drafts}
    known = _find_posts(connection, list(rows))
    new = [row for url, row in rows.items() if url not in known]
    upsert(connection, posts, new, unique=["canonical_url"], update=[])
    moved = {url: old.id for url, old in known.items() if _takes_over(old, rows[url])}
    edited = {url: old.id for url, old in known.items() if url not in moved and _edits(old, rows[url])}
    _change_posts(connection, {id_: rows[url] for url, id_ in moved.items()}, _POST_EDITS + _POST_ORIGIN)
    _change_posts(connection, {id_: rows[url] for url, id_ in edited.items()}, _POST_EDITS)


def _change_posts(connection: sa.Connection, rows: dict[int, dict[str, Any]], columns: Sequence[str]) -> None:
    if not rows:
        return
    values = [{"post": id_, **{f"new_{name}": row[name] for name in columns}} for id_, row in rows.items()]
    change = posts.update().where(posts.c.id == sa.bindparam("post"))
    connection.execute(change.values({name: sa.bindparam(f"new_{name}") for name in columns}), values)
    # What was guessed of the old text no longer counts.
    connection.execute(guesses.delete().where(guesses.c.post_id == sa.bindparam("post")), values)


def _takes_over(old: sa.Row[Any], new: dict[str, Any]) -> bool:
    if old.feed_key == new["feed_key"]:
        return False
    return old.feed_key is None or (bool(new["at_home"]) and not old.at_home)


def _edits(old: sa.Row[Any], new: dict[str, Any]) -> bool:
    return bool(old.feed_key == new["feed_key"] and (old.title, old.text) != (new["title"], new["text"]))


def _find_posts(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, sa.Row[Any]]:
    found: dict[str, sa.Row[Any]] = {}
    for batch in in_batches(addresses):
        query = sa.select(
            posts.c.canonical_url, posts.c.id, posts.c.feed_key, posts.c.at_home, posts.c.title, posts.c.text
        )
        query = query.where(posts.c.canonical_url.in_(batch))
        found.update({row.canonical_url: row for row in connection.execute(query)})
    return found


def _find_post_ids(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for batch in in_batches(list(dict.fromkeys(addresses))):
        query = sa.select(posts.c.canonical_url, posts.c.id).where(posts.c.canonical_url.in_(batch))
        ids.update((row.canonical_url, row.id) for row in connection.execute(query))
    return ids


def _save_entries(connection: sa.Connection, found: Sequence[Entry], post_ids: dict[str, int]) -> None:
    rows = [
        {
            **row_values(**{name: getattr(entry, name) for name in Entry.__slots__}),
            "post_id": post_ids.get(entry.canonical_url),
        }
        for entry in found
    ]
    upsert(connection, entries, rows, unique=["feed_key", "key"], update=_ENTRY_CHANGES)


def _save_signals(connection: sa.Connection, updates: Sequence[FeedUpdate]) -> None:
    latest = {
        (signal.canonical_url, signal.source, signal.name): {
            "canonical_url": signal.canonical_url,
            "source": signal.source,
            "name": signal.name,
            "value": signal.value,
            "observed_at": signal.observed_at,
        }
        for update in updates
        for signal in update.signals
    }
    upsert(connection, signals, list(latest.values()), unique=["canonical_url", "source", "name"])
