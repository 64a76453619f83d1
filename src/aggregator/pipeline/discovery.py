"""Discovery: from an address that the curator gives to the feeds behind it. Reads; stores nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import canonicalise_url, clean_url, hide_credentials, host_of
from aggregator.exceptions import FeedError, NotFoundError, WorkerError
from aggregator.feeds.discovery.leads import (
    Lead,
    Reason,
    find_front,
    list_guessed,
    list_ruled,
    list_told,
)
from aggregator.feeds.discovery.platforms import find_rule
from aggregator.feeds.discovery.proposal import propose_feed
from aggregator.feeds.discovery.sample import Sample, is_asleep, take_sample
from aggregator.feeds.formats.page import Page, read_page
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import list_known, name_address, read_typed
from aggregator.pipeline.network import Network
from aggregator.pipeline.robots import RobotsAsker
from aggregator.rank.organisations import find_organisation
from aggregator.rank.record import name_place
from aggregator.storage import feeds
from aggregator.text.charset import decode_document
from aggregator.types import Feed, Retrieved

#: Requests for one address, redirects and robots.txt not counted.
MOST_REQUESTS = 12
# Of a page, and of a document that may be a feed, unpacked.
_MOST_BYTES = 5_000_000
# The page is gone, and its site may still be there.
_GONE = {404, 410}
_ACCEPT = (
    "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, application/feed+json, "
    "application/xml;q=0.9, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was found, and how it may be followed."""

    lead: Lead
    sample: Sample
    #: As it may be written into feeds.toml.
    feed: Feed
    #: The key of the feed that is it already; None if nobody follows it.
    followed_as: str | None
    #: Its newest post is more than a year old.
    is_asleep: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """An address that was tried in vain."""

    url: str
    reason: str
    status: int | None = None


class NoFeedError(NotFoundError):
    """No feed was found behind an address."""

    def __init__(self, url: str, tried: Sequence[Tried]) -> None:
        super().__init__(say_nothing_found(url, tried))
        self.url = url
        self.tried = tuple(tried)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found behind an address."""

    url: str
    #: The best first.
    found: tuple[FoundFeed, ...]
    tried: tuple[Tried, ...]

    @property
    def best(self) -> FoundFeed | None:
        """The first that nobody follows yet."""
        return next((each for each in self.found if each.followed_as is None), None)


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed, by which feeds that are found are recognised."""

    #: The keys of followed feeds by their addresses, as ``name_address`` has them.
    known: Mapping[str, str]
    #: The addresses of feeds that were followed before, by key.
    left: Mapping[str, str]
    #: The keys that a new feed cannot have.
    taken: Collection[str]


@dataclass(frozen=True)
class Discoverer:
    """Finds feeds, with at most MOST_REQUESTS requests for an address."""

    home: Home
    workers: WorkerPool
    network: Network

    async def find(self, typed: str, *, by_itself: bool = False) -> Discovery:
        """Find the feeds behind the address of a site, a page or a feed. If nobody asked for it and the program looks
        *by_itself*, only what robots.txt allows is read.

        Raises NotFoundError if it is not an address, and NoFeedError if no feed was found; it says what was tried.
        """
        with self.home.reading() as connection:
            states, left = feeds.list_feed_states(connection), feeds.find_left(connection)
        followed = Followed(list_known(states), left, {*left, *(state.feed.key for state in states)})
        finder = Finder(self.home.clock, self.home.zone, self.workers, self.network)
        return await finder.find(typed, followed, by_itself=by_itself)


@dataclass(frozen=True)
class Finder:
    """The same without a home, which says what is followed."""

    clock: Callable[[], datetime]
    zone: ZoneInfo
    workers: WorkerPool
    network: Network

    async def find(self, typed: str, followed: Followed, *, by_itself: bool = False) -> Discovery:
        """As ``Discoverer.find``."""
        url = read_typed(typed)
        async with self.network.open() as retriever:
            robots = RobotsAsker(self.clock, self.workers, self.network, retriever, asyncio.Semaphore(2))
            search = _Search(self, retriever, robots, url, obeys=by_itself)
            await search.run()
        found = _list_found(search, followed, self.clock())
        if not found:
            raise NoFeedError(url, search.tried)
        return Discovery(url, found, tuple(search.tried))


