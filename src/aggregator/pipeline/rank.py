"""Rank: scores the candidates of a month, chooses its shortlist, and draws a spot check once the month is over."""

from __future__ import annotations

import gc
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from aggregator.pipeline.rules import Book, gather_rulings
from aggregator.pipeline.series import name_series
from aggregator.rank.sample import draw_sample
from aggregator.rank.weights import Weights
from aggregator.storage import digests, duplicates, judgements, posts, samples
from aggregator.storage.candidates import MonthRows, list_to_rank
from aggregator.storage.database import Connection, Database
from aggregator.storage.feeds import list_brief_states
from aggregator.storage.posts import Stamp
from aggregator.storage.quotas import save_quotas
from aggregator.storage.rows import get_taxonomy
from aggregator.types import Candidate, DigestState, Month, Quotas, Score, Signal

if TYPE_CHECKING:
    from aggregator.rank.ranking import Learned, Ranker, Ranking, RankingContext
    from aggregator.rank.rules import Matcher, Rulings

# The number of months with digests to learn from.
_REMEMBERED = 24
# The number of months on which other weights can be tried without reading them again.
_KEPT = 2


class RankedMonths:
    """Ranks months, and caches the past between them, because it rarely changes. The cache can be lost without harm."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ranker: Ranker | None = None
        self._book = Book()
        self._has_read_shipped = False
        self._remembered: dict[Month, _State] = {}
        #: How often what is remembered has changed.
        self._changes = 0
        #: The state of each month when it was ranked, and the rules then in force.
        self._ranked: dict[Month, tuple[_State, Matcher]] = {}
        #: What was learned for the months ranked last, so that the curator can try other weights.
        self._kept: dict[Month, _Kept] = {}

    def rank_month(
        self, database: Database, month: Month, *, weights: Weights, quotas: Quotas, now: datetime
    ) -> list[Score]:
        """Learn from earlier digests and from decisions on a month's posts; score the posts and mark the shortlist.
        If all that the month was ranked by last is as it was, nothing is done.
        """
        with self._lock, _without_collector():
            kept = self._learn_month(database, month)
            ranking = kept.rank(weights, quotas)
            if not self._is_stored(database, kept, ranking):
                with database.writing(durable=False) as connection:
                    judgements.save_scores(connection, month, ranking.scores, now)
                    save_quotas(connection, month, ranking.limits)
                kept.wanted, kept.ranking, kept.stored_at = (weights, quotas), ranking, now
            if kept.state is not None:
                self._ranked[month] = kept.state, kept.basis.matcher
            return list(ranking.scores)

    def try_month(self, database: Database, month: Month, *, weights: Weights, quotas: Quotas) -> Ranking:
        """Rank a month with these weights and quotas without storing the result."""
        with self._lock, _without_collector():
            kept = self._kept.get(month)
            if kept is not None:
                with database.reading() as connection:
                    is_fresh = kept.basis.changes == self._changes
                    is_fresh = is_fresh and _gather_states(connection).get(month) == kept.state
                    is_fresh = is_fresh and self._book.read(connection) is kept.basis.matcher
            if kept is None or not is_fresh:
                kept = self._learn_month(database, month)
            return kept.rank(weights, quotas)

    def _learn_month(self, database: Database, month: Month) -> _Kept:
        with database.reading() as connection:
            context = _gather_context(connection, month)
            states = _gather_states(connection)
            ranker = self._recall(connection, month, states, context)
            known = self._kept.pop(month, None)
            rows = known.rows if known else MonthRows()
            candidates = rows.list_to_rank(connection, month)
            signals = gather_signals(connection, candidates)
            matcher = self._book.read(connection)
            rulings = gather_rulings(connection, month, candidates, matcher)
        basis = _Basis(self._changes, context, candidates, signals, matcher, rulings)
        if known is not None and known.basis == basis:
            kept = replace(known, state=states.get(month))
        else:
            before = known.learned if known is not None and known.basis.changes == self._changes else None
            learned = ranker.learn_month(month, candidates, context, signals, known=before)
            kept = _Kept(states.get(month), rows, basis, learned)
        self._kept[month] = kept
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return kept

    def _is_stored(self, database: Database, kept: _Kept, ranking: Ranking) -> bool:
        """Whether this ranking was stored, and nobody else has ranked the month since."""
        if kept.stored_at is None or ranking is not kept.ranking:
            return False
        with database.reading() as connection:
            return judgements.find_scored_at(connection, kept.learned.month) == kept.stored_at

    def forget(self, months: Collection[Month]) -> None:
        """Drop these months and later ones from the cache, because the guesses of their posts have changed."""
        with self._lock:
            self._forget_from(min(months, default=None))

    def find_decided(self, database: Database) -> set[Month]:
        """Return the months in which something was decided since they were ranked; all ranked months if the rules
        changed.
        """
        with self._lock, database.reading() as connection:
            states, rules = _gather_states(connection), self._book.read(connection)
            return {
                month
                for month, (state, ranked_by) in self._ranked.items()
                if states.get(month, state) != state or ranked_by is not rules
            }

    def _recall(
        self, connection: Connection, month: Month, states: dict[Month, _State], context: RankingContext
    ) -> Ranker:
        """A ranker that remembers the published months before *month* as they are now."""
        past = sorted(m for m, state in states.items() if m < month and state.has_lessons)[-_REMEMBERED:]
        ranker = self._get_ranker(connection)
        stale = next((m for m in past if self._remembered.get(m) != states[m]), None)
        gone = min((m for m in self._remembered if m < month and m not in past), default=None)
        start = min((m for m in (stale, gone) if m is not None), default=None)
        if start is not None:
            self._forget_from(start)
            for known in (m for m in past if m >= start):
                candidates = list_to_rank(connection, known)
                signals = gather_signals(connection, candidates)
                then = replace(context, series=name_series(connection, known))
                is_closed = states[known].printed > 0
                ranker.remember_month(known, candidates, then, signals, is_closed=is_closed)
                self._remembered[known] = states[known]
        return ranker

    def _forget_from(self, start: Month | None) -> None:
        if start is not None and self._ranker is not None:
            self._changes += 1
            self._ranker.forget_from(start)
            self._remembered = {month: state for month, state in self._remembered.items() if month < start}

    def _get_ranker(self, connection: Connection) -> Ranker:
        """The ranker. It leaves out the shipped digest if that was imported, so that it does not count twice."""
        # Imported late: SciPy takes a while to load, and most commands do not rank.
        from aggregator.pipeline.shipped import load_shipped
        from aggregator.rank.ranking import Ranker
        from aggregator.rank.record import load_record

        shipped = load_record().digest
        has_read = shipped is not None and digests.has_read(connection, shipped)
        if self._ranker is None or has_read != self._has_read_shipped:
            self._ranker, self._remembered = (
                Ranker(load_shipped(get_taxonomy(connection), with_digest=not has_read)),
                {},
            )
            self._changes += 1
            self._has_read_shipped = has_read
        return self._ranker


class _Basis(NamedTuple):
    """All that a month is ranked by, besides weights and quotas: the same gives the same ranking."""

    #: The state of what is remembered of the months before.
    changes: int
    context: RankingContext
    candidates: Sequence[Candidate]
    signals: Sequence[Signal]
    #: The rules in force, and what they do to the month.
    matcher: Matcher
    rulings: Rulings


@dataclass
class _Kept:
    """What was learned for a month, and its last ranking."""

    state: _State | None
    rows: MonthRows
    basis: _Basis
    learned: Learned
    wanted: tuple[Weights, Quotas] | None = None
    ranking: Ranking | None = None
    #: When this ranking was stored; None if it was not.
    stored_at: datetime | None = None

    def rank(self, weights: Weights, quotas: Quotas) -> Ranking:
        if self.ranking is not None and self.wanted == (weights, quotas):
            return self.ranking
        ranking = self.learned.rank(weights=weights, quotas=quotas, rulings=self.basis.rulings)
        # The first weights and quotas are those in force; others are only tried.
        if self.ranking is None:
            self.wanted, self.ranking = (weights, quotas), ranking
        return ranking


@contextmanager
def _without_collector() -> Iterator[None]:
    """Turn the garbage collector off: ranking makes hardly any garbage, and collecting takes a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _State(NamedTuple):
    """A value that shows whether a month has changed."""

    posts: Stamp
    #: The number of its posts that were printed.
    printed: int

    @property
    def has_lessons(self) -> bool:
        """Whether there is something to learn from the month."""
        return self.printed > 0 or self.posts.verdicts > 0


