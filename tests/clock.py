"""A clock for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from world import NOW


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)
