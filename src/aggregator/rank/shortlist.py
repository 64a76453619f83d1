"""The month's proposal: the best candidates, balanced over sections and sources. Pure and deterministic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.types import Candidate, Kind, Score, Section


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many posts a shortlist may hold; see ``config.ShortlistSettings``."""

    size: int
    per_source: int
    per_aws_source: int
    per_section: int
    floor: float


def rank_candidates(candidates: Sequence[Candidate], scores: Sequence[Score], quotas: Quotas) -> list[Score]:
    """Number the scores of a month from the best down and mark the shortlist.

    Candidates that an earlier digest printed are ranked but never proposed. A thin month stays thin: nothing below the
    floor is proposed. Equal scores are ordered by date, newest first, then by number.
    """
    by_post = {candidate.post.id: candidate for candidate in candidates}
    ordered = sorted(scores, key=lambda s: (-s.value, -by_post[s.post_id].post.published_at.timestamp(), s.post_id))
    chosen = _choose([(score, by_post[score.post_id]) for score in ordered], quotas)
    return [replace(score, rank=rank, shortlisted=score.post_id in chosen) for rank, score in enumerate(ordered, 1)]


def _choose(ordered: Sequence[tuple[Score, Candidate]], quotas: Quotas) -> set[int]:
    sources: Counter[str] = Counter()
    sections: Counter[Section | None] = Counter()
    chosen: set[int] = set()
    for score, candidate in ordered:
        if len(chosen) >= quotas.size or score.value < quotas.floor:
            break
        source = candidate.post.feed_key or ""
        most = quotas.per_aws_source if candidate.post.kind is Kind.AWS else quotas.per_source
        full = sources[source] >= most or sections[candidate.section] >= quotas.per_section
        if candidate.printed_in is None and not full:
            sources[source] += 1
            sections[candidate.section] += 1
            chosen.add(score.post_id)
    return chosen
