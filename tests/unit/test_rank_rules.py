"""Rules of the curator: which posts they mean, what they do, and that they leave all others alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exceptions import RuleError
from aggregator.rank.ranking import Ranker, RankingContext, ShippedHistory
from aggregator.rank.rules import Matcher, Rulings, check_rule, decide_rulings
from aggregator.shipped import SHIPPED
from aggregator.types import Act, Candidate, Decision, Ground, Quotas, Rule, RuleState, Subject, Trait, Verdict
from world import MONTH, NOW, make_candidate, make_guess, make_post

SECTION = SHIPPED.parse_section("1.2")


def make_rule(trait: Trait, sought: str, act: Act = Act.MUTE, number: int = 1, **changes: Any) -> Rule:
    needed: dict[str, Any] = {Act.POINTS: {"points": 1.5}, Act.SECTION: {"section": SECTION}}.get(act, {})
    return check_rule(Rule(trait, sought, act, number=number, **needed | changes))


SUBJECT = Subject(
    7,
    "How Northwind Fine-Tuned 추천시스템 Models (Webinar, GPT-4)",
    "https://tech.northwind.example/news/2022/fine-tuning",
    "northwind",
    ("Machine Learning", "행사"),
    ("Mina Halloran, 김하늘",),
)


@pytest.mark.parametrize(
    ("trait", "sought", "is_meant"),
    [
        (Trait.WORDS, "webinars", True),
        (Trait.WORDS, "fine tuning", True),
        (Trait.WORDS, "finetuning model", True),
        (Trait.WORDS, "추천 시스템", True),
        (Trait.WORDS, "GPT4", True),
        (Trait.WORDS, '"tuned models"', False),
        (Trait.WORDS, "model -webinar", False),
        (Trait.WORDS, "model -hiring", True),
        (Trait.WORDS, "model hiring", False),
        (Trait.PATTERN, r"^how \w+ fine", True),
        (Trait.PATTERN, r"추천.{0,4}models \(", True),
        (Trait.PATTERN, r"^northwind", False),
        (Trait.ADDRESS, "northwind.example", True),
        (Trait.ADDRESS, "https://tech.northwind.example/", True),
        (Trait.ADDRESS, "tech.northwind.example/news", True),
        (Trait.ADDRESS, "tech.northwind.example/new", False),
        (Trait.ADDRESS, "wind.example", False),
        (Trait.AUTHOR, "mina halloran", True),
        (Trait.AUTHOR, "김하늘", True),
        (Trait.AUTHOR, "Mina", False),
        (Trait.CATEGORY, "machine learning", True),
        (Trait.CATEGORY, "행사", True),
        (Trait.CATEGORY, "machine", False),
    ],
)
def test_a_rule_means_posts_by_one_trait(trait: Trait, sought: str, is_meant: bool) -> None:
    assert bool(Matcher([make_rule(trait, sought)], {}).match([SUBJECT])) is is_meant


@pytest.mark.parametrize(
    ("scope", "is_meant"),
    [
        ({}, True),
        ({"feed": "northwind"}, True),
        ({"feed": "haneul"}, False),
        ({"tag": "company"}, True),
        ({"tag": "korean"}, False),
        ({"state": RuleState.OFF}, False),
        ({"state": RuleState.REMOVED}, False),
    ],
)
def test_a_rule_is_for_all_feeds_for_a_group_or_for_one_and_only_while_it_is_on(
    scope: dict[str, Any], is_meant: bool
) -> None:
    tags = {"northwind": ("company",), "haneul": ("korean",)}
    assert bool(Matcher([make_rule(Trait.WORDS, "webinar", **scope)], tags).match([SUBJECT])) is is_meant


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("sought", Rule(Trait.WORDS, "  ", Act.MUTE)),
        ("sought", Rule(Trait.WORDS, "-webinar", Act.MUTE)),
        ("sought", Rule(Trait.WORDS, "?!", Act.MUTE)),
        ("sought", Rule(Trait.WORDS, "x" * 201, Act.MUTE)),
        ("sought", Rule(Trait.WORDS, "a\u200bb", Act.MUTE)),
        ("sought", Rule(Trait.PATTERN, "(", Act.MUTE)),
        ("sought", Rule(Trait.PATTERN, "(?=ahead)", Act.MUTE)),
        ("sought", Rule(Trait.PATTERN, "x*", Act.MUTE)),
        ("sought", Rule(Trait.ADDRESS, "no address", Act.MUTE)),
        ("sought", Rule(Trait.ADDRESS, "news.example/item?id=7", Act.MUTE)),
        ("sought", Rule(Trait.AUTHOR, "\u0301", Act.MUTE)),
        ("points", Rule(Trait.WORDS, "x", Act.POINTS)),
        ("points", Rule(Trait.WORDS, "x", Act.POINTS, points=0.0)),
        ("points", Rule(Trait.WORDS, "x", Act.POINTS, points=float("nan"))),
        ("points", Rule(Trait.WORDS, "x", Act.POINTS, points=11.0)),
        ("section", Rule(Trait.WORDS, "x", Act.SECTION)),
        ("scope", Rule(Trait.WORDS, "webinar", Act.MUTE, feed="haneul", tag="ml")),
    ],
)
def test_what_cannot_be_a_rule_is_refused_at_its_field(field: str, rule: Rule) -> None:
    with pytest.raises(RuleError) as caught:
        check_rule(rule)
    assert caught.value.field == field


def test_a_pattern_that_others_take_ages_for_takes_no_time() -> None:
    rule = make_rule(Trait.PATTERN, "(a+)+$|(a|aa)+$|(.*a){20}$")
    assert not Matcher([rule], {}).match([Subject(1, "a" * 499 + "b", "https://a.example/")])


def test_a_pattern_that_quotes_to_its_end_quotes_no_other() -> None:
    rules = [make_rule(Trait.PATTERN, r"\Q(webinar", number=1), make_rule(Trait.PATTERN, r"how.*\Q(Web\E", number=2)]
    (meant,) = Matcher(rules, {}).match([SUBJECT]).values()
    assert meant == rules


def test_a_rule_whose_section_is_gone_hides_no_other() -> None:
    rules = [make_rule(Trait.WORDS, "webinar", Act.SECTION, 1), Rule(Trait.WORDS, "webinar", Act.SECTION, number=2)]
    assert Matcher(rules, {}).match([SUBJECT]) == {SUBJECT.post_id: rules[:1]}


def decide(*rules: Rule, candidate: Candidate | None = None) -> Rulings:
    return decide_rulings({1: rules}, [candidate or make_candidate(1)])


def test_points_add_up_and_are_named_by_their_rule() -> None:
    first, second = (make_rule(Trait.WORDS, "추천", Act.POINTS, n, points=n - 3.5) for n in (1, 2))
    assert [(one.name, one.share, one.detail) for one in decide(first, second).points[1]] == [
        ("rule 1", -2.5, "words “추천”"),
        ("rule 2", -1.5, "words “추천”"),
    ]


def test_the_newest_rule_names_the_section_and_showing_wins_over_muting() -> None:
    rules = [
        make_rule(Trait.WORDS, "x", Act.SHOW, 1),
        make_rule(Trait.WORDS, "x", Act.MUTE, 2),
        make_rule(Trait.WORDS, "x", Act.SECTION, 3),
        make_rule(Trait.WORDS, "y", Act.SECTION, 4, section=SHIPPED.parse_section("2.1")),
    ]
    rulings = decide(*rules)
    assert (str(rulings.sections[1].section), rulings.sections[1].rule) == ("2.1", 4)
    assert (list(rulings.shown), list(rulings.muted)) == ([1], [])


@pytest.mark.parametrize(
    ("changes", "is_muted", "has_section"),
    [
        ({}, True, True),
        ({"verdict": Verdict(1, Decision.HOLD, "mina", NOW)}, False, True),
        ({"verdict": Verdict(1, Decision.REJECT, "mina", NOW, "shallow")}, False, True),
        ({"verdict": Verdict(1, Decision.APPROVE, "mina", NOW)}, False, False),
        ({"printed_in": MONTH}, False, False),
    ],
)
def test_what_was_decided_is_not_muted_and_what_was_approved_stays_in_its_section(
    changes: dict[str, Any], is_muted: bool, has_section: bool
) -> None:
    rules = [make_rule(Trait.WORDS, "x", Act.MUTE), make_rule(Trait.WORDS, "x", Act.SECTION, 2)]
    rulings = decide(*rules, candidate=make_candidate(1, **changes))
    assert (1 in rulings.muted, 1 in rulings.sections) == (is_muted, has_section)


# --- in a month ---


def rank(candidates: Sequence[Candidate], rulings: Rulings | None = None, **quotas: Any) -> dict[int, Any]:
    learned = Ranker(ShippedHistory()).learn_month(MONTH, candidates, RankingContext())
    ranking = learned.rank(weights={}, quotas=Quotas(**quotas), rulings=rulings)
    return {score.post_id: score for score in ranking.scores}


def make_month(count: int = 8) -> list[Candidate]:
    subjects = (
        "Feature Stores",
        "배차 예측",
        "Continuous Batching",
        "Speech",
        "이상 탐지",
        "Search",
        "Diffusion",
        "Vision",
    )
    return [
        make_candidate(n, post=make_post(n, title=f"{subjects[n % 8]} {n}", feed_key=f"f{n}"), guess=make_guess(n))
        for n in range(1, count + 1)
    ]


def test_a_muted_post_is_ranked_but_not_proposed_and_another_takes_its_place() -> None:
    month = make_month()
    best = next(number for number, score in rank(month).items() if score.rank == 1)
    ranked = rank(month, decide_rulings({best: [make_rule(Trait.WORDS, "x")]}, month), size=3)
    assert (ranked[best].rank, ranked[best].shortlisted) == (1, False)
    assert ranked[best].placement.ground is Ground.MUTED
    assert sum(score.shortlisted for score in ranked.values()) == 3


def test_a_shown_post_is_proposed_out_of_scope_below_the_floor_and_beyond_quotas() -> None:
    month = make_month()
    month[7] = replace(month[7], guess=make_guess(8, out=0.99))
    quotas: dict[str, Any] = {"size": 2, "floor": -2.0, "out_of_scope": 0.3, "per_section": 1}
    assert not rank(month, **quotas)[8].shortlisted
    shown = decide_rulings({8: [make_rule(Trait.WORDS, "x", Act.SHOW)]}, month)
    ranked = rank(month, shown, **quotas)
    assert ranked[8].shortlisted
    assert ranked[8].placement.ground is Ground.SHOWN


def test_a_post_whose_quota_a_shown_one_has_filled_says_so() -> None:
    month = make_month(2)
    month = [replace(one, post=replace(one.post, feed_key="mina")) for one in month]
    best, other = (number for number, _ in sorted(rank(month).items(), key=lambda item: item[1].rank))
    shown = decide_rulings({other: [make_rule(Trait.WORDS, "x", Act.SHOW)]}, month)
    ranked = rank(month, shown, sources={"mina": 1})
    assert (ranked[best].shortlisted, ranked[other].shortlisted) == (False, True)
    assert (ranked[best].placement.ground, ranked[best].placement.place) == (Ground.SOURCE, 2)


def test_no_rule_proposes_again_what_an_older_page_passed_over() -> None:
    month = make_month()
    month[7] = replace(month[7], is_seen=True)
    ranked = rank(month, decide_rulings({8: [make_rule(Trait.WORDS, "x", Act.SHOW)]}, month))
    assert (ranked[8].shortlisted, ranked[8].placement.ground) == (False, Ground.SEEN)


def test_the_section_of_a_rule_counts_against_its_quota_unless_the_curator_named_another() -> None:
    month = make_month(3)
    rules = [make_rule(Trait.WORDS, "x", Act.SECTION, 5)]
    ranked = rank(month, decide_rulings(dict.fromkeys((1, 2, 3), rules), month), sections={SECTION: 1})
    assert sum(score.shortlisted for score in ranked.values()) == 1
    assert {score.ruled.section for score in ranked.values()} == {SECTION}


def test_what_a_rule_answers_or_mutes_is_not_asked_about() -> None:
    month = [replace(one, guess=make_guess(one.post.id, sure=0.6)) for one in make_month(3)]
    assert all(score.question for score in rank(month).values())
    matched = {1: [make_rule(Trait.WORDS, "x", Act.SECTION)], 2: [make_rule(Trait.WORDS, "x")]}
    ranked = rank(month, decide_rulings(matched, month))
    assert [number for number, score in ranked.items() if score.question] == [3]


_WORDS = st.sampled_from(["webinar", "추천", "Northwind", "fine-tuning", "GPT-4", "hiring", "배차"])


@given(
    titles=st.lists(st.lists(_WORDS, min_size=1, max_size=3).map(" ".join), min_size=3, max_size=8),
    sought=_WORDS,
    acts=st.lists(st.sampled_from(Act), min_size=1, max_size=3),
)
def test_posts_that_no_rule_means_keep_score_reasons_and_section(
    titles: list[str], sought: str, acts: list[Act]
) -> None:
    month = [
        make_candidate(n, post=make_post(n, title=f"{title} {n}"), guess=make_guess(n))
        for n, title in enumerate(titles)
    ]
    rules = [make_rule(Trait.WORDS, sought, act, number) for number, act in enumerate(acts, 1)]
    matched = Matcher(rules, {}).match(Subject(one.post.id, one.post.title, one.post.url) for one in month)
    before, after = rank(month), rank(month, decide_rulings(matched, month))
    untouched = [n for n, title in enumerate(titles) if sought.casefold() not in title.casefold()]
    assert all((after[n].reasons, after[n].ruled) == (before[n].reasons, None) for n in untouched)
    assert all(
        not after[n].placement or after[n].placement.ground not in (Ground.MUTED, Ground.SHOWN) for n in untouched
    )
    assert not set(untouched) & set(matched)
