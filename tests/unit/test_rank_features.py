"""What is seen of a candidate: amounts with names and details, in words that a person can check."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rank.cues import find_cues
from aggregator.rank.features import Background, Feature, compare_features, list_features
from aggregator.rank.popularity import Popularity, Talk, measure_popularity
from aggregator.rank.record import load_record, name_place
from aggregator.rank.wording import list_words
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, Cause, Kind, Signal, TextSource
from world import make_candidate, make_guess, make_post


def _find(candidate: Candidate, name: str, background: Background | None = None) -> Feature | None:
    features = [*list_features(candidate), *compare_features(candidate, background or Background())]
    return next((feature for feature in features if feature.cause == name), None)


def _amount(candidate: Candidate, name: str, background: Background | None = None) -> float:
    feature = _find(candidate, name, background)
    return feature.amount if feature else 0.0


def test_a_business_case_is_worth_more_than_a_case_on_aws_and_that_more_than_research() -> None:
    amounts = [_amount(make_candidate(guess=make_guess(part=part)), "business case") for part in SHIPPED.parts]
    research, business, aws = amounts
    assert business > aws > research


def test_what_is_out_of_scope_fits_no_topic() -> None:
    inside, outside = (make_candidate(guess=make_guess(out=out)) for out in (0.02, 0.97))
    assert _amount(inside, "topic fit") == 1.0
    assert _amount(inside, "out of scope") == 0.0
    assert _amount(outside, "out of scope") == 1.0
    assert _amount(outside, "topic fit") == 0.0


def test_a_post_without_a_guess_has_no_share_of_it() -> None:
    assert {feature.cause for feature in list_features(make_candidate(guess=None))} <= {"first-hand"}


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://github.com/lumen/store", "open code"),
        ("https://pypi.org/project/store/", "open code"),
        ("https://huggingface.co/lumen/halftone-2", "open checkpoint"),
        ("https://huggingface.co/datasets/lumen/rain", "open data"),
        ("https://arxiv.org/abs/2301.01234", None),
        ("https://github.com/lumen", None),
        ("https://a.example/github.com/x/y", None),
    ],
)
def test_links_that_readers_can_run_or_load_are_named(link: str, name: str | None) -> None:
    found = list_features(make_candidate(post=make_post(links=("https://b.example/", link))))
    named = [feature for feature in found if feature.cause.startswith("open")]
    assert [feature.cause for feature in named] == ([name] if name else [])
    if name:
        assert link.removeprefix("https://").rstrip("/") in named[0].detail


def test_code_of_its_own_is_worth_more_than_that_of_others() -> None:
    own = make_post(organisation="Lumen Research", links=("https://github.com/lumen-research/store",))
    other = make_post(organisation="Lumen Research", links=("https://github.com/northwind/store",))
    assert _amount(make_candidate(post=own), "open code") > _amount(make_candidate(post=other), "open code") > 0


@pytest.mark.parametrize(
    ("title", "sorts"),
    [
        ("How We Built a Feature Store", {"first_hand"}),
        ("피처 스토어 도입기", {"first_hand"}),
        ("모델 서빙 비용 절반으로 줄이기", {"first_hand"}),
        ("New – Cloud Canvas Now Supports Time Series", {"announcement"}),
        ("A new way to rank", set()),
        ("Announcing General Availability of Cloud Canvas", {"announcement"}),
        ("음성 합성 서비스 정식 출시", {"announcement"}),
        ("Cloud Week in Review – May 3", {"round_up"}),
        ("클라우드 주간 소식 모음", {"round_up"}),
        ("We're hiring: research interns", {"event"}),
        ("2024 상반기 ML 엔지니어 채용", {"event"}),
        ("Tour of attention", set()),
        ("Neural fields explained", set()),
        ("Interesting Reads - Week 33, 2026", {"round_up"}),
        ("Fairness Newsletter #2: on bias", {"round_up"}),
        ("Chips Get Scarce, Agents Go Shopping, Studio Sues a Model, Robots Fold Laundry", {"round_up"}),
        ("Canvas 1.35 Release", {"announcement"}),
        ("[채용] 추천팀에서 함께할 동료를 찾습니다", {"event"}),
        ("PyTorch 2.3 출시", {"announcement"}),
        ("One Encoder for Vision, Speech, Text, and Tables", set()),
        ("Forecasting demand, planning shelves, and pricing goods with one model", set()),
        # A subject is not a sort: these are what models are made for.
        ("Dynamic Pricing with Contextual Bandits", set()),
        ("Predicting behaviour before release by simulation", set()),
        ("From Weekly Retrains to Hourly Increments", set()),
        ("Improving Course Recommendations with Sequences", set()),
        ("수상한 거래를 찾는 이상 탐지", set()),
        ("배달 파트너 배차 최적화", set()),
        ("이력서와 직무를 잇는 추천 모델", set()),
        ("중복 채용 공고 탐지: 닮은 문장 묶기", set()),
        ("앱 업데이트 없이 모델 내려보내기", set()),
        ("상담 챗봇, 6주간의 기록", set()),
    ],
)
def test_the_wording_of_a_title_tells_its_sort(title: str, sorts: set[str]) -> None:
    assert set(find_cues(title)) == sorts


def test_hardly_any_title_of_the_digests_business_is_taken_for_news_or_an_event() -> None:
    folder = resources.files("aggregator.classify") / "data"
    files = [file for file in folder.iterdir() if file.name.startswith("written")]
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    in_scope = [row["title"] for row in rows if row["part"] != "out"]
    taken = [title for title in in_scope if find_cues(title).keys() - {"first_hand"}]
    assert len(in_scope) > 2500
    assert len(taken) < 0.01 * len(in_scope), taken


def test_a_title_that_names_the_company_is_first_hand_but_not_at_aws() -> None:
    title = "Fraud detection at Northwind"
    of_company = make_post(title=title, organisation="Northwind")
    of_cloud = make_post(title="Fraud detection at Amazon", organisation="Amazon", kind=Kind.AWS)
    assert _find(make_candidate(post=of_company), "first-hand") == Feature(
        Cause.FIRST_HAND, 0.5, "the title names Northwind"
    )
    assert _find(make_candidate(post=of_cloud), "first-hand") is None


@pytest.mark.parametrize(
    ("seen", "detail"),
    [
        (
            {"words": 2400, "code_blocks": 6, "code_lines": 80, "images": 4},
            "long read: 2,400 words, 6 code blocks, 4 pictures",
        ),
        ({"words": 1600, "language": "ko", "images": 1}, "long read: 1,600 Korean words, 1 picture"),
        ({"words": 1000}, ""),
        ({"words": 900}, "900 words"),
        ({"words": 400, "code_blocks": 1, "code_lines": 6}, "short read: 400 words, 1 code block"),
        ({"words": 400}, "short read or a summary: 400 words"),
        ({"words": 60, "text_from": TextSource.PAGE}, "short read: 60 words"),
        ({"words": 60}, ""),
        ({"words": 0}, ""),
        ({"words": 0, "images": 2}, ""),
        ({"words": 120, "code_blocks": 20, "code_lines": 300}, "120 words, 20 code blocks"),
    ],
)
def test_depth_tells_what_there_is_to_read(seen: dict[str, Any], detail: str) -> None:
    found = _find(make_candidate(post=make_post(**{"language": "en"} | seen)), "depth")
    assert (found.detail if found else "") == detail


def test_depth_is_as_deep_in_korean_and_knows_no_end() -> None:
    def measure(**seen: Any) -> float:
        return _amount(make_candidate(post=make_post(**seen)), "depth")

    assert measure(words=1200, language="ko") == pytest.approx(measure(words=1800, language="en"))
    assert measure(words=2000, language="ko") == measure(words=9000, language="en") == 1.0
    assert measure(words=20, language="en", text_from=TextSource.PAGE) == -1.0


def test_code_and_pictures_add_to_depth_but_a_gallery_and_a_log_no_more_than_some() -> None:
    def measure(**seen: Any) -> float:
        return _amount(make_candidate(post=make_post(words=600, language="en", **seen)), "depth")

    assert measure() < measure(images=4) < measure(images=4, code_blocks=2, code_lines=40)
    assert measure(images=20) == measure(images=500)
    assert measure(code_blocks=1, code_lines=150) == measure(code_blocks=1, code_lines=9000)


def test_code_in_a_short_text_does_not_speak_against_it() -> None:
    def measure(**seen: Any) -> float:
        return _amount(make_candidate(post=make_post(words=140, language="en", **seen)), "depth")

    assert measure() == 0.0
    assert -0.5 < measure(code_blocks=1, code_lines=8) < 0 < measure(code_blocks=5, code_lines=120)


@given(st.integers(0, 10_000), st.sampled_from(["ko", "en", "ja"]))
def test_what_may_be_a_summary_is_neither_deep_nor_shallow(words: int, language: str) -> None:
    post = make_post(words=words, language=language)
    of_feed = _amount(make_candidate(post=post), "depth")
    of_page = _amount(make_candidate(post=replace(post, text_from=TextSource.PAGE)), "depth")
    assert abs(of_feed) <= abs(of_page)
    # No step: one word more moves next to nothing.
    longer = _amount(make_candidate(post=replace(post, words=words + 1)), "depth")
    assert abs(longer - of_feed) < 0.02
    if words <= 100:
        assert of_feed == 0.0


def test_each_post_of_a_rare_source_counts_more() -> None:
    amounts = [
        _amount(make_candidate(), "rarity", Background(pace={"tech.haneul.example": pace})) for pace in (1, 4, 10, 1000)
    ]
    assert amounts[0] == 1.0
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[1] == 0.0
    assert amounts[-1] == -2.0


def test_the_curator_s_word_on_a_feed_is_a_reason_of_its_own() -> None:
    assert _amount(make_candidate(), "feed weight", Background(feed_weights={"haneul": -0.8})) == -0.8


@pytest.mark.parametrize(
    ("nearness", "name"), [(0.1, None), (0.5, "printed subject"), (0.95, "repeated subject"), (1.0, "repeated subject")]
)
def test_near_a_printed_title_is_on_its_subject_and_too_near_repeats_it(nearness: float, name: str | None) -> None:
    found = compare_features(make_candidate(), Background(nearest_printed={1: (nearness, "Feature stores")}))
    named = [feature for feature in found if "subject" in feature.cause]
    assert [feature.cause for feature in named] == ([name] if name else [])
    assert all("Feature stores" in feature.detail for feature in named)


def test_a_part_whose_earlier_part_was_printed_says_so() -> None:
    found = _find(make_candidate(), "series", Background(continued={1: "피처 스토어 1편"}))
    assert found == Feature(Cause.SERIES, 1.0, "continues “피처 스토어 1편”")


# --- popularity -------------------------------------------------------------------------------------------------------


def _signal(number: int, points: float, name: str = "points", days: float = 10) -> Signal:
    post = make_post(number)
    return Signal(post.canonical_url, "popular", name, points, post.published_at + timedelta(days=days))


def _measure(signals: list[Signal], history: dict[str, Talk] | None = None, count: int = 3) -> dict[int, Popularity]:
    return measure_popularity([make_post(number) for number in range(1, count + 1)], signals, history or {})[0]


def test_no_talk_is_no_reason_for_or_against() -> None:
    assert _measure([]) == {}
    assert set(_measure([_signal(1, 30)])) == {1}


def test_popularity_grows_slowly_and_has_an_end() -> None:
    amounts = [_measure([_signal(1, points)])[1].amount for points in (5, 50, 500, 50_000)]
    assert amounts == sorted(amounts)
    assert amounts[-1] <= 1.0


def test_the_same_talk_is_more_for_a_quiet_source() -> None:
    loud = {"tech.haneul.example": Talk(40, 40 * 6.0, 40 * 36.5)}
    quiet = {"tech.haneul.example": Talk(40, 0.0, 0.0), "other": Talk(40, 40 * 6.0, 40 * 36.5)}
    assert _measure([_signal(1, 200)], quiet)[1].amount > _measure([_signal(1, 200)], loud)[1].amount > 0


def test_young_talk_is_scaled_to_what_may_be_expected() -> None:
    assert _measure([_signal(1, 50, days=0.5)])[1].talk > _measure([_signal(1, 50, days=20)])[1].talk


@pytest.mark.parametrize(
    "form",
    [
        "{}?utm_source=x",
        "{}?ref=other.example",
        "{}#part",
        "https://www.google.com/url?q={}",
        "https://out.reddit.com/t3_a?url={}&token=x",
    ],
)
def test_links_from_other_sites_of_the_month_count_and_one_s_own_do_not(form: str) -> None:
    linked = make_post(1)
    elsewhere = make_post(2, url="https://other.example/2", links=(form.format(linked.url),))
    same_site = make_post(3, links=(form.format(linked.url),))
    found, talk, _ = measure_popularity([linked, elsewhere, same_site], [], {})
    assert found[1].detail == "1 link elsewhere"
    assert talk["tech.haneul.example"].posts == 2


# --- places and words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://medium.com/airbnb-engineering/a-post-1", "medium.com/airbnb-engineering"),
        ("https://aws.amazon.com/ko/blogs/machine-learning/x/", "aws.amazon.com/blogs/machine-learning"),
        ("https://aws.amazon.com/blogs/aws/x/", "aws.amazon.com/blogs/aws"),
        ("https://www.example.com/a/b", "example.com"),
        ("https://research.google/blog/x", "ai.googleblog.com"),
    ],
)
def test_a_source_is_known_by_where_its_posts_stand(url: str, place: str) -> None:
    assert name_place(url) == place


def test_the_shipped_record_counts_every_line_of_its_months_once() -> None:
    record = load_record()
    assert sum((record.lines or {}).values()) == sum((record.sections or {}).values()) == 60
    assert all(SHIPPED.parse_section(name) for name in record.sections or {})


def test_the_record_agrees_with_the_published_digest(shared: Path) -> None:
    text = (shared / "digest" / "README-2023-01.md").read_text("utf-8")
    # One line of November 2022 is printed with the year 2002.
    lines = re.findall(r"^\* \[.* \((?:Nov|Dec) (?:2022|2002)[^)]*\)\]\((\S+?)\)", text, flags=re.MULTILINE)
    assert Counter(name_place(line.replace("com//", "com/")) for line in lines) == load_record().lines


def test_words_of_a_title_in_both_scripts() -> None:
    words = list_words("Serving models 추천모델")
    assert list(words.values()) == ["serving", "models", "serving models", *["추천모델"] * 5]
    assert set(list_words("The model and the")) == {"model", "the model", "model and"}
