"""Learning from the curator: what decisions teach, when to learn again, and whether a new model may take over. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.classify.features import describe_post
from aggregator.classify.metrics import AxisMetrics, measure_axis, measure_scope
from aggregator.classify.training import LEAST_OF_CLASS, Row
from aggregator.classify.wording import Wording, read_wording
from aggregator.types import Candidate, Decision, Guess, Post, Section, Taxonomy

#: Where a lesson comes from; that of a line of an imported digest names the digest, such as "digest 2023-01".
CORRECTION, DECISION, REJECTION = "correction", "decision", "rejection"
_DIGEST = re.compile(r"digest \d{4}-\d{2}")

# How much a lesson counts: what the curator took the trouble to change most, then what they saw and left, then what was
# printed before there was this program; shipped rows count 1, those of a digest 2.
_WEIGHTS = {CORRECTION: 5.0, DECISION: 3.0, REJECTION: 3.0}
_DIGEST_WEIGHT = 2.5

#: Fewer lessons than this tell nothing about which of two models is better, and more than this tell no more.
LEAST_HELD_OUT, MOST_HELD_OUT = 20, 200
_FOLDS = 4
# By how much a new model may do worse before it counts: chance alone moves the figures of so few posts about.
_WORSE_RIGHT, _WORSE_MACRO_F1 = 0.02, 0.03
_LEAST_MEASURED = 5


# A title as it is read: its words and its Hangul.
_Title = tuple[tuple[str, ...], tuple[str, ...]]

# --- what decisions teach ---


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the last word on a post teaches of its section."""

    post: Post
    #: None teaches that the post is not the digest's business.
    section: Section | None
    origin: str
    at: datetime
    #: As a digest printed it, where that is known; Markdown.
    printed_title: str | None = None


def read_lessons(decided: Iterable[Candidate], *, out_of_scope: Collection[str]) -> list[Lesson]:
    """The lessons of decided posts, in the order of their addresses.

    Each candidate comes with its verdict in force and its last correction of the section, so that what was undone or
    said earlier does not count. A rejection teaches only where its reason is one of *out_of_scope*.
    """
    lessons = [lesson for lesson in (_read_lesson(one, out_of_scope) for one in decided) if lesson is not None]
    return sorted(lessons, key=lambda lesson: lesson.post.canonical_url)


def _read_lesson(candidate: Candidate, out_of_scope: Collection[str]) -> Lesson | None:
    post, verdict, correction, guess = candidate.post, candidate.verdict, candidate.correction, candidate.guess
    if verdict is None:
        return None
    if verdict.decision is Decision.REJECT:
        is_out = (verdict.reason or "").strip().casefold() in out_of_scope
        return Lesson(post, None, REJECTION, verdict.at) if is_out else None
    if correction is not None and correction.section is not None:
        origin = correction.by if _DIGEST.fullmatch(correction.by) else CORRECTION
        return Lesson(post, correction.section, origin, max(verdict.at, correction.at), correction.title)
    # Without a section it would teach that the post is out of scope.
    if verdict.decision is Decision.APPROVE and guess is not None and candidate.section is not None:
        return Lesson(post, candidate.section, DECISION, verdict.at)
    return None


@dataclass(frozen=True, slots=True)
class Heard:
    """How many lessons tell of a part, a topic, or a side of the scope, and how many the model needs to tell it."""

    #: ``part``, ``topic`` or ``scope``.
    axis: str
    #: Of the part or topic; ``in`` or ``out``.
    key: str
    lessons: int
    needed: int = LEAST_OF_CLASS


def count_lessons(lessons: Sequence[Lesson], taxonomy: Taxonomy) -> list[Heard]:
    """How far a model that learns from lessons alone has come; a sole part or topic needs none."""
    sections = [lesson.section for lesson in lessons if lesson.section is not None]
    parts, topics = Counter(section.part for section in sections), Counter(section.topic for section in sections)
    heard = [Heard("part", part, parts[part]) for part in taxonomy.parts if len(taxonomy.parts) > 1]
    heard += [Heard("topic", topic, topics[topic]) for topic in taxonomy.topics if len(taxonomy.topics) > 1]
    return [*heard, Heard("scope", "in", len(sections)), Heard("scope", "out", len(lessons) - len(sections))]


# --- rows ---


def weigh(origin: str) -> float:
    return _WEIGHTS.get(origin, _DIGEST_WEIGHT)


def make_row(lesson: Lesson) -> Row:
    """A lesson as a row: of what is known of the post, not of the title alone that a digest printed."""
    return Row(describe_post(lesson.post), lesson.section, lesson.origin, weigh(lesson.origin))


@dataclass(frozen=True, slots=True)
class Material:
    """All that a model may learn from."""

    shipped: tuple[Row, ...]
    #: The rows of lessons by the number of the post, in the order of addresses, whatever the order of the decisions.
    lessons: Mapping[int, Row]
    #: By which titles a shipped row is known to tell of one of these posts, or of one that may be held out.
    titles: Mapping[int, frozenset[_Title]]

    def select(self, held_out: Collection[int] = frozenset()) -> list[Row]:
        """The rows to fit, without those of the posts that are *held out*.

        Each post counts once: a shipped row steps back for a lesson of the same post, so that an imported digest which
        is among the shipped rows does not count twice; and no shipped row tells of a post that is held out.
        """
        told: set[_Title] = set()
        for post_id in {*self.lessons, *held_out}:
            told |= self.titles.get(post_id, frozenset())
        kept = [row for row in self.shipped if _name_title(row.document.title) not in told]
        return [*kept, *(row for post_id, row in self.lessons.items() if post_id not in held_out)]


