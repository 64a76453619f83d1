"""Which months have to be drafted, printed or reviewed now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from aggregator.types import DigestState, Month, MonthFacts

_PUBLISHED = frozenset({DigestState.PRINTED, DigestState.READ})


class MonthWork(NamedTuple):
    """What to make for a month: a draft, or the printed digest."""

    month: Month
    state: DigestState


def decide_month_work(
    months: Iterable[MonthFacts], today: date, *, draft_day: int, print_day: int
) -> tuple[MonthWork, ...]:
    """What to make today for the months that are over, the oldest first.

    Both days are days of the following month. Once passed they stay passed, so months that the daemon missed are caught
    up. A month is printed automatically only when its review is finished: something is approved, and nothing on the
    shortlist is undecided. Until then the draft follows the verdicts. A *print_day* of 0 leaves printing to the
    curator. So does a month that a cumulative page has passed, because there a single approval would finish the review,
    and a month whose print the curator has taken back.
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
    is_left_to_curator = facts.is_seen or facts.is_print_undone
    if is_due and facts.approved and not facts.undecided and not is_left_to_curator:
        return DigestState.PRINTED
    return DigestState.DRAFT


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


def _find_day(month: Month, day: int) -> date:
    """This day of the following month."""
    following = month.shift(1)
    return date(following.year, following.month, day)
