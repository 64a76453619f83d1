"""Corrects guesses of similar posts at once by lessons that the model in use has not learned yet. Pure.

To learn one post, a linear model moves along the post's features in proportion to its error. The effect on another post
is the similarity of the two times that error, in log-odds. This needs no fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from aggregator.addresses.urls import host_of
from aggregator.classify.calibration import Array
from aggregator.classify.learning import Lesson
from aggregator.classify.neighbours import LEAST_LIKE
from aggregator.types import Guess, Post

if TYPE_CHECKING:
    from aggregator.classify.model import Belief
    from aggregator.classify.neighbours import Neighbourhood

#: The number of lessons that are remembered, the newest; each is compared with all posts.
MOST = 200

# Chosen on the shipped rows, with each publisher held out (docs/decisions/learning-from-the-curator.md). Posts of one
# source often share part and topic, but less often scope.
_STRENGTH = 2.0
_SAME_SOURCE = 0.2
_LEAST_FOR_SCOPE = 0.4
_TINY = 1e-12
# The number of posts that a lesson can change, the most similar ones.
_MOST_ALIKE = 300
# In log-odds; a smaller change would not show in a guess.
_LEAST_MOVED = 0.001


@dataclass(frozen=True, slots=True)
class Recalled:
    """What one lesson says about a similar post."""

    lesson: Lesson
    similarity: float
    #: By axis and answer, in log-odds.
    shifts: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class _Step:
    """A lesson, its weight for the posts similar to its own, and the error of the model on each axis."""

    lesson: Lesson
    weights: Mapping[str, Mapping[int, float]]
    #: By axis, (answers,).
    wrong: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class PendingLessons:
    """The effect of lessons that the model in use has not learned on the posts of a neighbourhood."""

    around: Neighbourhood
    steps: tuple[_Step, ...] = ()
    #: By axis, (posts, answers): the sum of what the lessons add to each answer, in log-odds.
    shifts: Mapping[str, Array] = field(default_factory=dict)

    def guess(self, rows: Sequence[int]) -> list[Guess]:
        """Return the guesses of some posts of the neighbourhood, with the lessons taken into account."""
        from aggregator.classify.model import Belief, make_guesses

        if self.around.belief is None or not rows:
            return []
        logs = _to_logs(self.around.belief.choose(rows))
        believed = {axis: softmax(each + self.shifts[axis][rows], axis=1) for axis, each in logs.items()}
        out = believed["scope"][:, 1] if "scope" in believed else None
        belief = Belief(believed.get("part"), believed.get("topic"), out)
        ids = [self.around.ids[row] for row in rows]
        return make_guesses(ids, belief, self.around.version, self.around.taxonomy)

    def recall(self, post: Post) -> list[Recalled]:
        """Return the lessons that change the guess of any post, the most similar first."""
        answers = _list_answers(self.around)
        near = dict(self.around.list_nearest(post, least=LEAST_LIKE))
        source = name_feed_or_host(post)
        found = []
        for step in self.steps:
            similarity = near.get(step.lesson.post.id)
            if similarity is None:
                continue
            is_same = name_feed_or_host(step.lesson.post) == source
            shifts = {
                axis: dict(zip(answers[axis], (_weigh(axis, similarity, is_same) * wrong).tolist(), strict=True))
                for axis, wrong in step.wrong.items()
                if _weigh(axis, similarity, is_same)
            }
            if shifts:
                found.append(Recalled(step.lesson, similarity, shifts))
        return sorted(found, key=lambda one: -one.similarity)


def find_moved(before: PendingLessons, after: PendingLessons) -> list[int]:
    """Return the rows of a neighbourhood whose guesses differ between two memories, those that moved furthest first."""
    if not after.shifts:
        return []
    far = np.max([np.abs(after.shifts[axis] - before.shifts[axis]).max(axis=1) for axis in after.shifts], axis=0)
    order: list[int] = np.argsort(-far, kind="stable").tolist()
    return order[: np.count_nonzero(far > _LEAST_MOVED)]


def remember(
    around: Neighbourhood, lessons: Iterable[Lesson], sources: Mapping[int, str], before: PendingLessons | None = None
) -> PendingLessons:
    """Apply *lessons* to the posts of a neighbourhood, which must include the lessons' own posts.

    *sources* are the sources of its posts, by ``name_feed_or_host``. Comparisons of the memory *before* are reused.
    Each lesson counts by the error that remains after the model and the earlier lessons, so that repeating a lesson
    adds little.
    """
    places = {post_id: place for place, post_id in enumerate(around.ids)}
    newest = sorted((one for one in lessons if one.post.id in places), key=lambda one: (one.at, one.post.canonical_url))
    if around.belief is None:
        return PendingLessons(around)
    logs, answers = _to_logs(around.belief), _list_answers(around)
    shifts = {axis: np.zeros_like(each) for axis, each in logs.items()}
    known = {step.lesson.post.id: step for step in before.steps} if before and before.around is around else {}
    newest = newest[-MOST:]
    fresh = [one for one in newest if one.post.id not in known or known[one.post.id].lesson != one]
    known |= {step.lesson.post.id: step for step in _compare(around, fresh, sources)}
    steps = []
    for lesson in newest:
        step = known[lesson.post.id]
        place, wrong = [places[lesson.post.id]], {}
        for axis, answer in _list_said(lesson):
            if axis not in step.weights:
                continue
            believed = softmax(logs[axis][place] + shifts[axis][place], axis=-1)[0]
            wrong[axis] = (np.array(answers[axis]) == answer) - believed
            rows = [places[post_id] for post_id in step.weights[axis]]
            shifts[axis][rows] += np.outer([*step.weights[axis].values()], wrong[axis])
        steps.append(replace(step, wrong=wrong))
    return PendingLessons(around, tuple(steps), shifts)


def name_feed_or_host(post: Post) -> str:
    """Return the source of a post: its feed, else its host."""
    return post.feed_key or host_of(post.url)


def _compare(around: Neighbourhood, lessons: Sequence[Lesson], sources: Mapping[int, str]) -> Iterator[_Step]:
    answers = _list_answers(around)
    alike = around.list_nearest_of([one.post.id for one in lessons], least=LEAST_LIKE, most=_MOST_ALIKE)
    for lesson in lessons:
        axes = [axis for axis, answer in _list_said(lesson) if answer in answers.get(axis, ())]
        mine, near = name_feed_or_host(lesson.post), alike[lesson.post.id]
        yield _Step(
            lesson,
            {
                axis: {
                    post_id: weight
                    for post_id, similarity in near
                    if (weight := _weigh(axis, similarity, sources.get(post_id) == mine))
                }
                for axis in axes
            },
        )


def _weigh(axis: str, similarity: float, is_same_source: bool) -> float:
    """The weight of a lesson for a post with this similarity; 0 if it says nothing about it."""
    least, more = (_LEAST_FOR_SCOPE, 0.0) if axis == "scope" else (LEAST_LIKE, _SAME_SOURCE)
    if similarity <= least:
        return 0.0
    return _STRENGTH * min(1.0, (similarity + more * is_same_source - least) / (1 - least))


def _list_answers(around: Neighbourhood) -> dict[str, tuple[str, ...]]:
    """The answers on each axis that the model has learned, in the order of the columns of a belief."""
    places = {"part": around.taxonomy.parts, "topic": around.taxonomy.topics, "scope": ("in", "out")}
    asked = _to_logs(around.belief) if around.belief else {}
    return {axis: tuple(places[axis]) for axis in asked}


def _list_said(lesson: Lesson) -> list[tuple[str, str]]:
    if lesson.section is None:
        return [("scope", "out")]
    return [("part", lesson.section.part), ("topic", lesson.section.topic), ("scope", "in")]


def _to_logs(belief: Belief) -> dict[str, Array]:
    scope = None if belief.out is None else np.column_stack([1 - belief.out, belief.out])
    columns = {"part": belief.parts, "topic": belief.topics, "scope": scope}
    return {axis: np.log(np.maximum(values, _TINY)) for axis, values in columns.items() if values is not None}
