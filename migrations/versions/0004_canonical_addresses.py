"""Canonical addresses by the present rules; posts that turn out to be one become one.

The rules are the package's own and not a copy of them: what matters afterwards is that stored addresses are those that
the running code computes. The tables are described as they were at this revision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from alembic import op

from aggregator.urls import canonicalise_url, clean_url

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What a post takes over from one that a feed gave, where it had none itself.
_ORIGIN = (
    "url",
    "title",
    "text",
    "words",
    "links",
    "tags",
    "language",
    "published_at",
    "published_from",
    "month",
    "feed_key",
    "organisation",
    "at_home",
)
_posts = sa.table(
    "posts", *(sa.column(name) for name in ("id", "canonical_url", "first_seen_at", "verdict_id", *_ORIGIN))
)
_entries = sa.table("entries", *(sa.column(name) for name in ("id", "url", "canonical_url", "post_id")))
_signals = sa.table(
    "signals", *(sa.column(name) for name in ("canonical_url", "source", "name", "value", "observed_at"))
)
_WORDS = ("decision", "reason", "by", "at")
_verdicts = sa.table("verdicts", *(sa.column(name) for name in ("id", "post_id", *_WORDS)))
_corrections = sa.table("corrections", sa.column("post_id"))
_lines = sa.table("digest_lines", sa.column("post_id"), sa.column("digest_id"))
_guesses = sa.table("guesses", sa.column("post_id"))
_scores = sa.table("scores", sa.column("post_id"))


def upgrade() -> None:
    connection = op.get_bind()
    entries = connection.execute(sa.select(_entries.c.id, _entries.c.url, _entries.c.canonical_url)).all()
    posts = connection.execute(
        sa.select(
            _posts.c.id, _posts.c.url, _posts.c.canonical_url, _posts.c.verdict_id, _posts.c.feed_key, _posts.c.at_home
        ).order_by(_posts.c.id)
    ).all()
    _set_addresses(connection, _entries, {row.id: (row.canonical_url, _compute(row.url)) for row in entries})
    _change_signals(connection, {row.canonical_url: _compute(row.url) for row in (*entries, *posts)})

    groups: dict[str, list[sa.Row]] = defaultdict(list)
    for row in posts:
        groups[_compute(row.url)].append(row)
    decisions = {row.id: row.decision for row in connection.execute(sa.select(_verdicts.c.id, _verdicts.c.decision))}
    printed = set(connection.execute(sa.select(_lines.c.post_id)).scalars())
    kept = {address: _merge(connection, group, decisions, printed) for address, group in groups.items()}
    # First out of each other's way: one post may get the address that another had.
    changed = {row.id: (row.canonical_url, address) for address, row in kept.items() if row.canonical_url != address}
    _set_addresses(connection, _posts, {id_: (old, f"moving:{id_}") for id_, (old, _) in changed.items()})
    _set_addresses(connection, _posts, changed)


def downgrade() -> None:
    """The addresses stay: what was merged cannot be told apart any more, and older code reads them as they are."""


def _compute(url: str) -> str:
    return canonicalise_url(clean_url(url) or url)


def _set_addresses(connection: sa.Connection, table: sa.TableClause, found: dict[int, tuple[str, str]]) -> None:
    rows = [{"row": id_, "new": new} for id_, (old, new) in found.items() if old != new]
    if rows:
        update = sa.update(table).where(table.c.id == sa.bindparam("row"))
        connection.execute(update.values(canonical_url=sa.bindparam("new")), rows)


def _change_signals(connection: sa.Connection, known: dict[str, str]) -> None:
    """Of signals that meet, the one observed last stays. Where no row holds the whole address, the old key is it."""
    latest: dict[tuple[str, str, str], sa.Row] = {}
    rows = connection.execute(sa.select(_signals).order_by(_signals.c.observed_at)).all()
    for row in rows:
        latest[known.get(row.canonical_url) or _compute(row.canonical_url), row.source, row.name] = row
    if all(key[0] == row.canonical_url for key, row in latest.items()) and len(latest) == len(rows):
        return
    connection.execute(sa.delete(_signals))
    connection.execute(
        sa.insert(_signals), [{**row._mapping, "canonical_url": address} for (address, _, _), row in latest.items()]
    )


def _merge(connection: sa.Connection, group: Sequence[sa.Row], decisions: dict[int, str], printed: set[int]) -> sa.Row:
    """Make one post of those that share an address, and say which stays.

    That is the one that was printed, else the one that was approved, else one with another verdict, else the oldest.
    The strongest of their verdicts is then in force: the rejection of a copy does not speak against the article.
    """

    def strength(row: sa.Row) -> tuple[bool, bool, int]:
        decision = decisions.get(row.verdict_id)
        return decision == "approve", decision is not None, row.verdict_id or 0

    keeper = max(group, key=lambda row: (row.id in printed, *strength(row)[:2], -row.id))
    others = [row for row in group if row.id != keeper.id]
    if not others:
        return keeper
    _take_over(connection, keeper, others)
    ids = [row.id for row in others]
    _delete(connection, _guesses, ids)
    _delete(connection, _scores, ids)
    for table in (_entries, _verdicts, _corrections, _lines):
        connection.execute(sa.update(table).where(table.c.post_id.in_(ids)).values(post_id=keeper.id))
    _put_in_force(connection, keeper.id, max(group, key=strength).verdict_id)
    connection.execute(sa.delete(_posts).where(_posts.c.id.in_(ids)))
    return keeper


def _put_in_force(connection: sa.Connection, post_id: int, verdict_id: int | None) -> None:
    """Where a weaker verdict came later, the one in force is said again: the newest of a history counts."""
    newest = sa.select(sa.func.max(_verdicts.c.id)).where(_verdicts.c.post_id == post_id)
    if verdict_id is not None and connection.execute(newest).scalar_one() != verdict_id:
        again = sa.select(sa.literal(post_id, sa.BigInteger), *(_verdicts.c[name] for name in _WORDS))
        again = again.where(_verdicts.c.id == verdict_id)
        connection.execute(sa.insert(_verdicts).from_select(["post_id", *_WORDS], again))
        verdict_id = connection.execute(newest).scalar_one()
    connection.execute(sa.update(_posts).where(_posts.c.id == post_id).values(verdict_id=verdict_id))


def _take_over(connection: sa.Connection, keeper: sa.Row, others: Iterable[sa.Row]) -> None:
    """A post that was read from a digest gets its text from a feed, and a planet's post from the feed of its site."""
    home = next((row for row in others if row.feed_key and row.at_home), None)
    donor = home or next((row for row in others if row.feed_key), None)
    if donor is None or (keeper.feed_key is not None and (keeper.at_home or not donor.at_home)):
        return
    values = {name: sa.select(_posts.c[name]).where(_posts.c.id == donor.id).scalar_subquery() for name in _ORIGIN}
    connection.execute(sa.update(_posts).where(_posts.c.id == keeper.id).values(values))
    # What was guessed of the old text no longer counts.
    _delete(connection, _guesses, [keeper.id])


def _delete(connection: sa.Connection, table: sa.TableClause, post_ids: Sequence[int]) -> None:
    connection.execute(sa.delete(table).where(table.c.post_id.in_(post_ids)))
