"""Pages: reads the pages of posts whose feeds give only summaries, if their sites allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError, WorkerError
from aggregator.feeds.drafts import TEXT_LIMIT
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network, task_group
from aggregator.pipeline.robots import RobotsAsker
from aggregator.posts import pages as reading
from aggregator.storage import pages
from aggregator.storage.feeds import list_feed_states
from aggregator.types import PageReading, WantedPage

log = structlog.get_logger()


@dataclass(frozen=True)
class PageReader:
    """Reads pages, many at once, and stores each result as soon as it is known.

    A failure does not affect other pages or harm the post. A page that is being read is not read a second time.
    """

    home: Home
    workers: WorkerPool
    network: Network
    _under_way: set[int] = field(default_factory=set)

    async def read_due(self, feed_key: str | None = None, *, again: bool = False) -> list[PageReading]:
        """Read the pages that are due, of feeds with full_text set or of one feed; with *again* also those that failed
        or were refused for good. Raises NotFoundError, and MissingExtraError if pages are due but cannot be read.
        """
        busy = set(self._under_way)
        due = await asyncio.to_thread(self._list_due, feed_key, again=again)
        busy |= self._under_way
        # A feed with a password is not public, and its password is not for pages.
        closed = self.network.credentials
        wanted = [one for one in due if one.post_id not in busy and one.feed_key not in closed]
        # Before any request to a site.
        if wanted and (missing := reading.find_missing()):
            raise missing
        self._under_way.update(one.post_id for one in wanted)
        try:
            return await self._read_all(wanted) if wanted else []
        finally:
            self._under_way.difference_update(one.post_id for one in wanted)

    def _list_due(self, feed_key: str | None, *, again: bool) -> Sequence[WantedPage]:
        settings, now = self.home.settings.pages, self.home.now
        with self.home.reading() as connection:
            if feed_key is not None:
                list_feed_states(connection, [feed_key])
            return pages.list_wanted(
                connection,
                now=now,
                since=now - timedelta(days=settings.days),
                words=settings.max_words,
                newest=settings.newest,
                longest_retry=reading.LONGEST_RETRY,
                feed_key=feed_key,
                again=again,
            )

    async def _read_all(self, wanted: Sequence[WantedPage]) -> list[PageReading]:
        writing = asyncio.Lock()
        connections = max(1, self.network.settings.connections // 4)

        async def attempt(one: WantedPage) -> PageReading:
            found = await one_round.read(one)
            async with writing:
                await asyncio.to_thread(self._save, found)
            return found

        async with self.network.open() as retriever:
            free = asyncio.Semaphore(connections)
            robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, free)
            one_round = _Round(self, retriever, free, robots)
            async with task_group() as group:
                attempts = [group.create_task(attempt(one)) for one in wanted]
        return [attempt.result() for attempt in attempts]

    def _save(self, found: PageReading) -> None:
        with self.home.database.writing(durable=False) as connection:
            pages.save_readings(connection, [found])
        log.info("page read", post=found.post_id, outcome=str(found.outcome), words=found.words, reason=found.reason)


@dataclass(frozen=True, slots=True)
class _Round:
    """Pages that are read together."""

    reader: PageReader
    retriever: Retriever
    free: asyncio.Semaphore
    robots: RobotsAsker

    async def read(self, wanted: WantedPage) -> PageReading:
        """Retrieve a page and decide what it changes; write nothing."""
        try:
            return await self._read(wanted)
        except FeedError as error:
            return reading.decide_failed_page(wanted, error, now=self.reader.home.now)
        except (WorkerError, MemoryError) as error:
            return reading.decide_unread_page(wanted, str(error) or type(error).__name__, now=self.reader.home.now)
        except Exception as bug:
            # As with feeds: a bug that one page triggers must not stop the others.
            log.error("internal error", post=wanted.post_id, exc_info=bug)
            mistake = FeedError(wanted.url, f"internal error: {type(bug).__name__}: {bug}")
            return reading.decide_failed_page(wanted, mistake, now=self.reader.home.now)

    async def _read(self, wanted: WantedPage) -> PageReading:
        access = await self.robots.ask(wanted.url)
        if not access.is_allowed:
            return reading.decide_refused_page(wanted, "robots.txt does not allow it", now=self.reader.home.now)
        host = host_of(wanted.url)
        async with (
            self.reader.network.page_turns.enter(host, access.pause_seconds),
            self.reader.network.hosts.enter(host, free=self.free),
        ):
            answer = await self.retriever.retrieve_whole(wanted.url, max_bytes=reading.MAX_BYTES, accept=reading.ACCEPT)
        if refused := await self.robots.find_refusal(wanted.url, answer.hops):
            reason = f"robots.txt of {host_of(refused)} does not allow it"
            return reading.decide_refused_page(wanted, reason, now=self.reader.home.now)
        return await self.reader.workers.run(
            wanted.url, reading.decide_page, wanted, answer, TEXT_LIMIT, now=self.reader.home.now
        )