def _gather_states(connection: Connection) -> dict[Month, _State]:
    printed = digests.count_printed(connection)
    return {month: _State(stamp, printed.get(month, 0)) for month, stamp in posts.list_stamps(connection).items()}


def _gather_context(connection: Connection, month: Month) -> RankingContext:
    from aggregator.rank.ranking import RankingContext

    weights = {state.feed.key: state.feed.weight for state in list_brief_states(connection)}
    return RankingContext(weights, name_series(connection, month))


def gather_signals(connection: Connection, candidates: Sequence[Candidate]) -> list[Signal]:
    """Gather all signals of candidates, including those of their copies."""
    addresses = {candidate.post.id: candidate.post.canonical_url for candidate in candidates}
    copies = duplicates.list_addresses_of_copies(connection, list(addresses))
    signals = judgements.list_signals(connection, [*addresses.values(), *copies])
    return [
        replace(signal, canonical_url=addresses[copies[signal.canonical_url]])
        if signal.canonical_url in copies
        else signal
        for signal in signals
    ]


def draw_month(database: Database, month: Month, *, size: int, salt: str, now: datetime) -> int:
    """Fill the sample of a past month without a published digest; return how many posts were drawn."""
    with database.reading() as connection:
        stored = digests.find_digest(connection, month)
        if stored is not None and stored.state is not DigestState.DRAFT:
            return 0
        ranked = samples.list_ranked(connection, month)
        sample = samples.list_sample(connection, month)
    drawing = draw_sample(month, ranked, sample, size=size, salt=salt, now=now)
    if drawing.drawn or drawing.dropped:
        with database.writing() as connection:
            samples.save_sample(connection, drawing.drawn, drawing.dropped)
    return len(drawing.drawn)
