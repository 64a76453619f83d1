"""The part that a title says it is: a table of titles, and laws."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.posts.series import LONGEST_STEM, make_stem, name_series, read_part, read_part_of_address

PARTS = [
    # English words
    ("Serving Models at Home, Part 2", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home: Part II", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home — Part Two", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home (Part 1 of 3)", "servingmodelsathome", 1, 3, "part"),
    ("Serving Models at Home (part 3/3)", "servingmodelsathome", 3, 3, "part"),
    ("Serving Models at Home (Part 1 of N)", "servingmodelsathome", 1, None, "part"),
    ("Serving Models at Home [Part 4]", "servingmodelsathome", 4, None, "part"),
    ("Serving Models at Home [Part 2: The Cold Start]", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home Part2", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home – Part-4", "servingmodelsathome", 4, None, "part"),
    ("Serving Models at Home pt.2: batching", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home (Part Deux)", "servingmodelsathome", 2, None, "part"),
    ("Serving Models at Home (Part 1", "servingmodelsathome", 1, None, "part"),
    ("Deep Dive into Shards, Part 2: The Router", "deepdiveintoshards", 2, None, "part"),
    ("Deep Dive into Shards (Part III): The Rest", "deepdiveintoshards", 3, None, "part"),
    ("Deep Dive into Shards Part 10 - Mail", "deepdiveintoshards", 10, None, "part"),
    ("Deep Dive into Shards: Part 5.5 - What We Missed", "deepdiveintoshards", 5.5, None, "part"),
    ("Deep Dive into Shards: Part 5 of 7 - Locks", "deepdiveintoshards", 5, 7, "part"),
    ("Deep Dive into Shards – Part 1. Plans", "deepdiveintoshards", 1, None, "part"),
    ("(Part 2) Deep Dive into Shards", "deepdiveintoshards", 2, None, "part"),
    ("Part 2: Deep Dive into Shards", "deepdiveintoshards", 2, None, "part"),
    ("Pushing at Night (Bandits at Example: Part 4)", "banditsatexample", 4, None, "part"),
    ("Search at Scale Chapter 8: Goodbye Old Engine", "searchatscale", 8, None, "chapter"),
    ("Cooking with R Vol 2: Cold Start", "cookingwithr", 2, None, "vol"),
    ("Cooking with R Vol. 2", "cookingwithr", 2, None, "vol"),
    ("Cooking with R, Volume 3", "cookingwithr", 3, None, "vol"),
    ("The Ranking Talks EP.2", "therankingtalks", 2, None, "ep"),
    ("The Ranking Talks, Episode 2: Clicks", "therankingtalks", 2, None, "ep"),
    ("Vision Course, Lecture 3: Filters", "visioncourse", 3, None, "lecture"),
    # numbers told by their place
    ("Survival Curves (2/3)", "survivalcurves", 2, 3, ""),
    ("Survival Curves [2/3]", "survivalcurves", 2, 3, ""),
    ("Survival Curves (1 of 3)", "survivalcurves", 1, 3, ""),
    ("Survival Curves 2/3", "survivalcurves", 2, 3, ""),
    ("Survival Curves - 2/3", "survivalcurves", 2, 3, ""),
    ("Survival Curves (2)", "survivalcurves", 2, None, ""),
    ("Survival Curves [2]", "survivalcurves", 2, None, ""),
    ("Survival Curves (II)", "survivalcurves", 2, None, ""),
    ("Survival Curves (2). Censored Users", "survivalcurves", 2, None, ""),
    ("Survival Curves - 2", "survivalcurves", 2, None, ""),
    ("Survival Curves: 2", "survivalcurves", 2, None, ""),
    ("Survival Curves - II", "survivalcurves", 2, None, ""),
    ("Survival Curves - IV: Permissions", "survivalcurves", 4, None, ""),
    ("Survival Curves #2", "survivalcurves", 2, None, "#"),
    ("Survival Curves #2: Censored Users", "survivalcurves", 2, None, "#"),
    ("Survival Curves of Users Internals VII", "survivalcurvesofusersinternals", 7, None, ""),
    ("Shard Router Internals 2", "shardrouterinternals", 2, None, ""),
    ("[1] Survival Curves of Users", "survivalcurvesofusers", 1, None, ""),
    ("Survival Curves Ⅲ of Users (Ⅱ)", "survivalcurvesiiiofusers", 2, None, ""),
    ("Survival Curves （２／３）", "survivalcurves", 2, 3, ""),
    ("A Survey of Curves [1] What Is Survival?", "asurveyofcurves", 1, None, ""),
    ("Word Weighting(2)", "wordweighting", 2, None, ""),
    ("Data Product (2) 쏘카는 무엇을 하는가?", "dataproduct", 2, None, ""),
    ("Data Product (2) AI(데이터)로 운영하기", "dataproduct", 2, None, ""),
    ("유사 이미지 추천 개발 #2 비슷한 상품", "유사이미지추천개발", 2, None, "#"),
    ("기술 교류회#1「법률 데이터」", "기술교류회", 1, None, "#"),
    ("Shard Router Internals I", "shardrouterinternals", 1, None, ""),
    # columns
    ("Ethics Letter #2: Bias", "ethicsletter", 2, None, "#"),
    ("Power Listeners #331: A Guest", "powerlisteners", 331, None, "#"),
    ("Things of Interest - Week 12", "thingsofinterest", 12, None, "week"),
    ("The Ranking Talks Ep 112", "therankingtalks", 112, None, "ep"),
    ("The Vision Letter, Issue 40", "thevisionletter", 40, None, "issue"),
    # Korean words
    ("데이터 파이프라인 구축기 1편. 배치와 스트리밍", "데이터파이프라인구축기", 1, None, "편"),
    ("데이터 파이프라인 구축기 2편", "데이터파이프라인구축기", 2, None, "편"),
    ("데이터 파이프라인 구축기 - 2편. 테스트 환경", "데이터파이프라인구축기", 2, None, "편"),
    ("데이터 파이프라인 구축기 (2편)", "데이터파이프라인구축기", 2, None, "편"),
    ("데이터 파이프라인 구축기 [2편] 테스트", "데이터파이프라인구축기", 2, None, "편"),
    ("데이터 파이프라인 구축기 2 편: 테스트", "데이터파이프라인구축기", 2, None, "편"),
    ("데이터 파이프라인 구축기2편", "데이터파이프라인구축기", 2, None, "편"),
    ("데이터 파이프라인 구축기【2편】", "데이터파이프라인구축기", 2, None, "편"),
    ("MLOps 구축기 2편: 서빙", "mlops구축기", 2, None, "편"),
    ("더 자연스러운 대화 1편 - 생성 모델", "더자연스러운대화", 1, None, "편"),
    ("[MLOps 시리즈 2편] 모델 서빙", "mlops시리즈", 2, None, "편"),
    ("명함 인식 적용기 2부 – 변환기와 앱", "명함인식적용기", 2, None, "부"),
    ("실시간 추천 개발 일지 1부: 소개", "실시간추천개발일지", 1, None, "부"),
    ("실시간 추천 개발기 제2부", "실시간추천개발기", 2, None, "부"),
    ("추천 시스템 탐험 3탄", "추천시스템탐험", 3, None, "탄"),
    ("추천 시스템 학회 참관기 2일차", "추천시스템학회참관기", 2, None, "일차"),
    ("추천 시스템 이야기 제2회", "추천시스템이야기", 2, None, "회"),
    ("추천 시스템 이야기 제3화: 후보 생성", "추천시스템이야기", 3, None, "화"),
    ("추천 시스템 이야기 (2회)", "추천시스템이야기", 2, None, "회"),
    ("추천 시스템 이야기, 두 번째", "추천시스템이야기", 2, None, "편"),
    ("추천 시스템 이야기 - 세번째 글", "추천시스템이야기", 3, None, "편"),
    ("추천 시스템 개선기 두 번째 이야기: 랭킹", "추천시스템개선기", 2, None, "편"),
    ("추천 시스템 개선기 (2번째)", "추천시스템개선기", 2, None, "편"),
    ("추천 시스템 개선기 (상)", "추천시스템개선기", 1, None, "상"),
    ("추천 시스템 개선기 (중)", "추천시스템개선기", 2, None, "중"),
    ("추천 시스템 개선기(하)", "추천시스템개선기", 3, None, "하"),
    ("추천 시스템 개선기 - 상", "추천시스템개선기", 1, None, "상"),
    ("추천 시스템 개선기 [하편]", "추천시스템개선기", 3, None, "하"),
    ("추천 시스템 개선기 <하>", "추천시스템개선기", 3, None, "하"),
    ("추천 시스템 개선기 전편: 준비", "추천시스템개선기", 1, None, "전"),
    ("추천 시스템 개선기 후편: 결과", "추천시스템개선기", 3, None, "후"),
    ("品質を測り、改善を回す【後編】— 課題", "品質を測り改善を回す", 3, None, "後"),
    ("추천 시스템 개선기 파트 2", "추천시스템개선기", 2, None, "part"),
    ("추천 시스템 개선기 Part.2: 랭킹 모델", "추천시스템개선기", 2, None, "part"),
    ("추천 시스템 개선기 Part 2 랭킹 모델", "추천시스템개선기", 2, None, "part"),
    ("추천 시스템 개선기 에피소드 2", "추천시스템개선기", 2, None, "ep"),
    ("추천 시스템 개선기 시리즈 2", "추천시스템개선기", 2, None, "시리즈"),
    ("추천 시스템 개선기 (2)", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기(2)", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기 (1/2)", "추천시스템개선기", 1, 2, ""),
    ("추천 시스템 개선기 [2]", "추천시스템개선기", 2, None, ""),
    ("[2] 추천 시스템 개선기", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기 #2. 랭킹", "추천시스템개선기", 2, None, "#"),
    ("추천 시스템 개선기#2", "추천시스템개선기", 2, None, "#"),
    ("추천 시스템 개선기 - 2", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기 2", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기 2. 랭킹", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기 ②", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 개선기 II", "추천시스템개선기", 2, None, ""),
    ("추천 시스템 만들기 Ⅱ: 랭킹", "추천시스템만들기", 2, None, ""),
    ("【추천 개선기 #2】 랭킹 모델", "추천개선기", 2, None, "#"),
    ("CLOps 2편: 플랫폼", "clops", 2, None, "편"),
]

TRAPS = [
    # years, quarters and dates
    "Recommendation Systems in 2022",
    "Recommendation Systems (2022)",
    "2022 하반기 회고",
    "2022년 상반기 회고",
    "Notes of a Conference 8/5",
    "Notes of a Conference 7/31",
    "Casting Silver Bullets (2013)",
    "Released on 2023-01-05",
    "2023.01.05 주간 소식",
    "추천 시스템 회고 - 2022",
    "Hashtags of #2022",
    "1월 회고",
    # versions and names
    "PyTorch 2.0",
    "Introducing PyTorch 2",
    "GPT-4",
    "GPT - 4",
    "Llama 3",
    "Introducing Llama 3",
    "YOLO v8",
    "Python 3",
    "DALL-E 2",
    "More on Dota 2",
    "Grammar Correction on Pixel 6",
    "Kale 2.0: A New Chapter for an Old Idea",
    "Part 2.0 of Everything",
    "World War II",
    "Machine Learning in World War II",
    "Avatar IV on TPUs",
    "파이토치 2 살펴보기",
    "파이썬 3",
    "스프링 부트 3",
    "아이폰 14",
    "애플워치 시리즈 8",
    "Apple Watch Series 8",
    "Announcing Our Series B",
    "Generation 3",
    "Rotations in SO(3)",
    "What Became of Twitter (X)",
    "Type II",
    "Windows 11",
    # counts and amounts
    "Top 10",
    "Top 10 Papers",
    "5 Ways to Serve a Model",
    "Beyond the 5 Stars",
    "3가지 방법",
    "추천 시스템의 3가지 방법",
    "24/7",
    "On Call 24/7",
    "Serving Costs Cut by 2/3",
    "모델 서빙 비용 1/4로 줄이기",
    "서빙 비용 1/4",
    "논문 3편 리뷰",
    "학회에 논문 2편 채택",
    "꼭 읽어야 할 논문 5편",
    "볼 만한 영화 3편",
    "하루 3회",
    "하루에 3회 학습하는 모델",
    "사진 3장",
    "AI 3강 도약",
    "모델 크기 2",
    "10부서가 함께 만든 도구",
    "1부터 시작하는 추천 시스템",
    "From 0 to 1",
    "A Model with (3) Heads inside",
    "50% Faster",
    # words
    "Part of the Journey",
    "How AI Became Part of Our Apps",
    "The #1 Choice of Teams",
    "We Are #1",
    "Fixing Issue #12",
    "Why It Is the #1 Reason",
    "Partners 2",
    "A Party of Five",
    "Apartment Prices",
    "Turning Up the Volume",
    "A New Chapter",
    "Our First Hackathon",
    "Second Thoughts",
    "상품 검색 개선기",
    "하나의 모델로 모두",
    "이상 탐지 하기",
    "중고 거래의 상태",
    "사용자 경험 향상",
    "두 번째로 큰 모델",
    "파이콘에서 네 번째 세미나 돌아보기",
    "첫 번째 사용자",
    "일부 공개",
    "전편이 다시",
    "불편한 편",
    "하편의",
    # marks without a series
    "Part 2",
    "2편",
    "#2",
    "(2/3)",
    "Blog Part 2",
    "CS 2편",
    "AI 2편",
    "",
    " ",
    "2",
    "…",
]


@pytest.mark.parametrize(("title", "stem", "number", "of", "word"), PARTS)
def test_reads_the_part(title: str, stem: str | None, number: float | None, of: int | None, word: str | None) -> None:
    mark = read_part(title)
    assert (mark and (mark.stem, mark.number, mark.of, mark.word)) == (stem and (stem, number, of, word))


@pytest.mark.parametrize("title", TRAPS)
def test_other_numbers_are_no_parts(title: str) -> None:
    assert read_part(title) is None


@given(st.text(max_size=200))
@example("(" * 400)
@example("#" * 400)
@example("1" * 400)
@example("１편")
@example("²편")
@example("x ٣편")
@example("[" + " " * 300 + "회")
def test_every_title_can_be_read(title: str) -> None:
    mark = read_part(title)
    assert mark is None or (mark.stem and len(mark.stem) <= LONGEST_STEM and mark.number >= 0)


_WORDS = ["serving", "models", "search", "추천", "시스템", "구축기", "모델", "서빙", "개선", "at", "scale", "이야기"]
# With a word that says something: 이야기 alone is not a stem.
_STEMS = st.lists(st.sampled_from(_WORDS), min_size=3, max_size=8).map(lambda words: " ".join(["warehouse", *words]))
_MARKS = st.sampled_from(
    [
        "{0} Part {1}",
        "{0} (Part {1})",
        "{0}, part {1}: subtitle",
        "{0} {1}편",
        "{0} ({1})",
        "{0} ({1}/40)",
        "{0} - {1}부: 제목",
        "{0} [{1}]",
        "{0} #{1}",
        "{0} EP.{1}",
        "{0} Vol. {1}",
        "【{0} {1}편】 제목",
        "{0} {1}탄",
        "{0} 제{1}회",
        "{0}: Part {1} - x",
    ]
)


@given(_STEMS, st.integers(1, 40), _MARKS)
def test_a_mark_added_to_a_stem_is_read_again(stem: str, number: int, form: str) -> None:
    mark = read_part(form.format(stem, number).replace("/40", "/12" if number <= 12 else ""))
    assert mark is not None
    assert (mark.stem, mark.number) == (make_stem(stem), number)


@given(_STEMS)
def test_a_stem_has_no_mark_of_its_own(stem: str) -> None:
    assert read_part(stem) is None


@given(
    _STEMS,
    st.sampled_from([str.upper, str.title, lambda text: text.replace(" ", "  "), lambda text: text.replace(" ", "-")]),
)
def test_case_spaces_and_punctuation_do_not_part_a_series(stem: str, change: object) -> None:
    assert callable(change)
    assert make_stem(change(stem)) == make_stem(stem)


@pytest.mark.parametrize(
    ("url", "number", "word"),
    [
        ("https://a.example/blogs/film-graph-part-3/", 3, "part"),
        ("https://a.example/part-1-film-graph", 1, "part"),
        ("https://a.example/clops-summary-part5", 5, "part"),
        ("https://a.example/film_part_2.html", 2, "part"),
        ("https://a.example/%EC%A0%81%EC%9A%A9%EA%B8%B0-1%EB%B6%80-%EC%9D%B8%EC%8B%9D", 1, "부"),
        ("https://a.example/적용기-2편?page=3", 2, "편"),
        ("https://a.example/part-3/film-graph", None, None),
        ("https://a.example/apart-3", None, None),
        ("https://a.example/film-graph-3", None, None),
        ("https://a.example/counterpart2", None, None),
        ("https://a.example/part-2023-01", None, None),
        ("https://a.example/", None, None),
    ],
)
def test_an_address_may_name_the_part(url: str, number: int | None, word: str | None) -> None:
    mark = read_part_of_address(url, "stem")
    assert (mark and (mark.number, mark.word)) == (number and (number, word))


@pytest.mark.parametrize(
    ("title", "series"),
    [
        ("MLOps 구축기 2편: 서빙", "mlops구축기"),
        ("MLOps 구축기", "mlops구축기"),
        ("Survival Curves", "survivalcurves"),
        ("…", None),
        ("", None),
    ],
)
def test_a_title_without_a_mark_may_name_a_series_too(title: str, series: str | None) -> None:
    assert name_series(title) == series
