"""Learning from the curator: makes rows from decisions, says when to fit, and whether to use a new model. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.classify.features import READ_LIMIT, describe_post
from aggregator.classify.metrics import AxisMetrics, measure_axis, measure_scope
from aggregator.classify.training import LEAST_OF_CLASS, Row
from aggregator.classify.wording import Wording, read_wording
from aggregator.locales import mark
from aggregator.types import Candidate, Decision, Guess, Post, Section, Taxonomy

#: Where a lesson comes from; a line of an imported digest has the digest's name instead, such as "digest 2023-01".
CORRECTION, DECISION, REJECTION = "correction", "decision", "rejection"
_DIGEST = re.compile(r"digest \d{4}-\d{2}")

# The weights of lessons. What the curator changed counts most, then what they saw and left as it was, then what was
# printed before this program was in use. Shipped rows count 1, those of a digest 2.
_WEIGHTS = {CORRECTION: 5.0, DECISION: 3.0, REJECTION: 3.0}
_DIGEST_WEIGHT = 2.5

#: Fewer lessons than the first number do not show which of two models is better; more than the second add nothing.
LEAST_HELD_OUT, MOST_HELD_OUT = 20, 200
_FOLDS = 4
# By how much a new model may be worse before it counts: with so few posts, chance alone changes the metrics.
_WORSE_RIGHT, _WORSE_MACRO_F1 = 0.02, 0.03
_LEAST_MEASURED = 5


#: On what a new model is worse, and the names of the axes, as stored.
WORSE = mark("{axis}: {new} right instead of {old}"), mark("{axis}: macro-F1 {new} instead of {old}")
AXES = mark("topics"), mark("parts"), mark("scope")

# A title as wording: its words and its Hangul.
_Title = tuple[tuple[str, ...], tuple[str, ...]]

# --- what decisions teach ---


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the last decision on a post teaches about its section."""

    #: Only the beginning of its text, which is all that is read of it.
    post: Post
    #: None if the post is out of scope.
    section: Section | None
    origin: str
    at: datetime
    #: As a digest printed it, if known; Markdown.
    printed_title: str | None = None


def read_lessons(decided: Iterable[Candidate], *, out_of_scope: Collection[str]) -> list[Lesson]:
    """Make lessons from decided posts, in the order of their addresses.

    Only the verdict in force and the last correction of the section count. A rejection makes a lesson only if its
    reason is one of *out_of_scope*.
    """
    lessons = [lesson for lesson in (_read_lesson(one, out_of_scope) for one in decided) if lesson is not None]
    return sorted(lessons, key=lambda lesson: lesson.post.canonical_url)


def _read_lesson(candidate: Candidate, out_of_scope: Collection[str]) -> Lesson | None:
    verdict, correction, guess = candidate.verdict, candidate.correction, candidate.guess
    if verdict is None:
        return None
    post = replace(candidate.post, text=candidate.post.text[:READ_LIMIT])
    if verdict.decision is Decision.REJECT:
        is_out = (verdict.reason or "").strip().casefold() in out_of_scope
        return Lesson(post, None, REJECTION, verdict.at) if is_out else None
    if correction is not None and correction.section is not None:
        origin = correction.by if _DIGEST.fullmatch(correction.by) else CORRECTION
        return Lesson(post, correction.section, origin, max(verdict.at, correction.at), correction.title)
    # A lesson without a section would mean that the post is out of scope.
    if verdict.decision is Decision.APPROVE and guess is not None and candidate.section is not None:
        return Lesson(post, candidate.section, DECISION, verdict.at)
    return None


@dataclass(frozen=True, slots=True)
class Heard:
    """How many lessons there are for a part, a topic, or a side of the scope, and how many the model needs."""

    #: ``part``, ``topic`` or ``scope``.
    axis: str
    #: The key of the part or topic; for the scope, ``in`` or ``out``.
    key: str
    lessons: int
    needed: int = LEAST_OF_CLASS


