"""Measures how good guesses are, from truth and probabilities. Pure; loads no large library, because a page reads it.

scikit-learn and SciPy are imported by the functions that use them. Three things are computed here: the macro-F1,
because an interval needs 500 and scikit-learn's takes 2.6 ms instead of 0.05; the expected calibration error, which
neither library has; and the intervals, because SciPy's bootstrap draws differently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from math import floor
from random import Random
from typing import TypeVar

from aggregator.types import OUT_OF_SCOPE_FROM

#: The number of equal bins of probability for the calibration error.
BINS = 10
#: The largest share of posts in scope that may be called out of scope, for ``ScopeMetrics.found``.
MOST_CALLED_OUT = 0.04
#: The number of bootstrap draws for an interval.
DRAWS = 500
_SURE = 0.95

#: The bounds of the middle 95 % of all draws.
Interval = tuple[float, float]

_Name = TypeVar("_Name", bound=str)
_One = TypeVar("_One")
_Other = TypeVar("_Other")


@dataclass(frozen=True, slots=True)
class Bin:
    """The guesses with a probability from *low* to below *high*; the last bin includes 1."""

    low: float
    high: float
    n: int
    #: The mean of their probabilities, and the share of them that is right; 0 in an empty bin.
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class AxisMetrics:
    """How good the guesses of one axis are."""

    n: int
    accuracy: float
    #: The mean F1 of the classes that occur in truth or guesses (as in scikit-learn).
    macro_f1: float
    #: The share of posts whose true class is among the two likeliest.
    top2_accuracy: float
    #: Expected calibration error: the mean distance between confidence and accuracy over the bins.
    ece: float
    classes: tuple[str, ...]
    #: Rows are true classes, columns guessed ones.
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class FlagMetrics:
    """How good the guesses of a yes-or-no question are; a ratio without a denominator is 0."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ScopeMetrics:
    """How well posts in scope are separated from posts out of scope. A share of an empty set is 0."""

    inside: int
    outside: int
    #: See ``measure_auc`` and ``measure_found``.
    auc: float | None
    found: float | None
    #: At the threshold ``OUT_OF_SCOPE_FROM``: the share of posts out of scope that is found, and the share of posts in
    #: scope that is called out.
    found_there: float
    called_out_there: float
    #: Of posts believed to be in scope at 95 % or more, the share that is out.
    out_of_sure: float
    #: In scope or not as an axis of two classes.
    axis: AxisMetrics


def measure_axis(truth: Sequence[str], probabilities: Sequence[Mapping[_Name, float]]) -> AxisMetrics:
    """Compare true classes with their probabilities, in the same order. Raises ValueError for empty input."""
    if not truth:
        raise ValueError("there is nothing to measure")
    orders = [sorted(belief, key=lambda name: -belief[name]) for belief in probabilities]
    guessed = [order[0] for order in orders]
    classes = tuple(dict.fromkeys(name for belief in probabilities for name in belief))
    counts = Counter(zip(truth, guessed, strict=True))
    reliability = _fill_bins(truth, guessed, probabilities)
    return AxisMetrics(
        n=len(truth),
        accuracy=mean([true == guess for true, guess in zip(truth, guessed, strict=True)]),
        macro_f1=measure_macro_f1(truth, guessed),
        top2_accuracy=mean([true in order[:2] for true, order in zip(truth, orders, strict=True)]),
        ece=sum(each.n * abs(each.confidence - each.right) for each in reliability) / len(truth),
        classes=tuple(map(str, classes)),
        confusion=tuple(tuple(counts[true, guess] for guess in classes) for true in classes),
        reliability=reliability,
    )


def measure_flag(truth: Sequence[str], guessed: Sequence[str], name: str) -> FlagMetrics:
    """Measure how well one class is separated from all others."""
    from sklearn.metrics import precision_recall_fscore_support

    is_true, is_guessed = ([each == name for each in classes] for classes in (truth, guessed))
    metrics = precision_recall_fscore_support(is_true, is_guessed, average="binary", zero_division=0)
    return FlagMetrics(*map(float, metrics[:3]))


def measure_macro_f1(truth: Sequence[str], guessed: Sequence[str]) -> float:
    """Return the mean F1 of the classes that occur in truth or guesses."""
    trues, guesses = Counter(truth), Counter(guessed)
    both = Counter(true for true, guess in zip(truth, guessed, strict=True) if true == guess)
    return mean([2 * both[name] / (trues[name] + guesses[name]) for name in sorted({*trues, *guesses})])


