"""The curator's weights and quotas over feeds.toml, the spot check below, and the figures of closed months: with a
database of each kind.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from aggregator.app import App
from aggregator.exceptions import ConfigError
from aggregator.pipeline import duplicates, history, publish, review, weights
from aggregator.pipeline.metrics import measure_closed
from aggregator.pipeline.neighbours import Neighbours
from aggregator.shipped import SHIPPED
from aggregator.storage import metrics, samples
from aggregator.storage.candidates import list_candidates
from aggregator.storage.digests import find_digest
from aggregator.storage.outlines import list_outlines
from aggregator.storage.overrides import list_overrides
from aggregator.types import Candidate, Decision, DigestState, Ground, Month
from clock import Clock
from world import FEEDS, MONTH, Sample, fill, import_page

NOVEMBER = Month(2022, 11)
_FORMS = ("How {} Cut Serving Cost", "{} 도입기", "Introducing {}", "A Survey of {}", "{} at Scale")
_SUBJECTS = (
    "Continuous Batching",
    "추천 시스템",
    "Feature Stores",
    "이상 탐지",
    "Speech Models",
    "검색 품질",
    "Diffusion",
)


def make_month(month: Month, count: int = 40) -> list[Sample]:
    rng = random.Random(f"{month}")
    sections = SHIPPED.sections
    return [
        Sample(
            f"{rng.choice(_FORMS).format(rng.choice(_SUBJECTS))} {n}",
            rng.choice(FEEDS).key,
            f"{month}-{n}",
            1 + n % 28,
            section=rng.choice(sections),
            sure=rng.uniform(0.4, 0.95),
            out_of_scope=rng.uniform(0.01, 0.6),
            month=month,
        )
        for n in range(count)
    ]


@pytest.fixture
def open_home(make_app: Callable[..., App], database_url: str) -> Callable[..., App]:
    """An App on the same database each time, with settings of feeds.toml."""

    def open_(months: Sequence[Month] = (MONTH,), **settings: object) -> App:
        app = make_app(FEEDS, database_url=database_url, **settings)
        with app.reading() as connection:
            is_empty = not list_candidates(connection, MONTH)
        if is_empty:
            fill(app, [sample for month in months for sample in make_month(month)])
        return app

    return open_


def list_month(app: App, month: Month = MONTH) -> list[Candidate]:
    with app.reading() as connection:
        return list_candidates(connection, month)


def list_shortlist(app: App) -> list[int]:
    return [one.post.id for one in list_month(app) if one.score and one.score.shortlisted]


def list_sample(app: App, month: Month = MONTH) -> set[int]:
    with app.reading() as connection:
        return {each.post_id for each in samples.list_sample(connection, month)}


# --- weights ---


def test_a_weight_is_changed_over_feeds_toml_and_kept_with_who_and_when(
    open_home: Callable[..., App], clock: Clock
) -> None:
    app = open_home(curator="mina")
    assert [
        override.name for override in weights.set_overrides(app, {"weights.depth": "0.5", "weights.words": 1.0})
    ] == ["weights.depth"]
    clock.advance(hours=1)
    weights.set_overrides(app, {"weights.depth": 2, "shortlist.sections.2.4": "3", "shortlist.sources.haneul": 1})
    assert weights.set_overrides(app, {"weights.depth": "2.0"}) == []

    again = open_home(curator="mina")
    overridden = weights.get_settings_in_force(again)
    assert (overridden.weights.depth, overridden.shortlist.sections, overridden.shortlist.sources) == (
        2.0,
        {"2.4": 3},
        {"haneul": 1},
    )
    with again.reading() as connection:
        history = list_overrides(connection)
    assert [(override.name, override.value, override.listed, override.by) for override in history] == [
        ("weights.depth", 0.5, 1.0, "mina"),
        ("weights.depth", 2.0, 1.0, "mina"),
        ("shortlist.sections.2.4", 3.0, None, "mina"),
        ("shortlist.sources.haneul", 1.0, None, "mina"),
    ]
    assert history[-1].at == clock.now


def test_a_new_word_of_feeds_toml_on_a_weight_goes_before_older_changes(open_home: Callable[..., App]) -> None:
    weights.set_overrides(open_home(), {"weights.depth": 2, "weights.words": 3})
    later = open_home(weights={"depth": 0.1})
    assert (weights.get_settings_in_force(later).weights.depth, weights.get_settings_in_force(later).weights.words) == (
        0.1,
        3.0,
    )
    weights.set_overrides(later, {"weights.depth": 4})
    assert weights.get_settings_in_force(open_home(weights={"depth": 0.1})).weights.depth == 4.0


def test_back_to_feeds_toml(open_home: Callable[..., App]) -> None:
    app = open_home(shortlist={"size": 12})
    weights.set_overrides(app, {"weights.depth": 2, "shortlist.size": 5, "shortlist.sources.haneul": 0})
    weights.set_overrides(app, {"weights.depth": None})
    assert weights.get_settings_in_force(app).weights.depth == 1.0
    assert {override.name for override in weights.reset_overrides(app)} == {
        "shortlist.size",
        "shortlist.sources.haneul",
    }
    assert weights.get_settings_in_force(app) == app.settings
    assert weights.reset_overrides(app) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("weights.depth", "11", "weights.depth: '11' is not allowed; should be less than or equal to 10"),
        ("weights.depth", "much", "weights.depth: 'much' is not allowed; should be a valid number"),
        ("weights.depht", "1", "did you mean depth?"),
        ("shortlist.size", "1.5", "shortlist.size: '1.5' is not allowed; should be a valid integer"),
        ("shortlist.sections.9.9", "1", "shortlist.sections.9.9"),
        ("shortlist.sources.hanoul", "1", "did you mean haneul?"),
        ("server.port", "80", "server.port: is not a weight or a quota"),
    ],
)
def test_what_feeds_toml_would_not_take_is_refused_whole(
    open_home: Callable[..., App], name: str, value: str, said: str
) -> None:
    app = open_home()
    with pytest.raises(ConfigError) as refused:
        weights.set_overrides(app, {"weights.words": "2", name: value})
    assert said in str(refused.value)
    assert weights.get_settings_in_force(app) == app.settings


def test_a_preview_says_what_taking_does_and_stores_nothing(open_home: Callable[..., App]) -> None:
    app = open_home(shortlist={"size": 8})
    app.judge.rank([MONTH])
    before = list_month(app)
    changes = {"weights.business_case": "4", "weights.source": "0", "shortlist.size": "10"}
    effect = app.judge.try_overrides(MONTH, weights.plan_overrides(app, changes), most=5)
    assert list_month(app) == before
    assert weights.get_settings_in_force(app) == app.settings

    weights.set_overrides(app, changes)
    app.judge.rank([MONTH])
    after = set(list_shortlist(app))
    was = {one.post.id for one in before if one.score and one.score.shortlisted}
    assert {shift.post_id for shift in effect.entered} == after - was
    assert {shift.post_id for shift in effect.left} == was - after
    ranks = {one.post.id: one.score.rank for one in list_month(app) if one.score}
    assert all(ranks[shift.post_id] == shift.after.rank for shift in (*effect.entered, *effect.left, *effect.moved))
    assert effect.sizes == (8, 10)
    assert len(effect.moved) == 5


def test_a_preview_knows_verdicts_that_were_given_since(open_home: Callable[..., App]) -> None:
    app = open_home(shortlist={"size": 8, "per_source": 2})
    app.judge.rank([MONTH])
    last = list_month(app)[-1].post.id
    review.decide(app, last, Decision.APPROVE)
    effect = app.judge.try_overrides(MONTH, weights.get_settings_in_force(app), most=5)
    app.judge.rank([MONTH])
    assert (effect.total, effect.sizes[0]) == (0, len(list_shortlist(app)))


def test_scores_keep_why_a_post_is_not_on_the_shortlist(open_home: Callable[..., App]) -> None:
    app = open_home(shortlist={"per_source": 1, "floor": 0.5})
    app.judge.rank([MONTH])
    placements = {one.score.placement for one in list_month(app) if one.score and one.score.placement}
    assert {placement.ground for placement in placements} >= {Ground.SOURCE, Ground.FLOOR}
    assert all(placement.place > placement.most == 1 for placement in placements if placement.ground is Ground.SOURCE)


# --- the spot check ---


def test_the_sample_is_drawn_when_the_month_is_over_and_stays(open_home: Callable[..., App], clock: Clock) -> None:
    app = open_home(shortlist={"size": 8})
    app.judge.rank([MONTH])
    assert list_sample(app) == set()
    clock.now = datetime(2023, 1, 1, 1, tzinfo=UTC)
    app.judge.rank([MONTH])
    drawn = list_sample(app)
    assert len(drawn) == 5
    assert not drawn & set(list_shortlist(app))
    assert {one.post.id for one in list_month(app) if one.is_sampled} == drawn
    with app.reading() as connection:
        assert {one.post_id for one in list_outlines(connection, MONTH) if one.is_sampled} == drawn

    rejected, *_ = drawn
    review.decide(app, rejected, Decision.REJECT, reason="off topic")
    weights.set_overrides(app, {"weights.business_case": 5, "weights.source": 0})
    app.judge.rank([MONTH])
    after = list_sample(app)
    assert rejected in after
    assert len(after) == 5
    assert drawn - set(list_shortlist(app)) <= after
    assert not (after - {rejected}) & set(list_shortlist(app))
    # A home that is opened again goes on with it.
    again = open_home(shortlist={"size": 8})
    again.judge.rank([MONTH])
    assert rejected in list_sample(again)
    assert len(list_sample(again)) == 5


def _list_looked(app: App) -> set[int]:
    """The posts of the spot check by which misses are estimated."""
    with app.reading() as connection:
        return {each.post_id for each, _ in samples.list_looks(connection)}


@pytest.mark.parametrize("said", [None, Decision.REJECT, Decision.APPROVE])
def test_a_look_at_what_turns_out_to_be_a_copy_counts_no_more_and_is_back_when_split(
    open_home: Callable[..., App], clock: Clock, said: Decision | None
) -> None:
    app = open_home(shortlist={"size": 8})
    clock.now = datetime(2023, 1, 1, 1, tzinfo=UTC)
    app.judge.rank([MONTH])
    first, *_ = sorted(list_sample(app))
    best = list_shortlist(app)[0]
    # What is approved is shown in place of what is not, and of two the one that was published first.
    review.decide(app, best, Decision.APPROVE)
    if said:
        review.decide(app, first, said, reason="off topic" if said is Decision.REJECT else None)
    app.judge.rank(duplicates.merge_posts(app, [best, first]))
    copy = {one.post.id for one in list_month(app)}.symmetric_difference({first, best}) & {first, best}
    assert len(copy) == 1

    if copy == {first}:
        assert first not in list_sample(app) | _list_looked(app)
        assert len(list_sample(app)) == 5, "another one was drawn in its place"
    else:
        assert said is Decision.APPROVE
        assert first in list_sample(app) & _list_looked(app)

    app.judge.rank(duplicates.split_post(app, first))
    assert _list_looked(app) == list_sample(app)
    if said:
        assert first in list_sample(app), "what was said of it is not lost"
    assert len(list_sample(app)) in ({5} if said is None else {5, 6})


def test_a_look_that_gets_a_copy_goes_on(open_home: Callable[..., App], clock: Clock) -> None:
    app = open_home(shortlist={"size": 8})
    clock.now = datetime(2023, 1, 1, 1, tzinfo=UTC)
    app.judge.rank([MONTH])
    first = min(list_sample(app))
    review.decide(app, first, Decision.APPROVE)
    other = next(
        one.post.id for one in list_month(app) if not one.is_sampled and one.post.id not in list_shortlist(app)
    )
    app.judge.rank(duplicates.merge_posts(app, [first, other]))
    assert other not in {one.post.id for one in list_month(app)}
    assert first in list_sample(app) == _list_looked(app)
    app.judge.rank(duplicates.split_post(app, other))
    assert first in list_sample(app) == _list_looked(app)


def test_a_published_month_is_not_drawn_from_and_zero_draws_none(open_home: Callable[..., App], clock: Clock) -> None:
    clock.now = datetime(2023, 1, 2, tzinfo=UTC)
    app = open_home(months=[NOVEMBER, MONTH], shortlist={"size": 8, "sample": 0})
    app.judge.rank([NOVEMBER, MONTH])
    assert list_sample(app) == list_sample(app, NOVEMBER) == set()
    review.decide(app, list_month(app, NOVEMBER)[0].post.id, Decision.APPROVE)
    publish.make_digest(app, NOVEMBER, DigestState.PRINTED)
    weights.set_overrides(app, {"shortlist.sample": 3})
    app.judge.rank([NOVEMBER, MONTH])
    assert len(list_sample(app)) == 3
    assert list_sample(app, NOVEMBER) == set()


# --- figures ---


def test_a_published_month_is_measured_once_and_anew_when_it_is_printed_again(
    open_home: Callable[..., App], clock: Clock
) -> None:
    app = open_home(months=[Month(2022, 10), NOVEMBER, MONTH], shortlist={"size": 8})
    clock.now = datetime(2023, 1, 2, tzinfo=UTC)
    for month in (Month(2022, 10), NOVEMBER):
        app.judge.rank([month])
        for one in list_month(app, month)[::6]:
            review.decide(app, one.post.id, Decision.APPROVE)
        publish.make_digest(app, month, DigestState.PRINTED)
    assert measure_closed(app) == [Month(2022, 10), NOVEMBER]
    with app.reading() as connection:
        november, october = metrics.list_metrics(connection, limit=10)
    assert (november.month, november.data["n"], november.data["printed"]) == (NOVEMBER, 40, 7)
    assert len(november.data["orders"]["ours"]["places"]) == 7
    assert set(november.data["orders"]) >= {"ours", "newest_first", "source_rate", "svm"}
    assert 0 < october.data["orders"]["ours"]["average_precision"] <= 1

    clock.advance(days=1)
    weights.set_overrides(app, {"weights.source": 0})
    assert measure_closed(app) == []
    review.decide(app, list_month(app, NOVEMBER)[1].post.id, Decision.APPROVE)
    publish.make_digest(app, NOVEMBER, DigestState.PRINTED, again=True)
    assert measure_closed(app) == [NOVEMBER]
    with app.reading() as connection:
        again, before = metrics.list_metrics(connection, limit=10)
        stored = find_digest(connection, NOVEMBER)
    assert (again.data["printed"], before) == (8, october)
    assert stored is not None
    assert again.made_at == clock.now


def test_a_digest_of_a_month_without_candidates_is_measured_too(open_home: Callable[..., App]) -> None:
    app = open_home(months=[NOVEMBER, MONTH])
    review.decide(app, list_month(app, NOVEMBER)[0].post.id, Decision.APPROVE)
    publish.make_digest(app, NOVEMBER, DigestState.PRINTED)
    page = "# Digest\n\n## 1. Research\n### 1.1. CV\n* [Old (Oct 2022, A)](https://old.example/1)\n"
    import_page(app, page, Month(2022, 12))
    assert measure_closed(app) == [NOVEMBER, MONTH]
    import_page(app, page.replace("old.example/1", "old.example/2"), Month(2020, 1))
    assert measure_closed(app) == [Month(2020, 1)]
    with app.reading() as connection:
        *_, oldest = metrics.list_metrics(connection, limit=10)
    assert (oldest.month, oldest.data["n"], oldest.data["printed"]) == (Month(2020, 1), 0, 0)


def test_neighbours_follow_the_verdicts(open_home: Callable[..., App]) -> None:
    app = open_home()
    found = [one.post for one in list_month(app)]
    first, like = next((a, b) for a in found for b in found if a != b and a.title.split()[:2] == b.title.split()[:2])
    # Before the first model is fitted nothing is like anything.
    assert app.judge.find_neighbours(first) == Neighbours()
    app.judge.judge_new()
    assert app.judge.find_neighbours(first).approved == ()
    review.decide(app, like.id, Decision.APPROVE)
    (near,) = app.judge.find_neighbours(first).approved
    assert near.candidate.post.id == like.id
    assert 0.2 < near.similarity <= 1
    history.undo_verdict(app, like.id)
    review.decide(app, like.id, Decision.REJECT, reason="off topic")
    neighbours = app.judge.find_neighbours(first)
    assert neighbours.approved == ()
    assert [near.candidate.post.id for near in neighbours.rejected] == [like.id]
