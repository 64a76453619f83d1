"""Classify and rank: what is thought of the posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.pipeline import Progress, ignore_progress
from aggregator.rank.reasons import Weights, gather_evidence, score_post
from aggregator.rank.shortlist import Quotas, rank_candidates
from aggregator.storage import duplicates, judgements, posts
from aggregator.storage.database import Connection, Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Candidate, Month, Score, Signal

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel

_CLASSIFY_BATCH = 500


def classify_posts(
    database: Database,
    model: SectionModel,
    *,
    now: datetime,
    present: Month | None,
    progress: Progress = ignore_progress,
) -> set[Month]:
    """Guess the section of every post without a guess, and of the undecided posts of the open months (*present* is the
    month of today; None: of all months) that another model guessed. Returns the months that these posts belong to.
    """
    months: set[Month] = set()
    while True:
        with database.reading() as connection:
            opened = posts.list_open_months(connection, present) if present else None
            batch = posts.list_unclassified(connection, model.version, _CLASSIFY_BATCH, months=opened)
        if not batch:
            return months
        guesses = model.guess(batch)
        with database.writing() as connection:
            judgements.save_guesses(connection, guesses, now)
        months |= {post.month for post in batch}
        progress(len(batch))


def rank_month(database: Database, month: Month, *, weights: Weights, quotas: Quotas, now: datetime) -> list[Score]:
    """Score the candidates of a month and mark its shortlist."""
    with database.reading() as connection:
        candidates = posts.list_candidates(connection, month)
        signals = _list_signals(connection, candidates)
        feed_weights = {state.feed.key: state.feed.weight for state in list_feed_states(connection)}
    scores = [score_post(evidence, weights) for evidence in gather_evidence(candidates, feed_weights, signals)]
    ranked = rank_candidates(candidates, scores, quotas)
    with database.writing() as connection:
        judgements.save_scores(connection, month, ranked, now)
    return ranked


def _list_signals(connection: Connection, candidates: Sequence[Candidate]) -> list[Signal]:
    """All signals of the candidates; those of their copies count as theirs."""
    addresses = {candidate.post.id: candidate.post.canonical_url for candidate in candidates}
    copies = duplicates.list_addresses_of_copies(connection, list(addresses))
    signals = judgements.list_signals(connection, [*addresses.values(), *copies])
    return [
        replace(signal, canonical_url=addresses[copies[signal.canonical_url]])
        if signal.canonical_url in copies
        else signal
        for signal in signals
    ]
