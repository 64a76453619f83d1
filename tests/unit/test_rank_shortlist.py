"""A shortlist is balanced over sources and sections, varied and deterministic."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.rank.barred import find_barred
from aggregator.rank.record import Record
from aggregator.rank.shortlist import learn_quotas, rank_candidates
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Correction, Decision, Month, Quotas, Reason, Score, Verdict
from titles import number_titles
from world import NOW, make_candidate, make_guess, make_post

# No diversity: posts of a test differ in what the test is about alone.
QUOTAS = Quotas(size=40, per_source=3, per_section=10, floor=0.0, diversity=0.0, sources={"aws-ml": 10})
_WORDS = [
    "alpha",
    "bravo",
    "coral",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jetty",
    "karst",
    "lotus",
    "mango",
    "noble",
    "ocean",
    "pearl",
    "quartz",
    "river",
]


def _month(*posts: tuple[str, float], titles: list[str] | None = None) -> tuple[list[Candidate], list[Score]]:
    """A month of posts, each with its source and its score, in the sections in turn."""
    candidates = [
        make_candidate(
            number,
            post=make_post(
                number,
                feed_key=source,
                url=f"https://{source}.example/{number}",
                title=titles[number - 1] if titles else _WORDS[number % len(_WORDS)],
            ),
            guess=make_guess(number, topic=SHIPPED.topics[number % 4]),
        )
        for number, (source, _) in enumerate(posts, 1)
    ]
    scores = [Score(number, (Reason("test", value),)) for number, (_, value) in enumerate(posts, 1)]
    return candidates, scores


def _rank(
    candidates: list[Candidate],
    scores: list[Score],
    quotas: Quotas,
    series: Mapping[int, str] | None = None,
    barred: Collection[int] = (),
) -> list[Score]:
    return rank_candidates(candidates, scores, quotas, series, barred, words=number_titles(candidates))


def _choose(
    candidates: list[Candidate], scores: list[Score], quotas: Quotas = QUOTAS, **series: dict[int, str]
) -> list[int]:
    ranked = _rank(candidates, scores, quotas, series.get("series"))
    return [score.post_id for score in ranked if score.shortlisted]


def test_no_source_crowds_out_the_rest() -> None:
    candidates, scores = _month(*[("loud", 3.0 - n / 100) for n in range(20)], ("quiet", 0.5))
    assert _choose(candidates, scores) == [1, 2, 3, 21]


def test_a_source_that_fills_a_part_may_give_more() -> None:
    candidates, scores = _month(*[("aws-ml", 2.0 - n / 100) for n in range(30)])
    assert len(_choose(candidates, scores)) == 10


def test_no_section_crowds_out_the_rest() -> None:
    candidates, scores = _month(*[(f"s{n}", 3.0 - n / 100) for n in range(40)])
    quotas = replace(QUOTAS, sections={SHIPPED.parse_section("business/cv"): 2})
    chosen = _choose(candidates, scores, quotas)
    assert sum(candidates[n - 1].section == SHIPPED.parse_section("business/cv") for n in chosen) == 2
    assert len(chosen) == 32


def test_a_thin_month_stays_thin() -> None:
    candidates, scores = _month(("a", 1.0), ("b", -0.1), ("c", -2.0))
    assert _choose(candidates, scores) == [1]


def test_what_was_printed_is_ranked_but_not_proposed_again() -> None:
    candidates, scores = _month(("a", 1.0), ("b", 0.5))
    printed = [replace(candidates[0], printed_in=Month(2022, 11)), candidates[1]]
    ranked = _rank(printed, scores, QUOTAS)
    assert [(s.post_id, s.rank, s.shortlisted) for s in ranked] == [(1, 1, False), (2, 2, True)]


def test_what_its_own_month_printed_stays_proposed() -> None:
    candidates, scores = _month(("a", 3.0), ("b", 2.0), ("c", 1.0))
    own = candidates[0].post.month
    approved = Verdict(1, Decision.APPROVE, "curator", NOW)
    printed = [
        replace(candidates[0], verdict=approved, printed_in=own, score=replace(scores[0], shortlisted=True)),
        replace(candidates[1], verdict=approved, printed_in=own),
        candidates[2],
    ]
    ranked = _rank(printed, scores, QUOTAS)
    # What was printed from below the shortlist was not proposed before either.
    assert [score.post_id for score in ranked if score.shortlisted] == [1, 3]


def test_the_same_thing_is_not_proposed_twice() -> None:
    titles = ["Prompting large language models", "Prompting large language models well", "Fraud in payments"]
    candidates, scores = _month(("a", 2.0), ("b", 1.9), ("c", 1.5), titles=titles)
    assert _choose(candidates, scores, replace(QUOTAS, size=2, diversity=0.0)) == [1, 2]
    assert _choose(candidates, scores, replace(QUOTAS, size=2, diversity=1.0)) == [1, 3]


_GAVE = Correction(1, "curator", NOW, section=SHIPPED.parse_section("business/nlp"))
_RETITLED = Correction(1, "curator", NOW, title="A title")


@pytest.mark.parametrize(
    ("situation", "out", "changes", "talk", "is_proposed"),
    [
        ("as likely out as may be", 0.3, {}, 0.0, True),
        ("likelier", 0.31, {}, 0.0, False),
        ("likelier, and some talk about it", 0.31, {}, 99.0, False),
        ("surely out, and very many talk about it", 0.99, {}, 100.0, True),
        ("the curator gave it a section", 0.99, {"correction": _GAVE}, 0.0, True),
        ("the curator gave it a title", 0.99, {"correction": _RETITLED}, 0.0, False),
        ("it was approved", 0.99, {"verdict": Verdict(1, Decision.APPROVE, "curator", NOW)}, 0.0, True),
        ("nothing is thought of it yet", None, {}, 0.0, True),
    ],
)
def test_what_is_likely_out_of_scope_is_not_proposed_and_stays_in_the_order(
    situation: str, out: float | None, changes: dict[str, object], talk: float, is_proposed: bool
) -> None:
    guess = None if out is None else make_guess(1, out=out)
    candidates = [make_candidate(1, guess=guess, **changes), make_candidate(2, post=make_post(2, title="other"))]
    scores = [Score(1, (Reason("test", 2.0),)), Score(2, (Reason("test", 1.0),))]
    quotas = replace(QUOTAS, out_of_scope=0.3)
    ranked = _rank(candidates, scores, quotas, barred=find_barred(candidates, quotas, {1: talk}, {}))
    assert [(score.post_id, score.shortlisted) for score in ranked] == [(1, is_proposed), (2, True)], situation


def test_a_part_that_is_likely_out_of_scope_does_not_come_along() -> None:
    candidates = [make_candidate(n, guess=make_guess(n, out=0.1 if n == 1 else 0.5)) for n in (1, 2)]
    scores = [Score(n, (Reason("test", 2.0),)) for n in (1, 2)]
    barred = find_barred(candidates, replace(QUOTAS, out_of_scope=0.3), {}, {})
    ranked = _rank(candidates, scores, QUOTAS, {1: "a", 2: "a"}, barred)
    assert [score.post_id for score in ranked if score.shortlisted] == [1]


def test_what_only_repeats_falls_below_the_floor() -> None:
    titles = ["Prompting large language models"] * 2
    candidates, scores = _month(("a", 0.9), ("b", 0.8), titles=titles)
    assert _choose(candidates, scores, replace(QUOTAS, diversity=1.0)) == [1]


def test_parts_of_a_series_come_together() -> None:
    titles = ["MLOps 구축 2편", "Fraud in payments", "Ranking homes", "MLOps 구축 1편"]
    candidates, scores = _month(("a", 2.0), ("b", 1.5), ("c", 1.2), ("a", 0.1), titles=titles)
    quotas = replace(QUOTAS, size=2, diversity=1.0)
    assert _choose(candidates, scores, quotas) == [1, 2]
    assert _choose(candidates, scores, quotas, series={1: "mlops", 4: "mlops"}) == [1, 4]


def test_a_part_below_the_floor_does_not_come_along() -> None:
    candidates, scores = _month(("a", 2.0), ("a", -0.5))
    assert _choose(candidates, scores, series={1: "mlops", 2: "mlops"}) == [1]


@pytest.mark.parametrize(
    ("decision", "chosen"), [(Decision.REJECT, [1, 2]), (Decision.HOLD, [1, 2]), (Decision.APPROVE, [1, 2])]
)
def test_what_was_decided_keeps_its_place_and_lets_nobody_in(decision: Decision, chosen: list[int]) -> None:
    candidates, scores = _month(("a", 1.0), ("b", 0.9), ("c", 0.8))
    quotas = replace(QUOTAS, size=2)
    before = {score.post_id: score for score in _rank(candidates, scores, quotas)}
    decided = [replace(c, score=before[c.post.id]) for c in candidates]
    decided[0] = replace(decided[0], verdict=Verdict(1, decision, "curator", NOW))
    # Whatever was learned from the verdict.
    lowered = [Score(1, (Reason("test", -3.0),)), *scores[1:]]
    assert sorted(_choose(decided, lowered, quotas)) == chosen


def test_what_was_rejected_far_down_takes_no_place() -> None:
    candidates, scores = _month(("a", 1.0), ("b", 0.9))
    rejected = replace(candidates[1], verdict=Verdict(2, Decision.REJECT, "curator", NOW), score=Score(2, (), 2, False))
    assert _choose([candidates[0], rejected], scores, replace(QUOTAS, size=1)) == [1]


def test_equal_scores_are_ordered_newest_first() -> None:
    candidates, scores = _month(("a", 1.0), ("b", 1.0))
    newer = make_candidate(2, post=make_post(2, feed_key="b", published_at=NOW + timedelta(days=1)))
    assert [s.post_id for s in _rank([candidates[0], newer], scores, QUOTAS)] == [2, 1]


_POSTS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "aws-ml"]), st.sampled_from([-0.5, 0.0, 0.5, 1.0, 1.5])), max_size=40
)
_QUOTAS = st.builds(
    Quotas,
    size=st.integers(1, 12),
    floor=st.sampled_from([-1.0, 0.0, 0.6]),
    diversity=st.sampled_from([0.0, 1.0]),
    per_source=st.integers(0, 5),
    per_section=st.integers(0, 5),
    sources=st.dictionaries(st.just("aws-ml"), st.integers(0, 8)),
)


@settings(deadline=None)
@given(_POSTS, _QUOTAS)
def test_quotas_and_floor_hold_whatever_comes_in_whatever_order(posts: list[tuple[str, float]], quotas: Quotas) -> None:
    candidates, scores = _month(*posts)
    ranked = _rank(candidates, scores, quotas)
    mixed = random.Random(1).sample(range(len(posts)), len(posts))
    assert _rank([candidates[n] for n in mixed], [scores[n] for n in mixed], quotas) == ranked
    chosen = [(candidates[score.post_id - 1], score) for score in ranked if score.shortlisted]
    assert len(chosen) <= quotas.size
    assert all(score.value >= quotas.floor for _, score in chosen)
    for source in ("a", "b", "aws-ml"):
        most = quotas.sources.get(source, quotas.per_source)
        assert sum(candidate.post.feed_key == source for candidate, _ in chosen) <= most
    for section in SHIPPED.sections:
        assert sum(candidate.section == section for candidate, _ in chosen) <= quotas.per_section
    assert [score.rank for score in ranked] == list(range(1, len(posts) + 1))


@settings(deadline=None)
@given(_POSTS, _QUOTAS)
def test_the_better_of_one_source_and_section_goes_first(posts: list[tuple[str, float]], quotas: Quotas) -> None:
    """As far as titles have nothing in common: what repeats may fall behind."""
    candidates, scores = _month(*posts, titles=[f"w{n}" for n in range(len(posts))])
    ranked = _rank(candidates, scores, quotas)
    kinds = {
        score.post_id: (candidates[score.post_id - 1].post.feed_key, candidates[score.post_id - 1].section)
        for score in ranked
    }
    for place, worse in enumerate(ranked):
        for better in ranked[:place]:
            assert not (worse.shortlisted and not better.shortlisted and kinds[worse.post_id] == kinds[better.post_id])


@settings(deadline=None)
@given(_POSTS)
def test_a_shortlist_is_as_full_as_its_quotas_allow(posts: list[tuple[str, float]]) -> None:
    candidates, scores = _month(*posts, titles=[f"w{n}" for n in range(len(posts))])
    quotas = Quotas(size=5, floor=-1, per_source=100, per_section=100)
    assert len(_choose(candidates, scores, quotas)) == min(5, len(posts))


# --- quotas that are learned ------------------------------------------------------------------------------------------


def _printed(source: str, section: str, count: int) -> list[Candidate]:
    found = SHIPPED.parse_section(section)
    return [
        replace(
            make_candidate(n, post=make_post(n, feed_key=source, url=f"https://{source}.example/{n}")),
            correction=Correction(n, "curator", NOW, section=found),
            printed_in=Month(2022, 11),
        )
        for n in range(count)
    ]


def test_quotas_follow_what_digests_printed() -> None:
    printed = [*_printed("aws-ml", "3.4", 36), *_printed("small", "2.1", 4), *_printed("other", "2.2", 80)]
    quotas = learn_quotas(
        printed, 4, ["aws-ml.example", "small.example", "new.example"], SHIPPED.sections, Record(), Quotas(size=40)
    )
    # 120 lines in 4 months are 30 a month; 40 places are a third more. (36 + 3) / 5 = 7.8; times 4/3 = 10.4; and one more.
    assert quotas.sources["aws-ml.example"] == 12
    # (4 + 3) / 5 = 1.4 → 1.87; (0 + 3) / 5 = 0.6 → 0.8.
    assert (quotas.sources["small.example"], quotas.sources["new.example"]) == (3, 2)
    # (36 + 2.5) / 5 = 7.7; times 4/3 and half as much again = 15.4.
    assert quotas.sections[SHIPPED.parse_section("aws/mlops")] == 17
    assert quotas.sections[SHIPPED.parse_section("research/cv")] == 2


def test_the_shipped_record_speaks_before_any_digest_does() -> None:
    record = Record(2, Month(2023, 1), {"aws.amazon.com/blogs/machine-learning": 18}, {"3.4": 18})
    sources = ["aws.amazon.com/blogs/machine-learning", "new.example"]
    quotas = learn_quotas([], 0, sources, SHIPPED.sections, record, Quotas(size=9))
    assert [quotas.sources[source] for source in sources] == [8, 2]


def test_what_the_curator_set_stands() -> None:
    base = Quotas(per_source=5, sources={"aws-ml": 1}, sections={SHIPPED.parse_section("aws/mlops"): 2})
    quotas = learn_quotas(_printed("aws-ml", "3.4", 36), 4, ["aws-ml.example"], SHIPPED.sections, Record(), base)
    assert quotas.sources == {"aws-ml": 1}
    assert quotas.sections[SHIPPED.parse_section("aws/mlops")] == 2
    assert learn_quotas([], 0, ["a.example"], SHIPPED.sections, Record(), base) == base


def test_scores_without_any_reason_are_ranked_too() -> None:
    candidates, _ = _month(("a", 0.0), ("b", 0.0))
    assert _choose(candidates, [Score(1, ()), Score(2, ())]) == [1, 2]
