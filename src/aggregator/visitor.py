"""What is under way on the network: which feeds are visited, which pages are read, and how busy each host is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from aggregator.collect.hosts import HostGate
from aggregator.collect.pages import LONGEST_RETRY, find_missing
from aggregator.collect.retrieve import Retriever
from aggregator.collect.schedule import Bounds
from aggregator.collect.update import VisitRules
from aggregator.collect.workers import WorkerPool
from aggregator.config import Settings, VisitSettings
from aggregator.pipeline import Progress, collect, ignore_progress
from aggregator.pipeline import pages as reading
from aggregator.storage import feeds, pages
from aggregator.storage.database import Database
from aggregator.types import Credentials, FeedState, PageReading, Visit, WantedPage


@dataclass(frozen=True)
class Visitor:
    """Visits feeds and reads pages; what is under way is not begun a second time."""

    database: Database
    workers: WorkerPool
    settings: Settings
    #: By the key of the feed.
    credentials: Mapping[str, Credentials]
    clock: Callable[[], datetime]
    #: From 0 to 1; spreads visits, guards nothing.
    random: Callable[[], float]
    _feeds_under_way: set[str] = field(default_factory=set)
    _pages_under_way: set[int] = field(default_factory=set)
    _robots: reading.RobotsMemory = field(default_factory=reading.RobotsMemory)
    _gates: dict[asyncio.AbstractEventLoop, tuple[HostGate, HostGate]] = field(default_factory=dict)

    async def visit(
        self, states: Sequence[FeedState], *, whole: bool = False, progress: Progress = ignore_progress
    ) -> list[Visit]:
        """Visit these feeds now, due or not; one that is under visit already is left out. With *whole* their documents
        are asked for even if they have not changed.
        """
        asked = {state.feed.key: state for state in states}
        free = [state for key, state in asked.items() if key not in self._feeds_under_way]
        self._feeds_under_way.update(state.feed.key for state in free)
        try:
            async with open_retriever(self.settings.visits) as retriever:
                return await collect.visit_feeds(
                    self.database,
                    retriever,
                    self.workers,
                    free,
                    clock=self.clock,
                    random=self.random,
                    rules=_make_rules(self.settings),
                    connections=self.settings.visits.connections,
                    hosts=self._get_gates()[0],
                    credentials=self.credentials,
                    whole=whole,
                    progress=progress,
                )
        finally:
            self._feeds_under_way.difference_update(state.feed.key for state in free)

    async def visit_now(self, keys: Sequence[str], *, whole: bool = False) -> list[Visit]:
        """Visit these feeds now, paused ones too; see ``visit``. Raises NotFoundError."""
        return await self._visit_found(partial(self._list_states, keys), whole=whole)

    async def visit_due(self) -> list[Visit]:
        """Visit the feeds whose time has come."""
        return await self._visit_found(self._list_due)

    async def _visit_found(self, find: Callable[[], list[FeedState]], *, whole: bool = False) -> list[Visit]:
        """Visit what the database says, apart from what is under way by now, of which it is about to say otherwise."""
        busy = set(self._feeds_under_way)
        found = [state for state in await asyncio.to_thread(find) if state.feed.key not in busy]
        return await self.visit(found, whole=whole) if found else []

    def _list_states(self, keys: Sequence[str]) -> list[FeedState]:
        with self.database.reading() as connection:
            return feeds.list_feed_states(connection, keys)

    def _list_due(self) -> list[FeedState]:
        with self.database.reading() as connection:
            return feeds.list_due_feeds(connection, self.clock())

    async def read_pages(
        self, feed_key: str | None = None, *, again: bool = False, progress: Progress = ignore_progress
    ) -> list[PageReading]:
        """Read the pages that are due, of the feeds that ask for it or of one feed; with *again* also those that failed
        or were refused for good. Raises NotFoundError, and MissingExtraError when there are pages that cannot be read.
        """
        busy = set(self._pages_under_way)
        due = await asyncio.to_thread(self._list_due_pages, feed_key, again=again)
        busy |= self._pages_under_way
        # A feed with a password is not open to everybody, and its password is not for pages.
        wanted = [one for one in due if one.post_id not in busy and one.feed_key not in self.credentials]
        # Before anything is asked of a site.
        if wanted and (missing := find_missing()):
            raise missing
        self._pages_under_way.update(one.post_id for one in wanted)
        try:
            return await self._read_wanted(wanted, progress) if wanted else []
        finally:
            self._pages_under_way.difference_update(one.post_id for one in wanted)

    def _list_due_pages(self, feed_key: str | None, *, again: bool) -> Sequence[WantedPage]:
        settings, now = self.settings.pages, self.clock()
        with self.database.reading() as connection:
            if feed_key is not None:
                feeds.list_feed_states(connection, [feed_key])
            return pages.list_wanted(
                connection,
                now=now,
                since=now - timedelta(days=settings.days),
                words=settings.max_words,
                newest=settings.newest,
                longest_retry=LONGEST_RETRY,
                feed_key=feed_key,
                again=again,
            )

    async def _read_wanted(self, wanted: Sequence[WantedPage], progress: Progress) -> list[PageReading]:
        hosts, turns = self._get_gates()
        async with open_retriever(self.settings.visits) as retriever:
            return await reading.read_pages(
                self.database,
                retriever,
                self.workers,
                wanted,
                clock=self.clock,
                connections=max(1, self.settings.visits.connections // 4),
                hosts=hosts,
                turns=turns,
                memory=self._robots,
                progress=progress,
            )

    def _get_gates(self) -> tuple[HostGate, HostGate]:
        """One for all that goes out, so that feeds and pages of a host wait for each other, and one for pages alone."""
        loop = asyncio.get_running_loop()
        if loop not in self._gates:
            # Its places are bound to a loop; of another one, which has ended, nothing is under way.
            self._gates.clear()
            visits = self.settings.visits
            self._gates[loop] = (HostGate(visits.per_host, visits.host_pause_seconds), HostGate(1, 0.0))
        return self._gates[loop]


def open_retriever(visits: VisitSettings) -> Retriever:
    return Retriever(
        timeout_seconds=visits.timeout_seconds,
        max_bytes=round(visits.max_megabytes * 1e6),
        connections=visits.connections,
        contact=visits.contact,
        allowed_networks=visits.allowed_networks,
    )


def _make_rules(settings: Settings) -> VisitRules:
    visits = settings.visits
    bounds = Bounds(timedelta(minutes=visits.min_interval_minutes), timedelta(minutes=visits.max_interval_minutes))
    return VisitRules(bounds, settings.zone, visits.max_entries, timedelta(days=visits.move_trial_days))
