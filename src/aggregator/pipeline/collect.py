"""Collect: visits feeds and stores what changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog

from aggregator.addresses.urls import host_of
from aggregator.exceptions import FeedError, StorageError, WorkerError
from aggregator.feeds.health import find_silence
from aggregator.feeds.schedule import Bounds, wants_whole
from aggregator.feeds.update import (
    Surroundings,
    VisitRules,
    decide_document,
    decide_failure,
    decide_not_modified,
    decide_own_failure,
)
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.secrecy import hide_in_update, list_secrets
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import ENGLISH, speaking
from aggregator.pipeline import contents
from aggregator.pipeline.activity import Activity
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import Network, task_group
from aggregator.storage import health, updates
from aggregator.storage.database import Connection
from aggregator.storage.digests import list_closed
from aggregator.storage.feeds import find_followed, list_due_feeds, list_feed_states
from aggregator.storage.posts import list_open_months
from aggregator.types import FeedState, FeedUpdate, Hop, KnownEntry, Month, NotModified, Outcome, Visit

if TYPE_CHECKING:
    from aggregator.pipeline.listings import ListingReader

log = structlog.get_logger()

# Feeds in a round, whose states are in memory, and how long the pauses of one host may make it; the next one follows.
_ROUND_FEEDS = 10_000
_ROUND_SECONDS = 60
# Feeds per transaction: enough to be fast, and few enough that the page does not wait long for the writer.
_BATCH_FEEDS = 25
# How long the first of these waits for the others: each transaction costs as much as the rows of a feed.
_BATCH_SECONDS = 0.3
#: Told of visits when they are stored.
Watch = Callable[[Sequence[Visit]], None]
# Failures that say nothing about a feed: of worker processes, of the database, and of memory.
_OWN_FAILURES = (WorkerError, StorageError, MemoryError)


@dataclass(frozen=True)
class Visitor:
    """Visits feeds, many at once, and stores what changed. A failure of one feed does not affect the others.

    ::

        due feeds ──→ turn of the host ──→ retrieve ──→ worker process: parse, decide ─┐
                                              └ failure, or not modified: decide here ─┴→ one writer, in batches

    A feed whose visit is under way is not visited a second time.
    """

    home: Home
    workers: WorkerPool
    network: Network
    #: From 0 to 1; spreads visits, and is not for secrets.
    random: Callable[[], float]
    activity: Activity = field(default_factory=Activity)
    #: Told of all visits, by whoever asks for them.
    note: Watch = lambda _: None
    _under_way: set[str] = field(default_factory=set)

    @cached_property
    def rules(self) -> VisitRules:
        visits = self.home.settings.visits
        bounds = Bounds(timedelta(minutes=visits.min_interval_minutes), timedelta(minutes=visits.max_interval_minutes))
        trial = timedelta(days=visits.move_trial_days)
        return VisitRules(bounds, self.home.zone, visits.max_entries, trial, visits.archive_pages)

    async def visit_due(self) -> list[Visit]:
        """Visit the feeds that are due; ``activity`` says how far this is."""
        states = await self._find_free(self._list_due)
        if self.home.rehearsal:
            states = [state for state in states if self.home.rehearsal.may_visit(state)]
        self.activity.feeds = len(states)
        return await self.visit(states, watch=self.activity.add) if states else []

    def _list_due(self, connection: Connection) -> list[FeedState]:
        """Those of one round: as many of a host as take a minute, so that none makes the others wait for longer."""
        pause = self.home.settings.visits.host_pause_seconds
        per_host = max(1, round(_ROUND_SECONDS / pause)) if pause else None
        return list_due_feeds(connection, self.home.now, most=_ROUND_FEEDS, per_host=per_host)

    async def visit_now(self, keys: Sequence[str], *, whole: bool = False) -> list[Visit]:
        """Visit these feeds now, paused ones too; see ``visit``. Raises NotFoundError."""
        states = await self._find_free(lambda connection: list_feed_states(connection, keys))
        return await self.visit(states, whole=whole) if states else []

    async def _find_free(self, find: Callable[[Connection], list[FeedState]]) -> list[FeedState]:
        """Return what *find* finds, except feeds whose visit is under way, because their state is about to change."""
        busy = set(self._under_way)
        return [state for state in await asyncio.to_thread(self._look, find) if state.feed.key not in busy]

    def _look(self, find: Callable[[Connection], list[FeedState]]) -> list[FeedState]:
        with self.home.reading() as connection:
            return find(connection)

    async def visit(
        self, states: Sequence[FeedState], *, whole: bool = False, watch: Watch = lambda _: None
    ) -> list[Visit]:
        """Visit these feeds now, due or not, in this order. With *whole*, request their documents even if they have not
        changed.
        """
        asked = {state.feed.key: state for state in states}
        free = [state for key, state in asked.items() if key not in self._under_way]
        self._under_way.update(state.feed.key for state in free)
        try:
            months = await asyncio.to_thread(_read_months, self.home)
            async with self.network.open() as retriever:
                return await _Round(self, retriever, whole, *months).visit_all(free, watch)
        finally:
            self._under_way.difference_update(state.feed.key for state in free)


def _read_months(home: Home) -> tuple[frozenset[Month], frozenset[Month]]:
    """The published months, and those under review."""
    with home.reading() as connection:
        return list_closed(connection), frozenset(list_open_months(connection, home.current_month))


@dataclass(frozen=True, slots=True)
class _Round:
    """Visits that begin together."""

    visitor: Visitor
    retriever: Retriever
    whole: bool
    #: The months whose digests are published.
    published: frozenset[Month]
    #: The months under review.
    opened: frozenset[Month]

    async def visit_all(self, states: Sequence[FeedState], watch: Watch) -> list[Visit]:
        """Visit feeds; the visits are returned in the order of *states*."""
        hosts, free = self.visitor.network.hosts, asyncio.Semaphore(self.visitor.network.settings.connections)
        listings = self._open_listings(free) if any(state.feed.recipe for state in states) else None
        done: asyncio.Queue[FeedUpdate] = asyncio.Queue(maxsize=2 * _BATCH_FEEDS)

        async def attempt(state: FeedState) -> None:
            # The host comes first, so that feeds that wait for a busy host do not block others.
            if state.feed.recipe:
                update = await self.visit(state, listings)
            else:
                async with hosts.enter(host_of(state.feed.url), free=free):
                    update = await self.visit(state)
            await done.put(update)

        visits: dict[str, Visit] = {}
        # A separate thread, because the shared ones also resolve names.
        with ThreadPoolExecutor(1, "writer") as writer:
            async with task_group() as group:
                for state in states:
                    group.create_task(attempt(state))
                while len(visits) < len(states):
                    batch = await _gather(done, min(_BATCH_FEEDS, len(states) - len(visits)))
                    written = await asyncio.get_running_loop().run_in_executor(writer, self.apply, batch)
                    visits.update((visit.feed_key, visit) for visit in written)
                    for tell in (self.visitor.note, watch):
                        tell(written)
        return [visits[state.feed.key] for state in states]

    def _open_listings(self, free: asyncio.Semaphore) -> ListingReader:
        # Late: what reads pages takes long to import.
        from aggregator.pipeline.listings import ListingReader
        from aggregator.pipeline.robots import RobotsAsker

        home, workers, network = self.visitor.home, self.visitor.workers, self.visitor.network
        robots = RobotsAsker(home.clock, workers, network, self.retriever, free)
        return ListingReader(home, workers, network, self.retriever, free, robots)

    async def visit(self, state: FeedState, listings: ListingReader | None = None) -> FeedUpdate:
        """Retrieve, parse and decide; write nothing. *listings* reads what is not a feed."""
        visit = Visit(state.feed.key, self.visitor.home.now, 0.0, Outcome.FAILED)
        start = time.perf_counter()
        secrets = list_secrets(state.feed.url, self.visitor.network.credentials.get(state.feed.key))
        # Why a visit failed is stored in English, whoever asked for it.
        with speaking(ENGLISH):
            update = hide_in_update(await self._decide(state, visit, listings), secrets)
        return replace(update, visit=replace(update.visit, seconds=round(time.perf_counter() - start, 3)))

    async def _decide(self, state: FeedState, visit: Visit, listings: ListingReader | None) -> FeedUpdate:
        rules = self.visitor.rules
        around = Surroundings(
            has_credentials=state.feed.key in self.visitor.network.credentials,
            is_whole=self.whole or wants_whole(state.full_at, find_silence(state), visit.started_at),
            published=self.published,
            opened=self.opened,
            jitter=self.visitor.random(),
        )
        try:
            return await self._ask(state, visit, around, listings)
        except _OWN_FAILURES as error:
            reason = str(error) or type(error).__name__
            return decide_own_failure(state, reason, visit=visit, rules=rules)
        except Exception as bug:
            return decide_failure(state, _log_bug(state, bug), visit=visit, rules=rules, around=around)

    async def _ask(
        self, state: FeedState, visit: Visit, around: Surroundings, listings: ListingReader | None
    ) -> FeedUpdate:
        feed, rules, whole = state.feed, self.visitor.rules, around.is_whole
        etag, last_modified = (None, None) if whole else (state.etag, state.last_modified)
        try:
            retrieve = listings.retrieve if listings else self.retriever.retrieve
            answer = await retrieve(
                feed.url,
                etag=etag,
                last_modified=last_modified,
                credentials=self.visitor.network.credentials.get(feed.key),
                proxy=self.visitor.network.proxies.get(feed.key),
            )
            around = await self._look_around(state, around, answer.hops)
            if isinstance(answer, NotModified):
                return decide_not_modified(state, answer, visit=visit, rules=rules, around=around)
            known = await asyncio.to_thread(self._list_known, state) if state.entries else []
            pages = None
            if listings and feed.recipe and feed.recipe.sitemap:
                pages = await listings.read_pages(feed, feed.recipe, answer)
            return await self.visitor.workers.run(
                feed.url, decide_document, state, answer, known, visit=visit, rules=rules, around=around, pages=pages
            )
        except FeedError as error:
            around = await self._look_around(state, around, error.hops)
            if whole and error.status == HTTPStatus.NOT_MODIFIED and (state.etag or state.last_modified):
                # Some servers always answer "not modified".
                same = NotModified(feed.url, hops=error.hops)
                return decide_not_modified(state, same, visit=visit, rules=rules, around=around)
            return decide_failure(state, error, visit=visit, rules=rules, around=around)

    async def _look_around(self, state: FeedState, around: Surroundings, hops: Sequence[Hop]) -> Surroundings:
        """Which of the addresses that the visit came to are followed already, and to which it must not move."""
        places = {hop.url for hop in hops} | ({state.trial.url} if state.trial else set())
        if not places:
            return around
        taken, refused = await asyncio.to_thread(self._find_known, state.feed.key, places)
        return replace(around, taken=taken - {state.feed.url}, refused=refused)

    def _find_known(self, key: str, places: set[str]) -> tuple[frozenset[str], frozenset[str]]:
        with self.visitor.home.reading() as connection:
            return find_followed(connection, places), health.find_refused_moves(connection, key) & places

    def _list_known(self, state: FeedState) -> list[KnownEntry]:
        with self.visitor.home.reading() as connection:
            return updates.list_known_entries(connection, state.feed.key)

    def apply(self, batch: Sequence[FeedUpdate]) -> list[Visit]:
        """Store the updates; return their visits, with a failure in place of each update that cannot be stored."""
        try:
            with self.visitor.home.database.writing(durable=False) as connection:
                ids = updates.apply_updates(connection, contents.read_known(connection, batch))
        except StorageError:
            raise
        except Exception as bug:
            if len(batch) > 1:
                return [visit for one in batch for visit in self.apply([one])]
            return self.apply([self._give_up(batch[0], bug)])
        visits = [replace(update.visit, id=ids.get(update.visit.feed_key, 0)) for update in batch]
        # Bound once: the logger of a module is made anew for each event.
        events = log.bind()
        for update, visit in zip(batch, visits, strict=True):
            if self.visitor.home.rehearsal:
                self.visitor.home.rehearsal.note(update)
            _log_visit(events, visit, changed=len(update.entries) - visit.entries_new)
        return visits

    def _give_up(self, update: FeedUpdate, bug: Exception) -> FeedUpdate:
        if update.visit.outcome is Outcome.FAILED:
            raise bug
        around = Surroundings(jitter=self.visitor.random())
        error = _log_bug(update.state, bug)
        return decide_failure(update.state, error, visit=update.visit, rules=self.visitor.rules, around=around)


async def _gather(done: asyncio.Queue[FeedUpdate], most: int) -> list[FeedUpdate]:
    """The updates for one transaction: the next one, and what comes a moment later."""
    batch = [await done.get()]
    with suppress(TimeoutError):
        async with asyncio.timeout(_BATCH_SECONDS):
            while len(batch) < most:
                batch.append(await done.get())
    return batch


def _log_visit(events: structlog.typing.FilteringBoundLogger, visit: Visit, *, changed: int) -> None:
    """Tell of a visit in one event, which its row and the page of its feed name by the same id."""
    events.info(
        "visited",
        visit=visit.id,
        feed=visit.feed_key,
        outcome=str(visit.outcome),
        status=visit.status,
        seconds=visit.seconds,
        bytes=visit.bytes,
        new=visit.entries_new,
        changed=changed,
        reason=visit.reason,
    )


def _log_bug(state: FeedState, error: Exception) -> FeedError:
    """Log a bug that a document triggers, with its traceback, and make it the failure of that feed.

    If the daemon stopped because of it, all other feeds would lose their month.
    """
    log.error("internal error", feed=state.feed.key, exc_info=error)
    return FeedError(state.feed.url, f"internal error: {type(error).__name__}: {error}")
