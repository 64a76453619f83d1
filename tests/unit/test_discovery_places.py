"""Of many addresses: whose they are, which site is looked at, and which of the feeds found there is surely theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.feeds.discovery.leads import Lead, Reason
from aggregator.feeds.discovery.places import Place, Rest, find_doubt, list_places
from aggregator.feeds.discovery.sample import Sample, SampledPost

NOW = datetime(2023, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "name", "rest"),
    [
        ("https://flink.example/2022/state", "flink.example", None),
        ("https://medium.com/@mina/post-123456789abc", "medium.com/@mina", None),
        ("https://medium.com/p/123456789abc", "medium.com/p", Rest.MANY),
        ("https://mina.substack.com/p/data", "mina.substack.com", None),
        ("https://substack.com/home/post/p-1", "substack.com", Rest.MANY),
        ("https://dev.to/mina/post", "dev.to/mina", None),
        ("https://www.youtube.com/watch?v=abc", "youtube.com/watch", Rest.MANY),
        ("https://www.youtube.com/channel/UC0123456789012345678901", "youtube.com/channel", None),
        ("https://github.com/mina/tool", "github.com/mina", Rest.PROGRAMS),
        ("https://arxiv.org/abs/2301.00001", "arxiv.org", Rest.MANY),
        ("https://arxiv.org/list/cs.CL/recent", "arxiv.org/list", None),
        ("https://www.linkedin.com/pulse/x", "linkedin.com/pulse", Rest.NONE),
    ],
)
def test_whose_an_address_is(url: str, name: str, rest: Rest | None) -> None:
    assert list_places([url]) == [Place(name, 1, url, rest)]


def test_the_places_with_the_most_addresses_come_first() -> None:
    urls = ["https://dev.to/b/1", "https://x.example/1", "https://dev.to/a/1", "https://x.example/2"]
    assert [(place.name, place.lines) for place in list_places(urls)] == [
        ("x.example", 2),
        ("dev.to/a", 1),
        ("dev.to/b", 1),
    ]


def _sample(*urls: str, days: int = 3) -> Sample:
    newest = NOW - timedelta(days=days)
    posts = tuple(SampledPost("T", url, newest) for url in urls)
    return Sample("https://a.example/feed", "A", None, "rss20", "en", posts, len(posts), newest, 1.0, 300)


@pytest.mark.parametrize(
    ("feed", "sample", "url", "doubt"),
    [
        ("feed", _sample("https://a.example/2"), "https://a.example/1", None),
        ("feed", _sample("https://medium.com/@m/2", "https://medium.com/@m/3"), "https://medium.com/@m/1", None),
        ("feed", _sample("https://a.example/2", "https://b.example/3"), "https://a.example/1", Rest.ELSEWHERE),
        ("feed", _sample("https://a.example/2", days=500), "https://a.example/1", Rest.ASLEEP),
        ("feed", _sample(), "https://a.example/1", Rest.EMPTY),
        ("comments/feed", _sample("https://a.example/2"), "https://a.example/1", Rest.COMMENTS),
    ],
)  # fmt: skip
def test_which_feed_is_surely_theirs(feed: str, sample: Sample, url: str, doubt: Rest | None) -> None:
    assert find_doubt(Lead(f"https://a.example/{feed}", Reason.NAMED), sample, url, NOW) is doubt
