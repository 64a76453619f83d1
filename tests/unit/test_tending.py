"""Which months are drafted, printed and reviewed on a day, from how far each of them is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.review.tending import Moment, MonthWork, decide_month_work, find_month_to_review, is_unfinished
from aggregator.types import DigestState, Month, MonthFacts, MonthPlan

OCT, NOV, DEC = Month(2022, 10), Month(2022, 11), Month(2022, 12)
DRAFT, PRINTED, READ = DigestState.DRAFT, DigestState.PRINTED, DigestState.READ

#: Nothing came of it yet: no post, or none that was ranked.
FRESH = MonthFacts(DEC)
REVIEWED = MonthFacts(DEC, approved=3, is_ranked=True)
UNDER_REVIEW = MonthFacts(DEC, approved=3, undecided=1, is_ranked=True)
UNTOUCHED = MonthFacts(DEC, undecided=9, is_ranked=True)
#: All that was proposed is rejected or held.
NOTHING_LIKED = MonthFacts(DEC, is_ranked=True)
#: Older than this home; something in it was approved all the same.
OLD = MonthFacts(DEC, approved=1, undecided=9, is_ranked=False, is_watched=False)
#: A cumulative page has passed it; something that is not on that page was approved since.
PASSED = MonthFacts(DEC, approved=1, is_ranked=True, is_seen=True)


def _as(facts: MonthFacts, state: DigestState) -> MonthFacts:
    return replace(facts, state=state)


SEOUL = ZoneInfo("Asia/Seoul")
# Each day at nine.
JAN_1, JAN_2, JAN_4, JAN_5, JAN_9 = (datetime(2023, 1, day, 9, tzinfo=SEOUL) for day in (1, 2, 4, 5, 9))
LATER = datetime(2023, 3, 1, tzinfo=SEOUL)

CLOSED = MonthPlan(is_closed=True)
WAITING = MonthPlan(wait_until=JAN_9)


@pytest.mark.parametrize(
    ("now", "facts", "made"),
    [
        # The draft is made on the 2nd of January, and printed from the 5th.
        (JAN_1, REVIEWED, None),
        (JAN_2, REVIEWED, DRAFT),
        (JAN_4, _as(REVIEWED, DRAFT), DRAFT),
        (JAN_5, _as(REVIEWED, DRAFT), PRINTED),
        (JAN_5, REVIEWED, PRINTED),
        (JAN_5, _as(UNDER_REVIEW, DRAFT), DRAFT),
        (JAN_5, UNTOUCHED, DRAFT),
        (JAN_5, FRESH, DRAFT),
        (JAN_5, _as(REVIEWED, PRINTED), None),
        (JAN_5, _as(UNDER_REVIEW, READ), None),
        # Both days have passed for good, also on the first of a month.
        (LATER, REVIEWED, PRINTED),
        (LATER, UNDER_REVIEW, DRAFT),
        (LATER, UNTOUCHED, DRAFT),
        (LATER, _as(UNTOUCHED, PRINTED), None),
        # Nothing is left to do; a draft goes on following the verdicts.
        (JAN_5, NOTHING_LIKED, None),
        (JAN_5, _as(NOTHING_LIKED, DRAFT), DRAFT),
        # What is older than this home waits for nobody, but an approval is never forgotten.
        (JAN_5, OLD, DRAFT),
        (JAN_5, MonthFacts(DEC, undecided=9, is_ranked=True, is_watched=False), None),
        (JAN_5, MonthFacts(DEC, is_watched=False), None),
        # One approval is not a review of a month that a page has passed.
        (JAN_5, PASSED, DRAFT),
        (LATER, PASSED, DRAFT),
        (JAN_5, MonthFacts(DEC, is_ranked=True, is_seen=True), None),
        (JAN_5, MonthFacts(DEC, is_seen=True), None),
        # It is printed at nine, not at midnight.
        (JAN_5 - timedelta(minutes=1), REVIEWED, DRAFT),
        # Closed, it waits for its day and not for what is undecided.
        (JAN_4, replace(UNDER_REVIEW, plan=CLOSED), DRAFT),
        (JAN_5, replace(UNDER_REVIEW, plan=CLOSED), PRINTED),
        (JAN_5, replace(UNTOUCHED, plan=CLOSED), DRAFT),
        # It waits for the day that the curator has named.
        (JAN_5, replace(REVIEWED, plan=WAITING), DRAFT),
        (JAN_9, replace(REVIEWED, plan=WAITING), PRINTED),
        (JAN_9, replace(UNDER_REVIEW, plan=WAITING), DRAFT),
    ],
)
def test_what_is_made_of_a_month(now: datetime, facts: MonthFacts, made: DigestState | None) -> None:
    work = decide_month_work([facts], now, draft=Moment(2), printing=Moment(5, 9))
    assert work == ((MonthWork(DEC, made),) if made else ())


def test_a_print_day_of_0_leaves_printing_to_the_curator() -> None:
    assert decide_month_work([REVIEWED], LATER, draft=Moment(1), printing=None) == (MonthWork(DEC, DRAFT),)


def test_a_named_day_counts_without_a_print_day() -> None:
    waiting = replace(REVIEWED, plan=WAITING)
    assert decide_month_work([waiting], LATER, draft=Moment(1), printing=None) == (MonthWork(DEC, PRINTED),)


def test_all_months_are_tended_the_oldest_first() -> None:
    months = [
        MonthFacts(DEC, undecided=2, is_ranked=True),
        MonthFacts(OCT, approved=1, is_ranked=True),
        MonthFacts(NOV, state=PRINTED, is_ranked=True),
    ]
    assert decide_month_work(months, JAN_5, draft=Moment(1), printing=Moment(5)) == (
        MonthWork(OCT, PRINTED),
        MonthWork(DEC, DRAFT),
    )


@pytest.mark.parametrize(
    ("months", "opened"),
    [
        ([], None),
        ([REVIEWED], None),
        ([UNTOUCHED], DEC),
        ([_as(UNTOUCHED, DRAFT)], DEC),
        ([_as(UNTOUCHED, READ)], None),
        ([UNTOUCHED, MonthFacts(NOV, undecided=1, is_ranked=True)], NOV),
        ([UNTOUCHED, MonthFacts(NOV, state=PRINTED, undecided=1, is_ranked=True)], DEC),
        # A month that is older than this home is not the first thing to do for ever.
        ([MonthFacts(OCT, approved=1, undecided=9, is_watched=False), UNTOUCHED], DEC),
    ],
)
def test_the_oldest_undecided_shortlist_is_reviewed_first(months: list[MonthFacts], opened: Month | None) -> None:
    assert find_month_to_review(months) == opened


def test_what_is_published_is_finished() -> None:
    assert [is_unfinished(_as(UNDER_REVIEW, state)) for state in (DRAFT, PRINTED, READ)] == [True, False, False]