def count_lessons(lessons: Sequence[Lesson], taxonomy: Taxonomy) -> list[Heard]:
    """Count the lessons for each class that a model without shipped rows has to learn; a single part or topic needs
    none.
    """
    sections = [lesson.section for lesson in lessons if lesson.section is not None]
    parts, topics = Counter(section.part for section in sections), Counter(section.topic for section in sections)
    heard = [Heard("part", part, parts[part]) for part in taxonomy.parts if len(taxonomy.parts) > 1]
    heard += [Heard("topic", topic, topics[topic]) for topic in taxonomy.topics if len(taxonomy.topics) > 1]
    return [*heard, Heard("scope", "in", len(sections)), Heard("scope", "out", len(lessons) - len(sections))]


# --- rows ---


def weigh(origin: str) -> float:
    return _WEIGHTS.get(origin, _DIGEST_WEIGHT)


def make_row(lesson: Lesson, like: Row | None = None) -> Row:
    """Make a row of a lesson, from all that is known about the post and not only from its printed title. *like* is a
    row of the same post, which is not described again then.
    """
    document = like.document if like else describe_post(lesson.post)
    return Row(document, lesson.section, lesson.origin, weigh(lesson.origin))


@dataclass(frozen=True, slots=True)
class Material:
    """All rows that a model may learn from."""

    shipped: tuple[Row, ...]
    #: The rows of lessons by post number, in the order of addresses.
    lessons: Mapping[int, Row]
    #: The titles by which a shipped row is recognised as one of these posts, or one that may be held out.
    titles: Mapping[int, frozenset[_Title]]

    def select(self, held_out: Collection[int] = frozenset()) -> list[Row]:
        """Return the rows to fit, without the posts that are *held_out*.

        Each post counts once: a lesson replaces the shipped row of the same post, so that an imported digest that is
        also shipped does not count twice. Shipped rows of held-out posts are left out too.
        """
        told: set[_Title] = set()
        for post_id in {*self.lessons, *held_out}:
            told |= self.titles.get(post_id, frozenset())
        kept = [row for row in self.shipped if _name_title(row.document.title) not in told]
        return [*kept, *(row for post_id, row in self.lessons.items() if post_id not in held_out)]


def gather_material(
    shipped: Sequence[Row],
    lessons: Iterable[Lesson],
    held_out: Iterable[Lesson] = (),
    *,
    known: Mapping[int, Row] | None = None,
) -> Material:
    """Gather what can be learned from shipped rows and *lessons*, for any choice among *held_out* to hold out. Posts
    with a *known* row are not described again.
    """
    known = known or {}
    ordered = sorted(lessons, key=lambda lesson: lesson.post.canonical_url)
    titles = {lesson.post.id: _list_titles(lesson) for lesson in (*held_out, *ordered)}
    return Material(
        tuple(shipped), {lesson.post.id: make_row(lesson, known.get(lesson.post.id)) for lesson in ordered}, titles
    )


def _list_titles(lesson: Lesson) -> frozenset[_Title]:
    titles = (lesson.post.title, (lesson.printed_title or "").replace("*", "").replace("\\", ""))
    return frozenset(_name_title(read_wording(title)) for title in titles if title)


def _name_title(title: Wording) -> _Title:
    return title.words, title.hangul


def count_origins(origins: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(origins).items()))


