"""The month's proposal: the best candidates, balanced over sections and sources, varied. Pure and deterministic."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aggregator.rank.record import Record, name_source
from aggregator.rank.similarity import Titles
from aggregator.rank.wishes import Quotas
from aggregator.types import Candidate, Decision, Score, Section

# What is less alike than this is about different things.
_ALIKE = 0.25
# One month is added to the history, in which each source has as much as sources rarely pass and each section a twelfth
# of a digest: lest one month opens the gates for a source, or shuts them.
_OF_SOURCE = 3.0
_IN_SECTION = 2.5
# Before anything is known of any.
_UNKNOWN_SOURCE = 3
_UNKNOWN_SECTION = 10
# Months differ: a section may have half as much again as it usually has.
_LEEWAY = 1.5


def rank_candidates(
    candidates: Sequence[Candidate], scores: Sequence[Score], quotas: Quotas, series: Mapping[int, str] | None = None
) -> list[Score]:
    """Number the scores of a month from the best down and mark the shortlist.

    Candidates that a digest printed before their own month's are ranked but never proposed. A thin month stays thin:
    nothing below the floor is proposed. Parts of one *series* (post → series) come together. Those already decided on
    keep the place that they had, so that a verdict makes no new post appear for the one that it settled. Equal scores
    are ordered by date, newest first, then by number.
    """
    by_post = {candidate.post.id: candidate for candidate in candidates}
    ordered = sorted(scores, key=lambda s: (-s.value, -by_post[s.post_id].post.published_at.timestamp(), s.post_id))
    chosen = _Choice([(score, by_post[score.post_id]) for score in ordered], quotas, series or {}).choose()
    return [replace(score, rank=rank, shortlisted=score.post_id in chosen) for rank, score in enumerate(ordered, 1)]


class _Choice:
    """A shortlist while it is being filled, from the best down."""

    def __init__(self, ordered: Sequence[tuple[Score, Candidate]], quotas: Quotas, series: Mapping[int, str]) -> None:
        self._quotas = quotas
        self._series = series
        self._sources = Counter[str]()
        self._sections = Counter[Section | None]()
        self._chosen: set[int] = set()
        settled = [(score, candidate) for score, candidate in ordered if _is_settled(candidate)]
        numbers = {candidate.post.id for _, candidate in settled}
        # What stands far down cannot get in, and comparing all titles of a large month would take long.
        open_ = [
            (score, candidate)
            for score, candidate in ordered
            if score.value >= quotas.floor and candidate.printed_in is None and candidate.post.id not in numbers
        ][: 10 * quotas.size + 50]
        self._pool = [*settled, *open_]
        self._settled = len(settled)
        self._likeness = [0.0] * len(self._pool)
        titles = [candidate.post.title for _, candidate in self._pool]
        self._nearness = Titles(titles).compare(titles) if quotas.diversity else None
        self._parts: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, candidate) in enumerate(self._pool):
            if key := series.get(candidate.post.id):
                self._parts[key].append(place)

    def choose(self) -> set[int]:
        for place in range(self._settled):
            self._take(place)
        left = list(range(self._settled, len(self._pool)))
        while left and len(self._chosen) < self._quotas.size:
            best = max(left, key=lambda place: (self._value(place), -place))
            left.remove(best)
            if self._fits(best):
                self._take(best)
                for part in self._list_parts(best):
                    if part in left and self._fits(part):
                        left.remove(part)
                        self._take(part)
        return self._chosen

    def _value(self, place: int) -> float:
        return self._pool[place][0].value - self._quotas.diversity * self._likeness[place]

    def _list_parts(self, place: int) -> list[int]:
        """The other parts of its series, the oldest first."""
        parts = self._parts.get(self._series.get(self._pool[place][1].post.id, ""), [])
        return sorted(
            (part for part in parts if part != place),
            key=lambda part: (self._pool[part][1].post.published_at, self._pool[part][1].post.id),
        )

    def _fits(self, place: int) -> bool:
        candidate = self._pool[place][1]
        source, section = name_source(candidate.post), candidate.section
        if len(self._chosen) >= self._quotas.size or self._value(place) < self._quotas.floor:
            return False
        quotas = self._quotas
        most_of_source = quotas.sources.get(source, _UNKNOWN_SOURCE if quotas.per_source is None else quotas.per_source)
        per_section = _UNKNOWN_SECTION if quotas.per_section is None else quotas.per_section
        most_in_section = quotas.sections.get(section, per_section) if section else math.inf
        return self._sources[source] < most_of_source and self._sections[section] < most_in_section

    def _take(self, place: int) -> None:
        candidate = self._pool[place][1]
        self._chosen.add(candidate.post.id)
        self._sources[name_source(candidate.post)] += 1
        self._sections[candidate.section] += 1
        if self._nearness is None:
            return
        start, end = self._nearness.indptr[place], self._nearness.indptr[place + 1]
        own = self._series.get(candidate.post.id)
        for other, nearness in zip(
            self._nearness.indices[start:end].tolist(), self._nearness.data[start:end].tolist(), strict=True
        ):
            # Parts of a series are alike, and belong together.
            if own is None or self._series.get(self._pool[other][1].post.id) != own:
                alike = max(0.0, (nearness - _ALIKE) / (1 - _ALIKE))
                self._likeness[other] = max(self._likeness[other], alike)


def _is_settled(candidate: Candidate) -> bool:
    """Whether its place is no longer open: it was proposed or approved, and something was said of it."""
    if candidate.verdict is None:
        return False
    if candidate.verdict.decision is Decision.APPROVE:
        return True
    return candidate.score is not None and candidate.score.shortlisted


def learn_quotas(
    printed: Sequence[Candidate], months: int, places: Mapping[str, str], record: Record, base: Quotas
) -> Quotas:
    """Quotas from what digests *printed* in so many *months*, and from the shipped record.

    A source gets what it usually gets, scaled to the size of the shortlist, and one more; a section half as much again.
    *places* says of each source where its posts stand. What *base* says stays as it is.
    """
    count = months + record.months
    if not count:
        return base
    by_source = Counter(name_source(candidate.post) for candidate in printed)
    by_section = Counter(candidate.section for candidate in printed)
    usual_size = max((len(printed) + sum((record.lines or {}).values())) / count, 1.0)
    scale = min(max(base.size / usual_size, 1.0), 2.0)
    sources = {
        source: _limit(by_source[source] + record.count_lines(places.get(source, source)), _OF_SOURCE, count, scale)
        for source in {*by_source, *places}
    }
    sections = {
        section: _limit(
            by_section[section] + (record.sections or {}).get(str(section), 0), _IN_SECTION, count, scale * _LEEWAY
        )
        for section in Section.list_all()
    }
    return replace(
        base,
        sources=(sources if base.per_source is None else {}) | dict(base.sources),
        sections=(sections if base.per_section is None else {}) | dict(base.sections),
    )


def _limit(lines: int, prior: float, months: int, scale: float) -> int:
    usual = (lines + prior) / (months + 1)
    return math.ceil(scale * usual - 1e-9) + 1
