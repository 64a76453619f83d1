"""Links: looks politely whether the addresses of lines still lead to their pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from aggregator.addresses.urls import host_of
from aggregator.digest import archive
from aggregator.digest.links import is_due, judge_answer, judge_failure
from aggregator.exceptions import FeedError, WorkerError
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network, task_group
from aggregator.pipeline.robots import RobotsAsker
from aggregator.posts.pages import ACCEPT
from aggregator.storage import errata, links
from aggregator.types import Fault, LinkCheck, Retrieved

log = structlog.get_logger()

# Whether a page is there is said before its first words.
_MAX_BYTES = 4096
_MAX_ANSWER = 65_536
_ACCEPT_JSON = "application/json"
# Where the settings leave looks to the curator.
_USUAL_DAYS = 30
#: A person who asks twice does not have sites asked twice.
LATELY = timedelta(minutes=10)


@dataclass(frozen=True)
class LinkChecker:
    """Looks at addresses, many at once but one a host, and stores each result as soon as it is known."""

    home: Home
    workers: WorkerPool
    network: Network

    async def check(
        self,
        urls: Collection[str],
        *,
        again_after: timedelta | None = None,
        progress: Callable[[int], object] = lambda _: None,
    ) -> Mapping[str, LinkCheck]:
        """Look at the addresses that are due, by the settings or *again_after* a while, and return the last look at
        each; *progress* is told of each.
        """
        known = await asyncio.to_thread(self._find, urls)
        again_after = again_after or timedelta(days=self.home.settings.digest.check_links or _USUAL_DAYS)
        due = [url for url in urls if is_due(known.get(url), again_after, self.home.now)]
        progress(len(urls) - len(due))
        if not due:
            return known
        free = asyncio.Semaphore(max(1, self.network.settings.connections // 4))

        async def look(url: str) -> LinkCheck:
            found = await one_round.look(url, known.get(url))
            await asyncio.to_thread(self._save, found)
            progress(1)
            return found

        async with self.network.open() as retriever:
            robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, free)
            one_round = _Round(self.home, self.network, retriever, free, robots)
            async with task_group() as group:
                looks = [group.create_task(look(url)) for url in due]
        return {**known, **{url: each.result() for url, each in zip(due, looks, strict=True)}}

    async def check_now(self, urls: Collection[str], *, seconds: float) -> int:
        """Look at addresses again that were not looked at lately, for so many seconds at most; returns at how many."""
        before = await asyncio.to_thread(self._find, urls)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.check(urls, again_after=LATELY)
        after = await asyncio.to_thread(self._find, urls)
        return sum(check != before.get(url) for url, check in after.items())

    async def look_again(self, most: int) -> int:
        """Look at up to *most* addresses of printed lines that are due, the longest unseen first; returns how many."""
        days = self.home.settings.digest.check_links
        due = await asyncio.to_thread(self._list_due, timedelta(days=days)) if days else []
        await self.check(due[:most])
        await self.ask_archive(most)
        return len(due[:most])

    async def ask_archive(self, most: int) -> None:
        """Ask the archive that the settings name for copies of up to *most* pages that are gone; others are asked for
        with the next look.
        """
        service = self.home.settings.digest.archive
        faults = await asyncio.to_thread(self._list_gone) if service else []
        if not faults:
            return
        async with self.network.open() as retriever:
            for fault in faults[:most]:
                question = archive.name_question(service, fault)
                try:
                    async with self.network.hosts.enter(host_of(question)):
                        answer = await retriever.retrieve_whole(question, max_bytes=_MAX_ANSWER, accept=_ACCEPT_JSON)
                    copy = archive.read_answer(answer.body)
                except ValueError as error:
                    # It may answer about the others as documented.
                    log.warning("archive not understood", url=fault.url, reason=str(error))
                    continue
                except FeedError as error:
                    log.warning("archive not asked", url=fault.url, reason=str(error))
                    return
                asked = replace(fault.check, archive_asked_at=self.home.now, archived=copy)
                await asyncio.to_thread(self._save, asked)

    def _list_gone(self) -> list[Fault]:
        with self.home.reading() as connection:
            faults = errata.list_faults(connection, self.home.zone)
        return [fault for fault in faults if archive.is_due(fault, self.home.now)]

    def _list_due(self, again_after: timedelta) -> list[str]:
        with self.home.reading() as connection:
            urls = errata.list_printed_addresses(connection)
            known = links.find_checks(connection, urls)
        due = [url for url in urls if is_due(known.get(url), again_after, self.home.now)]
        return sorted(due, key=lambda url: known[url].checked_at.timestamp() if url in known else 0.0)

    def _find(self, urls: Collection[str]) -> dict[str, LinkCheck]:
        with self.home.reading() as connection:
            return links.find_checks(connection, urls)

    def _save(self, found: LinkCheck) -> None:
        with self.home.database.writing(durable=False) as connection:
            links.save_check(connection, found)
        log.info("link checked", url=found.url, state=str(found.state), status=found.status, reason=found.reason)


@dataclass(frozen=True, slots=True)
class _Round:
    """Addresses that are looked at together."""

    home: Home
    network: Network
    retriever: Retriever
    free: asyncio.Semaphore
    robots: RobotsAsker

    async def look(self, url: str, before: LinkCheck | None) -> LinkCheck:
        """Ask for a page and judge the answer; write nothing."""
        try:
            access = await self.robots.ask(url)
            if not access.is_allowed:
                raise FeedError(url, "robots.txt does not allow it")
            return judge_answer(url, await self._ask(url, access.pause_seconds), before, now=self.home.now)
        except FeedError as error:
            return judge_failure(url, error, before, now=self.home.now)
        except (WorkerError, MemoryError) as error:
            return judge_failure(url, FeedError(url, f"internal: {error}"), before, now=self.home.now)

    async def _ask(self, url: str, pause_seconds: float) -> Retrieved:
        """Ask for the head of a page, and for its beginning if that fails: many servers only answer GET rightly."""
        try:
            async with self._take_turn(url, pause_seconds):
                return await self.retriever.probe(url, accept=ACCEPT)
        except FeedError as error:
            if error.status is None or error.status == 429:
                raise
        async with self._take_turn(url, pause_seconds):
            return await self.retriever.retrieve_whole(url, max_bytes=_MAX_BYTES, accept=ACCEPT)

    @asynccontextmanager
    async def _take_turn(self, url: str, pause_seconds: float) -> AsyncIterator[None]:
        host = host_of(url)
        async with self.network.page_turns.enter(host, pause_seconds), self.network.hosts.enter(host, free=self.free):
            yield
