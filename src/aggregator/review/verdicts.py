"""Rules of the queue: which verdicts are allowed. Pure."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from aggregator.exceptions import MeanwhileError, ReviewError
from aggregator.locales import mark, t
from aggregator.shipped import SHIPPED
from aggregator.text.html import normalise
from aggregator.types import Candidate, Decision, DisclosureKind, Month, Seen, Taxonomy, Until, Verdict, Wait

_REASONS = mark("off topic"), mark("promotional"), mark("shallow"), mark("duplicate")
_MORE_REASONS = mark("low authority"), *map(str, DisclosureKind)
#: The reason for pages that are not posts. They may wait for a date for ever, and nothing is learned from them.
NOT_A_POST = mark("not a post")
#: In lower case: reasons that mean a post is out of scope. The others are about its quality.
OUT_OF_SCOPE_REASONS = frozenset({"off topic", "out of scope", *map(str.lower, SHIPPED.reasons)})
_WAITING = {
    Wait.DAY: mark("“{title}” waits for its day and is not a candidate yet; give it its month"),
    Wait.DATE: mark("“{title}” waits for a date and is not a candidate yet; give it its month"),
    Wait.ADDING: mark("“{title}” is not a candidate: that it was added is undone; add it again"),
}


def list_reasons(taxonomy: Taxonomy) -> tuple[str, ...]:
    """The reasons that the page and the command line offer for a rejection; any other text is allowed too."""
    return *_REASONS, *taxonomy.reasons, *_MORE_REASONS


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
        examples = ", ".join(map(t, _REASONS[:3]))
        raise refused(t("a rejection needs a reason, such as {examples}", examples=examples))
    if candidate.post.copy_of is not None:
        original = candidate.post.copy_of
        said = t("“{title}” is a copy of post {original}, which is judged in its place", title=title, original=original)
        raise refused(said)
    if decision is Decision.APPROVE and candidate.post.waits_for is not None:
        raise refused(t(_WAITING[candidate.post.waits_for], title=title))
    if decision is Decision.APPROVE and candidate.section is None:
        raise refused(t("“{title}” has no section yet; give one, such as 2.4", title=title))
    current = candidate.verdict
    if current and (current.decision, current.reason, current.until) == (decision, reason, until):
        return None
    if until is not None and decision is not Decision.HOLD:
        raise refused(t("only a hold has an end; it was given {until}", until=until))
    if isinstance(until, date) and today and until <= today:
        raise refused(t("{day} has come already; hold a post until a later day", day=until))
    if isinstance(until, Month) and until <= candidate.post.month:
        month = candidate.post.month
        raise refused(t("“{title}” is in {month} already; hold it until a later month", title=title, month=month))
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
    again = t("{found}, so nothing was changed. Press again to do it anyway", found=_say_meanwhile(candidate, seen))
    raise MeanwhileError(again, post_id=candidate.post.id, verdict=verdict)


def _say_meanwhile(candidate: Candidate, seen: Seen) -> str:
    current, title, section = candidate.verdict, candidate.post.title, candidate.section
    if seen.verdict == candidate.said.verdict:
        if section is None:
            return t("the line of “{title}” was changed meanwhile", title=title)
        return t("the line of “{title}” was changed meanwhile, and is in {section}", title=title, section=section)
    if current is None:
        return t("the verdict on “{title}” was taken back meanwhile", title=title)
    state, reason, by = t(candidate.state), t(current.reason) if current.reason else "", current.by
    if not reason:
        return t("“{title}” was {state} meanwhile by {by}", title=title, state=state, by=by)
    return t("“{title}” was {state} meanwhile as “{reason}” by {by}", title=title, state=state, reason=reason, by=by)
