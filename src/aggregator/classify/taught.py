"""Measures the effect of decisions: compares a model of the shipped rows with one that has also learned from decisions,
on posts that neither has seen. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from aggregator.classify.learning import LEAST_HELD_OUT, Lesson
from aggregator.classify.metrics import DRAWS, Interval, mean, measure_auc, measure_found, measure_macro_f1
from aggregator.locales import mark
from aggregator.types import Guess, Section

_MONTH = timedelta(days=31)

#: A metric of true answers and guesses; None if it is not defined for them.
_Measure = Callable[[Sequence[Any], Sequence[Any]], float | None]


@dataclass(frozen=True, slots=True)
class MetricEstimate:
    """A metric with its bootstrap interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class LearningEffect:
    """One metric before and after."""

    name: str
    posts: int
    before: MetricEstimate
    after: MetricEstimate
    #: The same posts are drawn for both, so this interval is narrower than the difference of the two.
    gain: MetricEstimate


@dataclass(frozen=True, slots=True)
class Taught:
    """The effect of decisions, measured on some that were held out."""

    #: Which decisions: "month" for the last month of them, "all" for all that were held out.
    of: str
    decisions: int
    effects: tuple[LearningEffect, ...]


def measure_taught(held: Sequence[Lesson], before: Sequence[Guess], after: Sequence[Guess]) -> list[Taught]:
    """Measure on all held-out decisions, and on those of the last month if these are fewer but still enough."""
    newest = max(lesson.at for lesson in held)
    month = [n for n, lesson in enumerate(held) if newest - lesson.at <= _MONTH]
    chosen: dict[str, Sequence[int]] = {"all": range(len(held))}
    if LEAST_HELD_OUT <= len(month) < len(held):
        chosen = {"month": month, **chosen}
    return [
        Taught(
            name,
            len(rows),
            tuple(
                measure_effects([held[n].section for n in rows], [before[n] for n in rows], [after[n] for n in rows])
            ),
        )
        for name, rows in chosen.items()
    ]


def measure_effects(
    truth: Sequence[Section | None], before: Sequence[Guess], after: Sequence[Guess]
) -> list[LearningEffect]:
    """Measure topics, parts and scope of some posts; a section of None means out of scope. Metrics that are not defined
    for these posts are left out.
    """
    inside = [(section, n) for n, section in enumerate(truth) if section is not None]
    topics, parts = [section.topic for section, _ in inside], [section.part for section, _ in inside]
    is_out = [section is None for section in truth]

    def read_topics(guesses: Sequence[Guess]) -> list[Any]:
        return [_find_likeliest(guesses[n].topics) for _, n in inside]

    def read_parts(guesses: Sequence[Guess]) -> list[Any]:
        return [_find_likeliest(guesses[n].parts) for _, n in inside]

    def read_scope(guesses: Sequence[Guess]) -> list[Any]:
        return [guess.out_of_scope or 0.0 for guess in guesses]

    asked: list[tuple[str, _Measure, Sequence[Any], Callable[[Sequence[Guess]], list[Any]]]] = [
        (mark("topics right"), measure_right, topics, read_topics),
        (mark("topics, macro-F1"), measure_macro_f1, topics, read_topics),
        (mark("parts right"), measure_right, parts, read_parts),
        (mark("scope right"), measure_right, is_out, lambda guesses: [guess.is_out_of_scope for guess in guesses]),
        (mark("scope, AUC"), measure_auc, is_out, read_scope),
        (mark("out of scope found"), measure_found, is_out, read_scope),
    ]
    found = (_estimate(name, measure, right, read(before), read(after)) for name, measure, right, read in asked)
    return [effect for effect in found if effect is not None]


def _find_likeliest(probabilities: Mapping[Any, float]) -> str:
    """The likeliest class; empty, which is never right, while the model has not learned the axis."""
    return max(probabilities, key=probabilities.__getitem__, default="")


def measure_right(truth: Sequence[Any], guessed: Sequence[Any]) -> float:
    return mean([one == other for one, other in zip(truth, guessed, strict=True)])


def _estimate(
    name: str, measure: _Measure, truth: Sequence[Any], before: Sequence[Any], after: Sequence[Any]
) -> LearningEffect | None:
    old, new = (measure(truth, believed) for believed in (before, after))
    if not truth or old is None or new is None:
        return None
    rows, random = range(len(truth)), Random(len(truth))  # noqa: S311 (the same draws each time)
    drawn = []
    for _ in range(DRAWS):
        chosen = random.choices(rows, k=len(truth))
        right = [truth[row] for row in chosen]
        one, other = (measure(right, [believed[row] for row in chosen]) for believed in (before, after))
        if one is not None and other is not None:
            drawn.append((one, other, other - one))
    olds, news, gains = zip(*drawn, strict=True)
    return LearningEffect(
        name,
        len(truth),
        before=MetricEstimate(old, _cut(olds)),
        after=MetricEstimate(new, _cut(news)),
        gain=MetricEstimate(new - old, _cut(gains)),
    )


def _cut(values: Sequence[float]) -> Interval:
    """The interval of the middle 95 % of the values."""
    ordered = sorted(values)
    return ordered[len(ordered) // 40], ordered[-1 - len(ordered) // 40]