# --- when to learn ---


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a new model is fitted automatically."""

    #: The number of new decisions that is enough; 0 waits for the nightly hour.
    after_decisions: int
    #: Hour of the day, in the curator's zone, at which fewer are enough.
    nightly_hour: int
    zone: ZoneInfo


def is_fit_due(new_decisions: int, last_fit_at: datetime, now: datetime, rhythm: Rhythm) -> bool:
    """Whether to fit again: at once after enough decisions, and after any decision once a nightly hour has passed.

    A last fit in the future was made under a wrong clock and does not delay the next one.
    """
    if not new_decisions:
        return False
    if rhythm.after_decisions and new_decisions >= rhythm.after_decisions:
        return True
    return last_fit_at < find_last_night(now, rhythm) or last_fit_at > now


def find_last_night(now: datetime, rhythm: Rhythm) -> datetime:
    """Return the last nightly hour that is not in the future."""
    there = now.astimezone(rhythm.zone)
    night = there.replace(hour=rhythm.nightly_hour, minute=0, second=0, microsecond=0)
    return night if night <= there else night - timedelta(days=1)


# --- whether a new model may take over ---


def choose_held_out(lessons: Iterable[Lesson]) -> list[list[Lesson]]:
    """Split the newest lessons into folds, each to be held out once from both models. Empty if there are too few to
    compare the models.
    """
    newest = sorted(lessons, key=lambda lesson: (lesson.at, lesson.post.canonical_url), reverse=True)[:MOST_HELD_OUT]
    if len(newest) < LEAST_HELD_OUT:
        return []
    return [newest[fold::_FOLDS] for fold in range(_FOLDS)]


def measure_guesses(lessons: Sequence[Lesson], guesses: Sequence[Guess]) -> dict[str, AxisMetrics]:
    """Measure guesses on topics, parts and scope; *lessons* are in the same order. An axis is left out if the lessons
    say nothing about it, or if a guess does not have it.
    """
    inside = [
        (lesson.section, guess) for lesson, guess in zip(lessons, guesses, strict=True) if lesson.section is not None
    ]
    metrics = {}
    if inside and all(guess.topics for _, guess in inside):
        metrics["topics"] = measure_axis(
            [section.topic for section, _ in inside], [guess.topics for _, guess in inside]
        )
    if inside and all(guess.parts for _, guess in inside):
        metrics["parts"] = measure_axis([section.part for section, _ in inside], [guess.parts for _, guess in inside])
    believed = [guess.out_of_scope for guess in guesses if guess.out_of_scope is not None]
    if lessons and len(believed) == len(lessons):
        metrics["scope"] = measure_scope([lesson.section is None for lesson in lessons], believed).axis
    return metrics


def find_worse(ours: Mapping[str, AxisMetrics], theirs: Mapping[str, AxisMetrics]) -> str | None:
    """Describe in words on what the new model is worse than the one in use, beyond chance; None if it is not worse.

    One post less always counts as chance (two for the macro-F1, in which one post of a rare class weighs much). An axis
    that only one model has learned is not compared.
    """
    for axis, old in theirs.items():
        new = ours.get(axis)
        if new is None:
            continue
        if old.accuracy - new.accuracy > max(_WORSE_RIGHT, 1.5 / old.n):
            return WORSE[0].format(axis=axis, new=f"{new.accuracy:.0%}", old=f"{old.accuracy:.0%}")
        f1, old_f1 = _measure_common(new), _measure_common(old)
        if old_f1 - f1 > max(_WORSE_MACRO_F1, 2.5 / old.n):
            return WORSE[1].format(axis=axis, new=f"{f1:.2f}", old=f"{old_f1:.2f}")
    return None


def _measure_common(metrics: AxisMetrics) -> float:
    """The macro-F1 over the classes with enough posts to measure: a class without posts that is guessed once would
    halve the value of an otherwise perfect model.
    """
    across = [sum(column) for column in zip(*metrics.confusion, strict=True)]
    f1 = [
        2 * row[place] / (sum(row) + across[place])
        for place, row in enumerate(metrics.confusion)
        if sum(row) >= _LEAST_MEASURED
    ]
    return sum(f1) / len(f1) if f1 else 1.0


# --- versions ---


def choose_forgotten(kept: Sequence[str], protected: Collection[str], keep: int) -> list[str]:
    """Choose the *kept* versions (newest first) to remove, so that *keep* remain besides the *protected* ones."""
    return [version for version in kept if version not in protected][keep:]


@dataclass(frozen=True, slots=True)
class Change:
    """A post that another model puts into another section."""

    post: Post
    before: Guess
    after: Guess


def list_changes(posts: Sequence[Post], before: Sequence[Guess], after: Sequence[Guess]) -> list[Change]:
    """List the posts whose section differs between two models, those that the second is surest of first."""
    changes = [
        Change(post, old, new)
        for post, old, new in zip(posts, before, after, strict=True)
        if (old.section, old.is_out_of_scope) != (new.section, new.is_out_of_scope)
    ]
    return sorted(changes, key=lambda change: (-change.after.probability, change.post.canonical_url))
