"""Archives: reads feeds back where a visit missed something, an older page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

import structlog

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError, ParseError, StorageError, WorkerError
from aggregator.feeds.archives import decide_archive, decide_failed_archive
from aggregator.feeds.paging import is_of_sitemap
from aggregator.feeds.update import VisitRules
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.secrecy import hide, list_secrets
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import ENGLISH, speaking
from aggregator.pipeline import contents
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network, task_group
from aggregator.storage import health, updates
from aggregator.storage.digests import list_closed
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.posts import list_open_months
from aggregator.types import ArchivePage, FeedState, Gap, KnownEntry, ListedPage, Month, NotModified, Recipe

if TYPE_CHECKING:
    from aggregator.feeds.sitemaps import Named
    from aggregator.pipeline.listings import ListingReader

log = structlog.get_logger()

# A slow archive does not keep a round longer; it goes on with the next one.
_LONGEST_SECONDS = 120.0
_MISSING = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
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
        if gap.next_url and is_of_sitemap(gap.next_url):
            reading = self._read_sitemap(retriever, free, state, gap)
            page = await self._read_safely(state, gap, gap.next_url, reading)
            if page:
                await asyncio.to_thread(self._save, page)
            return page.gap if page else gap
        clock = asyncio.get_running_loop().time
        until = clock() + _LONGEST_SECONDS
        while gap.next_url and clock() < until:
            # The host comes first, as for visits, whose turns these are too.
            async with self.network.hosts.enter(host_of(gap.next_url), free=free):
                reading = self._read_page(retriever, state, gap, gap.next_url)
                page = await self._read_safely(state, gap, gap.next_url, reading)
            if page is None:
                break
            await asyncio.to_thread(self._save, page)
            gap = page.gap
            if gap.retry_at:
                break
        return gap

    async def _read_page(self, retriever: Retriever, state: FeedState, gap: Gap, url: str) -> ArchivePage:
        """Retrieve a page and decide what it changes. Raises FeedError."""
        credentials, proxy = self.network.credentials.get(gap.feed_key), self.network.proxies.get(gap.feed_key)
        answer = await retriever.retrieve_whole(url, credentials=credentials, proxy=proxy)
        known, seen_before, published, opened = await asyncio.to_thread(self._gather, gap)
        return await self.workers.run(
            url,
            decide_archive,
            state,
            gap,
            answer,
            known,
            seen_before,
            published=published,
            opened=opened,
            rules=self.rules,
            now=self.home.now,
        )

    async def _read_sitemap(
        self, retriever: Retriever, free: asyncio.Semaphore, state: FeedState, gap: Gap
    ) -> ArchivePage:
        """Read pages that the sitemap of the site names, as far as time allows. Raises FeedError."""
        # Late: what reads pages takes long to import.
        from aggregator.feeds.sitemaps import decide_pages, end_without
        from aggregator.pipeline.listings import ListingReader
        from aggregator.pipeline.robots import RobotsAsker

        robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, free)
        listings = ListingReader(self.home, self.workers, self.network, retriever, free, robots)
        url = (gap.next_url or "").partition("#")[0]
        known, _, published, opened = await asyncio.to_thread(self._gather, gap)
        named = await self._name_pages(listings, gap, url, known)
        if not named.pages and not named.lists_blog:
            return ArchivePage(end_without(gap, self.home.now))
        # Pages that an earlier round has read, and that gave no entry, are named again, and first.
        wanted = named.pages[max(gap.pages - gap.found, 0) :]
        read: list[ListedPage] = []
        clock = asyncio.get_running_loop().time
        # From here on: a site may want a minute between two requests, and each round is to read some page.
        until = clock() + _LONGEST_SECONDS
        for page in wanted[: max(self.rules.archive_pages - gap.pages, 0)]:
            if read and clock() > until:
                break
            read.append(await listings.read_page(state.feed, Recipe(sitemap="**"), page) or ListedPage(page))
        return await self.workers.run(
            url,
            decide_pages,
            state,
            gap,
            url,
            read,
            known,
            lists_blog=named.lists_blog,
            waiting=len(wanted) - len(read),
            published=published,
            opened=opened,
            rules=self.rules,
            now=self.home.now,
        )

    async def _name_pages(self, listings: ListingReader, gap: Gap, url: str, known: Sequence[KnownEntry]) -> Named:
        """The pages that the sitemaps of a site name for a gap; *url* is the usual one. Raises FeedError."""
        from aggregator.feeds.sitemaps import MOST_SITEMAPS, Named, find_until, name_pages

        proxy = self.network.proxies.get(gap.feed_key)
        sitemaps = await listings.robots.list_sitemaps(url, proxy=proxy) or [url]
        pages: dict[str, None] = {}
        lists_blog = False
        # Those that one lists come after it.
        for place in islice(sitemaps, MOST_SITEMAPS):
            try:
                answer = await listings.retrieve(place, proxy=proxy)
                if isinstance(answer, NotModified):
                    continue
                named = await self.workers.run(answer.url, name_pages, answer, known, find_until(gap))
            except FeedError as error:
                # Many sites answer every address with a page.
                if error.status in _MISSING or isinstance(error, ParseError):
                    continue
                raise
            sitemaps += [each for each in named.sitemaps if each not in sitemaps]
            pages.update(dict.fromkeys(named.pages))
            lists_blog = lists_blog or named.lists_blog
        return Named(tuple(pages), lists_blog=lists_blog)

    async def _read_safely(
        self, state: FeedState, gap: Gap, url: str, reading: Coroutine[Any, Any, ArchivePage]
    ) -> ArchivePage | None:
        """What a reading decides, or that it failed; None if this program failed, and tries again."""
        # Why it failed is stored in English, whoever asked for it.
        with speaking(ENGLISH):
            try:
                page = await reading
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
            trouble = hide(page.gap.trouble, list_secrets(url, self.network.credentials.get(gap.feed_key)))
            page = replace(page, gap=replace(page.gap, trouble=trouble))
        return page

    def _fail(self, state: FeedState, gap: Gap, error: FeedError) -> ArchivePage:
        return decide_failed_archive(state, gap, error, rules=self.rules, now=self.home.now, jitter=self.random())

    def _gather(self, gap: Gap) -> tuple[list[KnownEntry], frozenset[str], frozenset[Month], frozenset[Month]]:
        with self.home.reading() as connection:
            return (
                updates.list_known_entries(connection, gap.feed_key),
                updates.list_seen_before(connection, gap),
                list_closed(connection),
                frozenset(list_open_months(connection, self.home.current_month)),
            )

    def _save(self, page: ArchivePage) -> None:
        with self.home.database.writing(durable=False) as connection:
            updates.apply_archive(connection, *contents.read_known(connection, [page]))
        gap = page.gap
        log.info(
            "older page read",
            feed=gap.feed_key,
            page=gap.pages,
            new=len(page.entries),
            closed=not gap.is_open,
            reason=gap.trouble,
        )
