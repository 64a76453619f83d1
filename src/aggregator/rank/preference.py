"""Learns what the curator prefers from what was printed, approved and rejected. Pure; owns the mathematics.

The model is linear in the log-odds that a post is printed. Its inputs are the amounts of ``features``, the words of the
title, and the publisher. Before it has data, it consists of its prior: the mean of each coefficient follows the
digest's stated criteria, and the variance says how far data may move it. Learning finds the most probable coefficients
given prior and data (logistic regression with a Gaussian prior). So a handful of verdicts moves little, and a year of
them moves as much as it should.

- *Positive and unlabelled*: a post that was not printed was not rejected, because the curator may not have seen it. It
  counts half. Rejected, approved and printed posts count whole, highlights twice.
- *Sources*: each has a coefficient of its own, shrunk towards those of its organisation and its kind. It is a smoothed
  share of what the source got printed, and it calibrates the model for that source. Each pair of source and topic has
  one too. All of these are scaled by the probability that the post is in scope.
- scikit-learn's logistic regression shrinks only towards zero and has no prior mean, and SciPy's optimisers take
  three times as long, so the few lines of Newton's method are here (docs/decisions/scores.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from hashlib import blake2b
from sys import intern
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, cg
from threadpoolctl import threadpool_limits

from aggregator.rank.features import Feature
from aggregator.rank.organisations import find_level
from aggregator.rank.record import name_source
from aggregator.rank.wording import list_words
from aggregator.types import Candidate, Cause

Array = np.ndarray[Any, Any]

#: Part of the version of a preference; change it whenever something changes what is learned.
RECIPE = "features, words of titles, sources, organisations; gaussian prior; 4"

#: Prior mean of the coefficient of each feature, in log-odds for the whole amount.
PRIOR: Mapping[str, float] = {cause: cause.prior for cause in Cause if cause.prior is not None}
# Prior variances of the coefficients. Features are few and known, sources differ by large factors, and one word alone
# says little.
_VARIANCE = {"feature": 0.25, "word": 1.0, "source": 2.0, "organisation": 1.0, "kind": 0.5, "topic": 0.5, "base": 25.0}
# About one post in ten is printed.
_BASE = math.log(0.1 / 0.9)
# Variances of sources to choose from, and the standard deviation of their prior around the usual one, in log units.
_SPREADS = (0.5, 1.0, 2.0, 4.0, 8.0)
_LEEWAY = math.log(4)
_UNLABELLED = 0.5
# No data say how much more a highlight tells than any other printed post, so this is modest.
_STARRED = 2.0
# The curvature of the logistic loss at about the usual share of printed posts.
_CURVATURE = 0.1
# Of Newton's method: the most steps, the most turns of conjugate gradients in each, and how steep the end may be.
_MOST_STEPS, _MOST_TURNS, _STEEPEST = 50, 200, 1e-4
# By this share of itself a loss may seem to grow because numbers are rounded.
_ROUNDING = 1e-12
# The share of its amount that a word keeps if it names the post's own publisher or its products, because the publisher
# is counted already.
_OWN_WORD = 0.25
# A post with a lower probability of a topic is not about that topic.
_SOME_TOPIC = 0.2


class Label(StrEnum):
    """What became of a post."""

    PRINTED = "printed"
    #: Printed, as a highlight.
    STARRED = "starred"
    REJECTED = "rejected"
    #: Passed over, or never seen.
    UNPRINTED = "unprinted"

    @property
    def weight(self) -> float:
        return {Label.UNPRINTED: _UNLABELLED, Label.STARRED: _STARRED}.get(self, 1.0)

    @property
    def is_printed(self) -> bool:
        return self in {Label.PRINTED, Label.STARRED}


class Words(NamedTuple):
    """The words of a title as columns, and as a person reads them."""

    #: (words,): the column number of each.
    columns: Array
    words: tuple[str, ...]
    #: (words,): scaled to length 1, so that long titles do not weigh more than short ones.
    amounts: Array


class Encoded(NamedTuple):
    """A candidate as the model sees it: column numbers with amounts, and what each means.

    ``columns`` has, in order, the features, the kind, the source, the organisation, the topics of the source, and the
    base.
    """

    #: The canonical address of the post.
    key: str
    columns: Sequence[int] | Array
    amounts: Sequence[float] | Array
    words: Words
    features: Sequence[Feature]
    source: str
    #: How many columns describe the publisher.
    whose: int = 0
    #: The probability that it is in scope.
    inside: float = 1.0

    def without_texts(self) -> Encoded:
        """The row as it is learned from: the texts of words and features only explain a score. It is small, because
        thousands are kept, and quickly put beside others.
        """
        return self._replace(
            columns=np.array(self.columns, dtype=np.int32),
            amounts=np.array(self.amounts),
            words=self.words._replace(words=()),
            features=(),
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One row to learn from; *weight* counts how many posts it stands for."""

    row: Encoded
    label: Label
    weight: float = 1.0


