"""Counts the curator's decisions and corrections by kind, for the page Taught."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from aggregator.storage.actions import holds
from aggregator.storage.judgements import FROM_DIGEST
from aggregator.storage.tables import corrections, pairs, posts, verdicts
from aggregator.types import LINE_FIELDS, Decision, Month, Sameness


class Said(NamedTuple):
    """How often something was said, and when it was said last."""

    times: int
    last_at: datetime


def count_decisions(connection: sa.Connection) -> dict[tuple[Month, Decision], Said]:
    """Count the curator's verdicts in force, by the month of the post."""
    query = (
        sa.select(posts.c.month, verdicts.c.decision, sa.func.count(), sa.func.max(verdicts.c.at))
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .where(verdicts.c.by.not_like(FROM_DIGEST))
        .group_by(posts.c.month, verdicts.c.decision)
    )
    return {
        (Month.parse(month), Decision(decision)): Said(count, last)
        for month, decision, count, last in connection.execute(query)
    }


def count_reasons(connection: sa.Connection) -> dict[str, int]:
    """Count the reasons of rejections, the most common first."""
    query = (
        sa.select(verdicts.c.reason, sa.func.count())
        .join(posts, posts.c.verdict_id == verdicts.c.id)
        .where(verdicts.c.decision == str(Decision.REJECT), verdicts.c.by.not_like(FROM_DIGEST))
        .group_by(verdicts.c.reason)
        .order_by(sa.func.count().desc(), verdicts.c.reason)
    )
    return {reason: count for reason, count in connection.execute(query) if reason}


def count_read(connection: sa.Connection) -> int:
    """Count the posts that are approved because an imported digest has them."""
    query = (
        sa.select(sa.func.count())
        .select_from(posts)
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .where(verdicts.c.by.like(FROM_DIGEST))
    )
    return connection.execute(query).scalar_one()


def count_corrections(connection: sa.Connection) -> dict[str, Said]:
    """Count the posts that the curator corrected, by the field of the line."""
    found = {}
    for name in LINE_FIELDS:
        query = sa.select(sa.func.count(corrections.c.post_id.distinct()), sa.func.max(corrections.c.at)).where(
            corrections.c[name].is_not(None), corrections.c.by.not_like(FROM_DIGEST), holds(corrections)
        )
        count, last = connection.execute(query).one()
        if count:
            found[name] = Said(count, last)
    return found


def list_corrected(connection: sa.Connection, limit: int) -> list[int]:
    """List the posts whose line the curator corrected last, newest first; a star alone corrects nothing."""
    has_field = sa.or_(*(corrections.c[name].is_not(None) for name in LINE_FIELDS))
    query = (
        sa.select(corrections.c.post_id)
        .where(has_field, corrections.c.by.not_like(FROM_DIGEST), holds(corrections))
        .group_by(corrections.c.post_id)
        .order_by(sa.func.max(corrections.c.id).desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def count_pairs(connection: sa.Connection) -> dict[Sameness, Said]:
    """Count how often the curator said that two posts are the same, and that they are not."""
    query = (
        sa.select(pairs.c.said, sa.func.count(), sa.func.max(pairs.c.at))
        .where(pairs.c.is_by_hand, holds(pairs))
        .group_by(pairs.c.said)
    )
    return {Sameness(said): Said(count, last) for said, count, last in connection.execute(query)}
