"""What to make of last month's digest, by the day and the state of the review."""

from __future__ import annotations

import pytest

from aggregator.scheduler import decide_month_work
from aggregator.storage.outlines import Outline
from aggregator.types import Decision, DigestState


def _outline(decision: Decision | None, *, shortlisted: bool = True) -> Outline:
    return Outline(1, None, "haneul", "하늘상점", "ko", decision, shortlisted)


FINISHED = [_outline(Decision.APPROVE), _outline(Decision.REJECT), _outline(None, shortlisted=False)]
UNFINISHED = [*FINISHED, _outline(None)]
NOTHING_APPROVED = [_outline(Decision.REJECT)]


@pytest.mark.parametrize(
    ("day", "state", "outlines", "print_day", "made"),
    [
        (1, None, FINISHED, 5, None),
        (2, None, FINISHED, 5, DigestState.DRAFT),
        (4, DigestState.DRAFT, FINISHED, 5, DigestState.DRAFT),
        (5, DigestState.DRAFT, FINISHED, 5, DigestState.PRINTED),
        (28, None, FINISHED, 5, DigestState.PRINTED),
        (5, DigestState.DRAFT, UNFINISHED, 5, DigestState.DRAFT),
        (5, DigestState.DRAFT, NOTHING_APPROVED, 5, DigestState.DRAFT),
        (5, DigestState.DRAFT, [], 5, DigestState.DRAFT),
        (28, DigestState.DRAFT, FINISHED, 0, DigestState.DRAFT),
        (9, DigestState.PRINTED, FINISHED, 5, None),
        (9, DigestState.READ, FINISHED, 5, None),
    ],
)
def test_draft_and_printing(
    day: int, state: DigestState | None, outlines: list[Outline], print_day: int, made: DigestState | None
) -> None:
    assert decide_month_work(day, state, outlines, draft_day=2, print_day=print_day) == made
