"""Measures the ranking on stored months: all of them on demand, and published ones once after each print."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from aggregator.exceptions import MetricsError
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.rank import gather_signals
from aggregator.pipeline.series import name_series
from aggregator.pipeline.weights import get_settings_in_force, make_quotas, make_weights
from aggregator.processes import run_apart
from aggregator.rank.weights import Weights
from aggregator.storage import candidates, digests, metrics, posts
from aggregator.storage.changes import has_unread
from aggregator.storage.database import Aim, Connection, Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Candidate, Month, Post, Quotas, Signal, Taxonomy

if TYPE_CHECKING:
    from aggregator.evaluate.backtest import MonthMetrics
    from aggregator.rank.ranking import Ranking

log = structlog.get_logger()

# The number of published months to learn from before the first one that is measured.
_REMEMBERED = 24
# Posts whose texts are read together.
_READ_AT_ONCE = 500


class _Stored(NamedTuple):
    """Stored data of some months."""

    candidates: Mapping[Month, Sequence[Candidate]]
    signals: Sequence[Signal]
    #: By post.
    series: Mapping[int, str]
    #: By feed.
    weights: Mapping[str, float]


def measure_stored(home: Home) -> list[MonthMetrics]:
    """Replay the stored months with a printed digest or approved posts, and compare each ranking with these.

    This uses the stored guesses, so the metrics are too good. The guess of an undecided post is from the last model
    while its month was open, which had learned from that month's verdicts, or from the present model after ``aggregator
    classify --all``.
    """
    from aggregator.evaluate.backtest import measure_months
    from aggregator.rank.ranking import find_label

    def settle(candidate: Candidate) -> Candidate:
        """Count an approved post as printed, even before its digest is printed."""
        label = find_label(candidate, is_closed=False)
        if candidate.printed_in is None and label and label.is_printed:
            return replace(candidate, printed_in=candidate.post.month)
        return candidate

    overridden = get_settings_in_force(home)
    with home.reading() as connection:
        printed, stamps = digests.count_printed(connection), posts.list_stamps(connection)
        stored = _gather(connection, [m for m, stamp in stamps.items() if stamp.verdicts or m in printed])
    months = {
        month: [settle(candidate) for candidate in found]
        for month, found in stored.candidates.items()
        if any((label := find_label(candidate, is_closed=False)) and label.is_printed for candidate in found)
    }
    stored = stored._replace(candidates=months)
    replayed = _replay(stored, home.taxonomy, make_weights(overridden), make_quotas(overridden))
    return measure_months(months, replayed, read=partial(_read_texts, home.database))


def is_in_shipped_digest(month: Month) -> bool:
    """Whether the shipped digest covers this month, so that its metrics are too good."""
    from aggregator.rank.record import load_record

    digest = load_record().digest
    return digest is not None and month <= digest


def measure_closed(home: Home, *, stopping: threading.Event | None = None) -> list[Month]:
    """Measure the published months that were not measured yet; return them.

    Each is ranked as in a back-test: only from the published months before it, without decisions on its own posts. With
    *stopping*, this runs in a child process, which is killed if *stopping* is set: then raises StoppedError. Raises
    MetricsError if the process dies.
    """
    with home.reading() as connection:
        # While posts are unread, the months before lack their guesses.
        unmeasured = {} if has_unread(connection) else metrics.list_unmeasured(connection)
    if not unmeasured:
        return []
    overridden, months = get_settings_in_force(home), sorted(unmeasured)
    weights, quotas = make_weights(overridden), make_quotas(overridden)
    if stopping is None:
        measured = _measure_published(home.database, months, weights, quotas)
    else:
        log.info("comparing the ranking with what was printed", months=[str(month) for month in months])
        place = home.database.place
        try:
            measured = run_apart(stopping, _measure_apart, place, home.taxonomy, months, weights, quotas)
        except ChildProcessError as error:
            raise MetricsError(
                t("the ranking could not be measured: {reason}; is there enough memory?", reason=error)
            ) from error
    with home.database.writing() as connection:
        for month, made_at in unmeasured.items():
            metrics.save_metrics(connection, month, measured[month], now=home.now, digest_made_at=made_at)
    return months


def _measure_apart(
    place: str | Path, taxonomy: Taxonomy, wanted: Sequence[Month], weights: Weights, quotas: Quotas
) -> dict[Month, dict[str, Any]]:
    """Measure in a child process, which reads the data itself: the posts of two years would take long to send."""
    database = Database(place, Aim.LOOK, taxonomy)
    try:
        return _measure_published(database, wanted, weights, quotas)
    finally:
        database.close()


def _measure_published(
    database: Database, wanted: Sequence[Month], weights: Weights, quotas: Quotas
) -> dict[Month, dict[str, Any]]:
    """The metrics of these published months."""
    from aggregator.evaluate.backtest import measure_months, write_metrics

    with database.reading() as connection:
        published = sorted(digests.list_published(connection))
        start, end = published.index(wanted[0]), published.index(wanted[-1])
        stored = _gather(connection, published[max(start - _REMEMBERED, 0) : end + 1])
    replayed = _replay(stored, database.taxonomy, weights, quotas)
    measured = measure_months(stored.candidates, replayed, wanted=wanted, read=partial(_read_texts, database))
    return {each.month: write_metrics(each) for each in measured}


def _read_texts(database: Database, found: Sequence[Post]) -> Iterator[str]:
    """Read the texts of posts in batches: those of two years are larger than all else that is measured with."""
    for start in range(0, len(found), _READ_AT_ONCE):
        numbers = [post.id for post in found[start : start + _READ_AT_ONCE]]
        with database.reading() as connection:
            texts = posts.list_texts(connection, numbers)
        yield from (texts.get(number, "") for number in numbers)


def _gather(connection: Connection, months: Collection[Month]) -> _Stored:
    found = {month: candidates.list_to_rank(connection, month) for month in months}
    return _Stored(
        found,
        gather_signals(connection, [candidate for each in found.values() for candidate in each]),
        {post_id: name for month in months for post_id, name in name_series(connection, month).items()},
        {state.feed.key: state.feed.weight for state in list_feed_states(connection)},
    )


def _replay(stored: _Stored, taxonomy: Taxonomy, weights: Weights, quotas: Quotas) -> Sequence[Ranking]:
    # Imported late: scikit-learn takes a second to load, and usually there is nothing to measure.
    from aggregator.evaluate.backtest import replay_months
    from aggregator.pipeline.shipped import load_shipped
    from aggregator.rank.ranking import RankingContext

    months = stored.candidates
    # The shipped digest would reveal the outcome of the months that it covers.
    shipped = load_shipped(taxonomy, with_digest=not months or not is_in_shipped_digest(min(months)))
    around = RankingContext(stored.weights, stored.series)
    return replay_months(months, shipped, around, stored.signals, weights=weights, quotas=quotas)
