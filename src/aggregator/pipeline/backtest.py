"""Measure the ranking: on a file of posts with what was printed of them, or on the stored months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.evaluate.backtest import MonthFigures, measure_months, replay_months
from aggregator.evaluate.candidates_file import Posts, read_posts
from aggregator.evaluate.json_lines import load_text
from aggregator.evaluate.mixture import MixtureFigures, measure_mixture
from aggregator.pipeline.judge import gather_signals, guess_posts
from aggregator.pipeline.series import name_series
from aggregator.pipeline.shipped import load_shipped
from aggregator.rank.preference import Label
from aggregator.rank.ranking import Shipped, Surroundings, find_label
from aggregator.rank.record import load_record
from aggregator.rank.wishes import Quotas, Weights
from aggregator.storage import digests, posts
from aggregator.storage.candidates import list_candidates
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Candidate, Feed, Month

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


@dataclass(frozen=True, slots=True)
class FileFigures:
    """What was measured on files of posts."""

    months: list[MonthFigures]
    #: Of the posts that a reader labelled, if there are any.
    mixture: MixtureFigures | None = None


def measure_files(
    paths: Sequence[Path],
    feeds: Sequence[Feed],
    zone: ZoneInfo,
    *,
    with_digest: bool,
    weights: Weights,
    quotas: Quotas,
) -> FileFigures:
    """Measure on files of posts, with all that the project ships and nothing of a home. The shipped digest is left out
    (not *with_digest*) if the files are of its months. *weights* and *quotas* are for the mixed month. Raises
    ExampleError.
    """
    from aggregator.classify.model import fit_model
    from aggregator.classify.training import load_shipped_rows

    known = {feed.key: feed for feed in feeds}
    found = read_posts([(str(path), load_text(path)) for path in paths], zone=zone, feeds=known)
    rows = [row for row in load_shipped_rows() if with_digest or not row.is_real]
    # The weights of the shipped list of feeds were set by who had read the digest.
    surroundings = Surroundings({feed.key: feed.weight for feed in feeds if feed.weight and with_digest})
    shipped = load_shipped(with_digest=with_digest)
    return _measure_posts(found, fit_model(rows), shipped, surroundings, weights, quotas)


def _measure_posts(
    found: Posts,
    model: SectionModel,
    shipped: Shipped,
    surroundings: Surroundings,
    weights: Weights,
    quotas: Quotas,
) -> FileFigures:
    """Classify posts, rank each month from those before it and the mixed month from all, and compare."""
    of_months = [candidate.post for each in found.months.values() for candidate in each]
    everything = [*of_months, *(each.post for each in found.mixed)]
    guesses = {guess.post_id: guess for guess in guess_posts(model, everything)}
    judged = {
        month: [replace(candidate, guess=guesses[candidate.post.id]) for candidate in candidates]
        for month, candidates in found.months.items()
    }
    mixture = None
    if found.mixed:
        candidates = {each.post.id: Candidate(each.post, guesses[each.post.id]) for each in found.mixed}
        mixture = measure_mixture(
            found.mixed, candidates, judged, shipped, surroundings, weights=weights, quotas=quotas
        )
    return FileFigures(measure_months(judged, replay_months(judged, shipped, surroundings)), mixture)


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
        months = {month: list_candidates(connection, month) for month in telling}
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
    shipped = load_shipped(database.taxonomy, with_digest=known is None or not settled or min(settled) > known)
    replayed = replay_months(settled, shipped, surroundings, signals=signals, weights=weights, quotas=quotas)
    return measure_months(settled, replayed)


def _settle(candidate: Candidate) -> Candidate:
    """An approved post counts as printed, also before its digest is."""
    if candidate.printed_in is None and find_label(candidate, is_closed=False) is Label.PRINTED:
        return replace(candidate, printed_in=candidate.post.month)
    return candidate