def gather_material(shipped: Sequence[Row], lessons: Iterable[Lesson], held_out: Iterable[Lesson] = ()) -> Material:
    """What can be learned from shipped rows and *lessons*, whatever of the *held_out* is held out."""
    ordered = sorted(lessons, key=lambda lesson: lesson.post.canonical_url)
    titles = {lesson.post.id: _list_titles(lesson) for lesson in (*held_out, *ordered)}
    return Material(tuple(shipped), {lesson.post.id: make_row(lesson) for lesson in ordered}, titles)


def _list_titles(lesson: Lesson) -> frozenset[_Title]:
    titles = (lesson.post.title, (lesson.printed_title or "").replace("*", "").replace("\\", ""))
    return frozenset(_name_title(read_wording(title)) for title in titles if title)


def _name_title(title: Wording) -> _Title:
    return title.words, title.hangul


def count_origins(rows: Iterable[Row]) -> dict[str, int]:
    return dict(sorted(Counter(row.origin for row in rows).items()))


# --- when to learn ---


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a new model is fitted by itself."""

    #: So many new decisions are enough; 0 leaves it to the night.
    after_decisions: int
    #: Hour of the day, in the curator's zone, at which fewer are enough.
    nightly_hour: int
    zone: ZoneInfo


def is_fit_due(new_decisions: int, last_fit_at: datetime, now: datetime, rhythm: Rhythm) -> bool:
    """Whether to fit again: after enough decisions at once, after any at the next nightly hour, however late it is
    looked at. A last fit in the future was one under a wrong clock, and puts nothing off.
    """
    if not new_decisions:
        return False
    if rhythm.after_decisions and new_decisions >= rhythm.after_decisions:
        return True
    return last_fit_at < find_last_night(now, rhythm) or last_fit_at > now


def find_last_night(now: datetime, rhythm: Rhythm) -> datetime:
    """The newest nightly hour that is not in the future."""
    there = now.astimezone(rhythm.zone)
    night = there.replace(hour=rhythm.nightly_hour, minute=0, second=0, microsecond=0)
    return night if night <= there else night - timedelta(days=1)


# --- whether a new model may take over ---


def choose_held_out(lessons: Iterable[Lesson]) -> list[list[Lesson]]:
    """The newest lessons in parts, each to be held out once from both models that are compared; empty when there are
    too few of them to tell anything.
    """
    newest = sorted(lessons, key=lambda lesson: (lesson.at, lesson.post.canonical_url), reverse=True)[:MOST_HELD_OUT]
    if len(newest) < LEAST_HELD_OUT:
        return []
    return [newest[fold::_FOLDS] for fold in range(_FOLDS)]


def measure_guesses(lessons: Sequence[Lesson], guesses: Sequence[Guess]) -> dict[str, AxisMetrics]:
    """How good guesses are on topics, parts and scope, by lessons in the same order; an axis of which the lessons say
    nothing, or that some guess says nothing of, is left out.
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
    """On what the new model does worse than the model in use by more than chance explains, in words; None for nothing.

    One post less (two for the macro-F1, in which one post of a rare class weighs much) is always chance. An axis that
    only one of them has learned is not compared.
    """
    for axis, old in theirs.items():
        new = ours.get(axis)
        if new is None:
            continue
        if old.accuracy - new.accuracy > max(_WORSE_RIGHT, 1.5 / old.n):
            return f"{axis}: {new.accuracy:.0%} right instead of {old.accuracy:.0%}"
        f1, old_f1 = _measure_common(new), _measure_common(old)
        if old_f1 - f1 > max(_WORSE_MACRO_F1, 2.5 / old.n):
            return f"{axis}: macro-F1 {f1:.2f} instead of {old_f1:.2f}"
    return None


def _measure_common(metrics: AxisMetrics) -> float:
    """The macro-F1 over the classes that have enough posts to be measured: one that has none and is guessed once would
    halve the figure of an otherwise faultless model.
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
    """Which of the versions that are *kept*, newest first, to remove so that *keep* remain beside the protected."""
    return [version for version in kept if version not in protected][keep:]


@dataclass(frozen=True, slots=True)
class Change:
    """A post that another model would put elsewhere."""

    post: Post
    before: Guess
    after: Guess


def list_changes(posts: Sequence[Post], before: Sequence[Guess], after: Sequence[Guess]) -> list[Change]:
    """The posts whose section two models see differently, the surest of the second first."""
    changes = [
        Change(post, old, new)
        for post, old, new in zip(posts, before, after, strict=True)
        if (old.section, old.is_out_of_scope) != (new.section, new.is_out_of_scope)
    ]
    return sorted(changes, key=lambda change: (-change.after.probability, change.post.canonical_url))
