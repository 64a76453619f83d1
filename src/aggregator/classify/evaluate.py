"""How good guesses are: truth and probabilities in, figures out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor
from random import Random

from aggregator.types import OUT_OF_SCOPE_FROM

#: Into how many equal stretches of probability guesses are put to see whether they are as sure as they are right.
BINS = 10
#: What may be called out at most of what belongs in the digest, where it is asked how much else is found.
MOST_CALLED_OUT = 0.04
#: How often posts are drawn anew (with replacement) to see how far figures depend on which posts they are of.
DRAWS = 500
_SURE = 0.95

#: From and to, with 95 % of all draws between them.
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bin:
    """The guesses whose probability lies from *low* to *high* (the last bin holds 1)."""

    low: float
    high: float
    n: int
    #: The mean of their probabilities, and the share of them that is right; 0 where there is none.
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class AxisFigures:
    """How good the guesses of one axis are."""

    n: int
    accuracy: float
    #: The mean of the classes' F1, over the classes that occur in truth or guesses (as scikit-learn has it).
    macro_f1: float
    #: The share of posts whose true class is among the two that were believed most.
    top2_accuracy: float
    #: Expected calibration error: how far confidence and share of right guesses lie apart in a bin, in the mean.
    ece: float
    classes: tuple[str, ...]
    #: True classes downwards, guessed ones across.
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class FlagFigures:
    """How good a yes or no is; 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class ScopeFigures:
    """How well what belongs in the digest is told from what does not. Shares of nothing are 0."""

    inside: int
    outside: int
    #: The share of pairs, one in scope and one not, in which the second is believed more to be out; None without both.
    auc: float | None
    #: The share of what is out that lies above so many of what is in as ``MOST_CALLED_OUT`` allows; None without both.
    found: float | None
    #: Where posts really count as out (``OUT_OF_SCOPE_FROM``): the share of what is out, and of what is in.
    found_there: float
    called_out_there: float
    #: Of posts believed to be in scope with 95 % and more, the share that is out.
    out_of_sure: float
    #: In scope or not as an axis of two classes.
    axis: AxisFigures


def measure_axis(truth: Sequence[str], probabilities: Sequence[Mapping[str, float]]) -> AxisFigures:
    """Compare true classes with what was believed of them, in the same order. Raises ValueError when there are none."""
    if not truth:
        raise ValueError("there is nothing to measure")
    orders = [sorted(belief, key=lambda name: -belief[name]) for belief in probabilities]
    guessed = [order[0] for order in orders]
    classes = tuple(dict.fromkeys(name for belief in probabilities for name in belief))
    counts = {(true, guess): 0 for true in classes for guess in classes}
    for pair in zip(truth, guessed, strict=True):
        counts[pair] += 1
    reliability = _fill_bins(truth, guessed, probabilities)
    return AxisFigures(
        n=len(truth),
        accuracy=_mean([true == guess for true, guess in zip(truth, guessed, strict=True)]),
        macro_f1=measure_macro_f1(truth, guessed),
        top2_accuracy=_mean([true in order[:2] for true, order in zip(truth, orders, strict=True)]),
        ece=sum(each.n * abs(each.confidence - each.right) for each in reliability) / len(truth),
        classes=tuple(map(str, classes)),
        confusion=tuple(tuple(counts[true, guess] for guess in classes) for true in classes),
        reliability=reliability,
    )


def measure_flag(truth: Sequence[str], guessed: Sequence[str], name: str) -> FlagFigures:
    """How well one class is told from all others."""
    both = sum(true == name == guess for true, guess in zip(truth, guessed, strict=True))
    precision, recall = _divide(both, guessed.count(name)), _divide(both, truth.count(name))
    return FlagFigures(precision, recall, _divide(2 * precision * recall, precision + recall))


def measure_macro_f1(truth: Sequence[str], guessed: Sequence[str]) -> float:
    trues, guesses = Counter(truth), Counter(guessed)
    both = Counter(true for true, guess in zip(truth, guessed, strict=True) if true == guess)
    return _mean([2 * both[name] / (trues[name] + guesses[name]) for name in sorted({*trues, *guesses})])


