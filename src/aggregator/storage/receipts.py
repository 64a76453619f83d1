"""The evidence of printed lines: what it is taken from, and what was taken of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.posts import WAITS
from aggregator.storage.readers import SUGGESTED
from aggregator.storage.rows import in_batches, row_values, upsert
from aggregator.storage.tables import (
    actions,
    corrections,
    entries,
    feeds,
    issues,
    mentions,
    note_drafts,
    pages,
    placed_lines,
    posts,
    receipts,
)
from aggregator.types import ActionKind, Month


@dataclass(frozen=True, slots=True)
class Taken:
    """The evidence of a line as it was printed."""

    sha256: str
    post_id: int
    text: str
    taken_at: datetime
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy of a post, with its feed; None for one that no feed gave."""

    url: str
    feed_key: str | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """A draft of the note of a post, by hashes of its runs of words."""

    post_id: int
    at: datetime
    model: str
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Traces:
    """How posts came, each by the number of its post; what is not known of a post is left out."""

    #: Names and addresses of feeds, by their keys.
    feeds: Mapping[str, tuple[str, str]]
    copies: dict[int, list[Copied]] = field(default_factory=dict)
    #: The date as the feed of the post said it.
    said: dict[int, str] = field(default_factory=dict)
    #: When a reader first sent its address, or the address of a copy.
    suggested: dict[int, datetime] = field(default_factory=dict)
    #: The issue of a round-up that named it first.
    roundups: dict[int, str] = field(default_factory=dict)
    #: When its page was read with success, and the status of HTTP.
    read: dict[int, tuple[datetime, int | None]] = field(default_factory=dict)
    drafts: dict[int, list[NoteDraft]] = field(default_factory=dict)
    #: The posts whose notes were written before drafts were noted.
    undrafted: set[int] = field(default_factory=set)


def find_taken(connection: sa.Connection, month: Month) -> dict[str, Taken]:
    """Find all that was taken of the lines of a month, by the checksum of the line, the oldest first."""
    query = sa.select(receipts).where(receipts.c.month == str(month)).order_by(receipts.c.taken_at)
    return {
        row.sha256: Taken(row.sha256, row.post_id, row.text, row.taken_at, row.evidence)
        for row in connection.execute(query)
    }


def save_taken(connection: sa.Connection, month: Month, taken: Sequence[Taken]) -> None:
    """Store the evidence of lines; what is known of one already stays as it is."""
    rows = [row_values(month=month, **{name: getattr(one, name) for name in Taken.__slots__}) for one in taken]
    upsert(connection, receipts, rows, unique=["month", "sha256"], update=[])


def list_months(connection: sa.Connection) -> list[Month]:
    """List the months with lines on a page of which evidence was taken, oldest first."""
    query = sa.select(receipts.c.month).distinct().where(receipts.c.month.in_(sa.select(placed_lines.c.month)))
    return sorted(Month.parse(month) for month in connection.execute(query).scalars())


def list_prints(
    connection: sa.Connection, month: Month | None
) -> dict[Month, list[tuple[datetime, Mapping[str, Any]]]]:
    """List when a month, or each, was printed or put on a page, with what that changed, oldest first, without what was
    undone.
    """
    is_of_month = actions.c.month == str(month) if month else actions.c.month.is_not(None)
    query = sa.select(actions.c.month, actions.c.at, actions.c.changes).where(is_of_month, ~actions.c.undone)
    found: dict[Month, list[tuple[datetime, Mapping[str, Any]]]] = {}
    for row in connection.execute(query.where(actions.c.kind == str(ActionKind.PRINT)).order_by(actions.c.id)):
        found.setdefault(Month.parse(row.month), []).append((row.at, row.changes))
    return found


def list_mends(connection: sa.Connection) -> list[tuple[datetime, Mapping[str, Any], Mapping[str, Any]]]:
    """List when pages were mended, with what that was and what it changed, oldest first, without what was undone."""
    query = sa.select(actions.c.at, actions.c.details, actions.c.changes).order_by(actions.c.id)
    # The other prints have changes as long as a month.
    is_mend = actions.c.details["mend"].as_string().is_not(None)
    rows = connection.execute(query.where(actions.c.kind == str(ActionKind.PRINT), ~actions.c.undone, is_mend))
    return [(row.at, row.details, row.changes) for row in rows]


