"""Robots: asks sites what they allow before their pages are read or looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError
from aggregator.fetch import robots
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.robots import Access, RobotsFile
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline.network import Network
from aggregator.types import Hop


@dataclass(frozen=True, slots=True)
class RobotsAsker:
    """Asks for one round of pages, each site once."""

    clock: Callable[[], datetime]
    workers: WorkerPool
    network: Network
    retriever: Retriever
    #: The places for requests of the round.
    free: asyncio.Semaphore
    #: By its address and the proxy.
    _asking: dict[tuple[str, str | None], asyncio.Lock] = field(default_factory=dict, repr=False)

    async def ask(self, url: str, *, proxy: str | None = None) -> Access:
        """What the robots.txt of a site allows, asked as its pages are. Raises FeedError if that is not known."""
        file = await self._find_file(url, proxy)
        if file.body is None:
            return Access(is_allowed=True)
        return await self.workers.run(robots.locate_robots(url), robots.decide_access, file.body, url)

    async def list_sitemaps(self, url: str, *, proxy: str | None = None) -> list[str]:
        """The sitemaps that the robots.txt of a site names. Raises FeedError if that is not known."""
        file, place = await self._find_file(url, proxy), robots.locate_robots(url)
        return await self.workers.run(place, robots.list_sitemaps, file.body, place) if file.body else []

    async def _find_file(self, url: str, proxy: str | None) -> RobotsFile:
        place, memory = robots.locate_robots(url), self.network.robots
        # In turn, so that the pages of a site request the file only once.
        async with self._asking.setdefault((place, proxy), asyncio.Lock()):
            file = memory.find(place, proxy, self.clock())
            if file is None:
                file = await self._retrieve(place, proxy)
                memory.keep(place, proxy, file)
        if file.trouble:
            raise FeedError(url, f"robots.txt of {host_of(url)} cannot be read: {file.trouble}")
        return file

    async def find_refusal(self, url: str, hops: Sequence[Hop], *, proxy: str | None = None) -> str | None:
        """The first target of the redirects of *url* that robots.txt does not allow, if there is one."""
        for place in dict.fromkeys(hop.url for hop in hops):
            if place != url and not (await self.ask(place, proxy=proxy)).is_allowed:
                return place
        return None

    async def _retrieve(self, place: str, proxy: str | None) -> RobotsFile:
        try:
            async with self.network.hosts.enter(host_of(place), free=self.free):
                answer = await self.retriever.retrieve_whole(
                    place, max_bytes=robots.MAX_BYTES, accept=robots.ACCEPT, proxy=proxy
                )
        except FeedError as error:
            return robots.read_failure(error, self.clock())
        return RobotsFile(self.clock(), answer.body)
