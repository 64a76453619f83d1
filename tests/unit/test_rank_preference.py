"""What is learned: from criteria to verdicts, a little at a time; and a score is the sum of its reasons."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rank.preference import PRIOR, Columns, Fact, Label, learn_preference, learn_spread
from aggregator.rank.ranking import LabelledTitle, Ranker, Ranking, RankingContext, ShippedHistory
from aggregator.rank.reasons import score_rows
from aggregator.rank.record import Record
from aggregator.rank.weights import Weights
from aggregator.types import Candidate, Cause, Correction, Decision, Kind, Month, Quotas, Score, Topic, Verdict
from world import NOW, make_candidate, make_guess, make_post
from world.sections import CV, NLP

NOVEMBER, DECEMBER, JANUARY = Month(2022, 11), Month(2022, 12), Month(2023, 1)


def _make(number: int, title: str = "", source: str = "haneul", *, out: float = 0.1, **changes: object) -> Candidate:
    url = f"https://{source}.example/{number}"
    post = make_post(number, url=url, canonical_url=url, feed_key=source, title=title or f"피처 스토어 {number}")
    return make_candidate(number, post=post, guess=make_guess(number, out=out), **changes)


def _judge(number: int, decision: Decision) -> Verdict:
    return Verdict(number, decision, "curator", NOW)


def _rank(
    candidates: list[Candidate],
    past: list[Candidate] | None = None,
    *,
    shipped: ShippedHistory | None = None,
    weights: Weights | None = None,
) -> Ranking:
    ranker = Ranker(shipped or ShippedHistory())
    if past:
        ranker.remember_month(NOVEMBER, past, RankingContext())
    return ranker.rank_month(DECEMBER, candidates, RankingContext(), weights=weights or {}, quotas=Quotas())


def _shares(ranking: Ranking, number: int) -> dict[str, float]:
    score = next(score for score in ranking.scores if score.post_id == number)
    return {reason.name: reason.share for reason in score.reasons}


def _value(ranking: Ranking, number: int) -> float:
    return next(score.value for score in ranking.scores if score.post_id == number)


def test_before_anything_is_known_the_stated_criteria_decide() -> None:
    columns = Columns()
    assert dict(zip(PRIOR, learn_preference(columns, [], {}).coefficients[1 : len(PRIOR) + 1], strict=True)) == PRIOR
    cold = _rank(
        [_make(1, "추천 시스템 도입기"), _make(2, "New – a service now supports tags"), _make(3, "채용 공고", out=0.97)]
    )
    assert [score.post_id for score in cold.scores] == [1, 2, 3]
    assert _value(cold, 3) < 0 < _value(cold, 1)


def test_approving_and_rejecting_moves_what_is_like_it() -> None:
    candidates = [_make(n, f"검색 품질 개선 {n}", "a") for n in range(1, 4)] + [_make(9, "음성 합성 모델", "b")]
    before = _rank(candidates)
    approved = _rank([replace(candidates[0], verdict=_judge(1, Decision.APPROVE)), *candidates[1:]])
    rejected = _rank([replace(candidates[0], verdict=_judge(1, Decision.REJECT)), *candidates[1:]])
    assert _value(rejected, 2) < _value(before, 2) < _value(approved, 2)
    assert _shares(approved, 2)["words"] > 0 > _shares(rejected, 2)["words"]
    # One verdict moves little.
    assert abs(_value(approved, 2) - _value(before, 2)) < 1.5


def test_holding_says_nothing() -> None:
    candidates = [_make(1), _make(2)]
    held = _rank([replace(candidates[0], verdict=_judge(1, Decision.HOLD)), candidates[1]])
    assert [score.reasons for score in held.scores] == [score.reasons for score in _rank(candidates).scores]


def test_what_was_passed_over_counts_less_than_what_was_rejected() -> None:
    def rank(label: Label) -> float:
        columns = Columns()
        row = columns.encode(_make(1), [], columns.encode_words("피처 스토어"))
        learned = learn_preference(columns, [Fact(row, label)], {})
        return score_rows([1], [row], learned, {})[0].value

    assert rank(Label.REJECTED) < rank(Label.UNPRINTED) < 0 < rank(Label.PRINTED)


def test_a_highlight_speaks_louder_for_what_is_like_it() -> None:
    def rank_like(star: bool | None) -> float:
        correction = Correction(1, "mina", NOW, star=star)
        past = [_make(1, "GPU 서빙", "a", printed_in=NOVEMBER, correction=correction), _make(2, "채용", "b")]
        return _value(_rank([_make(31, "GPU 서빙 개선", "c")], past), 31)

    assert rank_like(star=True) > rank_like(star=None) == rank_like(star=False)


def test_a_source_gets_the_smoothed_share_that_was_printed_of_it() -> None:
    past = [_make(n, source="always", printed_in=NOVEMBER) for n in range(1, 9)]
    past += [_make(n, source="never") for n in range(11, 19)] + [_make(21, source="once", printed_in=NOVEMBER)]
    now = _rank([_make(n, source=source) for n, source in enumerate(["always", "once", "new", "never"], 31)], past)
    sources = [_shares(now, number).get("source", 0.0) for number in range(31, 35)]
    assert sources == sorted(sources, reverse=True)
    assert sources[0] > sources[1] > 0 > sources[3]
    detail = next(r.detail for s in now.scores if s.post_id == 31 for r in s.reasons if r.name == "source")
    assert detail == "8 of about 8 posts printed"


def test_a_new_source_gets_what_its_kind_gets() -> None:
    past = [_make(n, source=f"s{n}", printed_in=NOVEMBER if n % 2 else None) for n in range(1, 21)]
    past = [replace(c, post=replace(c.post, kind=Kind.COMPANY if c.printed_in else Kind.RESEARCH)) for c in past]
    company, research = _make(31, source="x"), _make(32, source="y")
    research = replace(research, post=replace(research.post, kind=Kind.RESEARCH))
    now = _rank([company, research], past)
    assert _shares(now, 31)["source"] > 0 > _shares(now, 32)["source"]


def test_what_is_out_of_scope_speaks_neither_for_nor_against_its_source() -> None:
    def source_of(out: float) -> float:
        past = [_make(n, f"화면 설계 {n}", out=out) for n in range(1, 11)]
        return _shares(_rank([_make(31)], past), 31).get("source", 0.0)

    # Ten posts on screens, of which none was printed, are no reason against its first one on machine learning.
    assert source_of(0.1) < -0.1 < source_of(0.95) <= 0
    # Nor does a loved source carry its other posts up.
    past = [_make(n, printed_in=NOVEMBER) for n in range(1, 9)]
    ranking = _rank([_make(31, out=0.05), _make(32, out=0.9)], past)
    loved, carried = (_shares(ranking, number)["source"] for number in (31, 32))
    assert 0 < carried < loved / 5


def test_posts_out_of_scope_make_no_firehose() -> None:
    record = Record(2, JANUARY, {"known.example": 4}, {})

    def rank(*outs: float) -> dict[str, float]:
        candidates = [_make(n, out=out, source="mixed") for n, out in enumerate(outs, 1)]
        return _shares(_rank(candidates, shipped=ShippedHistory(record)), 1)

    mixed, flood = rank(0.05, *[0.98] * 12), rank(*[0.05] * 13)
    assert mixed["rarity"] > 0 > flood["rarity"]
    assert mixed["source"] > flood["source"]


@pytest.mark.parametrize(
    ("host", "kind", "is_lifted"),
    [
        ("research.facebook.com", Kind.RESEARCH, True),
        ("engineering.fb.com", Kind.COMPANY, True),
        ("dasan.example", Kind.COMPANY, False),
        # Amazon and AWS are told from each other.
        ("amazon.science", Kind.RESEARCH, False),
    ],
)
def test_a_new_place_of_a_known_organisation_begins_where_that_stands(host: str, kind: Kind, is_lifted: bool) -> None:
    def at(number: int, host: str, kind: Kind) -> Candidate:
        candidate = _make(number)
        return replace(
            candidate, post=replace(candidate.post, url=f"https://{host}/{number}", kind=kind, organisation=None)
        )

    record = Record(2, JANUARY, {"ai.facebook.com": 6}, {})
    known, new = at(1, "ai.facebook.com", Kind.RESEARCH), at(2, host, kind)
    ranking = _rank([known, new, at(3, "stranger.example", kind)], shipped=ShippedHistory(record))
    shares, stranger = _shares(ranking, 2), _shares(ranking, 3)
    assert (shares.get("source", 0.0) > stranger.get("source", 0.0) + 0.2) == is_lifted


def test_a_title_that_names_its_own_publisher_tells_less_by_that() -> None:
    def at(number: int, host: str, organisation: str | None) -> Candidate:
        candidate = _make(number, "Amazon SageMaker endpoints")
        url = f"https://{host}/blogs/machine-learning/{number}"
        return replace(candidate, post=replace(candidate.post, url=url, canonical_url=url, organisation=organisation))

    titles = [
        LabelledTitle(f"Amazon SageMaker for churn {n}", Label.PRINTED, "하늘상점", "tech.haneul.example")
        for n in range(9)
    ]
    ranking = _rank(
        [at(1, "aws.amazon.com", "Amazon"), at(2, "dasan.example", "다산")],
        shipped=ShippedHistory(examples=tuple(titles)),
    )
    assert 0 < _shares(ranking, 1)["words"] < _shares(ranking, 2)["words"] / 2
    # And what AWS says of itself teaches less of the words of others.
    own = [replace(title, organisation=None, place="aws.amazon.com/blogs/machine-learning") for title in titles]
    learned = _rank([at(2, "dasan.example", "다산")], shipped=ShippedHistory(examples=tuple(own)))
    assert _shares(learned, 2)["words"] < _shares(ranking, 2)["words"]


def test_a_source_may_be_good_on_one_topic_only() -> None:
    def of(number: int, topic: Topic, **changes: object) -> Candidate:
        return replace(_make(number, **changes), guess=make_guess(number, topic=topic, sure=0.95))  # type: ignore[arg-type]

    past = [of(n, NLP, printed_in=NOVEMBER) for n in range(1, 9)] + [of(n, CV) for n in range(11, 19)]
    now = _rank([of(31, NLP), of(32, CV)], past)
    assert _shares(now, 31)["source and topic"] > 0 > _shares(now, 32)["source and topic"]


def test_the_shipped_record_stands_for_a_source_that_this_home_never_printed() -> None:
    record = Record(2, JANUARY, {"known.example": 4}, {})
    candidates = [_make(1, source="known"), *(_make(n, source="flood") for n in range(2, 60)), _make(90, source="rare")]
    ranking = _rank(candidates, shipped=ShippedHistory(record))
    sources = [_shares(ranking, number).get("source", 0.0) for number in (1, 90, 2)]
    assert sources[0] > 0 > sources[1] > sources[2]


def test_shipped_titles_teach_words_alone() -> None:
    titles = [LabelledTitle(f"검색 랭킹 모델 {n}", Label.PRINTED) for n in range(5)]
    titles += [LabelledTitle(f"사내 동호회 소개 {n}", Label.REJECTED) for n in range(5)]
    ranking = _rank(
        [_make(1, "검색 랭킹 실험"), _make(2, "사내 동호회 모집")], shipped=ShippedHistory(examples=tuple(titles))
    )
    assert _shares(ranking, 1)["words"] > 0 > _shares(ranking, 2)["words"]
    assert "source" not in _shares(ranking, 1)


@pytest.mark.parametrize("cause", [Cause.BUSINESS_CASE, Cause.TOPIC_FIT, Cause.SOURCE, Cause.WORDS, Cause.FIRST_HAND])
def test_the_curator_s_weight_multiplies_a_share(cause: Cause) -> None:
    past = [_make(n, f"검색 도입기 {n}", printed_in=NOVEMBER) for n in range(1, 5)]
    candidates = [_make(31, "검색 도입기")]
    plain = _shares(_rank(candidates, past), 31)
    assert plain[cause] != 0
    doubled = _shares(_rank(candidates, past, weights={cause.weight: 2.0}), 31)
    assert doubled[cause] == pytest.approx(2 * plain[cause], abs=0.002)
    assert doubled | {cause: 0} == plain | {cause: 0} or cause is Cause.SOURCE


def test_sources_that_differ_much_are_believed_to() -> None:
    alike, apart = [(1.0, 10.0)] * 20, [(10.0, 10.0)] * 6 + [(0.0, 10.0)] * 14
    assert learn_spread(alike) < learn_spread([]) < learn_spread(apart)


def test_a_version_names_what_was_learned_from() -> None:
    candidates, past = [_make(31)], [_make(1, printed_in=NOVEMBER), _make(2)]
    first = _rank(candidates, past).preference.version
    assert first == _rank(candidates, list(reversed(past))).preference.version
    assert first != _rank(candidates, [past[0], replace(past[1], printed_in=NOVEMBER)]).preference.version


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from("abcdefgh"), max_size=5),
            st.sampled_from(Label),
            st.sampled_from([0.1, 1.0, 5000.0]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_no_other_coefficients_are_more_probable(facts: list[tuple[set[str], Label, float]]) -> None:
    columns = Columns()
    learned = [
        Fact(columns.encode_title(" ".join(f"{letter}{letter}x" for letter in sorted(words))), label, weight)
        for words, label, weight in facts
    ]
    found = learn_preference(columns, learned, {}).coefficients
    means, variances = columns.prior(source_variance=learn_spread([]))
    slope = (found - means) / variances
    for fact in learned:
        row, label = fact.row, fact.label
        used = np.concatenate([np.asarray(row.columns), row.words.columns])
        amounts = np.concatenate([row.amounts, row.words.amounts])
        likely = 1 / (1 + np.exp(-found[used] @ amounts))
        np.add.at(slope, used, label.weight * fact.weight * (likely - label.is_printed) * amounts)
    # The loss is convex: where it is level, it is least.
    assert np.abs(slope).max() < 0.05


_MONTH = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["추천 도입기", "New – tags", "모델 서빙", "weekly notes"]),
        st.floats(0, 1),
        st.booleans(),
    ),
    max_size=12,
)


def _make_month(posts: list[tuple[str, str, float, bool]], first: int, month: Month | None) -> list[Candidate]:
    return [
        _make(number, f"{title} {number}", source, out=out, printed_in=month if printed else None)
        for number, (source, title, out, printed) in enumerate(posts, first)
    ]


@given(_MONTH, _MONTH)
def test_the_score_is_the_sum_of_its_reasons_whatever_was_learned(
    past: list[tuple[str, str, float, bool]], now: list[tuple[str, str, float, bool]]
) -> None:
    ranking = _rank(_make_month(now, 100, None), _make_month(past, 1, NOVEMBER))
    for score in ranking.scores:
        assert score.value == pytest.approx(sum(reason.share for reason in score.reasons), abs=1e-4)
        assert [abs(r.share) for r in score.reasons] == sorted((abs(r.share) for r in score.reasons), reverse=True)
    values = [score.value for score in ranking.scores]
    assert values == sorted(values, reverse=True)


@given(_MONTH, _MONTH, st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_changes_nothing(
    past: list[tuple[str, str, float, bool]], now: list[tuple[str, str, float, bool]], chance: random.Random
) -> None:
    before, candidates = _make_month(past, 1, NOVEMBER), _make_month(now, 100, None)
    ranking = _rank(candidates, before)
    mixed = _rank(chance.sample(candidates, len(candidates)), chance.sample(before, len(before)))
    assert [score.post_id for score in mixed.scores] == [score.post_id for score in ranking.scores]
    for one, other in zip(ranking.scores, mixed.scores, strict=True):
        assert one.value == pytest.approx(other.value, abs=0.004)


def test_months_are_remembered_in_order_and_can_be_forgotten() -> None:
    ranker = Ranker(ShippedHistory())
    ranker.remember_month(NOVEMBER, [_make(1, printed_in=NOVEMBER)], RankingContext())
    with pytest.raises(ValueError, match="2022-11 is remembered too late"):
        ranker.remember_month(NOVEMBER, [], RankingContext())
    cold = _rank([_make(31)])
    ranker.forget_from(NOVEMBER)
    again = ranker.rank_month(DECEMBER, [_make(31)], RankingContext(), weights={}, quotas=Quotas())
    assert again.scores == cold.scores


def test_a_later_part_of_a_printed_series_says_so() -> None:
    ranker = Ranker(ShippedHistory())
    series = RankingContext(series={1: "mlops", 31: "mlops"})
    ranker.remember_month(NOVEMBER, [_make(1, "MLOps 구축 1편", printed_in=NOVEMBER)], series)
    ranking = ranker.rank_month(DECEMBER, [_make(31, "MLOps 구축 2편")], series, weights={}, quotas=Quotas())
    assert _shares(ranking, 31)["series"] > 0


def test_an_empty_month_has_no_scores() -> None:
    assert _rank([]).scores == ()
    assert isinstance(_rank([_make(1)]).scores[0], Score)
