"""How the ranking fared in the months whose digests are published: measured once after each, and kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from aggregator.exceptions import FiguresError
from aggregator.pipeline.judge import gather_signals
from aggregator.pipeline.series import name_series
from aggregator.processes import run_apart
from aggregator.rank.wishes import Quotas, Weights
from aggregator.storage import candidates, digests, figures
from aggregator.storage.database import Aim, Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Month, Taxonomy

log = structlog.get_logger()

# Published months that are learned from on the way to the first that is measured.
_REMEMBERED = 24


def measure_closed(
    database: Database, *, weights: Weights, quotas: Quotas, now: datetime, stopping: threading.Event | None = None
) -> list[Month]:
    """Measure the published months that were not measured yet; returns them.

    Each is ranked as a back-test does: from the published months before it alone, with nothing of what was said of its
    own posts. With *stopping* that is done in a process of its own, which ends when this is set: then raises
    StoppedError, and FiguresError when the process dies.
    """
    with database.reading() as connection:
        unmeasured = figures.list_unmeasured(connection)
    if not unmeasured:
        return []
    months = sorted(unmeasured)
    if stopping is None:
        measured = _replay_published(database, months, weights, quotas)
    else:
        log.info("comparing the ranking with what was printed", months=[str(month) for month in months])
        try:
            measured = run_apart(stopping, _replay_apart, database.place, database.taxonomy, months, weights, quotas)
        except ChildProcessError as error:
            raise FiguresError(f"the ranking could not be measured: {error}; is there enough memory?") from error
    with database.writing() as connection:
        for month, made_at in unmeasured.items():
            figures.save_figures(connection, month, measured[month], now=now, digest_made_at=made_at)
    return months


def _replay_apart(
    place: str | Path, taxonomy: Taxonomy, wanted: Sequence[Month], weights: Weights, quotas: Quotas
) -> dict[Month, dict[str, Any]]:
    """In a process of its own, which reads what it needs: the posts of two years would take long to hand over."""
    database = Database(place, Aim.LOOK, taxonomy)
    try:
        return _replay_published(database, wanted, weights, quotas)
    finally:
        database.close()


def _replay_published(
    database: Database, wanted: Sequence[Month], weights: Weights, quotas: Quotas
) -> dict[Month, dict[str, Any]]:
    """The figures of these published months."""
    # Imported late: scikit-learn takes a second, and nearly every time nothing is to be measured.
    from aggregator.evaluate.backtest import measure_months, replay_months, write_figures
    from aggregator.pipeline.shipped import load_shipped
    from aggregator.rank.ranking import Surroundings
    from aggregator.rank.record import load_record

    with database.reading() as connection:
        published = sorted(digests.list_published(connection))
        start, end = published.index(wanted[0]), published.index(wanted[-1])
        months = {
            month: candidates.list_candidates(connection, month)
            for month in published[max(start - _REMEMBERED, 0) : end + 1]
        }
        signals = gather_signals(connection, [candidate for each in months.values() for candidate in each])
        series = {post_id: name for month in months for post_id, name in name_series(connection, month).items()}
        feed_weights = {state.feed.key: state.feed.weight for state in list_feed_states(connection)}
    known = load_record().digest
    # What the project knows of a digest would tell the outcome of the months that it printed.
    shipped = load_shipped(database.taxonomy, with_digest=known is None or min(months) > known)
    surroundings = Surroundings(feed_weights, series)
    replayed = replay_months(months, shipped, surroundings, signals, weights=weights, quotas=quotas)
    return {each.month: write_figures(each) for each in measure_months(months, replayed, wanted=wanted)}