@dataclass(slots=True)
class _Search:
    """The search for the feeds of one address."""

    finder: Finder
    retriever: Retriever
    robots: RobotsAsker
    url: str
    #: Whether robots.txt is asked about every address, and not of guesses alone.
    obeys: bool = False
    page: Page | None = None
    found: list[tuple[Lead, Sample, Retrieved]] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    requests: int = 0
    _seen: set[str] = field(default_factory=set)

    async def run(self) -> None:
        ruled = list_ruled(self.url)
        await self._try(ruled)
        if self.found:
            return
        answer = await self._read(self.url, _ACCEPT)
        if answer is None and self.tried and self.tried[-1].status in _GONE and (front := find_front(self.url)):
            answer = await self._read(front, _ACCEPT)
        if answer is None or await self._take(Lead(self.url, Reason.GIVEN), answer):
            # A site that does not answer is not asked for more.
            return
        header = answer.link
        self.page, told = self._read_page(answer)
        if self.page.forward and not told and (forwarded := await self._read(self.page.forward, _ACCEPT)):
            answer, header = forwarded, forwarded.link
            self.page, told = self._read_page(answer)
        redirected = [] if answer.url == self.url else list_ruled(answer.url)
        await self._try([*told, *redirected])
        if not self.found and (front := find_front(answer.url)) and (there := await self._read(front, _ACCEPT)):
            await self._try(self._read_page(there)[1])
        ruled_out = (rule := find_rule(answer.url)) is not None and not rule.feeds
        if not self.found and not ruled_out:
            await self._guess(list_guessed(answer.url, self.page, header))

    def _read_page(self, answer: Retrieved) -> tuple[Page, list[Lead]]:
        document, _ = decode_document(answer.body, answer.content_type)
        page = read_page(document, answer.url, is_whole=True)
        return page, list_told(page, answer.url, answer.link)

    async def _try(self, leads: Sequence[Lead]) -> None:
        """Read all of these, as far as the number of requests allows."""
        for lead in leads:
            if lead.reason is Reason.LINKED and self.found:
                return
            if answer := await self._read(lead.url):
                await self._take(lead, answer)

    async def _guess(self, leads: Sequence[Lead]) -> None:
        """Read these one by one until one is a feed, if robots.txt allows it."""
        for lead in leads:
            allowed = self.obeys or await self._is_allowed(lead.url)
            if allowed is None:
                return
            if allowed and (answer := await self._read(lead.url)) and await self._take(lead, answer):
                return

    async def _is_allowed(self, url: str) -> bool | None:
        """Whether robots.txt allows to read this; None if that is not known."""
        try:
            access = await self.robots.ask(url)
        except FeedError as error:
            self.tried.append(Tried(url, error.reason))
            return None
        if not access.is_allowed:
            self.tried.append(Tried(url, "robots.txt does not allow it"))
        return access.is_allowed

    async def _read(self, url: str, accept: str | None = None) -> Retrieved | None:
        place = canonicalise_url(clean_url(url) or url) + ("/" if url.endswith("/") and "?" not in url else "")
        if place in self._seen or self.requests >= MOST_REQUESTS:
            return None
        self._seen.add(place)
        if self.obeys and not await self._is_allowed(url):
            return None
        self.requests += 1
        options: dict[str, Any] = {"accept": accept} if accept else {}
        try:
            async with self.finder.network.hosts.enter(host_of(url)):
                return await self.retriever.retrieve_whole(url, max_bytes=_MOST_BYTES, **options)
        except FeedError as error:
            self.tried.append(Tried(url, error.reason, error.status))
            return None

    async def _take(self, lead: Lead, answer: Retrieved) -> bool:
        """Keep what was read if it is a feed; return whether it is one."""
        finder = self.finder
        try:
            sample = await finder.workers.run(answer.url, take_sample, answer, now=finder.clock(), zone=finder.zone)
        except FeedError as error:
            self.tried.append(Tried(lead.url, error.reason))
        except (WorkerError, MemoryError) as error:
            self.tried.append(Tried(lead.url, str(error) or type(error).__name__))
        else:
            if all(sample.url != other.url for _, other, _ in self.found):
                self.found.append((lead, sample, answer))
            return True
        return False


def _list_found(search: _Search, followed: Followed, now: datetime) -> tuple[FoundFeed, ...]:
    before = {name_address(url): key for key, url in followed.left.items()}
    taken = set(followed.taken)
    found = []
    for lead, sample, answer in search.found:
        addresses = [lead.url, answer.url, *(hop.url for hop in answer.hops)]
        key = next(filter(None, (followed.known.get(name_address(address)) for address in addresses)), None)
        place = name_place(clean_url(sample.site or "") or lead.url)
        feed = propose_feed(lead, sample, search.page, organisation=find_organisation(place), taken=taken)
        if again := before.get(name_address(feed.url)):
            feed = replace(feed, key=again)
        taken.add(feed.key)
        found.append(FoundFeed(lead, sample, feed, key, is_asleep(sample, now)))
    return tuple(sorted(found, key=lambda each: (each.lead.is_comments, each.is_asleep)))


def say_nothing_found(url: str, tried: Sequence[Tried], say_reason: Callable[[str], str] = str) -> str:
    """Say that no feed was found behind an address, and what was tried; *say_reason* says why each was in vain."""
    shown = hide_credentials(url)
    rule = find_rule(url)
    if rule is not None and not rule.feeds:
        return t("{address} has no feed: {platform} does not give any", address=shown, platform=rule.platform)
    said = "; ".join(f"{hide_credentials(each.url)}: {say_reason(each.reason)}" for each in tried)
    return t("no feed was found at {address}. Tried: {tried}", address=shown, tried=said)
