"""Explains why a candidate is on the shortlist or not, if its score alone does not explain it. Pure.

This is derived from a finished ranking: which quotas were full, which posts are below the floor, and which are similar
to a chosen post.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from aggregator.rank.record import name_source
from aggregator.rank.shortlist import ALIKE, count_most_in, count_most_of
from aggregator.rank.similarity import Array, compare_titles
from aggregator.types import Candidate, Ground, Placement, Quotas, Score, Section


def explain_placements(
    candidates: Sequence[Candidate],
    ranked: Sequence[Score],
    quotas: Quotas,
    series: Mapping[int, str] | None = None,
    barred: Mapping[int, Placement] | None = None,
    shown: Collection[int] = (),
    *,
    words: Mapping[int, Array],
) -> dict[int, Placement]:
    """Return placements by post, for the undecided candidates whose score alone does not explain them.

    *ranked* are the scores of all candidates, best first. *quotas*, *series*, *barred*, *shown* and *words* are those
    that the shortlist was chosen with.
    """
    barred = barred or {}
    by_post = {candidate.post.id: candidate for candidate in candidates}
    chosen = [by_post[score.post_id] for score in ranked if score.shortlisted]
    # Posts that are settled or always shown got their places before all others.
    first = [one for one in chosen if one.verdict is not None or one.post.id in shown]
    settled = {one.post.id for one in first}
    open_ = [score.value for score in ranked if score.shortlisted and score.post_id not in settled]
    # Worse posts found the shortlist full.
    least = min(open_, default=math.inf) if len(chosen) >= quotas.size else -math.inf
    gate = _Gate(chosen, first, quotas)
    found: dict[int, Placement] = {}
    passed_over: list[Candidate] = []
    for score in ranked:
        value = score.value
        if value < least:
            break
        candidate = by_post[score.post_id]
        is_open = not (score.shortlisted or candidate.printed_in is not None or candidate.verdict is not None)
        if value < quotas.floor:
            placement: Placement | None = Placement(Ground.FLOOR)
        elif is_open and candidate.post.id in barred:
            placement = barred[candidate.post.id]
        else:
            placement = None if candidate.post.id in settled else gate.let_by(candidate)
        if is_open and placement is not None:
            found[candidate.post.id] = placement
        elif is_open:
            passed_over.append(candidate)
    if quotas.diversity and passed_over and chosen:
        found |= _find_alike(passed_over, chosen, [words[each.post.id] for each in (*chosen, *passed_over)])
    return found | _find_company(chosen, series or {})


class _Gate:
    """The quotas of sources and sections as candidates pass: the *first* ones, then the rest from the best down."""

    def __init__(self, chosen: Sequence[Candidate], first: Sequence[Candidate], quotas: Quotas) -> None:
        self._quotas = quotas
        #: Counts of those chosen in the end, and of those that have passed so far.
        self._of_source, self._in_section = _count(chosen)
        self._source_by, self._section_by = _count(first)

    def let_by(self, candidate: Candidate) -> Placement | None:
        """Count a candidate, and return the quota that kept it off the shortlist, if one did."""
        source, section = name_source(candidate.post), candidate.section
        of_source = self._source_by[source] = self._source_by[source] + 1
        in_section = self._section_by[section] = self._section_by[section] + 1
        most_of, most_in = count_most_of(self._quotas, candidate.post), count_most_in(self._quotas, section)
        # If a worse post filled the quota, the quota kept nothing off: similarity moved that post ahead.
        if of_source > most_of and self._of_source[source] >= most_of:
            return Placement(Ground.SOURCE, source, of_source, most_of)
        if in_section > most_in and self._in_section[section] >= most_in:
            return Placement(Ground.SECTION, str(section), in_section, int(most_in))
        return None


def _count(candidates: Sequence[Candidate]) -> tuple[Counter[str], Counter[Section | None]]:
    return (
        Counter(name_source(candidate.post) for candidate in candidates),
        Counter(candidate.section for candidate in candidates),
    )


def _find_alike(
    passed_over: Sequence[Candidate], chosen: Sequence[Candidate], words: Sequence[Array]
) -> dict[int, Placement]:
    """The chosen post that each post is most similar to, if one is similar enough. *words* are those of the chosen
    titles, then of the others.
    """
    nearest = compare_titles(words[len(chosen) :], words).toarray()[:, : len(chosen)]
    return {
        candidate.post.id: Placement(Ground.NEARNESS, chosen[int(row.argmax())].post.title)
        for candidate, row in zip(passed_over, nearest, strict=True)
        if row.max() > ALIKE
    }


def _find_company(chosen: Sequence[Candidate], series: Mapping[int, str]) -> dict[int, Placement]:
    """The chosen parts of a series that a better part brought along."""
    parts: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in chosen:
        if key := series.get(candidate.post.id):
            parts[key].append(candidate)
    return {
        part.post.id: Placement(Ground.SERIES, first.post.title)
        for first, *others in parts.values()
        for part in others
        if part.verdict is None
    }
