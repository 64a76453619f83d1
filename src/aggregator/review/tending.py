"""Which months have to be drafted, printed or reviewed now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from aggregator.types import DigestState, Month, MonthFacts, MonthPlan

_PUBLISHED = frozenset({DigestState.PRINTED, DigestState.READ})


class MonthWork(NamedTuple):
    """What to make for a month: a draft, or the printed digest."""

    month: Month
    state: DigestState


class Moment(NamedTuple):
    """A day of the month that follows, and an hour of it."""

    day: int
    hour: int = 0

    def of(self, month: Month, zone: tzinfo | None) -> datetime:
        """Return the moment for a month, in the curator's zone."""
        following = month.shift(1)
        return datetime(following.year, following.month, self.day, self.hour, tzinfo=zone)


def decide_month_work(
    months: Iterable[MonthFacts], now: datetime, *, draft: Moment, printing: Moment | None
) -> tuple[MonthWork, ...]:
    """What to make *now*, a time in the curator's zone, for the months that are over, the oldest first.

    Once passed both moments stay passed, so months that the daemon missed are caught up. A month is printed
    automatically only when its review is finished: something is approved, and nothing on the shortlist is undecided,
    unless the curator has closed it. Until then the draft follows the verdicts. Without a moment for *printing*, the
    curator prints, unless they said until when it waits. So they do for a month that a cumulative page has passed,
    because there a single approval would finish the review, and for a month whose print they have taken back.
    """
    return tuple(
        MonthWork(facts.month, state)
        for facts in sorted(months, key=lambda facts: facts.month)
        if (state := _decide_state(facts, now, draft, printing)) is not None
    )


def _decide_state(facts: MonthFacts, now: datetime, draft: Moment, printing: Moment | None) -> DigestState | None:
    if facts.state in _PUBLISHED or now < draft.of(facts.month, now.tzinfo) or not is_unfinished(facts):
        return None
    due = find_print(facts.month, facts.plan, printing, now.tzinfo)
    is_left_to_curator = facts.is_seen or facts.is_print_undone
    is_finished = facts.approved and (facts.plan.is_closed or not facts.undecided)
    if due and now >= due and is_finished and not is_left_to_curator:
        return DigestState.PRINTED
    return DigestState.DRAFT


def find_print(month: Month, plan: MonthPlan, printing: Moment | None, zone: tzinfo | None) -> datetime | None:
    """Find the moment from which a month is printed by itself; None if the curator prints it."""
    if plan.wait_until:
        return plan.wait_until
    return printing.of(month, zone) if printing else None


def is_unfinished(facts: MonthFacts) -> bool:
    """Whether a month still has something to print, decide or propose. A draft is always kept up to date."""
    if facts.state in _PUBLISHED:
        return False
    is_unranked = facts.is_watched and not facts.is_ranked and not facts.is_seen
    return is_under_review(facts) or is_unranked or facts.state is DigestState.DRAFT


def is_under_review(facts: MonthFacts) -> bool:
    """Whether something is approved and not printed yet, or is still undecided."""
    return facts.approved > 0 or _has_undecided(facts)


def find_month_to_review(months: Sequence[MonthFacts]) -> Month | None:
    """The oldest month that is over, was collected here, and has undecided posts on its shortlist."""
    return min(
        (facts.month for facts in months if _has_undecided(facts) and facts.state not in _PUBLISHED), default=None
    )


def _has_undecided(facts: MonthFacts) -> bool:
    return facts.is_watched and facts.undecided > 0
