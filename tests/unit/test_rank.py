"""A score is the sum of reasons that a person can check; a shortlist is balanced and deterministic."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rank.reasons import Weights, gather_evidence, score_post
from aggregator.rank.shortlist import Quotas, rank_candidates
from aggregator.types import Candidate, Kind, Month, Part, Reason, Score, Signal, Topic
from nouns import make_candidate, make_guess, make_post

WEIGHTS = Weights(
    business_case=1.0, open_code=0.6, topic_fit=1.0, out_of_scope=-2.0, source=1.0, popularity=0.8, depth=0.3
)
QUOTAS = Quotas(size=40, per_source=3, per_aws_source=10, per_section=10, floor=0.0)
NOW = datetime(2022, 12, 20, tzinfo=UTC)


def _score(candidate: Candidate, *signals: Signal, weight: float = 0.0) -> Score:
    (evidence,) = gather_evidence([candidate], {"haneul": weight}, signals)
    return score_post(evidence, WEIGHTS)


def _share(score: Score, name: str) -> float:
    return next((reason.share for reason in score.reasons if reason.name == name), 0.0)


def test_a_business_case_is_worth_more_than_research() -> None:
    cases = {part: _score(make_candidate(guess=make_guess(part=part))).value for part in Part}
    assert cases[Part.BUSINESS] > cases[Part.AWS] > cases[Part.RESEARCH]


@pytest.mark.parametrize(
    ("link", "counts"),
    [
        ("https://github.com/haneul-example/store", True),
        ("https://huggingface.co/lumen-research/halftone-2", True),
        ("https://huggingface.co/blog/rlhf", False),
        ("https://github.com/haneul-example", False),
        ("https://colab.research.google.com/drive/1", True),
        ("https://a.example/github.com/x/y", False),
    ],
)
def test_open_code_raises_importance_and_is_named(link: str, counts: bool) -> None:
    score = _score(make_candidate(post=make_post(links=("https://a.example/", link))))
    assert (_share(score, "open code") > 0) is counts
    if counts:
        assert link.removeprefix("https://") in next(r.detail for r in score.reasons if r.name == "open code")


def test_what_is_out_of_scope_falls_behind_everything() -> None:
    outside = _score(make_candidate(guess=make_guess(out=0.95)))
    doubtful = _score(make_candidate(guess=make_guess(out=0.4)))
    assert outside.value < 0 < doubtful.value
    assert _share(doubtful, "out of scope") == 0


def test_popularity_grows_slowly_and_has_an_end() -> None:
    address = make_post().canonical_url
    shares = [
        _share(_score(make_candidate(), Signal(address, "popular", "points", points, NOW)), "popularity")
        for points in (0.0, 10.0, 100.0, 500.0, 5_000.0)
    ]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 0.8)


def test_links_from_other_sites_of_the_month_count() -> None:
    linked = make_candidate(1)
    elsewhere = make_candidate(
        2, post=make_post(2, url="https://other.example/2", links=(f"{linked.post.url}?utm_source=x",))
    )
    same_site = make_candidate(3, post=make_post(3, links=(linked.post.url,)))
    first, *_ = gather_evidence([linked, elsewhere, same_site], {}, [])
    assert first.linked_by == 1


def test_the_curator_s_weight_of_a_source_counts_as_it_stands() -> None:
    assert _share(_score(make_candidate(), weight=-0.5), "source") == -0.5


def test_a_post_without_a_guess_has_a_score_too() -> None:
    assert _score(make_candidate(guess=None)).reasons == ()


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(0, 5000),
    st.floats(-1, 1),
    st.floats(0, 10_000),
    st.sampled_from(Topic),
)
def test_the_score_is_the_sum_of_its_reasons(
    sure: float, out: float, words: int, weight: float, points: float, topic: Topic
) -> None:
    candidate = make_candidate(guess=make_guess(topic=topic, sure=sure, out=out), post=make_post(words=words))
    score = _score(candidate, Signal(candidate.post.canonical_url, "hn", "points", points, NOW), weight=weight)
    assert score.value == pytest.approx(sum(reason.share for reason in score.reasons), abs=1e-4)
    assert all(reason.share for reason in score.reasons)
    assert [abs(r.share) for r in score.reasons] == sorted((abs(r.share) for r in score.reasons), reverse=True)


def _month(*posts: tuple[str, float]) -> tuple[list[Candidate], list[Score]]:
    """A month of posts, each with its source and its score."""
    candidates = [
        make_candidate(
            number,
            post=make_post(number, feed_key=source, kind=Kind.AWS if source.startswith("aws") else Kind.COMPANY),
            guess=make_guess(number, topic=list(Topic)[number % 4]),
        )
        for number, (source, _) in enumerate(posts, 1)
    ]
    scores = [Score(number, (Reason("test", value),)) for number, (_, value) in enumerate(posts, 1)]
    return candidates, scores


def test_no_source_crowds_out_the_rest() -> None:
    candidates, scores = _month(*[("loud", 3.0 - n / 100) for n in range(20)], ("quiet", 0.5))
    ranked = rank_candidates(candidates, scores, QUOTAS)
    chosen = [score.post_id for score in ranked if score.shortlisted]
    assert chosen == [1, 2, 3, 21]


def test_the_aws_blog_may_give_more() -> None:
    candidates, scores = _month(*[("aws-ml", 2.0 - n / 100) for n in range(30)])
    assert sum(score.shortlisted for score in rank_candidates(candidates, scores, QUOTAS)) == 10


def test_a_thin_month_stays_thin() -> None:
    candidates, scores = _month(("a", 1.0), ("b", -0.1), ("c", -2.0))
    assert [s.shortlisted for s in rank_candidates(candidates, scores, QUOTAS)] == [True, False, False]


def test_what_was_printed_is_ranked_but_not_proposed_again() -> None:
    candidates, scores = _month(("a", 1.0), ("b", 0.5))
    printed = [make_candidate(1, post=candidates[0].post, printed_in=Month(2022, 11)), candidates[1]]
    ranked = rank_candidates(printed, scores, QUOTAS)
    assert [(s.post_id, s.rank, s.shortlisted) for s in ranked] == [(1, 1, False), (2, 2, True)]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "aws-x"]), st.sampled_from([0.0, 0.5, 1.0])), max_size=30))
def test_the_shortlist_is_deterministic_and_within_its_quotas(posts: list[tuple[str, float]]) -> None:
    candidates, scores = _month(*posts)
    ranked = rank_candidates(candidates, scores, QUOTAS)
    shuffled = random.Random(1).sample(scores, len(scores))
    assert rank_candidates(candidates, shuffled, QUOTAS) == ranked
    sources = [candidates[s.post_id - 1].post.feed_key for s in ranked if s.shortlisted]
    assert sources.count("a") <= 3
    assert sources.count("aws-x") <= 10
    assert [score.rank for score in ranked] == list(range(1, len(posts) + 1))


def test_equal_scores_are_ordered_newest_first() -> None:
    candidates, scores = _month(("a", 1.0), ("b", 1.0))
    newer = make_candidate(2, post=make_post(2, feed_key="b", published_at=NOW + timedelta(days=1)))
    assert [s.post_id for s in rank_candidates([candidates[0], newer], scores, QUOTAS)] == [2, 1]
