"""Pages: read those of the posts whose feeds give summaries only, where their sites allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from aggregator.collect import pages as reading
from aggregator.collect import robots
from aggregator.collect.drafts import TEXT_LIMIT
from aggregator.collect.hosts import HostGate
from aggregator.collect.retrieve import Retriever
from aggregator.collect.robots import Access, RobotsFile
from aggregator.collect.workers import WorkerPool
from aggregator.exceptions import FeedError, WorkerError
from aggregator.pipeline import Progress, ignore_progress
from aggregator.pipeline.tasks import task_group
from aggregator.storage import pages
from aggregator.storage.database import Database
from aggregator.types import PageReading, Retrieved, WantedPage
from aggregator.urls import host_of

log = structlog.get_logger()

# Origins whose robots.txt is remembered.
_MOST_ORIGINS = 2000


class RobotsMemory:
    """The robots.txt of the sites that were asked lately, in memory: a daemon that starts anew asks anew."""

    def __init__(self) -> None:
        self._files: dict[str, RobotsFile] = {}

    def find(self, place: str, now: datetime) -> RobotsFile | None:
        known = self._files.get(place)
        return known if known and known.is_fresh(now) else None

    def keep(self, place: str, file: RobotsFile) -> None:
        self._files.pop(place, None)
        self._files[place] = file
        while len(self._files) > _MOST_ORIGINS:
            del self._files[next(iter(self._files))]


async def read_pages(
    database: Database,
    retriever: Retriever,
    workers: WorkerPool,
    wanted: Sequence[WantedPage],
    *,
    clock: Callable[[], datetime],
    connections: int,
    hosts: HostGate,
    turns: HostGate,
    memory: RobotsMemory,
    progress: Progress = ignore_progress,
) -> list[PageReading]:
    """Read pages, at most *connections* at a time, and store what came of each as soon as it is known.

    Each has an outcome, whatever happens to the others; none of them harms its post. *hosts* is shared with visits;
    *turns* is for pages alone, so that the long pauses that some sites ask for keep no visit waiting.
    """
    reader = _Reader(retriever, workers, clock, hosts, turns, asyncio.Semaphore(connections), memory)
    writing = asyncio.Lock()

    async def attempt(one: WantedPage) -> PageReading:
        found = await reader.read(one)
        async with writing:
            await asyncio.to_thread(_save, database, found)
        progress(1)
        return found

    async with task_group() as group:
        attempts = [group.create_task(attempt(one)) for one in wanted]
    return [attempt.result() for attempt in attempts]


def _save(database: Database, found: PageReading) -> None:
    with database.writing(durable=False) as connection:
        pages.save_readings(connection, [found])
    log.info("page read", post=found.post_id, outcome=str(found.outcome), words=found.words, reason=found.reason)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What all pages of one round have in common."""

    retriever: Retriever
    workers: WorkerPool
    clock: Callable[[], datetime]
    hosts: HostGate
    turns: HostGate
    free: asyncio.Semaphore
    memory: RobotsMemory
    asking: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def read(self, wanted: WantedPage) -> PageReading:
        """Retrieve a page and decide what it changes; nothing is written."""
        try:
            return await self._read(wanted)
        except FeedError as error:
            return reading.decide_failed_page(wanted, error, now=self.clock())
        except (WorkerError, MemoryError) as error:
            return reading.decide_unread_page(wanted, str(error) or type(error).__name__, now=self.clock())
        except Exception as bug:
            # As with feeds: a bug that one page brings to light must not stop the others.
            log.error("a mistake of this program", post=wanted.post_id, exc_info=bug)
            mistake = FeedError(wanted.url, f"a mistake of this program: {type(bug).__name__}: {bug}")
            return reading.decide_failed_page(wanted, mistake, now=self.clock())

    async def _read(self, wanted: WantedPage) -> PageReading:
        access = await self._ask(wanted.url)
        if not access.is_allowed:
            return reading.decide_refused_page(wanted, "robots.txt does not allow it", now=self.clock())
        host = host_of(wanted.url)
        async with self.turns.enter(host, access.pause_seconds), self.hosts.enter(host), self.free:
            answer = await self.retriever.retrieve_whole(wanted.url, max_bytes=reading.MAX_BYTES, accept=reading.ACCEPT)
        if refused := await self._find_refusal(wanted.url, answer):
            reason = f"robots.txt of {host_of(refused)} does not allow it"
            return reading.decide_refused_page(wanted, reason, now=self.clock())
        return await self.workers.run(wanted.url, reading.decide_page, wanted, answer, TEXT_LIMIT, now=self.clock())

    async def _find_refusal(self, url: str, answer: Retrieved) -> str | None:
        """The place on the way of an answer that must not be read; only the answer tells where it leads."""
        for place in dict.fromkeys(hop.url for hop in answer.hops):
            if place != url and not (await self._ask(place)).is_allowed:
                return place
        return None

    async def _ask(self, url: str) -> Access:
        """What the site of an address allows. Raises FeedError while that cannot be known."""
        place = robots.locate_robots(url)
        # One after the other, so that the pages of a site ask for the file once.
        async with self.asking.setdefault(place, asyncio.Lock()):
            file = self.memory.find(place, self.clock())
            if file is None:
                file = await self._retrieve_robots(place)
                self.memory.keep(place, file)
        if file.trouble:
            raise FeedError(url, f"robots.txt of {host_of(url)} cannot be read: {file.trouble}")
        if file.body is None:
            return Access(is_allowed=True)
        return await self.workers.run(place, robots.decide_access, file.body, url)

    async def _retrieve_robots(self, place: str) -> RobotsFile:
        try:
            async with self.hosts.enter(host_of(place)), self.free:
                answer = await self.retriever.retrieve_whole(place, max_bytes=robots.MAX_BYTES, accept=robots.ACCEPT)
        except FeedError as error:
            return robots.read_failure(error, self.clock())
        return RobotsFile(self.clock(), answer.body)
