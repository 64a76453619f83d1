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
    async def enter(self, host: str, pause_seconds: float = 0.0) -> AsyncIterator[None]:
        """Wait until a request to this host may begin; it counts as running until the end of the block.

        The next one begins after *pause_seconds* if that is longer than the usual pause.
        """
        known = self._hosts.setdefault(host, _Host(asyncio.Semaphore(self.at_once)))
        async with known.places:
            now = self.clock()
            begin = max(now, known.free_at)
            # Taken before waiting, so that the next in line waits for its own turn.
            known.free_at = begin + max(self.pause_seconds, pause_seconds)
            if begin > now:
                await self.sleep(begin - now)
            yield
