"""Talk about posts: the signals with their growth, what was asked, and how sources answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from aggregator.storage.posts import is_candidate
from aggregator.storage.rows import in_batches, row_of, upsert
from aggregator.storage.tables import posts, scores, signals, talk_asks, talk_states, verdicts
from aggregator.types import Decision, Heard, Month, Signal, TalkSource, TalkState

_KEY = ("canonical_url", "source", "name")


def save_signals(connection: sa.Connection, found: Iterable[Signal]) -> None:
    """Store what was observed last, beside the first and the highest value."""
    latest = {
        (signal.canonical_url, signal.source, signal.name): {
            **{name: getattr(signal, name) for name in Signal.__slots__},
            "first_value": signal.value,
            "first_at": signal.observed_at,
            "peak_value": signal.value,
        }
        for signal in found
    }
    upsert(
        connection, signals, list(latest.values()), unique=_KEY, update=["value", "observed_at", "label"], fill=["url"]
    )
    risen = signals.update().where(signals.c.peak_value < signals.c.value).values(peak_value=signals.c.value)
    for batch in in_batches(sorted({address for address, _, _ in latest})):
        connection.execute(risen.where(signals.c.canonical_url.in_(batch)))


def list_heard(connection: sa.Connection, post_id: int) -> tuple[Heard, ...]:
    """List what was heard about a post and its copies, with its growth."""
    own = sa.select(posts.c.canonical_url).where(sa.or_(posts.c.id == post_id, posts.c.copy_of == post_id))
    columns = [signals.c[name] for name in Heard.__slots__]
    query = sa.select(*columns).where(signals.c.canonical_url.in_(own)).order_by(*signals.primary_key)
    return tuple(Heard(**row._mapping) for row in connection.execute(query))


def find_pages(connection: sa.Connection, source: TalkSource, addresses: Sequence[str]) -> dict[str, str]:
    """Find the pages where a source talks about the posts with these canonical addresses, by address."""
    query = sa.select(signals.c.canonical_url, signals.c.url)
    query = query.where(signals.c.source == source.of_signals, signals.c.url.is_not(None))
    return {
        row.canonical_url: row.url
        for batch in in_batches(addresses)
        for row in connection.execute(query.where(signals.c.canonical_url.in_(batch)))
    }


class ToAsk(NamedTuple):
    """A candidate that may be asked about."""

    post_id: int
    canonical_url: str
    published_at: datetime


def list_to_ask(connection: sa.Connection, months: Collection[Month], *, secret: Collection[str] = ()) -> list[ToAsk]:
    """List the candidates of some months that are not rejected, the best first; without those of *secret* feeds, by
    their keys.
    """
    rejected = sa.select(verdicts.c.id).where(verdicts.c.decision == str(Decision.REJECT))
    query = (
        sa.select(posts.c.id, posts.c.canonical_url, posts.c.published_at)
        .outerjoin(scores, scores.c.post_id == posts.c.id)
        .where(sa.or_(sa.false(), *(is_candidate(month) for month in months)))
        .where(sa.or_(posts.c.verdict_id.is_(None), posts.c.verdict_id.not_in(rejected)))
        .where(sa.or_(posts.c.feed_key.is_(None), posts.c.feed_key.not_in(sorted(secret))))
        .order_by(scores.c.value.is_(None), scores.c.value.desc(), posts.c.id)
    )
    return [ToAsk(*row) for row in connection.execute(query)]


def list_known(connection: sa.Connection, addresses: Collection[str]) -> set[str]:
    """Return those of some canonical addresses that a post has."""
    return {
        address
        for batch in in_batches(sorted(addresses))
        for address in connection.execute(
            sa.select(posts.c.canonical_url).where(posts.c.canonical_url.in_(batch))
        ).scalars()
    }


def list_asks(connection: sa.Connection) -> dict[tuple[str, str], datetime]:
    """List when each source was asked last about each address."""
    rows = connection.execute(sa.select(talk_asks))
    return {(row.source, row.address): row.asked_at for row in rows}


def note_asks(connection: sa.Connection, source: TalkSource, addresses: Iterable[str], now: datetime) -> None:
    """Note that a source answered about these addresses."""
    rows = [{"source": str(source), "address": address, "asked_at": now} for address in addresses]
    upsert(connection, talk_asks, rows, unique=["source", "address"])


def forget_asks(connection: sa.Connection, before: datetime) -> None:
    """Forget what was asked before a moment; what was heard stays."""
    connection.execute(sa.delete(talk_asks).where(talk_asks.c.asked_at < before))


def list_states(connection: sa.Connection) -> Mapping[TalkSource, TalkState]:
    """List how each source answered last; without those that were never asked."""
    states = [_read_state(row) for row in connection.execute(sa.select(talk_states))]
    return {state.source: state for state in states}


def save_state(connection: sa.Connection, state: TalkState) -> None:
    upsert(connection, talk_states, [row_of(state, TalkState.__slots__)], unique=["source"])


def _read_state(row: sa.Row[Any]) -> TalkState:
    return TalkState(**{**row._mapping, "source": TalkSource(row.source)})
