"""Measure the ranking: on a file of posts with what was printed of them, or on the stored months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.exceptions import ExampleError
from aggregator.pipeline.judge import gather_signals
from aggregator.pipeline.series import name_series
from aggregator.rank.backtest import MonthFigures, measure_months, replay_months
from aggregator.rank.candidates_file import read_candidates
from aggregator.rank.preference import Label
from aggregator.rank.ranking import Example, Shipped, Surroundings, find_label
from aggregator.rank.record import Record, load_record
from aggregator.rank.wishes import Quotas, Weights
from aggregator.storage import digests, posts
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Candidate, Feed, Month

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


def measure_candidates(
    months: Mapping[Month, Sequence[Candidate]],
    model: SectionModel,
    shipped: Shipped,
    surroundings: Surroundings | None = None,
) -> list[MonthFigures]:
    """Classify the posts of some months, rank each month from those before it, and compare with what was printed."""
    guesses = {guess.post_id: guess for guess in model.guess([c.post for each in months.values() for c in each])}
    judged = {
        month: [replace(candidate, guess=guesses[candidate.post.id]) for candidate in candidates]
        for month, candidates in months.items()
    }
    replayed = replay_months(judged, shipped, surroundings)
    return measure_months(judged, replayed)


def load_shipped(*, with_digest: bool = True) -> Shipped:
    """What the project knows of the digest: the record of its sources, and titles that are of it or are not.

    Without the digest that it ships: for months that this digest tells of, and for homes that have read it.
    """
    from aggregator.classify.training import load_shipped_titles

    titles = load_shipped_titles()
    examples = tuple(
        Example(title, Label.PRINTED if is_printed else Label.REJECTED)
        for title, is_printed in titles
        if with_digest or not is_printed
    )
    return Shipped(load_record() if with_digest else Record(), examples)


def measure_file(path: Path, feeds: Sequence[Feed], zone: ZoneInfo, *, with_digest: bool = True) -> list[MonthFigures]:
    """Measure on a file of posts, with all that the project ships and nothing of a home; without the digest that it
    ships where the file is of months which that digest tells of. Raises ExampleError.
    """
    from aggregator.classify.model import fit_model
    from aggregator.classify.training import load_shipped_rows

    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ExampleError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ExampleError(f"is not UTF-8 (byte {error.start})", file=str(path), line=line) from error
    known = {feed.key: feed for feed in feeds}
    months = read_candidates(text, file=str(path), zone=zone, feeds=known)
    rows = [row for row in load_shipped_rows() if with_digest or not row.is_real]
    # The weights of the shipped list of feeds were set by who had read the digest.
    weights = {feed.key: feed.weight for feed in feeds if feed.weight and with_digest}
    return measure_candidates(months, fit_model(rows), load_shipped(with_digest=with_digest), Surroundings(weights))


def is_told_of(month: Month) -> bool:
    """Whether the digest that the project ships tells of this month, so that figures of it flatter."""
    digest = load_record().digest
    return digest is not None and month <= digest


def measure_stored(database: Database, *, weights: Weights, quotas: Quotas) -> list[MonthFigures]:
    """Replay the stored months that a digest was printed of, or that have approved posts.

    The guesses are those that are stored: undecided posts have that of the last model while their month was open, which
    had learned from its verdicts, or of the present one after ``aggregator classify --all``; so the figures flatter.
    """
    with database.reading() as connection:
        printed, stamps = digests.count_printed(connection), posts.list_stamps(connection)
        telling = [month for month, stamp in stamps.items() if stamp.verdicts or month in printed]
        months = {month: posts.list_candidates(connection, month) for month in telling}
        signals = gather_signals(connection, [candidate for each in months.values() for candidate in each])
        series = {post_id: name for month in telling for post_id, name in name_series(connection, month).items()}
        feed_weights = {state.feed.key: state.feed.weight for state in list_feed_states(connection)}
    settled = {
        month: [_settle(candidate) for candidate in candidates]
        for month, candidates in months.items()
        if any(find_label(candidate, is_closed=False) is Label.PRINTED for candidate in candidates)
    }
    surroundings = Surroundings(feed_weights, series)
    known = load_record().digest
    shipped = load_shipped(with_digest=known is None or not settled or min(settled) > known)
    replayed = replay_months(settled, shipped, surroundings, signals=signals, weights=weights, quotas=quotas)
    return measure_months(settled, replayed)


def _settle(candidate: Candidate) -> Candidate:
    """An approved post counts as printed, also before its digest is."""
    if candidate.printed_in is None and find_label(candidate, is_closed=False) is Label.PRINTED:
        return replace(candidate, printed_in=candidate.post.month)
    return candidate
