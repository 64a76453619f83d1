"""Chooses the shortlist of a month: the best candidates, varied, balanced over sections and sources. Pure and
deterministic.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from aggregator.rank.record import Record, name_source
from aggregator.rank.similarity import Array, compare_titles
from aggregator.types import Candidate, Decision, Post, Quotas, Score, Section

#: Titles with a lower similarity are about different things.
ALIKE = 0.25
# One month is added to the history, in which each source has about as many lines as sources rarely exceed, and each
# section a twelfth of a digest. So a single month does not change a quota too much.
_OF_SOURCE = 3.0
_IN_SECTION = 2.5
# Candidates that are considered, as a multiple of the size of the shortlist.
_POOL = 20
# Quotas before anything is known.
_UNKNOWN_SOURCE = 3
_UNKNOWN_SECTION = 10
# Months differ: a section may have half as many lines again as usual.
_LEEWAY = 1.5


def rank_candidates(
    candidates: Sequence[Candidate],
    scores: Sequence[Score],
    quotas: Quotas,
    series: Mapping[int, str] | None = None,
    barred: Collection[int] = (),
    shown: Collection[int] = (),
    *,
    words: Mapping[int, Array],
) -> list[Score]:
    """Number the scores of a month from the best down and mark the shortlist.

    Printed candidates are ranked but never proposed. A thin month stays thin: posts below the floor and *barred* posts
    are not proposed. *shown* posts are proposed before all others, regardless of floor and quotas. Parts of one
    *series* (post → series) are proposed together. Decided posts keep their places, so that a verdict does not bring a
    new post onto the shortlist. Equal scores are ordered by date, newest first, then by address: the
    number of a post tells whether it was read from a printed page. *words* are those of the titles, as
    ``similarity`` compares them (post → words).
    """
    by_post = {candidate.post.id: candidate for candidate in candidates}
    valued = [(-score.value, by_post[score.post_id], score) for score in scores]
    valued.sort(key=lambda each: (each[0], -each[1].post.published_at.timestamp(), each[1].post.canonical_url))
    entered = [_Entrant(candidate, -value) for value, candidate, _ in valued]
    chosen = _Choice(entered, quotas, series or {}, barred, shown, words).choose()
    return [
        Score(score.post_id, score.reasons, rank, score.post_id in chosen)
        for rank, (_, _, score) in enumerate(valued, 1)
    ]


class _Entrant(NamedTuple):
    """A candidate with the value of its score."""

    candidate: Candidate
    value: float


class _Choice:
    """A shortlist while it is being filled, from the best down."""

    def __init__(
        self,
        ordered: Sequence[_Entrant],
        quotas: Quotas,
        series: Mapping[int, str],
        barred: Collection[int],
        shown: Collection[int],
        words: Mapping[int, Array],
    ) -> None:
        self._quotas = quotas
        self._series = series
        self._sources = Counter[str]()
        self._sections = Counter[Section | None]()
        self._chosen: set[int] = set()
        eligible = [one for one in ordered if one.candidate.printed_in is None or _is_settled(one.candidate)]
        in_place = {
            each.candidate.post.id
            for each in eligible
            if _is_settled(each.candidate) or each.candidate.post.id in shown
        }
        settled = [entrant.candidate for entrant in eligible if entrant.candidate.post.id in in_place]
        open_ = [
            entrant
            for entrant in eligible
            if entrant.value >= quotas.floor
            and entrant.candidate.post.id not in in_place
            and entrant.candidate.post.id not in barred
            # Posts far down cannot get in, and comparing all titles of a large month would take long.
        ][: _POOL * quotas.size]
        self._pool = [*settled, *(entrant.candidate for entrant in open_)]
        self._settled = len(settled)
        #: The scores of open posts, reduced by their similarity to chosen ones; -inf for posts that are not open.
        self._values = np.array([-np.inf] * len(settled) + [entrant.value for entrant in open_], dtype=float)
        self._own_values = self._values.copy()
        titles = [words[candidate.post.id] for candidate in self._pool]
        self._nearness = compare_titles(titles, titles) if quotas.diversity else None
        self._parts: defaultdict[str, list[int]] = defaultdict(list)
        for place, candidate in enumerate(self._pool):
            if key := series.get(candidate.post.id):
                self._parts[key].append(place)

    def choose(self) -> set[int]:
        for place in range(self._settled):
            self._take(place)
        while len(self._chosen) < self._quotas.size and len(self._values):
            # argmax takes the first of equal values, which is the better one.
            best = int(self._values.argmax())
            if not self._values[best] >= self._quotas.floor or self._values[best] == -np.inf:
                break
            for place in (best, *self._list_parts(best)):
                if self._fits(place):
                    self._take(place)
            self._values[best] = -np.inf
        return self._chosen

    def _list_parts(self, place: int) -> list[int]:
        """The other open parts of the post's series that fit, the oldest first."""
        parts = self._parts.get(self._series.get(self._pool[place].post.id, ""), [])
        return sorted(
            (part for part in parts if part != place and self._values[part] > -np.inf and self._fits(place)),
            key=lambda part: (self._pool[part].post.published_at, self._pool[part].post.id),
        )

    def _fits(self, place: int) -> bool:
        candidate, quotas = self._pool[place], self._quotas
        source, section = name_source(candidate.post), candidate.section
        is_full = self._sources[source] >= count_most_of(quotas, candidate.post)
        is_full = is_full or self._sections[section] >= count_most_in(quotas, section)
        return len(self._chosen) < quotas.size and not is_full

    def _take(self, place: int) -> None:
        candidate = self._pool[place]
        self._chosen.add(candidate.post.id)
        self._sources[name_source(candidate.post)] += 1
        self._sections[candidate.section] += 1
        self._values[place] = -np.inf
        if self._nearness is None:
            return
        start, end = self._nearness.indptr[place], self._nearness.indptr[place + 1]
        others, nearness = self._nearness.indices[start:end], self._nearness.data[start:end]
        if key := self._series.get(candidate.post.id):
            # Parts of a series are similar and belong together.
            apart = ~np.isin(others, self._parts[key])
            others, nearness = others[apart], nearness[apart]
        alike = np.clip((np.round(nearness, 9) - ALIKE) / (1 - ALIKE), 0, 1)
        lowered = self._own_values[others] - self._quotas.diversity * alike
        self._values[others] = np.minimum(self._values[others], lowered)


