"""What follows something that was printed, and what only looks like it: titles as real sites write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.digest.sequel_note import propose_note
from aggregator.posts.sequels import Follower, PrintedIndex, find_sequels
from aggregator.posts.works import Work, find_work
from aggregator.types import Month, PrintedPost, Sequel, SequelGround

THEN = datetime(2022, 8, 9, tzinfo=UTC)
PAPER = "https://arxiv.org/abs/2208.01234"


def printed(title: str, url: str = "https://a.example/old", **more: object) -> PrintedPost:
    values = {"canonical_url": url, "month": Month(2022, 8), "published_at": THEN, "organisation": "Acme"}
    return PrintedPost(1, title, url, **{**values, **more})  # type: ignore[arg-type]


def post(title: str, url: str = "https://a.example/new", **more: object) -> Follower:
    values = {"canonical_url": url, "published_at": THEN + timedelta(days=90), "organisation": "Acme"}
    return Follower(2, title, url, **{**values, **more})  # type: ignore[arg-type]


def follow(one: Follower, before: list[PrintedPost]) -> list[Sequel]:
    found = find_sequels(one, before)
    assert PrintedIndex(before).find(one) == found
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("PyTorch 1.13 release, including beta versions of functorch", "PyTorch 2.0: Our next generation release"),
        ("PyTorch 2.1에 새로 추가된 성능 향상 기능 소개", "PyTorch 2.11 출시 공지"),
        ("**Stable Diffusion** 2.0 and the Importance of Negative Prompts", "Stable Diffusion 3.5 Large"),
        ("Claude Opus 4.7 is now available on AWS", "Claude Opus 4.8 is now available on AWS"),
        ("Data2vec: the first", None),
        ("Data2vec 1.0: a framework", "Data2vec 2.0: Highly efficient self-supervised learning"),
        ("Introducing Llama 2", "Introducing Llama 3"),
        ("Releasing Outlines-core 0.1.0: structured generation", "Releasing Outlines-core 0.2.0: faster grammars"),
        ("RT-1", "RT-2: new model translates vision and language into action"),
        ("How GPT-5.5 came about", None),
        ("GPT-5.5", "GPT-5.6"),
        ("Accelerate 0.20.0", "Accelerate 1.0.0"),
        ("KoBERT v1 공개", "KoBERT v2 공개"),
        # The same version, an older one, and another thing.
        ("New Library Updates in PyTorch 1.13", None),
        ("PyTorch 2.0", "PyTorch 2.0: a summary"),
        ("PyTorch 2.0", "PyTorch 1.13.1"),
        ("Deploy BLOOM-176B on Amazon SageMaker", "Deploy OPT-300B on Amazon SageMaker"),
        # What is counted is no version.
        ("8 Lessons Learned Building Systems", "9 Lessons Learned Building Systems"),
        ("Director of Machine Learning Insights [Part 3]", "Director of Machine Learning Insights [Part 4]"),
        ("AWS Week in Review – October 3, 2022", "AWS Week in Review – November 7, 2022"),
        ("Research @ Acme 2021: A look back", "Research @ Acme 2022: A look back"),
        ("Top 10 tools for MLOps", "Top 20 tools for MLOps"),
        ("쿠팡의 ML 플랫폼: 20개 이상의 모델", "쿠팡의 ML 플랫폼: 30개 이상의 모델"),
        ("머신러닝 모델 서빙 비용 1/4로 줄이기", "머신러닝 모델 서빙 비용 1/5로 줄이기"),
        ("Building 3 Services at Once", "Building 4 Services at Once"),
    ],
)
def test_newer_versions_are_told_by_titles(before: str, after: str | None) -> None:
    newer = {
        "PyTorch 2.0: Our next generation release",
        "PyTorch 2.11 출시 공지",
        "Stable Diffusion 3.5 Large",
        "Claude Opus 4.8 is now available on AWS",
        "Data2vec 2.0: Highly efficient self-supervised learning",
        "Introducing Llama 3",
        "Releasing Outlines-core 0.2.0: faster grammars",
        "RT-2: new model translates vision and language into action",
        "GPT-5.6",
        "Accelerate 1.0.0",
        "KoBERT v2 공개",
    }
    found = follow(post(after or "PyTorch 2.0"), [printed(before)])
    assert [one.ground for one in found] == ([SequelGround.VERSION] if after in newer else [])


def test_a_version_of_another_publisher_is_another_thing() -> None:
    assert not follow(post("Titan 2.0", organisation="Other"), [printed("Titan 1.0")])


def test_a_release_of_a_printed_repository_is_a_newer_version() -> None:
    old = printed("nightjar: Vector Search", "https://github.com/haneul/nightjar", organisation=None)
    release = post("nightjar v1.2.0", "https://github.com/haneul/nightjar/releases/tag/v1.2.0", organisation="haneul")
    assert [one.ground for one in follow(release, [old])] == [SequelGround.VERSION]


@pytest.mark.parametrize(
    ("title", "links", "organisation", "is_sequel"),
    [
        ("추천 시스템 개편 회고", ("https://a.example/old",), "Acme", True),
        ("A postmortem of three recent issues", ("https://a.example/old?utm_source=x",), "Acme", True),
        # A link among related posts, words without a link, and somebody else's link.
        ("Hiring in 2023", ("https://a.example/old",), "Acme", False),
        ("추천 시스템 개편 회고", (), "Acme", False),
        ("추천 시스템 개편 회고", ("https://a.example/old",), "Other", False),
    ],
)
def test_how_it_went_on(title: str, links: tuple[str, ...], organisation: str, is_sequel: bool) -> None:
    found = follow(post(title, links=links, organisation=organisation), [printed("추천 시스템을 개편했습니다")])
    assert [one.ground for one in found] == ([SequelGround.FOLLOW_UP] if is_sequel else [])


def test_code_that_is_released_for_a_printed_paper() -> None:
    paper = printed("Sparse Experts: Serving Them from One Box", PAPER, organisation=None)
    code = post("sparse-experts: official code", "https://github.com/haneul/sparse-experts", links=(PAPER,))
    other = post("toolbox: all our code", "https://github.com/haneul/toolbox", links=(PAPER,))
    assert [one.ground for one in follow(code, [paper])] == [SequelGround.RELEASE]
    assert not follow(other, [paper])
    assert not follow(post("x", PAPER, canonical_url=PAPER), [paper]), "it is the same post"
    assert not follow(code, [printed(paper.title, PAPER, published_at=THEN + timedelta(days=200))])


def test_article_paper_repository_and_card_of_one_work_are_together() -> None:
    article = Work(
        1, "Introducing Nightjar, vector search in one file", "https://a.example/nightjar", "haneul",
        ("https://github.com/haneul/nightjar", "https://github.com/pytorch/pytorch", PAPER),
    )  # fmt: skip
    code = Work(2, "nightjar: vector search", "https://github.com/haneul/nightjar", "haneul", (PAPER,))
    card = Work(
        3,
        "nightjar-base",
        "https://huggingface.co/haneul/nightjar-base",
        "haneul",
        ("https://github.com/haneul/nightjar",),
    )
    paper = Work(4, "Nightjar: Vector Search in One File", PAPER, None)
    others = [
        Work(5, "Training faster with PyTorch", "https://b.example/1", "B", ("https://github.com/pytorch/pytorch",)),
        Work(6, "This week in search", "https://b.example/2", "B", ("https://github.com/haneul/nightjar",)),
    ]
    assert find_work(article, [code, card, paper, *others]) == [2, 3, 4]
    assert find_work(others[0], [article, code, card, paper]) == []


def test_the_note_links_back_once() -> None:
    one = printed("**Titan** 1.0")
    said = propose_note(one, "", "ko")
    assert said == "2022년 8월에 소개한 [Titan 1.0](https://a.example/old)도 읽어보세요."
    assert propose_note(one, f"{said} 좋습니다.", "ko") is None
    assert propose_note(one, "", "en") == "See also [Titan 1.0](https://a.example/old), printed in Aug 2022."
