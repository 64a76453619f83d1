"""Measures the ranking on files of posts that say which were printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.evaluate.backtest import MonthMetrics, measure_months, replay_months
from aggregator.evaluate.candidates_file import Posts, read_posts
from aggregator.evaluate.json_lines import load_text
from aggregator.evaluate.mixture import MixtureMetrics, measure_mixture
from aggregator.pipeline.classify import guess_posts
from aggregator.pipeline.shipped import load_shipped
from aggregator.rank.ranking import RankingContext, ShippedHistory
from aggregator.rank.weights import Weights
from aggregator.types import Candidate, Feed, Quotas

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


@dataclass(frozen=True, slots=True)
class FileMetrics:
    """The metrics of files of posts."""

    months: list[MonthMetrics]
    #: Of the posts that a reader labelled; None if there are none.
    mixture: MixtureMetrics | None = None


def measure_files(
    paths: Sequence[Path],
    feeds: Sequence[Feed],
    zone: ZoneInfo,
    *,
    with_digest: bool,
    weights: Weights,
    quotas: Quotas,
) -> FileMetrics:
    """Measure the ranking on files of posts, with the shipped data only and nothing from a home.

    Without *with_digest*, the shipped digest is left out: for files from its months. *weights* and *quotas* are for the
    mixed month. Raises ExampleError.
    """
    from aggregator.classify.model import fit_model
    from aggregator.classify.training import load_shipped_rows

    known = {feed.key: feed for feed in feeds}
    found = read_posts([(str(path), load_text(path)) for path in paths], zone=zone, feeds=known)
    rows = [row for row in load_shipped_rows() if with_digest or not row.is_real]
    # The weights in the shipped feeds.toml were set with knowledge of that digest.
    context = RankingContext({feed.key: feed.weight for feed in feeds if feed.weight and with_digest})
    shipped = load_shipped(with_digest=with_digest)
    return _measure_posts(found, fit_model(rows), shipped, context, weights, quotas)


def _measure_posts(
    found: Posts,
    model: SectionModel,
    shipped: ShippedHistory,
    context: RankingContext,
    weights: Weights,
    quotas: Quotas,
) -> FileMetrics:
    """Classify the posts, rank each month from those before it and the mixed month from all, and compare."""
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
        mixture = measure_mixture(found.mixed, candidates, judged, shipped, context, weights=weights, quotas=quotas)
    return FileMetrics(measure_months(judged, replay_months(judged, shipped, context)), mixture)
