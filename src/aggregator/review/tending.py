"""Which months need their draft, their printing or their review now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from aggregator.types import DigestState, Month, MonthFacts

_PUBLISHED = frozenset({DigestState.PRINTED, DigestState.READ})


class MonthWork(NamedTuple):
    """What to make of the digest of a month: a draft, or the printed digest."""

    month: Month
    state: DigestState


def decide_month_work(
    months: Iterable[MonthFacts], today: date, *, draft_day: int, print_day: int
) -> tuple[MonthWork, ...]:
    """What is to be made today of the months that are over, the oldest first.

    Both days are of the month that follows and stay passed, so that months which the daemon slept through are tended
    like the last one. A month is printed by itself only when its review is finished: something
    is approved, and nothing on the shortlist is still undecided. Until then the draft follows the verdicts. A
    *print_day* of 0 leaves printing to the curator, and so does a month that a cumulative page has passed: there, a
    single approval would make the review finished.
    """
    return tuple(
        MonthWork(facts.month, state)
        for facts in sorted(months, key=lambda facts: facts.month)
        if (state := _decide_state(facts, today, draft_day, print_day)) is not None
    )


def _decide_state(facts: MonthFacts, today: date, draft_day: int, print_day: int) -> DigestState | None:
    if facts.state in _PUBLISHED or today < _find_day(facts.month, draft_day) or not is_unfinished(facts):
        return None
    is_due = print_day > 0 and today >= _find_day(facts.month, print_day)
    if is_due and facts.approved and not facts.undecided and not facts.is_seen:
        return DigestState.PRINTED
    return DigestState.DRAFT


def is_unfinished(facts: MonthFacts) -> bool:
    """Whether something of a month is still to be printed, decided or proposed. A draft is kept up to date for as long
    as there is one.
    """
    if facts.state in _PUBLISHED:
        return False
    is_unranked = facts.is_watched and not facts.is_ranked and not facts.is_seen
    return is_under_review(facts) or is_unranked or facts.state is DigestState.DRAFT


def is_under_review(facts: MonthFacts) -> bool:
    """Whether the curator approved something that is not printed yet, or has something left to decide."""
    return facts.approved > 0 or _has_undecided(facts)


def find_month_to_review(months: Sequence[MonthFacts]) -> Month | None:
    """The oldest month that is over, was collected here, and whose shortlist is not decided yet."""
    return min(
        (facts.month for facts in months if _has_undecided(facts) and facts.state not in _PUBLISHED), default=None
    )


def _has_undecided(facts: MonthFacts) -> bool:
    return facts.is_watched and facts.undecided > 0


def _find_day(month: Month, day: int) -> date:
    """This day of the month that follows."""
    following = month.shift(1)
    return date(following.year, following.month, day)
