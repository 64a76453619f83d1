"""Rules of the queue: which verdicts are allowed. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from aggregator.exceptions import MeanwhileError, ReviewError
from aggregator.text.html import normalise
from aggregator.types import Candidate, Decision, DisclosureKind, Seen, Verdict

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
#: In lower case: reasons that mean a post is out of scope. The others are about its quality.
OUT_OF_SCOPE_REASONS = frozenset({"off topic", "no ml substance", "out of scope"})


def decide_verdict(
    candidate: Candidate, decision: Decision, *, by: str, at: datetime, reason: str | None = None
) -> Verdict | None:
    """The verdict to append, or None if the same one is already in force.

    Raises ReviewError if a rejection has no reason, if an approved post has no section or is not a candidate yet, and
    for a copy.
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
    if current and (current.decision, current.reason) == (decision, reason):
        return None
    return Verdict(post_id=candidate.post.id, decision=decision, by=by, at=at, reason=reason)


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