class Columns:
    """Numbers the columns as they are first asked for. A column without data stays at its prior mean."""

    def __init__(self) -> None:
        #: Group → name → number.
        self._numbers: dict[str, dict[str, int]] = {group: {} for group in _VARIANCE}
        self._means: list[float] = []
        self._variances: list[float] = []
        self._sources: list[int] = []
        self.base = self.number("base", "")
        for cause in PRIOR:
            self.number("feature", cause)

    def __len__(self) -> int:
        return len(self._means)

    def number(self, group: str, name: str) -> int:
        known = self._numbers[group]
        found = known.get(name)
        if found is None:
            found = known[name] = len(self._means)
            self._means.append(_BASE if group == "base" else PRIOR[name] if group == "feature" else 0.0)
            self._variances.append(_VARIANCE[group])
            if group == "source":
                self._sources.append(found)
        return found

    def prior(self, source_variance: float | None = None) -> tuple[Array, Array]:
        """Return the prior means (columns,) and variances (columns,) of all coefficients; *source_variance* replaces
        the usual variance of sources.
        """
        variances = np.array(self._variances)
        if source_variance is not None:
            variances[self._sources] = source_variance
        return np.array(self._means), variances

    def encode(self, candidate: Candidate, features: Sequence[Feature], words: Words) -> Encoded:
        """Encode a candidate as a row.

        The amounts of the publisher are scaled by the probability that the post is in scope: what a source got printed
        does not support its posts out of scope, and these do not count against the source.
        """
        post, guess = candidate.post, candidate.guess
        source = name_source(post)
        inside = guess.in_scope if guess is not None else 1.0
        columns = [self.number("feature", feature.cause) for feature in features]
        amounts = [feature.amount for feature in features]
        whose = [("kind", post.kind or "none"), ("source", source)]
        if organisation := find_level(source, post.organisation):
            whose.append(("organisation", organisation))
        columns += [self.number(group, name) for group, name in whose]
        amounts += [inside] * len(whose)
        for topic, probability in guess.topics.items() if guess is not None else ():
            if probability * inside >= _SOME_TOPIC:
                columns.append(self.number("topic", f"{source}|{topic}"))
                amounts.append(probability * inside)
        columns.append(self.base)
        amounts.append(1.0)
        return Encoded(post.canonical_url, columns, amounts, words, features, source, len(whose), inside)

    def encode_title(self, title: str, own: Set[str] = frozenset()) -> Encoded:
        """Encode a title of which nothing else is known. Such rows have a base of their own, because their share of
        printed titles is not that of a month.
        """
        return Encoded(title, [self.number("base", "titles")], [1.0], self.encode_words(title, own), (), "")

    def encode_words(self, title: str, own: Set[str] = frozenset()) -> Words:
        """Encode the words of a title. Those that are or contain one of *own*, the publisher's names, weigh less."""
        words = list_words(title)
        known = self._numbers["word"]
        columns = np.array(
            [known[word] if word in known else self.number("word", word) for word in words], dtype=np.int32
        )
        amounts = _share_out(len(words))
        # A pair of words is one entry with a space.
        if not own.isdisjoint(words):
            amounts = np.where([own.isdisjoint(word.split(" ")) for word in words], amounts, amounts * _OWN_WORD)
        # Titles have many words in common.
        return Words(columns, tuple(map(intern, words.values())), amounts)


@lru_cache(maxsize=256)
def _share_out(words: int) -> Array:
    """(words,): the same amount for each, together of length 1."""
    shares = np.full(words, 1 / math.sqrt(words or 1))
    # Many rows have it.
    shares.flags.writeable = False
    return shares


@dataclass(frozen=True, slots=True)
class Preference:
    """A coefficient for each column, as learned. *version* identifies the data and the recipe."""

    version: str
    columns: Columns
    #: (columns,): those known when it was learned.
    coefficients: Array
    #: Source → lines printed and posts seen in the data; for the text of the reason.
    seen: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def coefficients_for_all(self) -> Array:
        """Return the coefficients (columns,) of all columns; those added since are at their prior means."""
        means, _ = self.columns.prior()
        means[: len(self.coefficients)] = self.coefficients
        return means


def learn_preference(columns: Columns, facts: Sequence[Fact], counts: Mapping[str, tuple[float, float]]) -> Preference:
    """Find the most probable coefficients given the prior and the facts. The order of the facts does not matter.

    *counts* are lines printed and posts seen by source, for months whose posts are not known.
    """
    facts = sorted(facts, key=lambda fact: (fact.row.key, fact.label))
    rows = [fact.row for fact in facts]
    outcomes = [float(fact.label.is_printed) for fact in facts]
    weights = [fact.label.weight * fact.weight for fact in facts]
    indices = [np.concatenate([row.columns, row.words.columns], dtype=np.int32) for row in rows]
    amounts = [np.concatenate([row.amounts, row.words.amounts]) for row in rows]
    for source, (printed, posts) in sorted(counts.items()):
        whose = [columns.base, columns.number("source", source)]
        if organisation := find_level(source):
            whose.append(columns.number("organisation", organisation))
        for outcome, weight in ((1.0, printed), (0.0, _UNLABELLED * (posts - printed))):
            if weight > 0:
                indices.append(np.array(whose, dtype=np.int32))
                amounts.append(np.ones(len(whose)))
                outcomes.append(outcome)
                weights.append(weight)
    seen = _count_seen(facts, counts)
    spread = learn_spread(list(seen.values()))
    mean, variance = columns.prior(source_variance=spread)
    coefficients = mean
    if indices:
        # Columns without data stay at their prior means and are left out.
        used, numbers = np.unique(np.concatenate(indices), return_inverse=True)
        starts = np.concatenate([[0], np.cumsum([len(each) for each in indices])])
        matrix = csr_matrix((np.concatenate(amounts), numbers, starts), shape=(len(indices), len(used)))
        coefficients[used] = _fit(matrix, np.array(outcomes), np.array(weights), mean[used], variance[used])
    return Preference(_name_version(facts, counts), columns, coefficients, seen)


