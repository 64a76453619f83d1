"""Measures the shortlist of a month with posts out of scope, as feeds bring them. Pure.

The months of real digests have few sources and hardly any posts out of scope. Here a reader has labelled posts of many
sources, and they are ranked as one month, from the months before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregator.evaluate.baselines import order_simply, sort_posts
from aggregator.rank.barred import is_beyond_scope
from aggregator.rank.ranking import Ranker, Ranking, RankingContext, ShippedHistory
from aggregator.rank.record import name_source
from aggregator.rank.weights import Weights
from aggregator.types import Candidate, Month, Post, Quotas, Section

#: The number of months to draw from the posts, which shows how much the metrics depend on single posts; and the share
#: of the posts in each.
DRAWS, _SHARE = 20, 0.8


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post as a reader labelled it."""

    post: Post
    is_in: bool
    #: Whether the reader had no doubt about the scope.
    is_sure: bool = True
    #: The section of a post in scope, if known.
    section: Section | None = None

    @property
    def is_clearly_out(self) -> bool:
        return self.is_sure and not self.is_in


@dataclass(frozen=True, slots=True)
class Places:
    """The posts on some places of a month."""

    posts: int
    clearly_out: int
    #: All posts out of scope, clearly or not.
    out: int
    #: Posts in scope, as they were labelled.
    parts: Mapping[str, int]
    topics: Mapping[str, int]
    languages: Mapping[str, int]
    sources: int
    #: The source with the most places, and how many.
    most: tuple[str, int]


@dataclass(frozen=True, slots=True)
class MixtureMetrics:
    """The metrics of a mixed month. ``orders`` has our shortlist first, then as many places of the baselines,
    by name.
    """

    #: All posts of the month.
    whole: Places
    orders: Mapping[str, Places]
    #: By the name of the order, the smallest and largest number of posts clearly out of scope in the drawn months.
    drawn: Mapping[str, tuple[int, int]]
    #: The number of posts clearly in scope that were not proposed because of their guessed scope.
    good_kept_off: int
    #: Our shortlist, best first.
    shortlist: Sequence[Labelled]


def measure_mixture(
    labelled: Sequence[Labelled],
    candidates: Mapping[int, Candidate],
    past: Mapping[Month, Sequence[Candidate]],
    shipped: ShippedHistory,
    context: RankingContext | None = None,
    *,
    weights: Weights | None = None,
    quotas: Quotas | None = None,
) -> MixtureMetrics:
    """Rank the *labelled* posts as one month after the *past* ones. *candidates* are the same posts by number, with
    their guesses.
    """
    context, weights, quotas = context or RankingContext(), weights or {}, quotas or Quotas()
    ranker = Ranker(shipped)
    for known in sorted(past):
        ranker.remember_month(known, past[known], context)
    month = max([*past, *(each.post.month for each in labelled)]).shift(1)
    before = [candidate for each in past.values() for candidate in each]

    def order(drawn: Sequence[Labelled]) -> dict[str, list[Labelled]]:
        ranking = ranker.rank_month(
            month, [candidates[each.post.id] for each in drawn], context, weights=weights, quotas=quotas
        )
        return _order(drawn, ranking, before, quotas.size)

    orders = order(labelled)
    draws = [order(_draw(labelled, seed)) for seed in range(DRAWS)]
    counts = {name: [sum(each.is_clearly_out for each in drawn[name]) for drawn in draws] for name in orders}
    return MixtureMetrics(
        count_places(labelled),
        {name: count_places(each) for name, each in orders.items()},
        {name: (min(each), max(each)) for name, each in counts.items()},
        sum(each.is_in and each.is_sure and is_beyond_scope(candidates[each.post.id], quotas) for each in labelled),
        orders["ours"],
    )


def _order(
    labelled: Sequence[Labelled], ranking: Ranking, past: Sequence[Candidate], size: int
) -> dict[str, list[Labelled]]:
    by_post = {each.post.id: each for each in labelled}
    posts = [each.post for each in labelled]
    orders = {"ours": [by_post[score.post_id] for score in ranking.scores if score.shortlisted]}
    for name, values in order_simply(posts, past, ranking.talk, name=name_source).items():
        orders[name] = [by_post[post.id] for post in sort_posts(posts, values)[:size]]
    return orders


def _draw(labelled: Sequence[Labelled], seed: int) -> list[Labelled]:
    count = round(_SHARE * len(labelled))
    return [labelled[place] for place in sorted(np.random.default_rng(seed).permutation(len(labelled))[:count])]


def count_places(labelled: Sequence[Labelled]) -> Places:
    """Count these posts by scope, part and source."""
    sections = [each.section for each in labelled if each.section is not None]
    sources = Counter(name_source(each.post) for each in labelled)
    return Places(
        posts=len(labelled),
        clearly_out=sum(each.is_clearly_out for each in labelled),
        out=sum(not each.is_in for each in labelled),
        parts=_count([str(section.part) for section in sections]),
        topics=_count([str(section.topic) for section in sections]),
        languages=_count([each.post.language for each in labelled]),
        sources=len(sources),
        most=min(sources.items(), key=lambda item: (-item[1], item[0]), default=("", 0)),
    )


def _count(names: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
