"""What to make of last month's digest, by the day and the state of the review."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.scheduler import decide_month_work
from aggregator.types import Candidate, Decision, DigestState, Score, Verdict
from nouns import make_candidate

NOW = datetime(2022, 12, 20, tzinfo=UTC)
APPROVED = Verdict(1, Decision.APPROVE, "mina", NOW)
REJECTED = Verdict(2, Decision.REJECT, "mina", NOW, reason="shallow")
FINISHED = [
    make_candidate(1, verdict=APPROVED, score=Score(1, (), 1, shortlisted=True)),
    make_candidate(2, verdict=REJECTED, score=Score(2, (), 2, shortlisted=True)),
    make_candidate(3, score=Score(3, (), 3, shortlisted=False)),
]
UNFINISHED = [*FINISHED, make_candidate(4, score=Score(4, (), 4, shortlisted=True))]
NOTHING_APPROVED = [make_candidate(2, verdict=REJECTED, score=Score(2, (), 2, shortlisted=True))]


@pytest.mark.parametrize(
    ("day", "state", "candidates", "print_day", "made"),
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
    day: int, state: DigestState | None, candidates: list[Candidate], print_day: int, made: DigestState | None
) -> None:
    assert decide_month_work(day, state, candidates, draft_day=2, print_day=print_day) == made
