"""How good guesses are: truth and probabilities in, figures out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Into how many equal stretches of probability guesses are put to see whether they are as sure as they are right.
BINS = 10


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
        macro_f1=_mean([measure_flag(truth, guessed, name).f1 for name in classes if name in {*truth, *guessed}]),
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
