"""Replays months in order: ranks each from the months before it, and compares the order with what was printed. Pure.

A month is ranked from its posts, from the months before it with what they printed, and from the shipped data. Whether
its own posts were printed is used only to measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aggregator.evaluate.baselines import ReadTexts, list_texts, order_simply, order_svm, sort_posts
from aggregator.evaluate.depth import find_depth
from aggregator.evaluate.hidden import hide_outcome
from aggregator.evaluate.metrics import OrderMetrics, count_pairs, list_places, measure_order
from aggregator.rank.barred import is_beyond_scope
from aggregator.rank.ranking import Ranker, Ranking, RankingContext, ShippedHistory
from aggregator.rank.record import name_feed
from aggregator.rank.weights import Weights
from aggregator.types import Candidate, Month, Quotas, Signal

#: Seconds that a curator needs for one post of the queue: title, publisher and first sentence, sometimes a glance at
#: the page. An assumption, for the minutes saved.
SECONDS_A_POST = 20.0


@dataclass(frozen=True, slots=True)
class MonthMetrics:
    """The metrics of one month. ``orders`` has ours first, then the baselines, by name."""

    month: Month
    n: int
    printed: int
    orders: Mapping[str, OrderMetrics]
    #: By the name of the order, the places of the printed posts, from 1.
    places: Mapping[str, Sequence[int]]
    #: The number of printed posts on the shortlist, and its size.
    shortlisted: int
    shortlist: int
    #: The number of pairs of a printed and an unprinted post of one source, for the within-source AUC.
    pairs: int
    #: By kind of disclosure, the number of posts, and the number of printed posts among them.
    disclosed: Mapping[str, tuple[int, int]]
    #: The number of posts that were not proposed because of their scope, and of printed posts among them.
    beyond_scope: tuple[int, int]

    def count_minutes_saved(self) -> float:
        """Return the minutes saved compared with looking at every post, if seeing 85 % of the printed ones is
        enough.
        """
        return (self.n - (find_depth(self.places["ours"], 0.85) or self.n)) * SECONDS_A_POST / 60


def pool_within_source(metrics: Sequence[MonthMetrics]) -> dict[str, float]:
    """Return the within-source AUC over all pairs of several months, by order, because one month has few pairs.

    Empty without any pair. Orders that a month does not have are left out.
    """
    telling = [each for each in metrics if each.pairs]
    pairs = sum(each.pairs for each in telling)
    return {
        name: sum((each.orders[name].within_source_auc or 0.0) * each.pairs for each in telling) / pairs
        for name in (telling[0].orders if telling else ())
        if all(name in each.orders for each in telling)
    }


def replay_months(
    months: Mapping[Month, Sequence[Candidate]],
    shipped: ShippedHistory,
    context: RankingContext | None = None,
    signals: Sequence[Signal] = (),
    *,
    weights: Weights | None = None,
    quotas: Quotas | None = None,
) -> list[Ranking]:
    """Rank each month from the months before it. What was printed or decided in a month is hidden while it is
    ranked.
    """
    context, weights, quotas = context or RankingContext(), weights or {}, quotas or Quotas()
    ranker = Ranker(shipped)
    rankings = []
    for month in sorted(months):
        hidden = [hide_outcome(candidate) for candidate in months[month]]
        rankings.append(ranker.rank_month(month, hidden, context, signals, weights=weights, quotas=quotas))
        ranker.remember_month(month, months[month], context, signals)
    return rankings


def measure_months(
    months: Mapping[Month, Sequence[Candidate]],
    replayed: Sequence[Ranking],
    *,
    wanted: Collection[Month] | None = None,
    read: ReadTexts = list_texts,
) -> list[MonthMetrics]:
    """Measure our order and the baselines for each month, or for the *wanted* ones; the baselines learn from the others
    too. They *read* the texts of posts.
    """
    metrics = []
    past: list[Candidate] = []
    for each in replayed:
        candidates = months[each.month]
        if wanted is None or each.month in wanted:
            metrics.append(_measure_month(each, candidates, past, read))
        past += candidates
    return metrics


def _measure_month(
    replayed: Ranking, candidates: Sequence[Candidate], past: Sequence[Candidate], read: ReadTexts
) -> MonthMetrics:
    metrics, places = {}, {}
    posts = [candidate.post for candidate in candidates]
    is_printed = {candidate.post.id: candidate.printed_in is not None for candidate in candidates}
    ranks = {score.post_id: score.rank for score in replayed.scores}
    orders = {"ours": [-float(ranks[post.id]) for post in posts], **order_simply(posts, past, replayed.talk)}
    orders["svm"] = order_svm(posts, past, read) or orders["newest_first"]
    for name, values in orders.items():
        ordered = sort_posts(posts, values)
        printed = [is_printed[post.id] for post in ordered]
        metrics[name] = measure_order(printed, [name_feed(post) for post in ordered])
        places[name] = list_places(printed)
    shortlist = [score.post_id for score in replayed.scores if score.shortlisted]
    return MonthMetrics(
        replayed.month,
        len(candidates),
        sum(is_printed.values()),
        metrics,
        places,
        sum(is_printed[number] for number in shortlist),
        len(shortlist),
        count_pairs(list(is_printed.values()), [name_feed(post) for post in posts]),
        _count_disclosed(candidates),
        _count_beyond_scope(candidates, replayed.limits),
    )


def _count_beyond_scope(candidates: Sequence[Candidate], quotas: Quotas) -> tuple[int, int]:
    beyond = [candidate for candidate in candidates if is_beyond_scope(hide_outcome(candidate), quotas)]
    return len(beyond), sum(candidate.printed_in is not None for candidate in beyond)


def _count_disclosed(candidates: Sequence[Candidate]) -> dict[str, tuple[int, int]]:
    kinds = [
        (str(one.kind), candidate.printed_in is not None)
        for candidate in candidates
        for one in (candidate.guess.disclosures if candidate.guess else ())
    ]
    found, printed = Counter(kind for kind, _ in kinds), Counter(kind for kind, is_printed in kinds if is_printed)
    return {kind: (found[kind], printed[kind]) for kind in sorted(found)}


def write_metrics(metrics: MonthMetrics) -> dict[str, Any]:
    """Return plain data for JSON: posts, printed posts, the shortlist and the printed posts on it, and by the name of
    each order its metrics with the places of the printed posts, from 1.
    """
    return {
        "n": metrics.n,
        "printed": metrics.printed,
        "shortlist": metrics.shortlist,
        "shortlisted": metrics.shortlisted,
        "seconds_a_post": SECONDS_A_POST,
        "disclosed": {kind: list(counts) for kind, counts in metrics.disclosed.items()},
        "beyond_scope": list(metrics.beyond_scope),
        "minutes_saved": metrics.count_minutes_saved() if metrics.printed else None,
        "orders": {
            name: {**asdict(order), "places": list(metrics.places[name])} for name, order in metrics.orders.items()
        },
    }