def measure_scope(is_out: Sequence[bool], believed: Sequence[float]) -> ScopeFigures:
    """Compare what is out with how far it was believed to be. Raises ValueError when there is nothing."""
    inside = [belief for belief, out in zip(believed, is_out, strict=True) if not out]
    outside = [belief for belief, out in zip(believed, is_out, strict=True) if out]
    sure = [out for belief, out in zip(believed, is_out, strict=True) if 1 - belief >= _SURE]
    return ScopeFigures(
        inside=len(inside),
        outside=len(outside),
        auc=measure_auc(is_out, believed),
        found=measure_found(is_out, believed),
        found_there=_mean([belief >= OUT_OF_SCOPE_FROM for belief in outside]),
        called_out_there=_mean([belief >= OUT_OF_SCOPE_FROM for belief in inside]),
        out_of_sure=_mean(sure),
        axis=measure_axis(
            ["out" if out else "in" for out in is_out], [{"in": 1 - belief, "out": belief} for belief in believed]
        ),
    )


def measure_auc(is_out: Sequence[bool], believed: Sequence[float]) -> float | None:
    """The area under the receiver's curve, in which equals count half; None where all are in or all out."""
    outside = sum(is_out)
    inside = len(is_out) - outside
    pairs, below = 0.0, 0
    for _, equals in groupby(sorted(zip(believed, is_out, strict=True)), key=lambda pair: pair[0]):
        outs = [out for _, out in equals]
        ins = len(outs) - sum(outs)
        pairs += sum(outs) * (below + ins / 2)
        below += ins
    return pairs / (inside * outside) if inside and outside else None


def measure_found(is_out: Sequence[bool], believed: Sequence[float]) -> float | None:
    """The share of what is out that is found while at most ``MOST_CALLED_OUT`` of what is in is called out with it;
    None where all are in or all out.
    """
    inside = sorted((belief for belief, out in zip(believed, is_out, strict=True) if not out), reverse=True)
    outside = [belief for belief, out in zip(believed, is_out, strict=True) if out]
    if not inside or not outside:
        return None
    # The first that must not be called out.
    least = inside[floor(MOST_CALLED_OUT * len(inside))]
    return _mean([belief > least for belief in outside])


def estimate_interval(count: int, measure: Callable[[Sequence[int]], float | None]) -> Interval | None:
    """Between which values a figure of *count* posts lies when they are drawn anew: *measure* takes the places of the
    posts that were drawn. None where no draw has a figure.
    """
    random = Random(count)  # noqa: S311 (the same draws each time)
    draws = (measure(random.choices(range(count), k=count)) for _ in range(DRAWS))
    values = sorted(value for value in draws if value is not None)
    return (values[len(values) // 40], values[-1 - len(values) // 40]) if values else None


def estimate_macro_f1(figures: AxisFigures) -> Interval | None:
    """Between which values the macro-F1 lies when the posts are drawn anew."""
    pairs = [
        (figures.classes[down], figures.classes[across])
        for down, row in enumerate(figures.confusion)
        for across, count in enumerate(row)
        for _ in range(count)
    ]
    return estimate_interval(
        len(pairs), lambda places: measure_macro_f1([pairs[n][0] for n in places], [pairs[n][1] for n in places])
    )


def _fill_bins(
    truth: Sequence[str], guessed: Sequence[str], probabilities: Sequence[Mapping[str, float]]
) -> tuple[Bin, ...]:
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for true, guess, belief in zip(truth, guessed, probabilities, strict=True):
        held[min(int(belief[guess] * BINS), BINS - 1)].append((belief[guess], true == guess))
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            n=len(pairs),
            confidence=_mean([sure for sure, _ in pairs]),
            right=_mean([right for _, right in pairs]),
        )
        for place, pairs in enumerate(held)
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _divide(above: float, below: float) -> float:
    return above / below if below else 0.0
