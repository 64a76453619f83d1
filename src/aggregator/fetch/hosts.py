"""Politeness per host: a limit of requests at once, and a pause between two."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Host:
    places: asyncio.Semaphore
    #: Held by the next request to begin.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    #: On the clock of ``HostGate``; no request begins before it.
    free_at: float = 0.0


@dataclass
class HostGate:
    """Lets requests through, host by host. Many blogs live on one host (Medium), which would
    otherwise get all their visits in one burst. Belongs to one event loop.
    """

    at_once: int
    pause_seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _hosts: dict[str, _Host] = field(default_factory=dict)

    @asynccontextmanager
    async def enter(
        self, host: str, pause_seconds: float = 0.0, *, free: asyncio.Semaphore | None = None
    ) -> AsyncIterator[None]:
        """Wait until a request to this host may begin; it counts as running until the end of the block.

        The next one begins after *pause_seconds* if that is longer than the usual pause. The request has one of the
        places that are *free* for all hosts; its pause counts from then, and so is kept when these are few.
        """
        known = self._hosts.setdefault(host, _Host(asyncio.Semaphore(self.at_once)))
        async with known.places:
            async with known.turn:
                if (wait := known.free_at - self.clock()) > 0:
                    await self.sleep(wait)
                if free:
                    await free.acquire()
                known.free_at = self.clock() + max(self.pause_seconds, pause_seconds)
            try:
                yield
            finally:
                if free:
                    free.release()
