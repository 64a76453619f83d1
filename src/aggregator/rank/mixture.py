"""A month mixed of what is of the digest's business and what is not, as feeds bring it: what stands on its shortlist.
Pure.

Months of real digests tell of few sources and hardly any post that is none of its business. Here a reader has labelled
posts of many; they are taken for one month, and ranked from the months before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregator.rank.barred import is_beyond_scope
from aggregator.rank.baselines import order_newest, order_popularity, order_source_rate
from aggregator.rank.ranking import Ranker, Ranking, Shipped, Surroundings
from aggregator.rank.record import name_source
from aggregator.rank.wishes import Quotas, Weights
from aggregator.types import Candidate, Month, Post, Section

#: Months drawn from the posts, to see how far the figures hang on single posts, and the share of the posts in each.
DRAWS, _SHARE = 20, 0.8


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post as a reader labelled it."""

    post: Post
    is_in: bool
    #: Whether another reader would have said the same of the scope.
    is_sure: bool = True
    #: Of a post in scope, where known.
    section: Section | None = None

    @property
    def is_clearly_out(self) -> bool:
        return self.is_sure and not self.is_in


@dataclass(frozen=True, slots=True)
class Places:
    """What stands on some places of a month."""

    posts: int
    clearly_out: int
    #: Out of scope in all.
    out: int
    #: Of the posts in scope, as they were labelled.
    parts: Mapping[str, int]
    topics: Mapping[str, int]
    languages: Mapping[str, int]
    sources: int
    #: The source with the most places, and how many.
    most: tuple[str, int]


@dataclass(frozen=True, slots=True)
class MixtureFigures:
    """How a mixed month fared. ``orders`` holds our shortlist first, then as many places of the baselines, by name."""

    #: All posts of it.
    whole: Places
    orders: Mapping[str, Places]
    #: By the name of the order, the least and the most places that were clearly out in months drawn from it.
    drawn: Mapping[str, tuple[int, int]]
    #: Of the posts clearly in scope, those that were not proposed for their scope.
    good_kept_off: int
    #: Our shortlist, the best first.
    shortlist: Sequence[Labelled]
    #: Months drawn.
    draws: int = DRAWS


def measure_mixture(
    labelled: Sequence[Labelled],
    candidates: Mapping[int, Candidate],
    past: Mapping[Month, Sequence[Candidate]],
    shipped: Shipped,
    surroundings: Surroundings | None = None,
    *,
    weights: Weights | None = None,
    quotas: Quotas | None = None,
) -> MixtureFigures:
    """Rank the *labelled* posts as one month after the *past* ones. *candidates* are the same posts by number, with
    their guesses.
    """
    surroundings, weights, quotas = surroundings or Surroundings(), weights or Weights(), quotas or Quotas()
    ranker = Ranker(shipped)
    for known in sorted(past):
        ranker.remember_month(known, past[known], surroundings)
    month = max([*past, *(each.post.month for each in labelled)]).shift(1)
    before = [candidate for each in past.values() for candidate in each]

    def order(drawn: Sequence[Labelled]) -> dict[str, list[Labelled]]:
        ranking = ranker.rank_month(
            month, [candidates[each.post.id] for each in drawn], surroundings, weights=weights, quotas=quotas
        )
        return _order(drawn, ranking, before, quotas.size)

    orders = order(labelled)
    draws = [order(_draw(labelled, seed)) for seed in range(DRAWS)]
    counts = {name: [sum(each.is_clearly_out for each in drawn[name]) for drawn in draws] for name in orders}
    return MixtureFigures(
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
    values = {"newest_first": order_newest(posts), "source_rate": order_source_rate(posts, past, name=name_source)}
    if ranking.talk:
        values["popularity"] = order_popularity(posts, ranking.talk)
    orders = {"ours": [by_post[score.post_id] for score in ranking.scores if score.shortlisted]}
    for name, each in values.items():
        value = dict(zip(by_post, each, strict=True))
        ordered = sorted(
            labelled, key=lambda one: (-value[one.post.id], -one.post.published_at.timestamp(), one.post.id)
        )
        orders[name] = ordered[:size]
    return orders


def _draw(labelled: Sequence[Labelled], seed: int) -> list[Labelled]:
    count = round(_SHARE * len(labelled))
    return [labelled[place] for place in sorted(np.random.default_rng(seed).permutation(len(labelled))[:count])]


def count_places(labelled: Sequence[Labelled]) -> Places:
    """What stands on the places of these posts."""
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
