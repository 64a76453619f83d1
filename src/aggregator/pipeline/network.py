"""Access to other machines, shared by feeds and pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.config import Settings, VisitSettings
from aggregator.fetch.chat import MOST_BYTES
from aggregator.fetch.hosts import HostGate
from aggregator.fetch.retrieve import Retriever, RetrieverSettings
from aggregator.fetch.robots import RobotsFile
from aggregator.fetch.workers import WorkerPool
from aggregator.types import Credentials

# The number of origins whose robots.txt is kept.
_MOST_ORIGINS = 2000


class RobotsMemory:
    """A cache of robots.txt files in memory; a restarted daemon requests them again."""

    def __init__(self) -> None:
        # By address and proxy: a site may answer only one of the ways.
        self._files: dict[tuple[str, str | None], RobotsFile] = {}

    def find(self, place: str, proxy: str | None, now: datetime) -> RobotsFile | None:
        known = self._files.get((place, proxy))
        return known if known and known.is_fresh(now) else None

    def keep(self, place: str, proxy: str | None, file: RobotsFile) -> None:
        self._files.pop((place, proxy), None)
        self._files[place, proxy] = file
        while len(self._files) > _MOST_ORIGINS:
            del self._files[next(iter(self._files))]


@dataclass(frozen=True)
class Network:
    """The settings and credentials for requests, and the load of each host."""

    settings: VisitSettings
    #: By the key of the feed.
    credentials: Mapping[str, Credentials]
    #: The addresses of proxies, by the key of the feed.
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Those of a cluster retrieve too.
    workers: WorkerPool | None = None
    robots: RobotsMemory = field(default_factory=RobotsMemory)
    _gates: dict[asyncio.AbstractEventLoop, tuple[HostGate, HostGate]] = field(default_factory=dict)

    def open(self) -> Retriever:
        settings = choose_limits(self.settings)
        return self.workers.open(settings) if self.workers else settings.open()

    @property
    def hosts(self) -> HostGate:
        """The gate for all requests, so that feeds and pages of a host wait for each other."""
        return self._get_gates()[0]

    @property
    def page_turns(self) -> HostGate:
        """The gate for pages only, so that visits do not wait for the long pauses that some sites request."""
        return self._get_gates()[1]

    def _get_gates(self) -> tuple[HostGate, HostGate]:
        loop = asyncio.get_running_loop()
        if loop not in self._gates:
            # A gate is bound to its event loop; an earlier loop has ended, so it has no requests under way.
            self._gates.clear()
            settings = self.settings
            self._gates[loop] = (HostGate(settings.per_host, settings.host_pause_seconds), HostGate(1, 0.0))
        return self._gates[loop]


def open_retriever(visits: VisitSettings) -> Retriever:
    return choose_limits(visits).open()


def choose_limits(visits: VisitSettings) -> RetrieverSettings:
    """How feeds and pages are retrieved."""
    return RetrieverSettings(
        timeout_seconds=visits.timeout_seconds,
        max_bytes=round(visits.max_megabytes * 1e6),
        connections=visits.connections,
        contact=visits.contact,
        allowed_networks=visits.allowed_networks,
    )


def open_endpoint(settings: Settings) -> Retriever:
    """Open access to the endpoint that drafts notes, in any network: the curator named it, and redirects of
    what is sent are not followed, so nobody else says where it goes.
    """
    return Retriever(
        timeout_seconds=settings.drafting.timeout_seconds,
        max_bytes=MOST_BYTES,
        connections=1,
        contact=settings.visits.contact,
        allowed_networks=("0.0.0.0/0", "::/0"),
    )


@asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks in a group; the first failure cancels the others.

    Unlike asyncio's own, this raises the failure itself and not a group of one, so that callers can catch a
    StorageError.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed
