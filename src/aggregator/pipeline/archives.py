"""Archives: reads feeds back where a visit missed something, an older page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError, StorageError, WorkerError
from aggregator.feeds.archives import decide_archive, decide_failed_archive
from aggregator.feeds.update import VisitRules
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.secrecy import hide, list_secrets
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import ENGLISH, speaking
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network, task_group
from aggregator.storage import health, updates
from aggregator.storage.digests import list_closed
from aggregator.storage.feeds import list_feed_states
from aggregator.types import ArchivePage, FeedState, Gap, KnownEntry, Month

log = structlog.get_logger()

# A slow archive does not keep a round longer; it goes on with the next one.
_LONGEST_SECONDS = 120.0
# Failures that say nothing about a feed.
_OWN_FAILURES = (WorkerError, StorageError, MemoryError)


@dataclass(frozen=True)
class ArchiveReader:
    """Reads gaps back, many at once, and stores each page as soon as it is known: what is killed goes on there.

    A gap that is being read back is not read back a second time.
    """

    home: Home
    workers: WorkerPool
    network: Network
    rules: VisitRules
    #: From 0 to 1; spreads retries.
    random: Callable[[], float]
    _under_way: set[int] = field(default_factory=set)

    async def read_due(self) -> list[Gap]:
        """Read back the gaps that have an older page to read; return them as they stand then."""
        work = await asyncio.to_thread(self._list_due)
        work = [(state, gap) for state, gap in work if gap.id not in self._under_way]
        if not work:
            return []
        self._under_way.update(gap.id for _, gap in work)
        try:
            async with self.network.open() as retriever, task_group() as group:
                free = asyncio.Semaphore(self.network.settings.connections)
                readings = [group.create_task(self._read_back(retriever, free, *one)) for one in work]
        finally:
            self._under_way.difference_update(gap.id for _, gap in work)
        return [reading.result() for reading in readings]

    def _list_due(self) -> Sequence[tuple[FeedState, Gap]]:
        with self.home.reading() as connection:
            gaps = health.list_gaps_to_read(connection, self.home.now)
            if not gaps:
                return ()
            keys = list(dict.fromkeys(gap.feed_key for gap in gaps))
            states = {state.feed.key: state for state in list_feed_states(connection, keys)}
        return [(states[gap.feed_key], gap) for gap in gaps]

    async def _read_back(self, retriever: Retriever, free: asyncio.Semaphore, state: FeedState, gap: Gap) -> Gap:
        clock = asyncio.get_running_loop().time
        until = clock() + _LONGEST_SECONDS
        while gap.next_url and clock() < until:
            # The host comes first, as for visits, whose turns these are too.
            async with self.network.hosts.enter(host_of(gap.next_url), free=free):
                page = await self._read_page(retriever, state, gap, gap.next_url)
            if page is None:
                break
            await asyncio.to_thread(self._save, page)
            gap = page.gap
            if gap.retry_at:
                break
        return gap

    async def _read_page(self, retriever: Retriever, state: FeedState, gap: Gap, url: str) -> ArchivePage | None:
        """Retrieve a page and decide what it changes; None if this program failed, and tries again."""
        credentials, proxy = self.network.credentials.get(gap.feed_key), self.network.proxies.get(gap.feed_key)
        # Why it failed is stored in English, whoever asked for it.
        with speaking(ENGLISH):
            try:
                answer = await retriever.retrieve_whole(url, credentials=credentials, proxy=proxy)
                known, seen_before, published = await asyncio.to_thread(self._gather, gap)
                page = await self.workers.run(
                    url,
                    decide_archive,
                    state,
                    gap,
                    answer,
                    known,
                    seen_before,
                    published=published,
                    rules=self.rules,
                    now=self.home.now,
                )
            except FeedError as error:
                page = self._fail(state, gap, error)
            except _OWN_FAILURES as error:
                log.error("older page not read", feed=gap.feed_key, reason=str(error) or type(error).__name__)
                return None
            except Exception as bug:
                # As with visits: a bug that one page triggers must not stop the others.
                log.error("internal error", feed=gap.feed_key, exc_info=bug)
                page = self._fail(state, gap, FeedError(url, f"internal error: {type(bug).__name__}: {bug}"))
        if page.gap.trouble:
            trouble = hide(page.gap.trouble, list_secrets(url, credentials))
            page = replace(page, gap=replace(page.gap, trouble=trouble))
        return page

    def _fail(self, state: FeedState, gap: Gap, error: FeedError) -> ArchivePage:
        return decide_failed_archive(state, gap, error, rules=self.rules, now=self.home.now, jitter=self.random())

    def _gather(self, gap: Gap) -> tuple[list[KnownEntry], frozenset[str], frozenset[Month]]:
        with self.home.reading() as connection:
            return (
                updates.list_known_entries(connection, gap.feed_key),
                updates.list_seen_before(connection, gap),
                list_closed(connection),
            )

    def _save(self, page: ArchivePage) -> None:
        with self.home.database.writing(durable=False) as connection:
            updates.apply_archive(connection, page)
        gap = page.gap
        log.info(
            "older page read",
            feed=gap.feed_key,
            page=gap.pages,
            new=len(page.entries),
            closed=not gap.is_open,
            reason=gap.trouble,
        )
