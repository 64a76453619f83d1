"""The spot check below the shortlist: who is drawn, what stays, and what it tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from aggregator.rank.sample import bound_share, draw_sample, estimate_missed
from aggregator.types import Decision, Month, RankedPost, Sampled
from world import NOW

MONTH = Month(2022, 12)


def make_place(number: int, rank: int | None = None, **changes: bool) -> RankedPost:
    flags = {"is_shortlisted": False, "is_decided": False, "is_printed": False} | changes
    return RankedPost(number, f"https://a.example/{number}", rank or number, **flags)


def draw(
    ranked: list[RankedPost], stored: list[Sampled] | None = None, *, size: int = 5, salt: str = "s"
) -> list[Sampled]:
    """What the sample is after a draw."""
    drawing = draw_sample(MONTH, ranked, stored or [], size=size, salt=salt, now=NOW)
    return [each for each in stored or [] if each.post_id not in drawing.dropped] + list(drawing.drawn)


@st.composite
def months(draw_: st.DrawFn) -> list[RankedPost]:
    flags = draw_(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=60))
    return [
        make_place(number, is_shortlisted=listed, is_decided=decided, is_printed=printed)
        for number, (listed, decided, printed) in enumerate(flags, 1)
    ]


@given(months(), st.integers(0, 8), st.text(max_size=5))
def test_a_draw_is_below_the_shortlist_undecided_unprinted_and_as_large_as_can_be(
    ranked: list[RankedPost], size: int, salt: str
) -> None:
    by_post = {place.post_id: place for place in ranked}
    below = [place for place in ranked if place.is_below]
    drawn = draw(ranked, size=size, salt=salt)
    assert len(drawn) == len({each.post_id for each in drawn}) == min(size, len(below))
    assert all(by_post[each.post_id].is_below and each.below == len(below) for each in drawn)
    assert draw(list(ranked), size=size, salt=salt) == drawn
    # Drawing again changes nothing.
    assert draw(ranked, drawn, size=size, salt="other") == drawn


@given(months(), months(), st.integers(0, 8), st.randoms())
def test_what_was_drawn_stays_however_ranks_move(
    ranked: list[RankedPost], later: list[RankedPost], size: int, rng: object
) -> None:
    drawn = draw(ranked, size=size)
    moved = [place._replace(rank=len(later) - number) for number, place in enumerate(later)]
    after = {each.post_id: each for each in draw(moved[::-1], drawn, size=size)}
    by_post = {place.post_id: place for place in moved}
    for each in drawn:
        place = by_post.get(each.post_id)
        assert (after.get(each.post_id) == each) == (place is not None and (place.is_decided or place.is_below))


def test_an_undecided_one_that_comes_to_the_shortlist_is_replaced_and_a_decided_one_stays() -> None:
    ranked = [make_place(number) for number in range(1, 41)]
    first, second, *_ = drawn = draw(ranked)
    raised = [
        place._replace(is_shortlisted=True, is_decided=place.post_id == second.post_id)
        if place.post_id in {first.post_id, second.post_id}
        else place
        for place in ranked
    ]
    after = draw(raised, drawn)
    assert len(after) == 5
    assert first not in after
    assert set(drawn) - {first} < set(after)


def test_the_depth_is_covered_evenly_and_another_home_or_month_draws_others() -> None:
    ranked = [make_place(number) for number in range(1, 101)]
    drawn = draw(ranked)
    assert [(each.rank - 1) // 20 for each in drawn] == [0, 1, 2, 3, 4]
    assert draw(ranked, salt="another home") != drawn
    other = draw_sample(Month(2022, 11), ranked, [], size=5, salt="s", now=NOW).drawn
    assert [each.post_id for each in other] != [each.post_id for each in drawn]


def test_each_post_of_a_layer_is_about_as_likely() -> None:
    ranked = [make_place(number) for number in range(1, 11)]
    counts = dict.fromkeys(range(1, 11), 0)
    for salt in range(2000):
        for each in draw(ranked, size=1, salt=str(salt)):
            counts[each.post_id] += 1
    assert all(140 < count < 260 for count in counts.values()), counts


def test_zero_draws_none_and_takes_back_what_was_not_decided_on() -> None:
    ranked = [make_place(number) for number in range(1, 41)]
    first, *rest = drawn = draw(ranked)
    decided = [place._replace(is_decided=place.post_id == first.post_id) for place in ranked]
    assert draw(decided, drawn, size=0) == [first]
    assert rest


def _look(
    number: int, decision: Decision | None, month: Month = MONTH, below: int = 400
) -> tuple[Sampled, Decision | None]:
    return Sampled(number, month, number, below, NOW), decision


def test_missed_posts_are_estimated_from_the_share_approved() -> None:
    approve, reject, hold = Decision.APPROVE, Decision.REJECT, Decision.HOLD
    estimate = estimate_missed(
        [_look(n, reject) for n in range(9)] + [_look(10, approve), _look(11, hold), _look(12, None)]
    )
    assert estimate is not None
    assert (estimate.looked_at, estimate.approved, estimate.below) == (10, 1, 400)
    assert estimate.missed == pytest.approx(40)
    # Wilson's interval of 1 in 10 is 0.0179 to 0.4042.
    assert (estimate.least, estimate.most) == (
        pytest.approx(400 * 0.0179, abs=0.1),
        pytest.approx(400 * 0.4042, abs=0.1),
    )
    assert estimate_missed([_look(1, hold), _look(2, None)]) is None
    two = estimate_missed([_look(1, reject), _look(2, reject, Month(2022, 11), 100)])
    assert two is not None
    assert (two.below, two.missed, two.least) == (500, 0, 0)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share_and_narrows(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = bound_share(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    theirs = binomtest(successes, trials).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    wide = bound_share(successes * 4, trials * 4)
    assert wide[1] - wide[0] < high - low


def test_layers_that_lost_their_post_are_drawn_from_again() -> None:
    ranked = [make_place(number) for number in range(1, 51)]
    drawn = draw(ranked)
    lost = drawn[2]
    raised = [replace_place(place, lost.post_id) for place in ranked]
    (new,) = set(draw(raised, drawn)) - set(drawn)
    assert (new.rank - 1) // 10 == 2


def replace_place(place: RankedPost, number: int) -> RankedPost:
    return place._replace(is_shortlisted=place.post_id == number)
