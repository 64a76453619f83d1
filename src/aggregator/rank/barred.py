"""Posts that are ranked but not proposed, whatever their score: those passed over when a page was printed, those likely
out of scope, and bursts. Pure.

A *burst* is a day on which a source has far more posts than usual: an archive that was dated anew, a feed that was
taken over. None of its posts is proposed until the curator has approved or held one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median

from aggregator.rank.record import name_source
from aggregator.rank.weights import Quotas
from aggregator.types import Candidate, DateConfidence, Decision, Ground, Placement

# A post with this many points of talk (five links elsewhere, for instance) is proposed whatever its scope, and out of a
# burst too. Assumed, not fitted, as are the other two.
_MUCH_TALK = 100.0
# A burst has at least this many times the posts of its source's other days, and of its other months.
_TIMES_A_DAY, _TIMES_A_MONTH = 5.0, 2.0


def find_barred(
    candidates: Sequence[Candidate], quotas: Quotas, talk: Mapping[int, float], paces: Mapping[str, float]
) -> dict[int, Placement]:
    """By post, why it is not proposed. *talk* are the points of talk of each post, *paces* how many posts each source
    had in a month before this one.
    """
    found = {
        candidate.post.id: Placement(Ground.SCOPE) for candidate in candidates if is_beyond_scope(candidate, quotas)
    }
    found |= _find_bursts(candidates, quotas.burst, paces)
    quiet = {number: placement for number, placement in found.items() if talk.get(number, 0.0) < _MUCH_TALK}
    return quiet | {candidate.post.id: Placement(Ground.SEEN) for candidate in candidates if candidate.is_seen}


def is_beyond_scope(candidate: Candidate, quotas: Quotas) -> bool:
    """Whether a post is too likely out of scope to be proposed; never one that the curator gave a section."""
    if candidate.guess is None or (candidate.guess.out_of_scope or 0.0) <= quotas.out_of_scope:
        return False
    return candidate.correction is None or candidate.correction.section is None


def _find_bursts(candidates: Sequence[Candidate], least: int, paces: Mapping[str, float]) -> dict[int, Placement]:
    if not least:
        return {}
    days: defaultdict[str, defaultdict[date, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for candidate in candidates:
        # Weak dates tell when a feed was first visited, or a month alone.
        if candidate.post.confidence is not DateConfidence.WEAK:
            days[name_source(candidate.post)][candidate.post.published_at.date()].append(candidate)
    found: dict[int, Placement] = {}
    for source, of_day in days.items():
        for day, posts in of_day.items():
            if len(posts) < max(least, _TIMES_A_MONTH * paces.get(source, 0.0)):
                continue
            usual = median([len(others) for other, others in of_day.items() if other != day] or [1])
            if len(posts) >= _TIMES_A_DAY * usual and not any(map(_was_looked_at, posts)):
                placement = Placement(Ground.BURST, day.isoformat(), len(posts), round(usual))
                found |= {candidate.post.id: placement for candidate in posts}
    return found


def _was_looked_at(candidate: Candidate) -> bool:
    """A rejected post says nothing about the rest of its burst."""
    verdict = candidate.verdict
    return verdict is not None and verdict.decision in {Decision.APPROVE, Decision.HOLD}