def count_most_of(quotas: Quotas, post: Post) -> int:
    """Return the quota of the source of a post."""
    per_source = _UNKNOWN_SOURCE if quotas.per_source is None else quotas.per_source
    return quotas.sources.get(post.feed_key or "", quotas.sources.get(name_source(post), per_source))


def count_most_in(quotas: Quotas, section: Section | None) -> float:
    """Return the quota of a section; infinite for posts without a section."""
    per_section = _UNKNOWN_SECTION if quotas.per_section is None else quotas.per_section
    return quotas.sections.get(section, per_section) if section else math.inf


def _is_settled(candidate: Candidate) -> bool:
    """Whether the post keeps its place: it is approved, or it was on the shortlist when it was decided or printed."""
    if candidate.printed_in is not None:
        return candidate.printed_in == candidate.post.month and candidate.is_shortlisted
    if candidate.verdict is None:
        return False
    if candidate.verdict.decision is Decision.APPROVE:
        return True
    return candidate.is_shortlisted


def learn_quotas(
    printed: Sequence[Candidate],
    months: int,
    sources: Iterable[str],
    sections: Iterable[Section],
    record: Record,
    base: Quotas,
) -> Quotas:
    """Learn quotas from what was *printed* in this number of *months*, and from the shipped record.

    The quota of a source is its usual number of lines, scaled to the size of the shortlist, plus one. A section gets
    half as many again. Quotas that *base* sets stay.
    """
    count = months + record.months
    if not count:
        return base
    by_source = Counter(name_source(candidate.post) for candidate in printed)
    by_section = Counter(candidate.section for candidate in printed)
    usual_size = max((len(printed) + sum((record.lines or {}).values())) / count, 1.0)
    scale = min(max(base.size / usual_size, 1.0), 2.0)
    of_sources = {
        source: _limit(by_source[source] + record.count_lines(source), _OF_SOURCE, count, scale)
        for source in {*by_source, *sources}
    }
    of_sections = {
        section: _limit(
            by_section[section] + (record.sections or {}).get(str(section), 0), _IN_SECTION, count, scale * _LEEWAY
        )
        for section in sections
    }
    return replace(
        base,
        sources=(of_sources if base.per_source is None else {}) | dict(base.sources),
        sections=(of_sections if base.per_section is None else {}) | dict(base.sections),
    )


def _limit(lines: int, prior: float, months: int, scale: float) -> int:
    usual = (lines + prior) / (months + 1)
    return math.ceil(scale * usual - 1e-9) + 1
