"""What posts are compared by, judgements on pairs of posts, and the representative of each cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.changes import change_posts
from aggregator.storage.posts import read_disclosures
from aggregator.storage.printed import PRINTED
from aggregator.storage.rows import in_batches, insert, row_of, upsert
from aggregator.storage.tables import digest_lines, entries, guesses, meetings, pages, pairs, posts, verdicts
from aggregator.types import DateSource, Decision, DisclosureKind, Manuscript, Month, Pair, Reason, Sameness, TextSource

_OF_PAIR = tuple(name for name in Pair.__slots__ if name != "id")
_LATER = pairs.alias("later")
_HOLDS = holds(pairs)
_ONE, _OTHER = posts.alias("one"), posts.alias("other")
#: Whether the judgement of a pair is in force: undone ones do not count, the curator's override others, later ones
#: override earlier ones.
_COUNTS = _HOLDS & ~(
    sa.select(_LATER.c.id)
    .where(
        _LATER.c.first_id == pairs.c.first_id,
        _LATER.c.second_id == pairs.c.second_id,
        holds(_LATER),
        sa.or_(
            sa.and_(_LATER.c.is_by_hand, ~pairs.c.is_by_hand),
            sa.and_(_LATER.c.is_by_hand == pairs.c.is_by_hand, _LATER.c.id > pairs.c.id),
        ),
    )
    .correlate(pairs)
    .exists()
)


# --- what is compared ---


_MANUSCRIPT = (
    "id",
    "canonical_url",
    "title",
    "text",
    "text_from",
    "language",
    "published_at",
    "published_from",
    "organisation",
)


def list_manuscripts(connection: sa.Connection, post_ids: Sequence[int]) -> dict[int, Manuscript]:
    """Load what these posts are compared by, with the longest text from any feed."""
    found: dict[int, Manuscript] = {}
    for batch in in_batches(post_ids):
        given: dict[int, list[Any]] = {}
        of_batch = sa.select(
            entries.c.post_id,
            entries.c.feed_key,
            entries.c.content,
            entries.c.author,
            entries.c.first_seen_at,
            entries.c.in_window,
        ).where(entries.c.post_id.in_(batch))
        for row in connection.execute(of_batch.order_by(entries.c.id)):
            given.setdefault(row.post_id, []).append(row)
        query = (
            sa.select(*(posts.c[name] for name in _MANUSCRIPT), pages.c.canonical_url.label("named_url"))
            .add_columns(guesses.c.disclosures)
            .outerjoin(pages, pages.c.post_id == posts.c.id)
            .outerjoin(guesses, guesses.c.post_id == posts.c.id)
            .where(posts.c.id.in_(batch))
        )
        found.update((row.id, _read_manuscript(row, given.get(row.id, ()))) for row in connection.execute(query))
    return found


def _read_manuscript(row: Any, given: Sequence[Any]) -> Manuscript:
    texts = [entry.content for entry in given]
    if not texts or row.text_from == TextSource.PAGE:
        texts.append(escape(row.text))
    return Manuscript(
        post_id=row.id,
        canonical_url=row.canonical_url,
        title=row.title,
        content=max(texts, key=len) or escape(row.text),
        language=row.language,
        published_at=row.published_at,
        is_dated=row.published_from not in {DateSource.FIRST_SEEN, DateSource.DIGEST, DateSource.CURATOR},
        authors=tuple(dict.fromkeys(entry.author for entry in given if entry.author)),
        organisation=row.organisation,
        named_url=row.named_url,
        original_url=next((one.original for one in read_disclosures(row.disclosures or ()) if one.original), ""),
        carriers={entry.feed_key: (entry.first_seen_at, entry.in_window) for entry in given},
    )


# --- blocking ---


def save_blocking_keys(connection: sa.Connection, found: Mapping[int, Iterable[int]]) -> None:
    """Replace the stored blocking keys of some posts."""
    for batch in in_batches(list(found)):
        connection.execute(meetings.delete().where(meetings.c.post_id.in_(batch)))
    rows = [{"key": key, "post_id": number} for number, keys in found.items() for key in keys]
    upsert(connection, meetings, sorted(rows, key=lambda row: row["key"]), unique=["key", "post_id"], update=[])


def list_blocks(connection: sa.Connection, keys: Sequence[int]) -> dict[int, list[int]]:
    """List the posts with each of these blocking keys."""
    met: dict[int, list[int]] = {}
    for batch in in_batches(keys):
        query = sa.select(meetings.c.key, meetings.c.post_id).where(meetings.c.key.in_(batch))
        for key, number in connection.execute(query):
            met.setdefault(key, []).append(number)
    return met


# --- judgements on pairs ---


def append_pairs(connection: sa.Connection, said: Sequence[Pair], action: int | None = None) -> None:
    insert(connection, pairs, [row_of(pair, _OF_PAIR) | {"action_id": action} for pair in said])


def list_pairs(connection: sa.Connection, post_ids: Iterable[int]) -> list[Pair]:
    """List the judgements on pairs with one of these posts that are not undone, oldest first."""
    found: dict[int, Pair] = {}
    for batch in in_batches(sorted(set(post_ids))):
        for column in (pairs.c.first_id, pairs.c.second_id):
            for row in connection.execute(sa.select(pairs).where(column.in_(batch), _HOLDS)):
                found[row.id] = _read_pair(row)
    return [found[number] for number in sorted(found)]


def list_joined(connection: sa.Connection, limit: int) -> list[Pair]:
    """List the pairs that are the same by the judgement in force, newest first."""
    query = sa.select(pairs).where(pairs.c.said == str(Sameness.SAME), _COUNTS).order_by(pairs.c.id.desc()).limit(limit)
    return [_read_pair(row) for row in connection.execute(query)]


def list_proposals(connection: sa.Connection, limit: int | None = None) -> list[Pair]:
    """List the pairs that the curator has to judge, newest first."""
    query = _propose(sa.select(pairs)).order_by(pairs.c.id.desc()).limit(limit)
    return [_read_pair(row) for row in connection.execute(query)]


def count_proposals(connection: sa.Connection) -> int:
    counted: int = connection.execute(_propose(sa.select(sa.func.count()).select_from(pairs))).scalar_one()
    return counted


def _propose(query: sa.Select[Any]) -> sa.Select[Any]:
    """Restrict a query to pairs that may be the same and are not in one cluster already."""
    apart = sa.func.coalesce(_ONE.c.copy_of, _ONE.c.id) != sa.func.coalesce(_OTHER.c.copy_of, _OTHER.c.id)
    query = query.join(_ONE, _ONE.c.id == pairs.c.first_id).join(_OTHER, _OTHER.c.id == pairs.c.second_id)
    return query.where(pairs.c.said == str(Sameness.MAYBE), _COUNTS, apart)


def _read_pair(row: sa.Row[Any]) -> Pair:
    return Pair(
        first_id=row.first_id,
        second_id=row.second_id,
        said=Sameness(row.said),
        by=row.by,
        at=row.at,
        is_by_hand=row.is_by_hand,
        score=row.score,
        reasons=tuple(Reason(*reason) for reason in row.reasons),
        id=row.id,
    )


# --- representatives ---


@dataclass(frozen=True, slots=True)
class Place:
    """What decides whether a post represents its cluster."""

    post_id: int
    published_at: datetime
    month: Month
    at_home: bool
    #: Whether its page names another address as the canonical one.
    is_away: bool
    is_waiting: bool
    is_machine_translated: bool
    decision: Decision | None
    printed_in: Month | None
    copy_of: int | None


def list_places(connection: sa.Connection, post_ids: Sequence[int]) -> list[Place]:
    found: list[Place] = []
    for batch in in_batches(post_ids):
        printed = PRINTED.where(digest_lines.c.post_id.in_(batch)).subquery("printed")
        query = (
            sa.select(posts, verdicts.c.decision, printed.c.printed_in, pages.c.canonical_url.label("named"))
            .add_columns(guesses.c.disclosures)
            .outerjoin(pages, pages.c.post_id == posts.c.id)
            .outerjoin(guesses, guesses.c.post_id == posts.c.id)
            .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
            .outerjoin(printed, printed.c.post_id == posts.c.id)
            .where(posts.c.id.in_(batch))
        )
        found += [
            Place(
                post_id=row.id,
                published_at=row.published_at,
                month=Month.parse(row.month),
                at_home=row.at_home,
                is_away=row.named is not None and row.named != row.canonical_url,
                is_waiting=row.waits_for is not None,
                is_machine_translated=any(
                    one.kind is DisclosureKind.MACHINE_TRANSLATED for one in read_disclosures(row.disclosures or ())
                ),
                # A post that is back from a hold does not hide behind a copy.
                decision=Decision(row.decision) if row.decision else Decision.HOLD if row.returned_id else None,
                printed_in=Month.parse(row.printed_in) if row.printed_in else None,
                copy_of=row.copy_of,
            )
            for row in connection.execute(query)
        ]
    return found


def set_representatives(connection: sa.Connection, representatives: Mapping[int, int | None]) -> None:
    """Store the representatives of posts; None if a post is shown itself."""
    rows = {number: {"copy_of": shown} for number, shown in representatives.items()}
    change_posts(connection, rows, ("copy_of",))


def list_copies(connection: sa.Connection, originals: Sequence[int]) -> dict[int, list[int]]:
    """List the copies of each of these posts, oldest first; posts without copies are left out."""
    found: dict[int, list[int]] = {}
    for batch in in_batches(originals):
        query = sa.select(posts.c.copy_of, posts.c.id).where(posts.c.copy_of.in_(batch))
        for original, number in connection.execute(query.order_by(posts.c.published_at, posts.c.id)):
            found.setdefault(original, []).append(number)
    return found


def list_addresses_of_copies(connection: sa.Connection, originals: Sequence[int]) -> dict[str, int]:
    """List the canonical addresses of all copies of these posts, with the numbers of their originals."""
    found: dict[str, int] = {}
    for batch in in_batches(originals):
        query = sa.select(posts.c.canonical_url, posts.c.copy_of).where(posts.c.copy_of.in_(batch))
        found.update((row.canonical_url, row.copy_of) for row in connection.execute(query))
    return found
