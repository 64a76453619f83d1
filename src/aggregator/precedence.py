"""Lets pages go before work in the background: one thread runs Python at a time, and a person waits for a page."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Seconds after which a thread that runs Python gives its turn to one that waits; Python's own number is 0.005. A page
# gives up its turn with each row that it reads, so the queue took 1.2 to 2 s beside a thread that computes; now 0.25.
_TURN = 0.0002
# Seconds for which a page goes first. After them it may itself wait for what the work holds, or its reader is slow.
_HEAD_START = 0.25
# Work waits at most so many times as long as it has worked since it waited last. So it goes on, however many pages are
# asked for.
_PATIENCE = 3


class Precedence:
    """Counts the pages that are being made, and lets work wait for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages = 0
        self._last_began_at = 0.0
        self._is_free = threading.Event()
        self._is_free.set()
        self._is_page: ContextVar[bool] = ContextVar("is_page", default=False)
        self._thread = threading.local()

    @contextmanager
    def making_page(self) -> Iterator[None]:
        """Let work in other threads wait while a page is made. Threads that the page starts are part of it."""
        token = self._is_page.set(True)
        self._last_began_at = time.monotonic()
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)
            self._is_page.reset(token)

    def _count(self, more: int) -> None:
        with self._lock:
            self._pages += more
            if self._pages:
                self._is_free.clear()
            else:
                self._is_free.set()

    def give_way(self) -> None:
        """Wait for the pages that are being made, but not for long. Work calls it often; the event loop never waits."""
        if self._is_free.is_set() or self._is_page.get() or _is_event_loop():
            return
        went_on_at = getattr(self._thread, "went_on_at", 0.0)
        seconds = decide_wait(time.monotonic(), page_began_at=self._last_began_at, went_on_at=went_on_at)
        if seconds > 0:
            self._is_free.wait(seconds)
            self._thread.went_on_at = time.monotonic()


#: One for the whole process, as Python's lock is.
PAGES = Precedence()


def decide_wait(now: float, *, page_began_at: float, went_on_at: float) -> float:
    """Decide for how many seconds work waits at most, from the moment at which the last page began, and that at which
    the work went on after its last wait. All are seconds of one clock.
    """
    return max(0.0, min(page_began_at + _HEAD_START - now, _PATIENCE * (now - went_on_at)))


def take_short_turns() -> None:
    """Let threads that run Python take turns more often."""
    sys.setswitchinterval(_TURN)


def _is_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
