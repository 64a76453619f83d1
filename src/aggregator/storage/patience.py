"""How long whoever asks a database waits for an answer: a page for seconds, work behind it for minutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Of work that nobody waits for; PostgreSQL itself ends a statement a little before.
_LONG_SECONDS = 630.0

_patience: ContextVar[float | None] = ContextVar("patience", default=_LONG_SECONDS)


def get_patience() -> float | None:
    """In seconds; None waits for good."""
    return _patience.get()


@contextmanager
def waiting_at_most(seconds: float | None) -> Iterator[None]:
    """Within it, each statement and each wait for a connection may take so long. Threads that asyncio or the page begin
    take it along.
    """
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)
