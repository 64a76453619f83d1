"""Canonical addresses by the present rules again, and the watch on a host that all items of a feed are at.

The rules are the package's own, as in 0004. Where two posts meet, nothing is merged: one gets the address, the
other keeps one that no feed comes with any more, and is a copy of it. What the feeds carried last is read
again at their next visit, for the old rules may have cut off what tells an address from another.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from aggregator.urls import canonicalise_url, clean_url

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_posts = sa.table("posts", *(sa.column(name) for name in ("id", "url", "canonical_url", "verdict_id", "copy_of")))
_entries = sa.table("entries", *(sa.column(n) for n in ("id", "feed_key", "canonical_url", "fingerprint", "in_window")))
_signals = sa.table(
    "signals", *(sa.column(name) for name in ("canonical_url", "source", "name", "value", "observed_at"))
)
_verdicts = sa.table("verdicts", sa.column("id"), sa.column("decision"))
_lines = sa.table("digest_lines", sa.column("post_id"))
_aliases = sa.table("aliases", sa.column("canonical_url"), sa.column("post_id"))
_pages = sa.table("pages", sa.column("post_id"), sa.column("canonical_url"))
_WORDS = ("first_id", "second_id", "said", "by", "is_by_hand", "at", "score")
_pairs = sa.table(
    "pairs",
    *(sa.column(name) for name in _WORDS if name != "at"),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("reasons", sa.JSON),
)
_feeds = sa.table("feeds", *(sa.column(name) for name in ("key", "etag", "last_modified")))


def upgrade() -> None:
    op.add_column("feeds", sa.Column("host_trial", sa.String()))
    op.add_column("feeds", sa.Column("host_trial_since", sa.DateTime(timezone=True)))
    op.add_column("feeds", sa.Column("host_trial_agreements", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    _change_posts(connection)
    _change_entries(connection)
    _change_signals(connection)
    _change_aliases(connection)
    _change_pages(connection)


def downgrade() -> None:
    """The addresses stay: older code reads them as they are."""
    for name in ("host_trial_agreements", "host_trial_since", "host_trial"):
        op.drop_column("feeds", name)


def _compute(address: str) -> str:
    return canonicalise_url(clean_url(address) or address)


def _change_posts(connection: sa.Connection) -> None:
    rows = connection.execute(
        sa.select(_posts, _verdicts.c.decision)
        .outerjoin(_verdicts, _verdicts.c.id == _posts.c.verdict_id)
        .order_by(_posts.c.id)
    ).all()
    printed = set(connection.execute(sa.select(_lines.c.post_id)).scalars())

    def strength(row: sa.Row) -> tuple[bool, bool, bool, int]:
        return row.id in printed, row.decision == "approve", row.verdict_id is not None, -row.id

    groups: dict[str, list[sa.Row]] = {}
    for row in rows:
        groups.setdefault(_compute(row.canonical_url), []).append(row)
    keepers = {address: max(group, key=strength) for address, group in groups.items()}
    changed = {row.id: address for address, row in keepers.items() if row.canonical_url != address}
    given_up = {
        row.id: row.canonical_url for address in keepers for row in groups[address] if row.canonical_url == address
    }
    # A post that is not the strongest leaves its address to the one that is.
    left = {id_: f"{address}#{id_}" for id_, address in given_up.items() if keepers[address].id != id_}
    # First out of each other's way: one post may get the address that another had.
    _set(connection, _posts, "canonical_url", {id_: f"moving:{id_}" for id_ in changed})
    _set(connection, _posts, "canonical_url", left)
    _set(connection, _posts, "canonical_url", changed)
    # What the curator has decided on keeps its link.
    links = {
        row.id: clean for row in rows if row.verdict_id is None and (clean := clean_url(row.url)) not in {None, row.url}
    }
    _set(connection, _posts, "url", links)
    _join(connection, {keepers[address]: group for address, group in groups.items() if len(group) > 1})


def _join(connection: sa.Connection, groups: dict[sa.Row, list[sa.Row]]) -> None:
    """Posts that meet are one article; those that are copies or have some are in their groups already."""
    taken = set(connection.execute(sa.select(_posts.c.copy_of).where(_posts.c.copy_of.is_not(None))).scalars())
    found = [
        (keeper.id, row.id)
        for keeper, group in groups.items()
        for row in group
        if row.id != keeper.id
        and keeper.copy_of is None
        and row.copy_of is None
        and row.id not in taken
        # What the curator has decided on is not taken out of sight.
        and row.verdict_id is None
    ]
    if not found:
        return
    _set(connection, _posts, "copy_of", {copy: original for original, copy in found})
    words = {
        "said": "same",
        "by": "the rules for addresses",
        "is_by_hand": False,
        "at": datetime.now(UTC),
        "score": 2.0,
    }
    reasons = [["same address", 2.0, "by the present rules for addresses"]]
    pairs = [{"first_id": min(pair), "second_id": max(pair), "reasons": reasons, **words} for pair in found]
    connection.execute(sa.insert(_pairs), pairs)


def _change_entries(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_entries.c.id, _entries.c.canonical_url)).all()
    changed = {row.id: new for row in rows if (new := _compute(row.canonical_url)) != row.canonical_url}
    _set(connection, _entries, "canonical_url", changed)
    connection.execute(sa.update(_entries).where(_entries.c.in_window).values(fingerprint=""))
    # Whole, whether it has changed or not.
    reread = sa.select(_entries.c.feed_key).where(_entries.c.in_window)
    connection.execute(sa.update(_feeds).where(_feeds.c.key.in_(reread)).values(etag=None, last_modified=None))


def _change_signals(connection: sa.Connection) -> None:
    """Of signals that meet, the one observed last stays."""
    rows = connection.execute(sa.select(_signals).order_by(_signals.c.observed_at)).all()
    latest = {(_compute(row.canonical_url), row.source, row.name): row for row in rows}
    if all(key[0] == row.canonical_url for key, row in latest.items()) and len(latest) == len(rows):
        return
    connection.execute(sa.delete(_signals))
    connection.execute(
        sa.insert(_signals), [{**row._mapping, "canonical_url": address} for (address, _, _), row in latest.items()]
    )


def _change_aliases(connection: sa.Connection) -> None:
    taken = set(connection.execute(sa.select(_posts.c.canonical_url)).scalars())
    rows = connection.execute(sa.select(_aliases.c.canonical_url, _aliases.c.post_id)).all()
    taken |= {row.canonical_url for row in rows}
    for row in rows:
        new = _compute(row.canonical_url)
        if new not in taken:
            taken.add(new)
            connection.execute(sa.insert(_aliases).values(canonical_url=new, post_id=row.post_id))


def _change_pages(connection: sa.Connection) -> None:
    rows = connection.execute(sa.select(_pages).where(_pages.c.canonical_url.is_not(None))).all()
    changed = {row.post_id: new for row in rows if (new := _compute(row.canonical_url)) != row.canonical_url}
    _set(connection, _pages, "canonical_url", changed, key="post_id")


def _set(
    connection: sa.Connection, table: sa.TableClause, column: str, values: dict[int, object], key: str = "id"
) -> None:
    if values:
        update = sa.update(table).where(table.c[key] == sa.bindparam("row")).values({column: sa.bindparam("new")})
        connection.execute(update, [{"row": id_, "new": new} for id_, new in values.items()])
