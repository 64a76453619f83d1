"""Measure the ranking: on a file of posts with what was printed of them, or on the stored months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.rank.backtest import MonthFigures, measure_months, replay_months
from aggregator.rank.preference import Label
from aggregator.rank.ranking import Example, Shipped
from aggregator.rank.reasons import Weights
from aggregator.rank.record import load_record
from aggregator.rank.shortlist import Quotas
from aggregator.types import Candidate, Month

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


def measure_candidates(
    months: Mapping[Month, Sequence[Candidate]],
    model: SectionModel,
    shipped: Shipped,
    *,
    weights: Weights | None = None,
    quotas: Quotas | None = None,
) -> list[MonthFigures]:
    """Classify the posts of some months, rank each month from those before it, and compare with what was printed."""
    guesses = {guess.post_id: guess for guess in model.guess([c.post for each in months.values() for c in each])}
    judged = {
        month: [replace(candidate, guess=guesses[candidate.post.id]) for candidate in candidates]
        for month, candidates in months.items()
    }
    replayed = replay_months(judged, shipped, weights=weights, quotas=quotas)
    return measure_months(judged, replayed)


def load_shipped() -> Shipped:
    """All that the project knows of the digest: the record of its sources, and titles that are of it or are not."""
    from aggregator.classify.training import load_shipped_titles

    examples = (
        Example(title, Label.PRINTED if is_printed else Label.REJECTED) for title, is_printed in load_shipped_titles()
    )
    return Shipped(load_record(), tuple(examples))