def count_entries(connection: sa.Connection, month: Month) -> int:
    """Count the entries of feeds that became posts of a month."""
    query = sa.select(sa.func.count()).select_from(entries).join(posts, posts.c.id == entries.c.post_id)
    return connection.execute(query.where(posts.c.month == str(month), ~WAITS)).scalar_one()


def add_draft(connection: sa.Connection, draft: NoteDraft) -> None:
    """Note that a post had a draft of its note."""
    values = row_values(post_id=draft.post_id, at=draft.at, model=draft.model, marks=sorted(draft.marks))
    connection.execute(note_drafts.insert().values(values))


def find_traces(connection: sa.Connection, post_ids: Sequence[int]) -> Traces:
    """Find how some posts came, and the drafts of their notes."""
    named = connection.execute(sa.select(feeds.c.key, feeds.c.name, feeds.c.url))
    traces = Traces(feeds={row.key: (row.name, row.url) for row in named})
    for batch in in_batches(post_ids):
        for find in _FINDERS:
            find(connection, batch, traces)
    return traces


def _find_copies(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    query = sa.select(posts.c.copy_of, posts.c.url, posts.c.feed_key, posts.c.first_seen_at)
    for row in connection.execute(query.where(posts.c.copy_of.in_(post_ids)).order_by(posts.c.id)):
        traces.copies.setdefault(row.copy_of, []).append(Copied(row.url, row.feed_key, row.first_seen_at))


def _find_said(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    is_own = sa.and_(posts.c.id == entries.c.post_id, posts.c.feed_key == entries.c.feed_key)
    query = sa.select(entries.c.post_id, entries.c.published_raw, entries.c.published_at).join(posts, is_own)
    for row in connection.execute(query.where(posts.c.id.in_(post_ids)).order_by(entries.c.id)):
        if text := row.published_raw or (row.published_at and row.published_at.isoformat()):
            traces.said.setdefault(row.post_id, text)


def _find_suggested(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    query = sa.select(SUGGESTED.c.post_id, SUGGESTED.c.first_at).where(SUGGESTED.c.post_id.in_(post_ids))
    traces.suggested.update({row.post_id: row.first_at for row in connection.execute(query)})


def _find_roundups(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    query = (
        sa.select(posts.c.id, issues.c.title, issues.c.label)
        .join(mentions, mentions.c.canonical_url == posts.c.canonical_url)
        .join(issues, issues.c.id == mentions.c.issue_id)
        .where(posts.c.id.in_(post_ids))
        .order_by(issues.c.found_at, issues.c.id)
    )
    for row in connection.execute(query):
        traces.roundups.setdefault(row.id, row.label or row.title)


def _find_pages(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    # As far as the page was there.
    query = sa.select(pages.c.post_id, pages.c.retrieved_at, pages.c.status).where(pages.c.post_id.in_(post_ids))
    for row in connection.execute(query.where(pages.c.outcome.in_(["taken", "kept"]))):
        traces.read[row.post_id] = row.retrieved_at, row.status


def _find_drafts(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    query = sa.select(note_drafts).where(note_drafts.c.post_id.in_(post_ids)).order_by(note_drafts.c.id)
    for row in connection.execute(query):
        draft = NoteDraft(row.post_id, row.at, row.model, frozenset(row.marks))
        traces.drafts.setdefault(row.post_id, []).append(draft)


def _find_undrafted(connection: sa.Connection, post_ids: Sequence[int], traces: Traces) -> None:
    # A later correction may have kept words of an earlier one.
    is_unknown = sa.and_(corrections.c.note != "", ~corrections.c.drafts_known, holds(corrections))
    query = sa.select(corrections.c.post_id).where(corrections.c.post_id.in_(post_ids), is_unknown)
    traces.undrafted.update(connection.execute(query).scalars())


_FINDERS = (
    _find_copies,
    _find_said,
    _find_suggested,
    _find_roundups,
    _find_pages,
    _find_drafts,
    _find_undrafted,
)
