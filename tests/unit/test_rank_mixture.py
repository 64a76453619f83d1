"""A month mixed of what is of the digest's business and what is not: reading it, and counting what stands on its places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.evaluate.candidates_file import Posts, read_posts
from aggregator.evaluate.mixture import Labelled, Places, count_places, measure_mixture
from aggregator.exceptions import ExampleError
from aggregator.rank.ranking import ShippedHistory
from aggregator.shipped import SHIPPED
from aggregator.types import Candidate, DateConfidence, Feed, Kind, Month, Quotas
from world import make_guess

SEOUL = ZoneInfo("Asia/Seoul")
FEEDS = (
    Feed("haneul", "하늘상점 기술 블로그", "https://tech.haneul.example/feed", Kind.COMPANY, "ko", site="https://tech.haneul.example/"),
    Feed("cloud-ml", "Cloud ML", "https://aws.amazon.com/blogs/machine-learning/feed/", Kind.AWS, "en"),
    Feed("cloud-news", "Cloud News", "https://aws.amazon.com/about-aws/whats-new/recent/feed/", Kind.AWS, "en"),
)  # fmt: skip


def _line(number: int, scope: str, **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://tech.haneul.example/{number}",
        "title": f"추천 모델 도입기 {number}",
        "published": "2026-03-02",
        "source": "a list",
        "language": "ko",
        "scope": scope,
    } | more


def _read(*files: Sequence[dict[str, Any]]) -> Posts:
    texts = ["\n".join(json.dumps(row, ensure_ascii=False) for row in rows) for rows in files]
    named = [(f"posts{number}.jsonl", text) for number, text in enumerate(texts, 1)]
    return read_posts(named, zone=SEOUL, feeds={feed.key: feed for feed in FEEDS})


def test_a_labelled_post_keeps_what_its_reader_said() -> None:
    posts = _read(
        [
            _line(1, "in", part="business", topic="recsys", text="우리는 추천을 다시 만들었다", alt=["nlp"]),
            _line(2, "out", sure=False),
            _line(3, "out", sure=True, part="business", topic="nlp"),
        ]
    )
    first, second, third = posts.mixed
    assert (first.is_in, first.is_sure, first.section) == (True, True, SHIPPED.parse_section("business/recsys"))
    assert (first.post.text, first.post.words) == ("우리는 추천을 다시 만들었다", 4)
    assert (second.is_clearly_out, third.is_clearly_out, third.section) == (False, True, None)
    assert not posts.months


@pytest.mark.parametrize(
    ("published", "day", "is_weak"),
    [
        ("2026-03-02", date(2026, 3, 2), False),
        ("2026-03", date(2026, 3, 15), True),
        ("2026", date(2026, 7, 1), True),
        ("1750933800", date(2025, 6, 26), False),
        # What a hasty reader has cut off, or did not find: behind all others.
        ("04 May 202", date(1995, 1, 1), True),
        ("None", date(1995, 1, 1), True),
        ("0001-01-01T00:00:00", date(1995, 1, 1), True),
    ],
)
def test_a_rough_date_keeps_no_labelled_post_away(published: str, day: date, is_weak: bool) -> None:
    (labelled,) = _read([_line(1, "in", published=published)]).mixed
    assert labelled.post.published_at.astimezone(SEOUL).date() == day
    assert (labelled.post.confidence is DateConfidence.WEAK) == is_weak


@pytest.mark.parametrize(
    ("url", "feed_key"),
    [
        ("https://tech.haneul.example/7", "haneul"),
        ("https://aws.amazon.com/ko/blogs/machine-learning/x/", "cloud-ml"),
        ("https://aws.amazon.com/about-aws/whats-new/2026/03/x/", "cloud-news"),
        ("https://aws.amazon.com/blogs/compute/x/", None),
        ("https://dasan.example/1", None),
    ],
)
def test_a_labelled_post_has_the_feed_whose_posts_stand_there(url: str, feed_key: str | None) -> None:
    (labelled,) = _read([_line(1, "in", url=url)]).mixed
    assert labelled.post.feed_key == feed_key


def test_files_are_read_as_one() -> None:
    printed = {"printed": True, "part": "business", "topic": "recsys"}
    both = _read([_line(1, "in", published="2026-01") | printed], [_line(2, "out"), _line(3, "in")])
    # With what was printed a post is of its month, whatever a reader says of its scope.
    assert [(month, len(each)) for month, each in both.months.items()] == [(Month(2026, 1), 1)]
    assert [each.post.id for each in both.mixed] == [2, 3]
    with pytest.raises(ExampleError, match=r"posts2\.jsonl: has no posts"):
        _read([_line(1, "in")], [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scope": "maybe"}, "scope: 'maybe' is not in or out"),
        ({"sure": "yes"}, "sure: 'yes' is not true or false"),
        ({"part": "art", "topic": "cv"}, "part and topic: 'art', 'cv' is not a section"),
        ({"url": None}, "url is missing"),
    ],
)
def test_a_mistake_is_told_with_its_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExampleError) as caught:
        _read([_line(1, "in")], [_line(2, "in"), _line(3, "in") | change])
    assert str(caught.value).startswith("posts2.jsonl, line 2: ")
    assert message in str(caught.value)


def test_places_are_counted_as_they_were_labelled() -> None:
    posts = _read(
        [
            _line(1, "in", part="business", topic="recsys"),
            _line(2, "in", part="business", topic="nlp", language="en", url="https://dasan.example/1"),
            _line(3, "out"),
            _line(4, "out", sure=False),
        ]
    )
    assert count_places(posts.mixed) == Places(
        posts=4,
        clearly_out=1,
        out=2,
        parts={"business": 2},
        topics={"nlp": 1, "recsys": 1},
        languages={"ko": 3, "en": 1},
        sources=2,
        most=("tech.haneul.example", 3),
    )
    assert count_places([]).most == ("", 0)


def _guessed(labelled: list[Labelled]) -> dict[int, Candidate]:
    """Believed to be what they are."""
    return {
        each.post.id: Candidate(each.post, make_guess(each.post.id, out=0.05 if each.is_in else 0.95))
        for each in labelled
    }


def test_our_order_is_measured_beside_those_that_need_no_thought() -> None:
    printed = {"printed": True, "part": "business", "topic": "recsys"}
    history = [_line(1, "in", published="2026-01") | printed]
    # The newest posts are those that are out; the source that was printed before has one of them.
    rows = [_line(n, "in", url=f"https://dasan.example/{n}", title=f"모델 서빙 {n}") for n in range(10, 15)]
    rows += [_line(n, "out", title=f"화면 설계 {n}", published="2026-03-20") for n in range(20, 24)]
    posts = _read(history, rows)
    labelled, months = posts.mixed, posts.months
    metrics = measure_mixture(
        labelled, _guessed(labelled), months, ShippedHistory(), quotas=Quotas(size=3, per_source=9)
    )
    assert list(metrics.orders) == ["ours", "newest_first", "source_rate"]
    assert {name: places.clearly_out for name, places in metrics.orders.items()} == {
        "ours": 0,
        "newest_first": 3,
        "source_rate": 3,
    }
    assert (metrics.whole.posts, metrics.whole.clearly_out, len(metrics.shortlist)) == (9, 4, 3)
    # A draw has seven of the nine, so at least two of those that are out.
    assert metrics.drawn["ours"] == (0, 0)
    assert metrics.drawn["newest_first"] == (2, 3)
    # The same posts give the same figures.
    assert measure_mixture(
        labelled, _guessed(labelled), months, ShippedHistory(), quotas=Quotas(size=3, per_source=9)
    ) == metrics  # fmt: skip
