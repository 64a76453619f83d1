"""Finds the posts that are ranked but not proposed, regardless of their score. Pure.

They are those passed over when a page was printed, those likely out of scope, and bursts. A *burst* is a day on which a
source has far more posts than usual: an archive that was dated anew, a feed that was taken over. The posts of a burst
are proposed only after the curator has approved or held one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median

from aggregator.rank.record import name_source
from aggregator.types import Candidate, DateConfidence, Decision, Ground, Placement, Quotas

# A post with this many points of talk (five links elsewhere, for instance) is proposed even if it is out of scope or in
# a burst. Assumed, not fitted, like the other two numbers.
_MUCH_TALK = 100.0
# A burst has at least this many times the posts of its source's other days, and of its other months.
_TIMES_A_DAY, _TIMES_A_MONTH = 5.0, 2.0


def find_barred(
    candidates: Sequence[Candidate], quotas: Quotas, talk: Mapping[int, float], paces: Mapping[str, float]
) -> dict[int, Placement]:
    """Return why posts are not proposed, by post. *talk* is the points of talk of each post; *paces* is the mean number
    of posts of each source in the months before this one.
    """
    found = {
        candidate.post.id: Placement(Ground.SCOPE) for candidate in candidates if is_beyond_scope(candidate, quotas)
    }
    found |= _find_bursts(candidates, quotas.burst, paces)
    quiet = {number: placement for number, placement in found.items() if talk.get(number, 0.0) < _MUCH_TALK}
    return quiet | {candidate.post.id: Placement(Ground.SEEN) for candidate in candidates if candidate.is_seen}


def is_beyond_scope(candidate: Candidate, quotas: Quotas) -> bool:
    """Whether a post is too likely out of scope to be proposed; never if the curator gave it a section."""
    if candidate.guess is None or (candidate.guess.out_of_scope or 0.0) <= quotas.out_of_scope:
        return False
    return candidate.correction is None or candidate.correction.section is None


def _find_bursts(candidates: Sequence[Candidate], least: int, paces: Mapping[str, float]) -> dict[int, Placement]:
    if not least:
        return {}
    days: defaultdict[str, defaultdict[date, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for candidate in candidates:
        # A weak date is only the day of a feed's first visit, or only a month.
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
