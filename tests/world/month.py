"""An invented month: posts in Korean and English with what was thought of them, and a database filled with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b

from aggregator.addresses.urls import canonicalise_url
from aggregator.app import App
from aggregator.posts.series import name_series
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, judgements, updates
from aggregator.types import (
    DateSource,
    Entry,
    Feed,
    FeedState,
    FeedUpdate,
    Guess,
    Month,
    Outcome,
    PostDraft,
    Reason,
    Score,
    Section,
    Visit,
)
from world.feeds import MONTH, NOW, visited

_KOREAN = (
    "안녕하세요, 데이터플랫폼팀입니다. 이번 글에서는 기존 배치 추천을 실시간으로 바꾸면서 겪은 시행착오와 "
    "그 결과를 공유합니다. 후보 생성 단계에서는 이중 타워 모델을, 재정렬 단계에서는 세션의 최근 행동을 반영하는 "
    "순차 모델을 사용했고, 지연 시간을 40 ms 아래로 유지하기 위해 특징 저장소의 조회 방식을 다시 설계했습니다. "
    "실험 결과 클릭률은 6.2% 올랐습니다."
)
_ENGLISH = (
    "When traffic tripled in October, the serving bill tripled with it. This post tells how we moved from one request "
    "per batch to continuous batching, what it did to tail latency, and which parts of the scheduler we had to write "
    "ourselves. The scheduler is open source, with the benchmark that produced every figure below, so that you can run "
    "it against your own traces before you believe us."
)


@dataclass(frozen=True)
class Sample:
    """One invented post with what the classifier and the ranker think of it."""

    title: str
    feed: str
    path: str
    day: int = 12
    language: str = "en"
    text: str = _ENGLISH
    section: Section | None = None
    sure: float = 0.9
    out_of_scope: float = 0.04
    reasons: tuple[Reason, ...] = ()
    shortlisted: bool = False
    month: Month = MONTH
    published_from: DateSource = DateSource.PUBLISHED
    organisation: str | None = None


def _business(share: float) -> Reason:
    return Reason("business case", share, f"in part business with a probability of {share:.0%}")


SAMPLES = (
    Sample("Cutting Serving Cost by 60% with Continuous Batching", "northwind", "continuous-batching", 14,
           section=SHIPPED.parse_section("2.4"), sure=0.93, shortlisted=True,
           reasons=(Reason("topic fit", 0.87, "MLOps 91%"), _business(0.83),
                    Reason("open code", 0.6, "links github.com/northwind/scheduler"),
                    Reason("popularity", 0.55, "212 points, 87 comments"), Reason("depth", 0.3, "2,140 words"))),
    Sample("장바구니 추천을 실시간으로: 두 단계 검색과 재정렬", "haneul", "실시간-추천", 12, "ko", _KOREAN,
           section=SHIPPED.parse_section("2.3"), sure=0.96, shortlisted=True,
           reasons=(_business(0.91), Reason("topic fit", 0.9, "RecSys 94%"), Reason("depth", 0.21, "1,052 words"))),
    Sample("Serve Large Models with Tensor Parallelism on Managed Endpoints", "cloud", "tensor-parallelism", 20,
           section=SHIPPED.parse_section("3.4"), sure=0.97, shortlisted=True,
           reasons=(Reason("topic fit", 0.93, "MLOps 95%"),
                    Reason("business case", 0.52, "in part AWS with a probability of 95%"),
                    Reason("open code", 0.6, "links huggingface.co/samples/large-13b"))),
    Sample("Sparse Experts That Fit on One Card", "lumen", "sparse-experts", 7,
           section=SHIPPED.parse_section("1.2"), sure=0.78, shortlisted=True,
           reasons=(Reason("topic fit", 0.82, "NLP 80%"), Reason("open code", 0.6, "links github.com/lumen/sparse"),
                    Reason("popularity", 0.31, "1 link elsewhere"), _business(0.08))),
    Sample("배차 도착 시간 예측에 트랜스포머를 도입하며 배운 것들", "dasan", "eta-transformer", 21, "ko",
           _KOREAN.replace("배치 추천", "규칙 기반 예측"), section=SHIPPED.parse_section("2.3"), sure=0.52, shortlisted=True,
           reasons=(_business(0.88), Reason("topic fit", 0.57, "RecSys 61%"), Reason("depth", 0.15, "740 words"))),
    Sample("What Three Years of Feature Stores Taught Me", "mina", "feature-stores", 3,
           section=SHIPPED.parse_section("2.4"), sure=0.71,
           reasons=(Reason("topic fit", 0.7, "MLOps 78%"), _business(0.41),
                    Reason("source", -0.2, "weight in feeds.toml"))),
    Sample("상품 이미지 중복을 찾는 가장 단순한 방법", "haneul", "이미지-중복", 28, "ko",
           "상품 등록이 하루 수십만 건이 되자 같은 사진이 다른 이름으로 올라오기 시작했습니다. "
           "임베딩 하나와 근사 최근접 탐색만으로 어디까지 갈 수 있는지 정리했습니다.",
           section=SHIPPED.parse_section("2.1"), sure=0.84,
           reasons=(_business(0.7), Reason("topic fit", 0.31, "CV 86%"))),
    Sample("Notes on <script>alert(1)</script> & Other “Prompt” Injections", "mina", "injections", 9,
           text="A tour of <img src=x onerror=alert(1)> and friends.", section=SHIPPED.parse_section("1.2"), sure=0.6,
           published_from=DateSource.FIRST_SEEN, reasons=(Reason("topic fit", 0.5, "NLP 66%"),)),
    Sample("We Are Hiring: Machine Learning Engineers in Three Cities", "northwind", "hiring", 5,
           text="Join us.", section=SHIPPED.parse_section("2.4"), sure=0.4, out_of_scope=0.88,
           reasons=(Reason("out of scope", -1.52, "with a probability of 88%"), _business(0.52))),
    Sample("A Post That Nothing Was Thought of Yet", "lumen", "unjudged", 30),
    Sample("11월의 글: 색인 없이 검색하기", "haneul", "색인-없이", 15, "ko", _KOREAN, month=Month(2022, 11),
           section=SHIPPED.parse_section("2.2"), reasons=(_business(0.6),)),
)  # fmt: skip


def save_states(app: App, states: Sequence[FeedState]) -> None:
    """Store what came of visits that brought nothing."""
    save_updates(
        app,
        [
            FeedUpdate(Visit(state.feed.key, NOW, 0.2, state.last_outcome or Outcome.RETRIEVED), state)
            for state in states
        ],
    )


def save_updates(app: App, made: Sequence[FeedUpdate]) -> None:
    with app.database.writing() as connection:
        updates.apply_updates(connection, made)


#: What became of SQLite files, by what they were and what was stored: the file and the post numbers.
_FILLED: dict[tuple[bytes, str], tuple[sqlite3.Connection, dict[str, int]]] = {}


def fill(app: App, samples: Sequence[Sample] = SAMPLES) -> dict[str, int]:
    """Store the samples as visits would have brought them, guessed and ranked; returns post numbers by path.

    Most tests begin so; the second is given a copy of what the first one made of a like SQLite file.
    """
    with app.reading() as connection:
        if connection.dialect.name != "sqlite":
            return _fill(app, samples)
        place = str(connection.engine.url.database)
    with closing(sqlite3.connect(place)) as file:
        known = blake2b(file.serialize()).digest(), repr((app.config.feeds, samples))
        if known in _FILLED:
            made, numbers = _FILLED[known]
            made.backup(file)
        else:
            made, numbers = sqlite3.connect(":memory:", check_same_thread=False), _fill(app, samples)
            file.backup(made)
            _FILLED[known] = made, numbers
    return dict(numbers)


def _fill(app: App, samples: Sequence[Sample]) -> dict[str, int]:
    by_feed: dict[str, list[Sample]] = {}
    for sample in samples:
        by_feed.setdefault(sample.feed, []).append(sample)
    known = {feed.key: feed for feed in app.config.feeds}
    with app.database.writing() as connection:
        updates.apply_updates(connection, [_update(known[key], found) for key, found in by_feed.items()])
    with app.reading() as connection:
        months = {sample.month for sample in samples}
        stored = [candidate.post for month in months for candidate in candidates.list_candidates(connection, month)]
    ids = {post.canonical_url: post.id for post in stored}
    numbers = {sample.path: ids[canonicalise_url(_address(sample))] for sample in samples}
    _judge(app, samples, numbers)
    return numbers


def make_many(count: int) -> list[Sample]:
    """A long month: *count* plain posts, best first."""
    plain = Sample("", "northwind", "", section=SHIPPED.parse_section("2.4"))
    return [
        replace(plain, title=f"Post {n}", path=f"post-{n}", reasons=(Reason("topic fit", 1 - n / 10_000),))
        for n in range(1, count + 1)
    ]


def _address(sample: Sample) -> str:
    return f"https://{sample.feed}.example/{sample.path}"


def _update(feed: Feed, samples: Sequence[Sample]) -> FeedUpdate:
    return FeedUpdate(
        visit=Visit(feed.key, NOW, 0.2, Outcome.RETRIEVED, status=200, entries_seen=len(samples)),
        state=visited(feed),
        entries=tuple(_entry(sample) for sample in samples),
        posts=tuple(_draft(feed, sample) for sample in samples),
    )


def _published_at(sample: Sample) -> datetime:
    return datetime(sample.month.year, sample.month.month, sample.day, 3, tzinfo=UTC)


def _entry(sample: Sample) -> Entry:
    url = _address(sample)
    return Entry(
        feed_key=sample.feed,
        key=sample.path,
        guid=sample.path,
        url=url,
        canonical_url=canonicalise_url(url),
        title=sample.title,
        content=sample.text,
        author=None,
        tags=(),
        published_at=_published_at(sample),
        published_from=sample.published_from,
        published_raw=None,
        first_seen_at=NOW,
        fingerprint=sample.path,
    )


def _draft(feed: Feed, sample: Sample) -> PostDraft:
    url = _address(sample)
    return PostDraft(
        canonical_url=canonicalise_url(url),
        url=url,
        title=sample.title,
        text=sample.text,
        words=len(sample.text.split()),
        links=(),
        tags=(),
        language=sample.language,
        published_at=_published_at(sample),
        published_from=sample.published_from,
        month=sample.month,
        first_seen_at=NOW,
        feed_key=feed.key,
        organisation=sample.organisation or feed.organisation,
        series=name_series(sample.title),
    )


def _judge(app: App, samples: Sequence[Sample], numbers: dict[str, int]) -> None:
    guesses = [_guess(numbers[sample.path], sample) for sample in samples if sample.section]
    with app.database.writing() as connection:
        judgements.save_guesses(connection, guesses, NOW)
        for month in {sample.month for sample in samples}:
            ranked = [sample for sample in samples if sample.month == month and sample.reasons]
            scores = [
                Score(numbers[sample.path], sample.reasons, rank, sample.shortlisted)
                for rank, sample in enumerate(ranked, 1)
            ]
            judgements.save_scores(connection, month, scores, NOW)


def _guess(post_id: int, sample: Sample) -> Guess:
    assert sample.section
    # The probability of a guess is that of part and topic together.
    each = sample.sure**0.5
    rest = 1 - each
    return Guess(
        post_id,
        {part: each if part == sample.section.part else rest / (len(SHIPPED.parts) - 1) for part in SHIPPED.parts},
        {
            topic: each if topic == sample.section.topic else rest / (len(SHIPPED.topics) - 1)
            for topic in SHIPPED.topics
        },
        sample.out_of_scope,
        "invented",
    )
