"""Leads: addresses that may be feeds, each with the reason why, the best first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from aggregator.addresses.link_header import read_link_header
from aggregator.addresses.urls import canonicalise_url, clean_url, host_of
from aggregator.feeds.discovery.platforms import find_rule, list_usual, name_platform
from aggregator.feeds.formats.page import FEED_TYPES, NamedFeed, Page

_COMMENTS = re.compile(r"/comments?/|[/-]comments?(?:[./-]|$)|\bcomments?\b|댓글|덧글|코멘트", re.IGNORECASE)
#: Guesses below the folder of a page, and below the root of its site.
_MOST_GUESSED = 4


class Reason(StrEnum):
    """Why an address may be a feed, from the surest to the least sure."""

    GIVEN = "given"
    HEADER = "header"
    NAMED = "named"
    RULE = "rule"
    LINKED = "linked"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may be a feed."""

    url: str
    reason: Reason
    #: As the page names it; often empty.
    title: str = ""
    #: As the page tells it, two letters; often empty.
    language: str = ""

    @property
    def is_comments(self) -> bool:
        """Whether it seems to be a feed of comments."""
        return _COMMENTS.search(f"{urlsplit(self.url).path} {self.title}") is not None


def list_ruled(url: str) -> list[Lead]:
    """The feeds of a page by a rule of its platform, from its address alone."""
    ruled = find_rule(url)
    return [Lead(feed, Reason.RULE) for feed in ruled.feeds] if ruled else []


def list_told(page: Page, url: str, link_header: str | None = None) -> list[Lead]:
    """The feeds that a page from *url* tells of, in its head, its header fields and its text.

    Those in the language of the page come first, and those of comments are left out unless it tells of no others.
    """
    leads = [*_list_in_header(link_header, url), *_list_named(page), *_list_of_channel(page)]
    leads.sort(key=lambda lead: bool(lead.language and page.language and lead.language != page.language))
    linked = [Lead(feed.url, Reason.LINKED, feed.title, feed.language) for feed in page.linked]
    leads += sorted(linked, key=lambda lead: host_of(lead.url) != host_of(url))
    leads = clean_leads(leads)
    return [lead for lead in leads if not lead.is_comments] or leads


def list_guessed(url: str, page: Page | None = None, link_header: str | None = None) -> list[Lead]:
    """Where the feeds of a page usually are, by its platform if it tells one."""
    platform = name_platform(page.generators, page.hosts) if page else None
    if platform is None and any("https://api.w.org/" in link.rels for link in read_link_header(link_header)):
        platform = "WordPress"
    if platform in {"Notion", "Framer"}:
        return []
    parts = urlsplit(url)
    root, path = f"{parts.scheme}://{parts.netloc}/", parts.path.strip("/")
    # A file has no folder of its own.
    folder = path if "." not in path.rpartition("/")[2] else path.rpartition("/")[0]
    places = [f"{root}{folder}/"] if folder else []
    usual = list_usual(platform)[:_MOST_GUESSED] if places else list_usual(platform)
    return clean_leads(Lead(urljoin(place, name), Reason.USUAL) for place in [*places, root] for name in usual)


def find_front(url: str) -> str | None:
    """The first page of the site of *url*; None if it is that."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" if parts.path.strip("/") or parts.query else None


def clean_leads(leads: Iterable[Lead]) -> list[Lead]:
    """The leads that can be visited, each address once, with the first reason for it."""
    found: dict[str, Lead] = {}
    for lead in leads:
        if clean_url(lead.url):
            found.setdefault(canonicalise_url(clean_url(lead.url) or ""), lead)
    return list(found.values())


def _list_in_header(header: str | None, url: str) -> Iterator[Lead]:
    for link in read_link_header(header):
        is_feed = "feed" in link.rels or ("alternate" in link.rels and link.type in FEED_TYPES)
        if is_feed and (target := clean_url(link.target, url)):
            yield Lead(target, Reason.HEADER, link.title)


def _list_named(page: Page) -> Iterator[Lead]:
    named: Iterable[NamedFeed] = page.named
    yield from (Lead(feed.url, Reason.NAMED, feed.title, feed.language) for feed in named)


def _list_of_channel(page: Page) -> Iterator[Lead]:
    if page.channel:
        yield Lead(f"https://www.youtube.com/feeds/videos.xml?channel_id={page.channel}", Reason.NAMED)
