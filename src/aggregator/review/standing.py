"""What became of a suggestion, by the verdict on its post. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.types import Candidate, Stand, Standing, State, Suggestion

#: How long the way to answer somebody is kept after they were answered: an answer can be undone as long.
CONTACT_KEPT = timedelta(days=7)
#: Nothing that a reader sent is kept longer, even if nobody decided about it.
LONGEST_KEPT = timedelta(days=400)


def find_standing(suggestion: Suggestion, candidate: Candidate | None) -> Standing:
    """What became of a suggestion, whose post is the *candidate*; None if it has none yet."""
    if suggestion.declined is not None:
        return Standing(Stand.TURNED_DOWN, reason=suggestion.declined)
    if candidate is None:
        return Standing(Stand.WAITING if suggestion.retry_at else Stand.UNREAD)
    if candidate.printed_in:
        return Standing(Stand.PRINTED, candidate.printed_in)
    if candidate.state is State.APPROVED:
        return Standing(Stand.CHOSEN, candidate.post.month)
    if candidate.state is State.REJECTED:
        reason = candidate.verdict.reason if candidate.verdict else None
        return Standing(Stand.TURNED_DOWN, reason=reason or "")
    return Standing(Stand.WAITING)


def is_forgotten(suggestion: Suggestion, standing: Standing, *, keep: timedelta, now: datetime) -> bool:
    """Whether a suggestion is to be deleted: it is old, and settled or answered; or it is very old."""
    age = now - suggestion.sent_at
    is_over = standing.stand.is_settled or suggestion.answered_at is not None
    return age > LONGEST_KEPT or (is_over and age > keep)
