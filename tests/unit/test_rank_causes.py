"""A new reason is a member of ``Cause`` and a function that measures it: everything else knows it by its member."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from aggregator.config import list_weights
from aggregator.config.settings import Settings
from aggregator.pipeline.weights import make_weights
from aggregator.rank.preference import PRIOR
from aggregator.rank.ranking import Learned, Ranker, RankingContext, ShippedHistory
from aggregator.types import Candidate, Cause, Disclosure, DisclosureKind, Month, Quotas, Signal, Weight
from aggregator.web.weights.view import WeightFacts, build_weights
from aggregator.words.sections import name_sections
from world import NOW, make_candidate, make_guess, make_post

_MONTH, _MONTH_BEFORE = Month(2022, 12), Month(2022, 11)
_HUB = "https://huggingface.co"
# Between them, these posts show every cause.
_TITLES = (
    "피처 스토어 도입기 2편",
    "피처 스토어 2편 도입기",
    "New – a service supports tags",
    "Week in review: models",
    "개발자 채용",
    "음성 합성 모델",
)


def _make(number: int, title: str, *, out: float = 0.1, printed_in: Month | None = None, **of_post: Any) -> Candidate:
    post = make_post(number, title=title, **of_post)
    return make_candidate(number, post=post, guess=make_guess(number, out=out), printed_in=printed_in)


def _disclose(candidate: Candidate) -> Candidate:
    disclosures = tuple(Disclosure(kind, "so") for kind in DisclosureKind)
    return replace(candidate, guess=replace(make_guess(candidate.post.id), disclosures=disclosures))


@cache
def _learn() -> Learned:
    posts = [_make(number, title, out=0.1 if number % 2 else 0.97) for number, title in enumerate(_TITLES, 31)]
    links = ("https://github.com/lumen/store", f"{_HUB}/lumen/halftone-2", f"{_HUB}/datasets/lumen/rain")
    posts.append(_disclose(_make(40, "검색 모델 서빙", words=4000, links=links)))
    printed = [
        _make(1, "피처 스토어 도입기 1편", printed_in=_MONTH_BEFORE),
        _make(2, "음성 합성 모델", printed_in=_MONTH_BEFORE),
    ]
    context = RankingContext(feed_weights={"haneul": 0.5}, series={1: "store", 31: "store"})
    ranker = Ranker(ShippedHistory())
    ranker.remember_month(_MONTH_BEFORE, [*printed, _make(3, "개발자 채용")], context)
    signals = [Signal(posts[-1].post.canonical_url, "popular", "points", 400, NOW)]
    return ranker.learn_month(_MONTH, posts, context, signals)


def _list_causes(weights: dict[Weight, float]) -> set[str]:
    ranking = _learn().rank(weights=weights, quotas=Quotas())
    return {reason.name for score in ranking.scores for reason in score.reasons}


def test_every_cause_is_measured() -> None:
    assert _list_causes({}) == set(Cause)


@pytest.mark.parametrize("weight", Weight)
def test_every_weight_multiplies_its_causes_and_no_others(weight: Weight) -> None:
    silenced = {cause for cause in Cause if cause.weight is weight}
    assert silenced
    assert _list_causes({weight: 0.0}) == set(Cause) - silenced


def test_the_settings_and_the_page_have_every_weight() -> None:
    settings = Settings()
    assert make_weights(settings) == dict.fromkeys(Weight, 1.0)
    assert [name for name in list_weights(settings) if name.startswith("weights.")] == [f"weights.{w}" for w in Weight]
    facts = WeightFacts(listed=settings, overridden=settings, limits=None, places={}, feeds={}, counts={})
    page = build_weights(_MONTH, facts, name_sections(settings.merge_texts(None)))
    assert [(field.label, field.help) for field in page.weights] == [(weight.label, weight.help) for weight in Weight]
    assert all(field.label and field.help for field in page.weights)


def test_what_a_post_discloses_is_a_cause_under_the_same_name() -> None:
    assert {kind.name: str(kind) for kind in DisclosureKind}.items() <= {
        cause.name: str(cause) for cause in Cause
    }.items()


def test_every_measured_cause_has_a_prior() -> None:
    assert all(PRIOR.values())
    assert set(Cause) - PRIOR.keys() == {Cause.SOURCE, Cause.SOURCE_AND_TOPIC, Cause.WORDS}
