"""The feeds of the invented world, in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.types import Feed, FeedState, Kind, Month, Outcome

MONTH = Month(2022, 12)
NOW = datetime(2022, 12, 31, 12, tzinfo=UTC)

FEEDS = (
    Feed("northwind", "Northwind TechBlog", "https://northwind.example/feed", Kind.COMPANY, "en",
         site="https://northwind.example/", organisation="Northwind"),
    Feed("haneul", "하늘상점 기술 블로그", "https://tech.haneul.example/feed.xml", Kind.COMPANY, "ko",
         site="https://tech.haneul.example/", organisation="하늘상점"),
    Feed("dasan", "다산모빌리티 블로그", "https://blog.dasan.example/rss", Kind.COMPANY, "ko",
         organisation="다산모빌리티"),
    Feed("lumen", "Lumen Research", "https://lumen.example/feed", Kind.RESEARCH, "en", organisation="Lumen Research"),
    Feed("cloud", "AWS Machine Learning Blog (sample)", "https://aws.example/feed", Kind.AWS, "en",
         organisation="Amazon"),
    Feed("mina", "Mina Halloran", "https://mina-halloran.example/atom.xml", Kind.INDIVIDUAL, "en"),
)  # fmt: skip


#: One of them, with all that can be said of a feed.
FEED = replace(FEEDS[1], weight=0.2, tags=("ml",))


def visited(feed: Feed, at: datetime = NOW - timedelta(minutes=20)) -> FeedState:
    """A feed whose last visit went well."""
    return FeedState(
        feed,
        last_visit_at=at,
        last_success_at=at,
        next_visit_at=at + timedelta(hours=1),
        last_outcome=Outcome.RETRIEVED,
    )


def failed(
    feed: Feed,
    reason: str,
    failures: int = 3,
    at: datetime = NOW - timedelta(minutes=20),
    *,
    status: int | None = None,
    excerpt: str | None = None,
) -> FeedState:
    """A feed whose last visits failed, every hour one."""
    return FeedState(
        feed,
        last_visit_at=at,
        next_visit_at=at + timedelta(hours=8),
        failures=failures,
        failing_since=at - timedelta(hours=failures - 1),
        last_outcome=Outcome.FAILED,
        last_status=status,
        last_reason=reason,
        last_excerpt=excerpt,
    )


def silent(feed: Feed) -> FeedState:
    """A feed that is read well and that gave a post every four days, until two months ago."""
    return replace(visited(feed), newest_at=NOW - timedelta(days=60), habit=timedelta(days=4))
