"""Timeouts of database queries: seconds for a page, minutes for background work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Of work that nobody waits for; PostgreSQL itself ends a statement a little before.
_LONG_SECONDS = 630.0

_patience: ContextVar[float | None] = ContextVar("patience", default=_LONG_SECONDS)


def get_patience() -> float | None:
    """Return the timeout in force, in seconds; None waits forever."""
    return _patience.get()


@contextmanager
def waiting_at_most(seconds: float | None) -> Iterator[None]:
    """Limit each statement and each wait for a connection inside the context to *seconds*. Threads that asyncio or the
    page starts inherit the limit.
    """
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)
