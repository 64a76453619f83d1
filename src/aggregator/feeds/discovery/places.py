"""Where to look for the feeds of many addresses, and whether a feed that was found is surely theirs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from aggregator.addresses.sites import PLATFORMS
from aggregator.addresses.urls import host_of
from aggregator.feeds.discovery.leads import Lead
from aggregator.feeds.discovery.platforms import find_rule
from aggregator.feeds.discovery.sample import Sample, is_asleep
from aggregator.feeds.hosts import name_place
from aggregator.locales import mark
from aggregator.shipped_feeds import WALLED

#: Platforms whose feeds tell of versions of programs.
_PROGRAMS = frozenset({"GitHub", "GitLab"})
#: Hosts of many publishers whose addresses do not say whose a page is, beside those of PLATFORMS.
_OF_MANY = frozenset(
    {
        *("arxiv.org", "doi.org", "openreview.net", "dl.acm.org", "ieeexplore.ieee.org", "papers.nips.cc", "youtu.be"),
        *("news.ycombinator.com", "lobste.rs", "reddit.com", "stackoverflow.com", "docs.google.com", "kaggle.com"),
        *("drive.google.com", "colab.research.google.com", "slideshare.net", "speakerdeck.com", "archive.org"),
        *("web.archive.org", "pypi.org", "npmjs.com", "crates.io", "cran.r-project.org", "t.co"),
        *("bit.ly", "substack.com", "dev.to", "gitlab.com", "gist.github.com", "vimeo.com", "amazon.com"),
        *("en.wikipedia.org", "ko.wikipedia.org"),
    }
)


class Rest(StrEnum):
    """Why nobody looks for the feed of a place, or why what was found there is not followed by itself."""

    MANY = mark("many publishers share it, and its addresses do not say which")
    PROGRAMS = mark("its feeds tell of versions of programs")
    NONE = mark("its platform gives no feeds")
    WALL = mark("it lets no program in")
    COMMENTS = mark("it seems to be a feed of comments")
    EMPTY = mark("it has no posts")
    ASLEEP = mark("its newest post is more than a year old")
    ELSEWHERE = mark("most of its posts are at other places")
    SECOND = mark("another feed of the place is surer")
    NOTHING = mark("no feed was found")
    LATE = mark("it did not answer in time")
    UNASKED = mark("nobody has looked there yet")


@dataclass(frozen=True, slots=True)
class Place:
    """Addresses of one publisher, as far as they tell."""

    #: The host, on shared ones with whose it is.
    name: str
    lines: int
    #: The address to look behind.
    url: str
    #: Why nobody looks; None if somebody may.
    rest: Rest | None


def list_places(urls: Iterable[str]) -> list[Place]:
    """The places of addresses, those with the most first, then by name."""
    found: dict[str, list[str]] = {}
    for url in urls:
        ruled = find_rule(url)
        by_rule = ruled and ruled.platform not in _PROGRAMS and ruled.feeds
        found.setdefault(ruled.feeds[0] if ruled and by_rule else name_place(url), []).append(url)
    places = [Place(_name(known[0]), len(known), known[0], _find_rest(known[0])) for known in found.values()]
    return sorted(places, key=lambda place: (-place.lines, place.name, place.url))


def _name(url: str) -> str:
    host, folder = host_of(url), urlsplit(url).path.strip("/").split("/")[0]
    return f"{host}/{folder}" if host in _OF_MANY and folder and find_rule(url) else name_place(url)


def _find_rest(url: str) -> Rest | None:
    host, ruled = host_of(url), find_rule(url)
    if name_place(url) in WALLED:
        return Rest.WALL
    if ruled and ruled.platform in _PROGRAMS:
        return Rest.PROGRAMS
    if ruled:
        return None if ruled.feeds else Rest.NONE
    return Rest.MANY if host in _OF_MANY | PLATFORMS else None


def find_doubt(lead: Lead, sample: Sample, url: str, now: datetime) -> Rest | None:
    """Why a feed is not surely the one that has posts such as that at *url*; None if it is."""
    if lead.is_comments:
        return Rest.COMMENTS
    if not sample.posts:
        return Rest.EMPTY
    if is_asleep(sample, now):
        return Rest.ASLEEP
    own = sum(_is_of(post.url, url) for post in sample.posts)
    return None if 2 * own > len(sample.posts) else Rest.ELSEWHERE


def _is_of(one: str, other: str) -> bool:
    ruled, own = find_rule(other), find_rule(one)
    if ruled and own and ruled.feeds and ruled.feeds == own.feeds:
        return True
    return name_place(one) == name_place(other)
