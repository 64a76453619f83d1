"""What is stored about the posts of printed months, and what came after: for what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from aggregator.storage.posts import IS_CANDIDATE, IS_KEPT, WAITS
from aggregator.storage.printed import IS_PRINTED
from aggregator.storage.rows import in_batches
from aggregator.storage.tables import aliases, digests, feeds, posts, scores, signals, verdicts
from aggregator.types import Decision, DigestState, Heard, Month

# Rows of later posts that are in memory at once.
_READ_AHEAD = 500
_LEFT = sa.or_(verdicts.c.decision.is_(None), verdicts.c.decision == str(Decision.REJECT))


class StoredPost(NamedTuple):
    """A post without its text and links."""

    post_id: int
    title: str
    url: str
    canonical_url: str
    month: Month
    published_at: datetime
    organisation: str | None
    language: str
    feed_key: str | None
    #: The verdict in force with its reason, whether it was proposed, and the ground of its placement.
    decision: str | None = None
    reason: str | None = None
    is_proposed: bool = False
    ground: str | None = None


class LaterPost(NamedTuple):
    """A post that came later."""

    post_id: int
    title: str
    url: str
    canonical_url: str
    published_at: datetime
    organisation: str | None
    links: tuple[str, ...]
    language: str
    feed_key: str | None
    #: The number of its representative, or its own.
    article: int
    #: Whether it is approved or printed.
    is_chosen: bool


class HeardAt(NamedTuple):
    """A signal with its address, and of the vote of a round-up the label of the issue and the site of its feed."""

    canonical_url: str
    heard: Heard
    label: str
    site: str | None


def list_prints(connection: sa.Connection) -> dict[Month, datetime]:
    """List when each month was printed here, the newest month first; what was read from files does not count."""
    query = sa.select(digests.c.month, digests.c.made_at).where(digests.c.state == str(DigestState.PRINTED))
    rows = connection.execute(query.order_by(digests.c.month.desc()))
    return {Month.parse(month): made_at for month, made_at in rows}


_STORED = (
    *(posts.c[name] for name in ("id", "title", "url", "canonical_url", "month", "published_at", "organisation")),
    *(posts.c[name] for name in ("language", "feed_key")),
)


def list_left(connection: sa.Connection, month: Month) -> list[StoredPost]:
    """List the candidates of a month that were not printed, and are neither approved nor held."""
    columns = (
        *(verdicts.c.decision, verdicts.c.reason, sa.func.coalesce(scores.c.shortlisted, sa.false())),
        scores.c.standing[0].as_string(),
    )
    query = (
        sa.select(*_STORED, *columns)
        .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
        .outerjoin(scores, scores.c.post_id == posts.c.id)
        .where(posts.c.month == str(month), IS_CANDIDATE, _LEFT, ~IS_PRINTED)
        .order_by(posts.c.id)
    )
    return [_read_stored(row) for row in connection.execute(query)]


def list_posts(connection: sa.Connection, post_ids: Collection[int]) -> list[StoredPost]:
    """List these posts."""
    found = []
    for some in in_batches(list(post_ids)):
        query = sa.select(*_STORED).where(posts.c.id.in_(some))
        found += [_read_stored(row) for row in connection.execute(query).all()]
    return found


def _read_stored(row: Any) -> StoredPost:
    values = dict(zip(StoredPost._fields, row, strict=False))
    return StoredPost(**values | {"month": Month.parse(row.month)})


def list_reasons(connection: sa.Connection, post_ids: Collection[int]) -> dict[int, list[tuple[str, float]]]:
    """List name and share of the reasons of these posts' scores, by post; without those that have none."""
    found: dict[int, list[tuple[str, float]]] = {}
    for some in in_batches(list(post_ids)):
        query = sa.select(scores.c.post_id, scores.c.reasons).where(scores.c.post_id.in_(some))
        found |= {
            number: [(name, share) for name, share, _ in said] for number, said in connection.execute(query) if said
        }
    return found


def list_other_addresses(connection: sa.Connection, months: Collection[Month]) -> dict[int, list[str]]:
    """List the addresses of the copies of the posts of these months, and those that the posts had before."""
    of_month = sa.select(posts.c.id).where(posts.c.month.in_([str(month) for month in months]), ~WAITS)
    queries = (
        sa.select(posts.c.copy_of, posts.c.canonical_url).where(posts.c.copy_of.in_(of_month)),
        # A copy may be of another month than its representative.
        sa.select(posts.c.copy_of, aliases.c.canonical_url)
        .join(aliases, aliases.c.post_id == posts.c.id)
        .where(posts.c.copy_of.in_(of_month)),
        sa.select(aliases.c.post_id, aliases.c.canonical_url).where(aliases.c.post_id.in_(of_month)),
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for query in queries:
        for number, address in connection.execute(query):
            found[number].append(address)
    return found


def list_later(connection: sa.Connection, since: datetime, until: datetime) -> Iterator[LaterPost]:
    """List the posts that were published after one moment and up to another, without those that wait.

    They are read while they are asked for, because their links are long: until the last one, the connection is in use.
    """
    # The month, which has an index, lets older posts be; a post is of the month of its day, or of a later one.
    month = Month(since.year, since.month).shift(-1)
    query = sa.select(
        *(posts.c[name] for name in ("id", "title", "url", "canonical_url", "published_at", "organisation")),
        *(posts.c[name] for name in ("links", "language", "feed_key")),
        sa.func.coalesce(posts.c.copy_of, posts.c.id),
        IS_KEPT,
    ).where(posts.c.month >= str(month), posts.c.published_at > since, posts.c.published_at <= until, ~WAITS)
    with connection.execute(query.execution_options(yield_per=_READ_AHEAD)) as rows:
        for row in rows:
            yield LaterPost(*row[:6], tuple(row.links), *row[7:])


def list_heard(connection: sa.Connection, since: datetime) -> list[HeardAt]:
    """List the signals that were observed after a moment."""
    columns = [signals.c[name] for name in Heard.__slots__]
    query = (
        sa.select(signals.c.canonical_url, signals.c.label, feeds.c.site, *columns)
        .outerjoin(feeds, feeds.c.key == signals.c.source)
        .where(signals.c.observed_at > since)
    )
    return [
        HeardAt(row.canonical_url, Heard(**{name: row._mapping[name] for name in Heard.__slots__}), row.label, row.site)
        for row in connection.execute(query)
    ]
