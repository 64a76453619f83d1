"""Why a post is on the shortlist or not, what a change of weights moves, and which decided posts are like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.config import SHIPPED_TEXTS
from aggregator.rank.barred import find_barred
from aggregator.rank.effect import measure_effect
from aggregator.rank.placement import explain_placements
from aggregator.rank.shortlist import rank_candidates
from aggregator.types import Candidate, Decision, Ground, Month, Placement, Quotas, Reason, Score, Verdict
from aggregator.words.placement import say_cause, say_ordinal, say_placement
from clock import Clock
from titles import number_titles
from world import make_candidate, make_guess, make_post

TITLES = [
    "Feature store",
    "검색 품질 개선기",
    "GPU 서버 절약",
    "음성 합성 서비스",
    "Churn prediction",
    "Graph databases",
]


def make(number: int, *, host: str = "a", title: str = "", **changes: object) -> Candidate:
    url = f"https://{host}.example/{number}"
    post = make_post(number, title=title or f"{TITLES[number % 6]} {number}", url=url, canonical_url=url, feed_key=host)
    return make_candidate(number, post=post, feed_name=f"Blog {host.upper()}", **changes)


def explain(
    candidates: list[Candidate], quotas: Quotas, values: list[float] | None = None, series: dict[int, str] | None = None
) -> dict[int, Placement]:
    """Best first, as given."""
    values = values or [10.0 - number / 10 for number in range(len(candidates))]
    scores = [Score(c.post.id, (Reason("words", value),)) for c, value in zip(candidates, values, strict=True)]
    barred = find_barred(candidates, quotas, {}, {})
    words = number_titles(candidates)
    ranked = rank_candidates(candidates, scores, quotas, series, barred, words=words)
    return explain_placements(candidates, ranked, quotas, series, barred, words=words)


def test_a_full_source_is_named_with_the_place_and_what_fits() -> None:
    candidates = [make(n) for n in (1, 2, 3)] + [make(4, host="b")]
    found = explain(candidates, Quotas(per_source=2, diversity=0))
    assert found == {3: Placement(Ground.SOURCE, "a.example", 3, 2)}
    stands = replace(candidates[2], score=Score(3, (), placement=found[3]))
    assert say_placement(stands, SHIPPED_TEXTS) == "3rd of Blog A, 2 fit"


def test_a_full_section_is_named() -> None:
    candidates = [make(n, host=f"h{n}") for n in (1, 2)]
    found = explain(candidates, Quotas(per_source=5, per_section=1, diversity=0))
    assert found == {2: Placement(Ground.SECTION, "2.4", 2, 1)}
    stands = replace(candidates[1], score=Score(2, (), placement=found[2]))
    assert say_placement(stands, SHIPPED_TEXTS) == "2nd in 2.4 Training, Inference and MLOps, 1 fits"


def test_what_is_below_the_floor_says_so() -> None:
    found = explain([make(1), make(2)], Quotas(floor=5), [6.0, 4.0])
    assert found == {2: Placement(Ground.FLOOR)}


def test_what_is_likely_out_of_scope_says_so() -> None:
    candidates = [make(1), make(2, guess=make_guess(2, out=0.4))]
    found = explain(candidates, Quotas(out_of_scope=0.3))
    assert found == {2: Placement(Ground.SCOPE)}
    stands = replace(candidates[1], score=Score(2, (), placement=found[2]))
    assert say_placement(stands, SHIPPED_TEXTS) == "out of scope 40%"


def test_what_is_near_to_a_better_one_says_to_which() -> None:
    title = "검색 품질 개선기"
    candidates = [make(1, title=title), make(2, title=title, host="b"), make(3, title="Graph databases", host="c")]
    found = explain(candidates, Quotas(size=2, diversity=5), [6.0, 5.0, 4.0])
    assert found == {2: Placement(Ground.NEARNESS, title)}


def test_what_the_score_alone_decides_says_nothing() -> None:
    assert explain([make(n, host=f"h{n}") for n in range(1, 5)], Quotas(size=2, diversity=0)) == {}


def test_decided_and_printed_posts_say_nothing() -> None:
    verdict = Verdict(1, 3, Decision.REJECT, None, "curator", Clock().now)
    candidates = [make(1), make(2, printed_in=Month(2022, 11)), make(3, verdict=verdict), make(4)]
    assert set(explain(candidates, Quotas(per_source=1, diversity=0))) == {4}


def test_parts_of_a_series_say_that_they_came_together() -> None:
    candidates = [make(1, title="MLOps 구축 1편"), make(2, title="MLOps 구축 2편"), make(3, host="b")]
    found = explain(candidates, Quotas(size=2, per_source=3), series={1: "mlops", 2: "mlops"})
    assert found == {2: Placement(Ground.SERIES, "MLOps 구축 1편")}


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (21, "21st"), (112, "112th")],
)
def test_ordinals(number: int, said: str) -> None:
    assert say_ordinal(number) == said


def _score(number: int, rank: int, listed: bool, placement: Placement | None = None, **shares: float) -> Score:
    return Score(number, tuple(Reason(name, share) for name, share in shares.items()), rank, listed, placement)


def test_the_effect_of_a_change_is_who_enters_who_leaves_and_who_moves_most() -> None:
    before = [
        _score(1, 1, True, words=3.0, depth=1.0),
        _score(2, 2, False, words=1.0, depth=2.0),
        _score(3, 3, False, words=0.1),
        _score(4, 4, False),
    ]
    after = [
        _score(2, 1, True, words=1.0, depth=4.0),
        _score(1, 2, False, words=3.0, depth=2.0),
        _score(3, 3, False, words=0.1),
        _score(4, 4, False),
    ]
    effect = measure_effect(before, after, most=5)
    assert [shift.post_id for shift in effect.entered] == [2]
    assert [shift.post_id for shift in effect.left] == [1]
    assert (effect.moved, effect.total, effect.sizes) == ((), 2, (1, 1))
    assert say_cause(effect.entered[0], make(2), SHIPPED_TEXTS) == "depth +2.00 → +4.00"
    # Its own share grew, that of another more.
    assert say_cause(effect.left[0], make(1), SHIPPED_TEXTS) == "others come before it"
    assert measure_effect(before, before, most=5).total == 0


def test_a_quota_that_gives_way_is_the_cause() -> None:
    held = Placement(Ground.SOURCE, "a.example", 3, 2)
    (shift,) = measure_effect([_score(1, 3, False, held, words=1.0)], [_score(1, 3, True, words=1.0)], most=1).entered
    assert say_cause(shift, make(1), SHIPPED_TEXTS) == "before: 3rd of Blog A, 2 fit"
    (shift,) = measure_effect([_score(1, 3, True, words=1.0)], [_score(1, 3, False, held, words=1.0)], most=1).left
    assert say_cause(shift, make(1), SHIPPED_TEXTS) == "3rd of Blog A, 2 fit"
