"""The metrics of the ranking for months with a published digest: measured once and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aggregator.storage.printed import IS_PUBLISHED
from aggregator.storage.rows import upsert
from aggregator.storage.tables import digests, metrics
from aggregator.types import Month


@dataclass(frozen=True, slots=True)
class StoredMetrics:
    """The metrics of a month as plain data (``evaluate.metrics``), and when they were measured."""

    month: Month
    made_at: datetime
    data: Mapping[str, Any]


def list_unmeasured(connection: sa.Connection) -> dict[Month, datetime]:
    """List the months whose published digest was not compared with the ranking yet, with the time of that digest."""
    query = (
        sa.select(digests.c.month, digests.c.made_at)
        .outerjoin(metrics, metrics.c.month == digests.c.month)
        .where(IS_PUBLISHED, digests.c.month.is_not(None))
        .where(sa.or_(metrics.c.month.is_(None), metrics.c.digest_made_at != digests.c.made_at))
        .order_by(digests.c.month)
    )
    return {Month.parse(row.month): row.made_at for row in connection.execute(query)}


def save_metrics(
    connection: sa.Connection, month: Month, data: Mapping[str, Any], *, now: datetime, digest_made_at: datetime
) -> None:
    """Store the metrics of a month and replace earlier ones."""
    row = {"month": str(month), "made_at": now, "digest_made_at": digest_made_at, "data": dict(data)}
    upsert(connection, metrics, [row], unique=["month"])


def list_metrics(connection: sa.Connection, *, limit: int) -> list[StoredMetrics]:
    """List the metrics of the newest *limit* measured months, newest first."""
    query = sa.select(metrics).order_by(metrics.c.month.desc()).limit(limit)
    return [StoredMetrics(Month.parse(row.month), row.made_at, row.data) for row in connection.execute(query)]
