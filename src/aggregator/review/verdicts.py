"""Rules of the queue: which verdicts are allowed. Pure."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from aggregator.exceptions import MeanwhileError, ReviewError
from aggregator.text.html import normalise
from aggregator.types import Candidate, Decision, DisclosureKind, Month, Seen, Until, Verdict

#: Reasons that the page and the command line offer for a rejection; any other text is allowed too.
REJECTION_REASONS = (
    "off topic",
    "promotional",
    "shallow",
    "duplicate",
    "no ML substance",
    "low authority",
    *map(str, DisclosureKind),
)
#: The reason for pages that are not posts. They may wait for a date for ever, and nothing is learned from them.
NOT_A_POST = "not a post"
#: In lower case: reasons that mean a post is out of scope. The others are about its quality.
OUT_OF_SCOPE_REASONS = frozenset({"off topic", "no ml substance", "out of scope"})


def decide_verdict(
    candidate: Candidate,
    decision: Decision,
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
    until: Until | None = None,
    today: date | None = None,
) -> Verdict | None:
    """The verdict to append, or None if the same one is already in force.

    Raises ReviewError if a rejection has no reason, if an approved post has no section or is not a candidate yet, if a
    hold is *until* a day up to *today* or until a month that is not after that of the post, and for a copy.
    """
    reason = normalise(reason or "") or None
    title, refused = candidate.post.title, partial(ReviewError, post_id=candidate.post.id, verdict=str(decision))
    if decision is Decision.REJECT and reason is None:
        raise refused(f"a rejection needs a reason, such as {', '.join(REJECTION_REASONS[:3])}")
    if candidate.post.copy_of is not None:
        raise refused(f"“{title}” is a copy of post {candidate.post.copy_of}, which is judged in its place")
    if decision is Decision.APPROVE and candidate.post.waits_for is not None:
        raise refused(f"“{title}” waits for {candidate.post.waits_for} and is not a candidate yet; give it its month")
    if decision is Decision.APPROVE and candidate.section is None:
        raise refused(f"“{title}” has no section yet; give one, such as 2.4")
    current = candidate.verdict
    if current and (current.decision, current.reason, current.until) == (decision, reason, until):
        return None
    if until is not None and decision is not Decision.HOLD:
        raise refused(f"only a hold has an end; it was given {until}")
    if isinstance(until, date) and today and until <= today:
        raise refused(f"{until} has come already; hold a post until a later day")
    if isinstance(until, Month) and until <= candidate.post.month:
        raise refused(f"“{title}” is in {candidate.post.month} already; hold it until a later month")
    return Verdict(post_id=candidate.post.id, decision=decision, by=by, at=at, reason=reason, until=until)


def has_come(until: Until | None, today: date) -> bool:
    """Whether the day or month that a post is held until has come."""
    match until:
        case Month():
            return until <= Month(today.year, today.month)
        case date():
            return until <= today
    return False


def check_seen(candidate: Candidate, seen: Seen | None, *, verdict: str) -> None:
    """Raise MeanwhileError if *verdict* would override something that was said of the post after *seen*; with None
    nothing is checked.
    """
    if seen is None or seen == candidate.said:
        return
    current, title = candidate.verdict, f"“{candidate.post.title}”"
    if seen.verdict == candidate.said.verdict:
        place = f", and is in {candidate.section}" if candidate.section else ""
        found = f"the line of {title} was changed meanwhile{place}"
    elif current is None:
        found = f"the verdict on {title} was taken back meanwhile"
    else:
        reason = f" as “{current.reason}”" if current.reason else ""
        found = f"{title} was {candidate.state} meanwhile{reason} by {current.by}"
    again = f"{found}, so nothing was changed. Press again to do it anyway"
    raise MeanwhileError(again, post_id=candidate.post.id, verdict=verdict)
