"""Measures labelled posts in groups: all posts, the sure ones, by language and by publisher. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from aggregator.classify.metrics import (
    Interval,
    ScopeMetrics,
    estimate_interval,
    mean,
    measure_auc,
    measure_found,
    measure_macro_f1,
    measure_scope,
)
from aggregator.classify.publisher import find_publisher_sort, is_aws_published
from aggregator.evaluate.examples import Example
from aggregator.evaluate.holdout import SectionMetrics, measure_sections
from aggregator.types import Guess, Post, Taxonomy


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled post with its guess."""

    example: Example
    post: Post
    guess: Guess


@dataclass(frozen=True, slots=True)
class GroupMetrics:
    """The metrics of a group of posts."""

    #: Of the posts in scope; None if there are none.
    sections: SectionMetrics | None
    #: By axis, the share of the posts in scope whose guess is in the class of either answer of their label.
    right_or_alt: Mapping[str, float]
    scope: ScopeMetrics
    #: Bootstrap intervals of ``topic`` and ``part`` (macro-F1), ``auc`` and ``found``.
    intervals: Mapping[str, Interval | None]


def measure_groups(judged: Sequence[Judged], taxonomy: Taxonomy) -> dict[str, GroupMetrics]:
    """Measure each group that has posts; "all" comes first."""
    groups: dict[str, list[Judged]] = {"all": list(judged), "sure": [each for each in judged if each.example.is_sure]}
    for name_group in (lambda each: str(each.post.language or "no language"), _name_publisher):
        named = [(name_group(each), each) for each in judged]
        for name in sorted({name for name, _ in named}):
            groups[name] = [each for other, each in named if other == name]
    return {name: _measure_group(group, taxonomy) for name, group in groups.items() if group}


def _measure_group(judged: Sequence[Judged], taxonomy: Taxonomy) -> GroupMetrics:
    placed = [each for each in judged if each.example.section is not None]
    truth = [each.example.section for each in placed if each.example.section is not None]
    guesses = [each.guess for each in placed]
    is_out = [each.example.section is None for each in judged]
    believed = [each.guess.out_of_scope or 0.0 for each in judged]
    right_or_alt: dict[str, float] = {}
    intervals = {
        "auc": estimate_interval(measure_auc, is_out, believed),
        "found": estimate_interval(measure_found, is_out, believed),
    }
    for axis in ("topic", "part"):
        read = attrgetter(axis)
        guessed = [read(guess.section) if guess.section else "" for guess in guesses]
        answers = [{read(answer) for answer in each.example.answers if answer is not None} for each in placed]
        right_or_alt[axis] = mean([one in right for one, right in zip(guessed, answers, strict=True)])
        intervals[axis] = estimate_interval(measure_macro_f1, [read(section) for section in truth], guessed)
    return GroupMetrics(
        sections=measure_sections(
            truth, [guess.parts for guess in guesses], [guess.topics for guess in guesses], taxonomy
        )
        if placed
        else None,
        right_or_alt=right_or_alt,
        scope=measure_scope(is_out, believed),
        intervals=intervals,
    )


def _name_publisher(judged: Judged) -> str:
    """The sort of publisher of the post, by its address."""
    post = judged.post
    if is_aws_published(post.url, post.kind):
        return "on AWS blogs"
    return f"by {find_publisher_sort(post.url, post.organisation, post.kind) or 'others'}"
