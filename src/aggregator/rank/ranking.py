"""From months gone by to the order of a month: labels, lessons, rows and scores put together. Pure.

Months are read in order, each with what was known when it was new: the titles printed in the months before it. So what
a month is judged by can never come from the month itself or from a later one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from aggregator.rank.features import Background, list_features
from aggregator.rank.popularity import Popularity
from aggregator.rank.preference import Columns, Label, Lesson, Preference, Row, learn_preference
from aggregator.rank.reasons import Weights, score_rows
from aggregator.rank.record import Record, name_place, name_source
from aggregator.rank.similarity import Titles
from aggregator.types import Candidate, Decision, Score

# Unprinted posts of one month that are learned from; more of the same teach nothing new.
_MOST_UNPRINTED = 1000
# A source without a line in the shipped record may not have been followed then: its posts count half.
_PERHAPS_UNSEEN = 0.5


@dataclass(frozen=True, slots=True)
class Example:
    """A title that comes with the project, and whether it is of the digest."""

    title: str
    label: Label


@dataclass(frozen=True, slots=True)
class Shipped:
    """What the project knows of the digest before a home has any history. Leave out what knows the months judged."""

    record: Record = field(default_factory=Record)
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the candidates, for all months."""

    popularity: Mapping[int, Popularity] = field(default_factory=dict)
    #: Source → the curator's own word on it.
    feed_weights: Mapping[str, float] = field(default_factory=dict)
    #: Post → the series that it is a part of.
    series: Mapping[int, str] = field(default_factory=dict)


def find_label(candidate: Candidate, *, is_closed: bool) -> Label | None:
    """What became of a candidate; None while that is open. In a month that *is_closed* the rest was passed over."""
    decision = candidate.verdict.decision if candidate.verdict else None
    if candidate.printed_in is not None or decision is Decision.APPROVE:
        return Label.PRINTED
    if decision is Decision.REJECT:
        return Label.REJECTED
    return Label.UNPRINTED if is_closed and decision is None else None


class Ranker:
    """Reads months as rows, and remembers what it has read: what is past does not change."""

    def __init__(self, shipped: Shipped) -> None:
        self.shipped = shipped
        self.columns = Columns()
        self._examples = [
            Lesson(self.columns.encode_title(example.title), example.label) for example in shipped.examples
        ]

    def read_month(
        self, candidates: Sequence[Candidate], surroundings: Surroundings, printed: Sequence[Candidate]
    ) -> list[Row]:
        """The candidates of a month as rows; *printed* is what the digests before it printed."""
        pace = Counter(name_source(candidate.post) for candidate in candidates)
        continued = {
            surroundings.series[earlier.post.id]: earlier.post.title
            for earlier in printed
            if earlier.post.id in surroundings.series
        }
        background = Background(
            popularity=surroundings.popularity,
            pace=pace,
            nearest_printed=_find_nearest(candidates, printed),
            continued={
                candidate.post.id: continued[key]
                for candidate in candidates
                if (key := surroundings.series.get(candidate.post.id)) in continued and key is not None
            },
            feed_weights=surroundings.feed_weights,
        )
        return [self.columns.encode(candidate, list_features(candidate, background)) for candidate in candidates]

    def learn(self, lessons: Sequence[Lesson], paces: Mapping[str, tuple[str, float]]) -> Preference:
        """Learn from these lessons and what is shipped; *paces* as of ``measure_paces``."""
        return learn_preference(self.columns, [*self._examples, *lessons], self._count_shipped(paces))

    def _count_shipped(self, paces: Mapping[str, tuple[str, float]]) -> dict[str, tuple[float, float]]:
        record = self.shipped.record
        if not record.months:
            return {}
        counts = {}
        for source, (place, pace) in paces.items():
            lines, posts = record.count_lines(place), pace * record.months
            counts[source] = (float(lines), max(posts, lines)) if lines else (0.0, posts * _PERHAPS_UNSEEN)
        return counts


def make_lessons(candidates: Sequence[Candidate], rows: Sequence[Row], *, is_closed: bool) -> list[Lesson]:
    """What a month teaches; of many unprinted posts a part that hangs on their addresses alone."""
    lessons = [
        Lesson(row, label)
        for candidate, row in zip(candidates, rows, strict=True)
        if (label := find_label(candidate, is_closed=is_closed)) is not None
    ]
    unprinted = [lesson for lesson in lessons if lesson.label is Label.UNPRINTED]
    if len(unprinted) <= _MOST_UNPRINTED:
        return lessons
    kept = sorted(unprinted, key=lambda lesson: (crc32(lesson.row.key.encode()), lesson.row.key))[:_MOST_UNPRINTED]
    weight = len(unprinted) / _MOST_UNPRINTED
    return [lesson for lesson in lessons if lesson.label is not Label.UNPRINTED] + [
        Lesson(lesson.row, lesson.label, weight) for lesson in kept
    ]


def measure_paces(months: Sequence[Sequence[Candidate]]) -> dict[str, tuple[str, float]]:
    """For each source where most of its posts stand, and how many posts a month it has in the months that it has any."""
    places: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counts: defaultdict[str, list[int]] = defaultdict(list)
    for candidates in months:
        for source, count in Counter(name_source(candidate.post) for candidate in candidates).items():
            counts[source].append(count)
        for candidate in candidates:
            places[name_source(candidate.post)][name_place(candidate.post.url)] += 1
    return {
        source: (min(places[source], key=lambda place: (-places[source][place], place)), sum(each) / len(each))
        for source, each in sorted(counts.items())
    }


def score_month(
    candidates: Sequence[Candidate], rows: Sequence[Row], preference: Preference, weights: Weights
) -> list[Score]:
    """The scores of candidates, in their order."""
    return score_rows([candidate.post.id for candidate in candidates], rows, preference, weights)


def _find_nearest(candidates: Sequence[Candidate], printed: Sequence[Candidate]) -> dict[int, tuple[float, str]]:
    if not printed:
        return {}
    nearest = Titles([each.post.title for each in printed]).find_nearest([each.post.title for each in candidates])
    return {each.post.id: near for each, near in zip(candidates, nearest, strict=True) if near is not None}
