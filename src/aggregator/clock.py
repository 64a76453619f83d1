"""The clock of a rehearsal: it begins at a moment of its own, and hurries while nothing is done."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta


class RehearsalClock:
    """Tells a time that begins at *begin*, an aware moment, and passes *speed* times as fast as on the machine.

    While somebody works, it passes as usual: a fit that takes half a minute takes half a minute of the rehearsal too,
    however fast the days go by between. With *stands*, it stands still until ``start``. Calls from any thread are safe,
    and it never goes back.
    """

    def __init__(
        self,
        begin: datetime,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        stands: bool = False,
    ) -> None:
        self.begin, self.speed = begin, speed
        self._stands = stands
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._at, self._since = begin, monotonic()
        self._working = 0
        self._most = math.inf

    def __call__(self) -> datetime:
        with self._lock:
            return self._tell()

    def start(self) -> None:
        """Begin at the first moment, if it stands still."""
        with self._lock:
            if self._stands:
                self._at, self._since, self._stands = self.begin, self._monotonic(), False

    def hurry(self, seconds: float) -> None:
        """Hurry for so many seconds of the machine at most, then stand still: who wakes up late misses nothing."""
        with self._lock:
            self._at, self._since, self._most = self._tell(), self._monotonic(), seconds

    def _tell(self) -> datetime:
        if self._stands:
            return self.begin
        passed = self._monotonic() - self._since
        return self._at + timedelta(seconds=passed if self._working else min(passed, self._most) * self.speed)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let time pass as usual until the end of the block; blocks may overlap."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._at, self._since = self._tell(), self._monotonic()
            self._working += more
