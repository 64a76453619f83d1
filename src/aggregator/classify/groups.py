"""Figures of labelled posts in groups: all of them, the sure ones, by language and by who publishes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aggregator.classify.evaluate import (
    Interval,
    ScopeFigures,
    estimate_interval,
    measure_auc,
    measure_found,
    measure_macro_f1,
    measure_scope,
)
from aggregator.classify.examples import Example
from aggregator.classify.features import describe_post
from aggregator.classify.holdout import Figures, measure_sections
from aggregator.types import Guess, Post, Section

_PUBLISHER = "publisher:"
_One = TypeVar("_One")
_Other = TypeVar("_Other")


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled post with its guess."""

    example: Example
    post: Post
    guess: Guess


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """How good the guesses of a group of posts are."""

    n: int
    #: Of the posts that belong in the digest; None where there are none.
    sections: Figures | None
    #: By axis, the share of these that have the right class or that of the answer which is as good.
    right_or_alt: dict[str, float]
    scope: ScopeFigures
    #: Of ``topic`` and ``part`` (macro-F1), ``auc`` and ``found``.
    intervals: dict[str, Interval]


def measure_groups(judged: Sequence[Judged]) -> dict[str, GroupFigures]:
    """The figures of each group that has posts; "all" comes first."""
    groups: dict[str, list[Judged]] = {"all": list(judged), "sure": [each for each in judged if each.example.is_sure]}
    for name_group in (lambda each: str(each.post.language or "no language"), _name_publisher):
        named = [(name_group(each), each) for each in judged]
        for name in sorted({name for name, _ in named}):
            groups[name] = [each for other, each in named if other == name]
    return {name: measure_group(group) for name, group in groups.items() if group}


def measure_group(judged: Sequence[Judged]) -> GroupFigures:
    """Raises ValueError when there is none."""
    placed = [each for each in judged if each.example.section is not None]
    truth = [each.example.section for each in placed if each.example.section is not None]
    guesses = [each.guess for each in placed]
    is_out = [each.example.section is None for each in judged]
    believed = [each.guess.out_of_scope for each in judged]
    topics, parts = [section.topic for section in truth], [section.part for section in truth]
    intervals = {
        "topic": _resample(measure_macro_f1, topics, [guess.section.topic for guess in guesses]),
        "part": _resample(measure_macro_f1, parts, [guess.section.part for guess in guesses]),
        "auc": _resample(measure_auc, is_out, believed),
        "found": _resample(measure_found, is_out, believed),
    }
    return GroupFigures(
        n=len(judged),
        sections=measure_sections(
            truth,
            [{str(part): p for part, p in guess.parts.items()} for guess in guesses],
            [{str(topic): p for topic, p in guess.topics.items()} for guess in guesses],
        )
        if placed
        else None,
        right_or_alt={
            "topic": _share(each.guess.section.topic in {one.topic for one in _list_sections(each)} for each in placed),
            "part": _share(each.guess.section.part in {one.part for one in _list_sections(each)} for each in placed),
        },
        scope=measure_scope(is_out, believed),
        intervals={name: interval for name, interval in intervals.items() if interval},
    )


def _resample(
    measure: Callable[[Sequence[_One], Sequence[_Other]], float | None], ones: Sequence[_One], others: Sequence[_Other]
) -> Interval | None:
    return estimate_interval(len(ones), lambda places: measure([ones[n] for n in places], [others[n] for n in places]))


def _list_sections(judged: Judged) -> list[Section]:
    return [answer for answer in judged.example.answers if answer is not None]


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _name_publisher(judged: Judged) -> str:
    """Who stands behind the post, as its address tells."""
    document = describe_post(judged.post)
    if document.is_aws:
        return "on AWS blogs"
    sorts = [mark.removeprefix(_PUBLISHER) for mark in document.marks if mark.startswith(_PUBLISHER)]
    return f"by {sorts[0]}" if sorts else "by others"