def learn_spread(counts: Sequence[tuple[float, float]]) -> float:
    """Estimate how much sources differ: the variance of the log-odds that a post of theirs is printed.

    *counts* are the printed posts and all posts of each source. This returns the one of a few variances under which the
    counts are most probable: log-odds are normal around a common mean and are integrated out. A prior keeps the result
    near the usual variance while there are few counts.
    """
    posts = np.array([posts for _, posts in counts if posts > 0])
    if not len(posts):
        return _VARIANCE["source"]
    printed = np.minimum([printed for printed, posts in counts if posts > 0], posts)
    passed = _UNLABELLED * (posts - printed)
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(25)
    log_weights = np.log(node_weights / node_weights.sum())
    best = (-math.inf, _VARIANCE["source"])
    for variance in _SPREADS:
        for mean in np.arange(-6.0, 3.0, 0.5):
            odds = mean + math.sqrt(variance) * nodes
            likelihood = -np.outer(printed, np.logaddexp(0, -odds)) - np.outer(passed, np.logaddexp(0, odds))
            total = np.logaddexp.reduce(likelihood + log_weights, axis=1).sum()
            total -= 0.5 * (math.log(variance / _VARIANCE["source"]) / _LEEWAY) ** 2
            best = max(best, (float(total), variance))
    return best[1]


def _fit(matrix: csr_matrix, outcomes: Array, weights: Array, mean: Array, variance: Array) -> Array:
    """The coefficients (columns,) for a *matrix* (rows, columns), *outcomes* and *weights* (rows,), *mean* and
    *variance* (columns,).
    """
    # Scaled by how far each coefficient can move, the problem is well conditioned, and few steps are needed.
    curvature = matrix.power(2).T @ (weights * _CURVATURE)
    scale = 1 / np.sqrt(1 / variance + curvature)
    stiffness = scale**2 / variance
    scaled = matrix.multiply(scale).tocsr()
    transposed = scaled.T.tocsr()
    offset = matrix @ mean

    def loss(odds: Array, moved: Array) -> float:
        return float(weights @ (np.logaddexp(0, odds) - outcomes * odds) + 0.5 * stiffness @ moved**2)

    def curve(bent: Array, way: Array) -> Array:
        curved: Array = transposed @ (bent * (scaled @ way)) + stiffness * way
        return curved

    moved, odds = np.zeros(len(mean)), offset
    # One thread: the work is small, and on busy cores threads that wait for each other make it many times slower.
    with threadpool_limits(1):
        for _ in range(_MOST_STEPS):
            likely = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
            gradient = transposed @ (weights * (likely - outcomes)) + stiffness * moved
            if np.abs(gradient).max() < _STEEPEST:
                break
            bent = weights * likely * (1 - likely)
            hessian = LinearOperator(shape=(len(mean), len(mean)), matvec=partial(curve, bent), dtype=float)
            # The flatter it is, the closer to the end a step is to lead (Nocedal and Wright, "Numerical Optimization").
            step, _ = cg(hessian, -gradient, rtol=min(0.1, math.sqrt(np.linalg.norm(gradient))), maxiter=_MOST_TURNS)
            far, least = scaled @ step, loss(odds, moved) * (1 + _ROUNDING)
            # A whole step hardly ever leads too far; if it does, half of it is taken.
            while loss(odds + far, moved + step) > least:
                step, far = step / 2, far / 2
            moved, odds = moved + step, odds + far
    fitted: Array = mean + moved * scale
    return fitted


def _count_seen(facts: Iterable[Fact], counts: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    seen = dict(counts)
    for fact in facts:
        # A title alone has no source.
        if source := fact.row.source:
            printed, posts = seen.get(source, (0.0, 0.0))
            is_printed = fact.label.is_printed
            # A post out of scope says nothing about its source, unless it was printed anyway.
            seen[source] = printed + is_printed, posts + fact.weight * (1.0 if is_printed else fact.row.inside)
    return seen


def _name_version(facts: Sequence[Fact], counts: Mapping[str, tuple[float, float]]) -> str:
    mark = blake2b(f"{RECIPE} {sorted(counts.items())}".encode(), digest_size=5)
    for fact in facts:
        mark.update(f"{fact.row.key} {fact.label} {fact.weight}".encode() + np.array(fact.row.amounts).tobytes())
    return f"preference-{mark.hexdigest()}"
