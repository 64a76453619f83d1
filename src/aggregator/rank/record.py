"""Names sources, and loads how many lines an earlier digest gave to each: counts that come with the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from aggregator.addresses.urls import host_of
from aggregator.text.tables import load_data
from aggregator.types import Month, Post

# Hosts that many publishers share, and how many folders of the path identify the publisher.
_SHARED = {
    "medium.com": 1,
    "aws.amazon.com": 2,
    "blog.naver.com": 1,
    "brunch.co.kr": 1,
    "dev.to": 1,
    "gist.github.com": 1,
    "github.com": 1,
    "velog.io": 1,
}


@dataclass(frozen=True, slots=True)
class Record:
    """How many lines a published digest gave to each place, and to each section."""

    #: How many months it covers; 0 if nothing is known.
    months: int = 0
    #: The month of the digest that was counted.
    digest: Month | None = None
    lines: Mapping[str, int] | None = None
    #: Section such as 2.4 → lines.
    sections: Mapping[str, int] | None = None

    def count_lines(self, place: str) -> int:
        return (self.lines or {}).get(place, 0)


@cache
def load_record() -> Record:
    """Load the counts of the January 2023 digest."""
    data = _load()
    return Record(data["months"], Month.parse(data["digest"]), data["lines"], data["sections"])


@lru_cache(maxsize=50_000)
def name_place(url: str) -> str:
    """Return the place of a post: its host, with the publisher's folder on shared hosts. A place that moved keeps its
    old name.
    """
    host = host_of(url)
    depth = _SHARED.get(host, 0)
    if depth:
        folders = [f for f in urlsplit(url).path.split("/") if f and not (host == "aws.amazon.com" and f == "ko")]
        host = "/".join([host, *folders[:depth]])
    moved: dict[str, str] = _load()["moved"]
    return moved.get(host, host)


def name_source(post: Post) -> str:
    """Return who publishes a post, by its place: so posts from a feed, a planet and an imported digest share a
    source.
    """
    return name_place(post.url)


def name_feed(post: Post) -> str:
    """Return the feed of a post, or its place if it did not come from a feed."""
    return post.feed_key or name_place(post.url)


@cache
def _load() -> dict[str, Any]:
    return load_data("aggregator.rank", "record-2023-01")
