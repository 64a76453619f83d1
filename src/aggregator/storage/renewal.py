"""Reads and writes what the rules of the program derive from posts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.storage.articles import HAS_TEXT
from aggregator.storage.changes import UNREAD, change_posts
from aggregator.storage.posts import TEXT_COLUMNS
from aggregator.storage.printed import IS_PRINTED
from aggregator.storage.rows import row_of
from aggregator.storage.tables import aliases, entries, feeds, pages, pairs, posts, signals, verdicts
from aggregator.types import Decision, Media, Month, PageText, UnreadEntry

#: The author of a judgement that two posts are one because their addresses became the same.
_BY_ADDRESS = "the rules for addresses"
_SURE = 2.0


# --- titles and texts, a batch at a time ---


def list_titles(connection: sa.Connection, post_ids: Sequence[int]) -> Sequence[Any]:
    """Number, title and stem of these posts, at most as many as fit into an IN list."""
    query = sa.select(posts.c.id, posts.c.title, posts.c.series).where(posts.c.id.in_(post_ids))
    return connection.execute(query).all()


def save_stems(connection: sa.Connection, stems: Mapping[int, str | None]) -> None:
    _change(connection, "series", stems)


def list_texts(connection: sa.Connection, post_ids: Sequence[int]) -> Sequence[Any]:
    """The posts among these whose text is from their feed, with the ``content`` of their newest entry there and the
    ``declared`` language of the feed. At most as many as fit into an IN list.
    """
    query = (
        sa.select(*(posts.c[name] for name in ("id", "title", *TEXT_COLUMNS)), entries.c.content)
        .add_columns(feeds.c.language.label("declared"))
        .select_from(posts)
        .join(entries, HAS_TEXT)
        .join(feeds, feeds.c.key == posts.c.feed_key)
        .where(posts.c.id.in_(post_ids))
        .order_by(posts.c.id, entries.c.id)
    )
    return list({row.id: row for row in connection.execute(query)}.values())


def save_texts(connection: sa.Connection, texts: Mapping[int, Mapping[str, Any]]) -> None:
    """Change the texts of posts, by number, so that they are guessed, compared and indexed again."""
    change_posts(connection, texts, TEXT_COLUMNS)


# --- unread entries ---


def list_unread(connection: sa.Connection, post_ids: Sequence[int]) -> list[UnreadEntry]:
    """List the unread entries of these posts. At most as many as fit into an IN list."""
    names = ("id", "post_id", "title", "raw", "repeated", "media")
    query = (
        sa.select(*(entries.c[name] for name in names), feeds.c.language, HAS_TEXT.label("gives_text"))
        .join(posts, posts.c.id == entries.c.post_id)
        .join(feeds, feeds.c.key == entries.c.feed_key)
        .where(entries.c.post_id.in_(post_ids), entries.c.raw.is_not(None))
        .order_by(entries.c.id)
    )
    return [
        UnreadEntry(
            row.id,
            row.post_id,
            row.title,
            row.raw,
            tuple(row.repeated),
            tuple(Media(media["url"], media["type"]) for media in row.media),
            row.language,
            bool(row.gives_text),
        )
        for row in connection.execute(query)
    ]


def list_unread_of(connection: sa.Connection, month: Month) -> list[int]:
    """List the posts of a month with unread entries."""
    query = sa.select(posts.c.id).where(posts.c.month == str(month), posts.c.id.in_(UNREAD))
    return list(connection.execute(query).scalars())


def list_unread_decided(connection: sa.Connection) -> list[int]:
    """List the decided posts with unread entries."""
    query = sa.select(posts.c.id).where(posts.c.verdict_id.is_not(None), posts.c.id.in_(UNREAD))
    return list(connection.execute(query).scalars())


def list_languages(connection: sa.Connection, keys: Collection[str]) -> dict[str, str]:
    """The languages of these feeds, by key. At most as many as fit into an IN list."""
    query = sa.select(feeds.c.key, feeds.c.language).where(feeds.c.key.in_(keys))
    return {row.key: row.language for row in connection.execute(query)} if keys else {}


def save_read(connection: sa.Connection, contents: Mapping[int, str], texts: Mapping[int, PageText]) -> None:
    """Store the contents of entries and the texts of posts, by number. All else is derived from these posts next."""
    rows = [{"row": number, "html": html} for number, html in contents.items()]
    if rows:
        update = sa.update(entries).where(entries.c.id == sa.bindparam("row"))
        connection.execute(update.values(content=sa.bindparam("html"), raw=None, repeated=[]), rows)
    change_posts(connection, {number: row_of(text, TEXT_COLUMNS) for number, text in texts.items()}, TEXT_COLUMNS)


# --- addresses, all at once ---


def readdress_all(
    connection: sa.Connection, compute: Callable[[str], str], clean: Callable[[str], str | None], now: datetime
) -> None:
    """Recompute all canonical addresses; *clean* normalises links.

    If two posts get the same address, they are not merged: one gets it, and the other becomes its copy with an address
    that feeds do not give. Feeds read their whole documents again at the next visit, because the old rules may have cut
    off what distinguishes two addresses.
    """
    _change_posts(connection, compute, clean, now)
    _change_entries(connection, compute)
    _change_signals(connection, compute)
    _change_aliases(connection, compute)
    _change_pages(connection, compute)


def _change_posts(
    connection: sa.Connection, compute: Callable[[str], str], clean: Callable[[str], str | None], now: datetime
) -> None:
    columns = (posts.c.id, posts.c.url, posts.c.canonical_url, posts.c.verdict_id, posts.c.copy_of)
    query = sa.select(*columns, verdicts.c.decision, IS_PRINTED.label("is_printed"))
    rows = connection.execute(query.outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)).all()
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(compute(row.canonical_url), []).append(row)
    keepers = {address: max(group, key=_measure_strength) for address, group in groups.items()}
    changed = {row.id: address for address, row in keepers.items() if row.canonical_url != address}
    # The strongest post gets the address.
    left = {
        row.id: f"{address}#{row.id}"
        for address, group in groups.items()
        for row in group
        if row.canonical_url == address and row.id != keepers[address].id
    }
    # Through temporary addresses, because one post may get the address of another.
    _change(connection, "canonical_url", {post_id: f"moving:{post_id}" for post_id in changed})
    _change(connection, "canonical_url", left)
    _change(connection, "canonical_url", changed)
    # A decided post keeps the link that the curator saw.
    links = {row.id: link for row in rows if row.verdict_id is None and (link := clean(row.url)) not in {None, row.url}}
    _change(connection, "url", links)
    _join(connection, _find_copies(rows, groups, keepers), now)


def _measure_strength(row: Any) -> tuple[bool, bool, bool, int]:
    return row.is_printed, row.decision == str(Decision.APPROVE), row.verdict_id is not None, -row.id


def _find_copies(
    rows: Sequence[Any], groups: Mapping[str, Sequence[Any]], keepers: Mapping[str, Any]
) -> dict[int, int]:
    """Find the original of each copy among posts with the same address, by number.

    Posts that are copies or have copies stay in their clusters, and a decided post is not hidden.
    """
    originals = {row.copy_of for row in rows}
    return {
        row.id: keepers[address].id
        for address, group in groups.items()
        if keepers[address].copy_of is None
        for row in group
        if row.id != keepers[address].id and row.copy_of is None and row.id not in originals and row.verdict_id is None
    }


def _join(connection: sa.Connection, copies: Mapping[int, int], now: datetime) -> None:
    if not copies:
        return
    _change(connection, "copy_of", copies)
    words = {
        "said": "same",
        "by": _BY_ADDRESS,
        "is_by_hand": False,
        "at": now,
        "score": _SURE,
        "reasons": [["same address", _SURE, "by the present rules for addresses"]],
    }
    said = [{"first_id": min(pair), "second_id": max(pair), **words} for pair in copies.items()]
    connection.execute(sa.insert(pairs), said)


def _change_entries(connection: sa.Connection, compute: Callable[[str], str]) -> None:
    rows = connection.execute(sa.select(entries.c.id, entries.c.canonical_url)).all()
    _readdress(connection, entries, "id", _compute_changed(rows, compute))
    connection.execute(sa.update(entries).where(entries.c.in_window).values(fingerprint=""))
    # Without validators, their servers send the whole documents.
    carrying = sa.select(entries.c.feed_key).where(entries.c.in_window)
    connection.execute(sa.update(feeds).where(feeds.c.key.in_(carrying)).values(etag=None, last_modified=None))


def _change_signals(connection: sa.Connection, compute: Callable[[str], str]) -> None:
    """Change the addresses of signals; of those with the same address, the one observed last stays."""
    rows = connection.execute(sa.select(signals).order_by(signals.c.observed_at)).all()
    latest = {(compute(row.canonical_url), row.source, row.name): row for row in rows}
    if all(key[0] == row.canonical_url for key, row in latest.items()) and len(latest) == len(rows):
        return
    connection.execute(sa.delete(signals))
    kept = [{**row._mapping, "canonical_url": address} for (address, _, _), row in latest.items()]
    connection.execute(sa.insert(signals), kept)


def _change_aliases(connection: sa.Connection, compute: Callable[[str], str]) -> None:
    """Change the addresses of aliases; the old address stays known in both forms."""
    taken = set(connection.execute(sa.select(posts.c.canonical_url)).scalars())
    rows = connection.execute(sa.select(aliases.c.canonical_url, aliases.c.post_id)).all()
    taken |= {row.canonical_url for row in rows}
    for row in rows:
        new = compute(row.canonical_url)
        if new not in taken:
            taken.add(new)
            connection.execute(sa.insert(aliases).values(canonical_url=new, post_id=row.post_id))


def _change_pages(connection: sa.Connection, compute: Callable[[str], str]) -> None:
    query = sa.select(pages.c.post_id.label("id"), pages.c.canonical_url)
    rows = connection.execute(query.where(pages.c.canonical_url.is_not(None))).all()
    _readdress(connection, pages, "post_id", _compute_changed(rows, compute))


def _compute_changed(rows: Sequence[Any], compute: Callable[[str], str]) -> dict[int, str]:
    """The new addresses of rows whose address changes, by number."""
    return {row.id: new for row in rows if (new := compute(row.canonical_url)) != row.canonical_url}


def _change(connection: sa.Connection, column: str, values: Mapping[int, object]) -> None:
    """Set a column of posts by their number."""
    change_posts(connection, {number: {column: value} for number, value in values.items()}, (column,))


def _readdress(connection: sa.Connection, table: sa.Table, key: str, addresses: Mapping[int, str]) -> None:
    """Set the canonical addresses of rows, by the value of a column."""
    rows = [{"row": number, "new": address} for number, address in addresses.items()]
    if rows:
        update = sa.update(table).where(table.c[key] == sa.bindparam("row"))
        connection.execute(update.values(canonical_url=sa.bindparam("new")), rows)
