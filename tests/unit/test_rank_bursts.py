"""Far more posts of a source on one day than it is used to: none is proposed until the curator has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.config import SHIPPED_TEXTS
from aggregator.rank.barred import find_barred
from aggregator.types import Candidate, DateConfidence, Decision, Ground, Placement, Quotas, Score, Verdict
from aggregator.words.placement import say_placement
from world import NOW, make_candidate, make_post

QUOTAS = Quotas(burst=20)


def make(days: Sequence[int], source: str = "haneul", first: int = 1, **changes: object) -> list[Candidate]:
    """So many posts of a source on the first, the second, … of December."""
    dates = [day for day, count in enumerate(days, 1) for _ in range(count)]
    return [
        make_candidate(
            number,
            post=make_post(
                number,
                url=f"https://{source}.example/{number}",
                published_at=datetime(2022, 12, day, 12, tzinfo=UTC),
                **changes,
            ),
        )
        for number, day in enumerate(dates, first)
    ]


@pytest.mark.parametrize(
    ("situation", "days", "pace", "day", "usual"),
    [
        ("an archive on one day", [1, 0, 1, 30], 0, 4, 1),
        ("an archive, and nothing else", [0, 25], 0, 2, 1),
        ("a firehose as it is every day", [30, 28, 31, 30], 0, None, 0),
        ("five times its usual day", [6, 6, 30, 6], 0, 3, 6),
        ("not quite so many", [6, 6, 29, 6], 0, None, 0),
        ("few are none", [1, 1, 19], 0, None, 0),
        ("as many each month, on one day", [0, 25], 24, None, 0),
        ("twice as many as each month", [0, 48], 24, 2, 1),
    ],
)
def test_a_burst_is_far_above_the_habit_of_its_source(
    situation: str, days: list[int], pace: float, day: int | None, usual: int
) -> None:
    candidates = [*make(days), *make([3, 3, 3, 3, 3], "dasan", first=500)]
    barred = find_barred(candidates, QUOTAS, {}, {"haneul.example": pace})
    if day is None:
        assert barred == {}, situation
    else:
        placement = Placement(Ground.BURST, f"2022-12-{day:02}", days[day - 1], usual)
        assert set(barred.values()) == {placement}, situation
        assert len(barred) == days[day - 1]


@pytest.mark.parametrize(
    ("decision", "is_barred"),
    [(None, True), (Decision.REJECT, True), (Decision.HOLD, False), (Decision.APPROVE, False)],
)
def test_it_is_barred_until_one_of_it_is_approved_or_held(decision: Decision | None, is_barred: bool) -> None:
    first, *others = make([1, 40])
    if decision:
        verdict = Verdict(others[0].post.id, decision, "curator", NOW, reason="promotional")
        others[0] = replace(others[0], verdict=verdict)
    assert bool(find_barred([first, *others], QUOTAS, {}, {})) == is_barred


def test_what_very_many_talk_about_is_proposed_out_of_a_burst() -> None:
    candidates = make([1, 40])
    assert set(find_barred(candidates, QUOTAS, {7: 100.0, 8: 99.0}, {})) == {*range(2, 42)} - {7}


def test_weak_dates_and_a_quota_of_0_know_no_burst() -> None:
    assert find_barred(make([1, 40], confidence=DateConfidence.WEAK), QUOTAS, {}, {}) == {}
    assert find_barred(make([1, 40]), Quotas(burst=0), {}, {}) == {}


def test_a_post_says_so() -> None:
    placement = Placement(Ground.BURST, "2022-12-04", 1312, 2)
    candidate = make_candidate(score=Score(1, (), placement=placement))
    assert say_placement(candidate, SHIPPED_TEXTS) == "one of 1,312 posts of its source on 2022-12-04 (usually 2)"
