"""The spot check below the shortlist."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from aggregator.storage.judgements import IS_MUTED
from aggregator.storage.posts import IS_COPY, is_candidate
from aggregator.storage.printed import IS_SEEN, PRINTED
from aggregator.storage.rows import row_of, upsert
from aggregator.storage.tables import posts, samples, scores, verdicts
from aggregator.types import Decision, Month, RankedPost, Sampled

_LOOKS = sa.select(samples).join(posts, posts.c.id == samples.c.post_id).where(~IS_COPY)


def list_sample(connection: sa.Connection, month: Month) -> list[Sampled]:
    """List the sample of a month, best rank first, without posts that turned out to be copies.

    A copy is judged with its original. If the two are split again, it is back in the sample.
    """
    query = _LOOKS.where(samples.c.month == str(month)).order_by(samples.c.rank, samples.c.post_id)
    return [
        Sampled(row.post_id, Month.parse(row.month), row.rank, row.below, row.drawn_at)
        for row in connection.execute(query)
    ]


def list_ranked(connection: sa.Connection, month: Month) -> list[RankedPost]:
    """List the ranked candidates of a month that are not muted, best first."""
    printed = sa.select(PRINTED.subquery("printed").c.post_id)
    query = (
        sa.select(
            posts.c.id,
            posts.c.canonical_url,
            scores.c.rank,
            scores.c.shortlisted,
            posts.c.verdict_id.is_not(None),
            sa.or_(posts.c.id.in_(printed), IS_SEEN),
        )
        .join(scores, scores.c.post_id == posts.c.id)
        .where(is_candidate(month), ~IS_MUTED)
        .order_by(scores.c.rank)
    )
    return [RankedPost(*row) for row in connection.execute(query)]


def save_sample(connection: sa.Connection, drawn: Sequence[Sampled], dropped: Collection[int]) -> None:
    """Add newly *drawn* posts and remove *dropped* ones."""
    if dropped:
        connection.execute(samples.delete().where(samples.c.post_id.in_(dropped)))
    if drawn:
        rows = [row_of(each, Sampled.__slots__) for each in drawn]
        # Two processes that draw at once draw the same posts.
        upsert(connection, samples, rows, unique=["post_id"], update=[])


def list_looks(connection: sa.Connection) -> list[tuple[Sampled, Decision | None]]:
    """List all drawn posts that are not copies, with their verdicts in force, by month and rank."""
    query = (
        _LOOKS.add_columns(verdicts.c.decision)
        .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
        .order_by(samples.c.month, samples.c.rank, samples.c.post_id)
    )
    return [
        (
            Sampled(row.post_id, Month.parse(row.month), row.rank, row.below, row.drawn_at),
            Decision(row.decision) if row.decision else None,
        )
        for row in connection.execute(query)
    ]