def measure_scope(is_out: Sequence[bool], believed: Sequence[float]) -> ScopeMetrics:
    """Compare which posts are out of scope with the probabilities of that. Raises ValueError without posts."""
    inside = [belief for belief, out in zip(believed, is_out, strict=True) if not out]
    outside = [belief for belief, out in zip(believed, is_out, strict=True) if out]
    sure = [out for belief, out in zip(believed, is_out, strict=True) if 1 - belief >= _SURE]
    return ScopeMetrics(
        inside=len(inside),
        outside=len(outside),
        auc=measure_auc(is_out, believed),
        found=measure_found(is_out, believed),
        found_there=mean([belief >= OUT_OF_SCOPE_FROM for belief in outside]),
        called_out_there=mean([belief >= OUT_OF_SCOPE_FROM for belief in inside]),
        out_of_sure=mean(sure),
        axis=measure_axis(
            ["out" if out else "in" for out in is_out], [{"in": 1 - belief, "out": belief} for belief in believed]
        ),
    )


def measure_auc(is_out: Sequence[bool], believed: Sequence[float]) -> float | None:
    """Return the area under the ROC curve: of all pairs of a post out of scope and one in scope, the share in which the
    first has the higher probability of being out; ties count half. None if all are in or all out.
    """
    # scikit-learn's takes 16 times as long.
    from scipy.stats import rankdata

    outside = sum(is_out)
    inside = len(is_out) - outside
    if not inside or not outside:
        return None
    pairs: float = sum(compress(rankdata(believed).tolist(), is_out)) - outside * (outside + 1) / 2
    return pairs / (inside * outside)


def measure_found(is_out: Sequence[bool], believed: Sequence[float]) -> float | None:
    """Return the share of posts out of scope that is found, at the threshold that calls out at most ``MOST_CALLED_OUT``
    of the posts in scope. None if all are in or all out.
    """
    inside = sorted((belief for belief, out in zip(believed, is_out, strict=True) if not out), reverse=True)
    outside = [belief for belief, out in zip(believed, is_out, strict=True) if out]
    if not inside or not outside:
        return None
    # The first one that must not be called out.
    least = inside[floor(MOST_CALLED_OUT * len(inside))]
    return mean([belief > least for belief in outside])


def estimate_interval(
    measure: Callable[[Sequence[_One], Sequence[_Other]], float | None], ones: Sequence[_One], others: Sequence[_Other]
) -> Interval | None:
    """Return the bootstrap interval of a metric of paired values; None without pairs, or if the metric is None in every
    draw.
    """
    pairs = list(zip(ones, others, strict=True))
    random = Random(len(pairs))  # noqa: S311 (the same draws each time)
    draws = (random.choices(pairs, k=len(pairs)) for _ in range(DRAWS))
    metrics = (measure([one for one, _ in drawn], [other for _, other in drawn]) for drawn in draws)
    values = sorted(figure for figure in metrics if figure is not None)
    return (values[len(values) // 40], values[-1 - len(values) // 40]) if pairs and values else None


def estimate_macro_f1(metrics: AxisMetrics) -> Interval | None:
    """Return the bootstrap interval of the macro-F1."""
    pairs = [
        (true, guess)
        for true, row in zip(metrics.classes, metrics.confusion, strict=True)
        for guess, count in zip(metrics.classes, row, strict=True)
        for _ in range(count)
    ]
    return estimate_interval(measure_macro_f1, [true for true, _ in pairs], [guess for _, guess in pairs])


def mean(values: Sequence[float]) -> float:
    """Return the mean; 0 without values."""
    return sum(values) / len(values) if values else 0.0


def _fill_bins(
    truth: Sequence[str], guessed: Sequence[_Name], probabilities: Sequence[Mapping[_Name, float]]
) -> tuple[Bin, ...]:
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for true, guess, belief in zip(truth, guessed, probabilities, strict=True):
        held[min(int(belief[guess] * BINS), BINS - 1)].append((belief[guess], true == guess))
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            n=len(pairs),
            confidence=mean([sure for sure, _ in pairs]),
            right=mean([right for _, right in pairs]),
        )
        for place, pairs in enumerate(held)
    )
