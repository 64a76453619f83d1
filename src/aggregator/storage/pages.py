"""Pages of posts: which to read, what came of it, and the canonical addresses that they name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from aggregator.storage.changes import UNREAD, Derived, change_post, change_posts, fall_behind
from aggregator.storage.posts import IS_KEPT, TEXT_COLUMNS
from aggregator.storage.rows import in_batches, row_of, upsert
from aggregator.storage.tables import aliases, feeds, pages, posts, signals
from aggregator.types import PageOutcome, PageReading, TextSource, WantedPage

_READING = (
    *("post_id", "url", "retrieved_at", "attempts", "retry_at", "outcome", "status", "reason", "words"),
    *("canonical_url", "content"),
)


class Alias(NamedTuple):
    """The post behind an old address, and its present address."""

    post_id: int
    canonical_url: str


def list_wanted(
    connection: sa.Connection,
    *,
    now: datetime,
    since: datetime,
    words: int,
    newest: int,
    longest_retry: timedelta,
    feed_key: str | None = None,
    again: bool = False,
) -> list[WantedPage]:
    """List the pages to read now, the newest of each feed first.

    These are posts of followed feeds with full_text set, or of *feed_key* regardless of that setting. They were
    published after *since*, have fewer than *words* words, are among the *newest* of their feed, and their page was not
    read yet or is due for another attempt (after at most *longest_retry*). With *again*, pages that failed or were
    refused for good are included.
    """
    place = sa.func.row_number().over(partition_by=posts.c.feed_key, order_by=(posts.c.published_at.desc(), posts.c.id))
    recent = (
        sa.select(posts.c.id, place.label("place"))
        .join(feeds, feeds.c.key == posts.c.feed_key)
        .where(feeds.c.active, posts.c.published_at >= since, posts.c.published_at <= now)
        .where(feeds.c.full_text if feed_key is None else feeds.c.key == feed_key)
        .where(feeds.c.paused_at.is_(None) if feed_key is None else sa.true())
        .subquery()
    )
    # A retry that is further off was set under a wrong clock.
    untried = sa.or_(pages.c.post_id.is_(None), pages.c.retry_at <= now, pages.c.retry_at > now + longest_retry)
    if again:
        untried = sa.or_(untried, pages.c.outcome.in_([str(PageOutcome.FAILED), str(PageOutcome.REFUSED)]))
    names = ("id", "url", "canonical_url", "title", "text", "words", "language", "feed_key")
    query = (
        sa.select(*(posts.c[name] for name in names), sa.func.coalesce(pages.c.attempts, 0).label("attempts"))
        .join(recent, recent.c.id == posts.c.id)
        .outerjoin(pages, pages.c.post_id == posts.c.id)
        # A page that several posts share is not the text of one of them.
        .where(sa.or_(~posts.c.canonical_url.contains("#"), posts.c.canonical_url.regexp_match("^[^#]*#[!/][^#]*$")))
        .where(recent.c.place <= newest, posts.c.words < words, posts.c.text_from == str(TextSource.FEED), untried)
        # How many words they have is not known yet.
        .where(posts.c.id.not_in(UNREAD))
        .order_by(recent.c.place, posts.c.id)
    )
    return [WantedPage(*tuple(row)) for row in connection.execute(query)]


def save_readings(connection: sa.Connection, readings: Sequence[PageReading]) -> set[int]:
    """Store the results of reading pages; return the posts whose text, address or disclosures changed.

    Results for posts that were deleted, merged or taken over by another feed in the meantime are dropped.
    """
    known = _list_known(connection, [reading.post_id for reading in readings])
    readings = [reading for reading in readings if reading.post_id in known]
    rows = [row_of(reading, _READING) for reading in readings]
    upsert(connection, pages, rows, unique=["post_id"])
    texts = {
        reading.post_id: row_of(reading.text, TEXT_COLUMNS) | {"text_from": TextSource.PAGE}
        for reading in readings
        if reading.text
    }
    said = {reading.post_id: {"page_said": reading.said} for reading in readings if reading.said}
    change_posts(connection, texts, (*TEXT_COLUMNS, "text_from"))
    change_posts(connection, said, ("page_said",))
    changed = {*texts, *said}
    for reading in readings:
        if reading.canonical_url and reading.named_url and _name_anew(connection, known[reading.post_id], reading):
            changed.add(reading.post_id)
    # What a page names as its address is compared too.
    fall_behind(connection, Derived.COPIES, sorted(one.post_id for one in readings if one.canonical_url))
    return changed


def _list_known(connection: sa.Connection, post_ids: Sequence[int]) -> dict[int, str]:
    """The posts that still exist, with their canonical addresses."""
    return {
        row.id: row.canonical_url
        for batch in in_batches(post_ids)
        for row in connection.execute(sa.select(posts.c.id, posts.c.canonical_url).where(posts.c.id.in_(batch)))
    }


def _name_anew(connection: sa.Connection, old: str, reading: PageReading) -> bool:
    """Give a post the address that its page names. If another post has it, both are compared and recognised as one."""
    address = reading.canonical_url or ""
    if address == old:
        return False
    taken = sa.select(posts.c.id).where(posts.c.canonical_url == address)
    if connection.execute(taken).first() or find_aliases(connection, [address]):
        return False
    if connection.execute(sa.select(posts.c.id).where(posts.c.id == reading.post_id, IS_KEPT)).first():
        # It keeps its address; entries and signals with the other one belong to it, too.
        add_alias(connection, address, reading.post_id)
        return False
    readdress_post(connection, reading.post_id, old, address, reading.named_url or address)
    add_alias(connection, old, reading.post_id)
    return True


def add_alias(connection: sa.Connection, address: str, post_id: int) -> None:
    """Make entries and signals with this address belong to a post."""
    upsert(connection, aliases, [{"canonical_url": address, "post_id": post_id}], unique=["canonical_url"])


def readdress_post(connection: sa.Connection, post_id: int, old: str, new: str, url: str) -> None:
    """Change the address of a post; its verdict, signals and entries stay with it."""
    change_post(connection, post_id, canonical_url=new, url=url)
    there = signals.alias("there")
    is_same = sa.and_(there.c.source == signals.c.source, there.c.name == signals.c.name)
    is_said = sa.exists().where(there.c.canonical_url == new, is_same)
    said = signals.update().where(signals.c.canonical_url == old, ~is_said)
    connection.execute(said.values(canonical_url=new))


def find_aliases(connection: sa.Connection, addresses: Collection[str]) -> dict[str, Alias]:
    """Return the posts behind old canonical addresses, by address."""
    # A first visit asks for thousands, and usually there are no aliases at all.
    if connection.execute(sa.select(aliases.c.post_id).limit(1)).first() is None:
        return {}
    query = sa.select(aliases.c.canonical_url.label("old"), posts.c.id, posts.c.canonical_url)
    query = query.join(posts, posts.c.id == aliases.c.post_id)
    return {
        row.old: Alias(row.id, row.canonical_url)
        for batch in in_batches(sorted(addresses))
        for row in connection.execute(query.where(aliases.c.canonical_url.in_(batch)))
    }


def count_pages(connection: sa.Connection, feed_key: str) -> Mapping[PageOutcome, int]:
    """Count the outcomes of reading the pages of a feed, by the last attempt of each."""
    query = (
        sa.select(pages.c.outcome, sa.func.count())
        .join(posts, posts.c.id == pages.c.post_id)
        .where(posts.c.feed_key == feed_key)
        .group_by(pages.c.outcome)
    )
    return {PageOutcome(outcome): count for outcome, count in connection.execute(query)}


def find_last_trouble(connection: sa.Connection, feed_key: str) -> str | None:
    """Return why the last failed page of a feed could not be used."""
    query = (
        sa.select(pages.c.reason)
        .join(posts, posts.c.id == pages.c.post_id)
        .where(posts.c.feed_key == feed_key, pages.c.outcome != str(PageOutcome.TAKEN))
        .order_by(pages.c.retrieved_at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()
