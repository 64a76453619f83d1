"""Listings: reads the pages that recipes make feeds of, if their sites allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError
from aggregator.feeds.drafts import zones_of
from aggregator.feeds.recipes.read import ACCEPT, ReadPages
from aggregator.feeds.recipes.sitemap import note_failures, plan_pages, read_listed_page
from aggregator.feeds.recipes.tree import MAX_BYTES
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network
from aggregator.pipeline.robots import RobotsAsker
from aggregator.storage import listed
from aggregator.types import Credentials, Feed, Hop, ListedPage, NotModified, Recipe, Retrieved

_NOT_ALLOWED = "robots.txt does not allow it"


@dataclass(frozen=True, slots=True)
class ListingReader:
    """Reads for one round of visits. It takes the turns of hosts itself, because one visit may read several pages."""

    home: Home
    workers: WorkerPool
    network: Network
    retriever: Retriever
    #: The places for requests of the round.
    free: asyncio.Semaphore
    robots: RobotsAsker

    async def retrieve(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
        proxy: str | None = None,
    ) -> Retrieved | NotModified:
        """Retrieve a page, if robots.txt allows it. Raises FeedError."""
        access = await self.robots.ask(url, proxy=proxy)
        if not access.is_allowed:
            raise FeedError(url, _NOT_ALLOWED)
        host = host_of(url)
        async with (
            self.network.page_turns.enter(host, access.pause_seconds),
            self.network.hosts.enter(host, free=self.free),
        ):
            answer = await self.retriever.retrieve(
                url,
                etag=etag,
                last_modified=last_modified,
                credentials=credentials,
                proxy=proxy,
                max_bytes=MAX_BYTES,
                accept=ACCEPT,
            )
        await self._check_hops(url, answer.hops, proxy)
        return answer

    async def _check_hops(self, url: str, hops: Sequence[Hop], proxy: str | None) -> None:
        if refused := await self.robots.find_refusal(url, hops, proxy=proxy):
            raise FeedError(url, f"robots.txt of {host_of(refused)} does not allow it")

    async def read_pages(self, feed: Feed, recipe: Recipe, answer: Retrieved) -> ReadPages:
        """Read the new pages of a sitemap, one after the other. Raises FeedError if it is not a sitemap."""
        known = await asyncio.to_thread(self._list_pages, feed.key)
        plan = await self.workers.run(answer.url, plan_pages, recipe, answer, known)
        read: list[ListedPage] = []
        failed: list[str] = []
        for url in plan.wanted:
            page = await self.read_page(feed, recipe, url)
            if page and page.read_at:
                read.append(page)
            else:
                failed.append(url)
        passed = [ListedPage(url) for url in plan.passed]
        has_more = plan.has_more or bool(failed)
        return ReadPages(known, (*read, *note_failures(failed, known), *passed), has_more)

    async def read_page(self, feed: Feed, recipe: Recipe, url: str) -> ListedPage | None:
        """Read title and date of a page; None if it could not be."""
        zones = zones_of(feed, self.home.zone)
        try:
            answer = await self.retrieve(url, proxy=self.network.proxies.get(feed.key))
            if isinstance(answer, NotModified):
                return None
            return await self.workers.run(url, read_listed_page, recipe, url, answer, now=self.home.now, zones=zones)
        except FeedError:
            return None

    def _list_pages(self, key: str) -> dict[str, ListedPage]:
        with self.home.reading() as connection:
            return listed.list_pages(connection, key)
