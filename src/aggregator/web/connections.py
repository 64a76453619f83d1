"""Limits how many connections the page keeps open, and how long it waits for clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger()

# A browser opens six, a proxy dozens. Each takes one of the 256 to 1,024 files that a process may have open.
MOST_CONNECTIONS = 100
# So many are accepted at once, before the first of them is counted.
BACKLOG = 64
_PATIENCE_SECONDS = 15.0
# Seconds between two log lines about connections that could not be accepted.
_QUIET_SECONDS = 60.0
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Doors:
    """The connections of one server.

    If *most* are open, the one that has been idle longest is closed for the next, so that silent clients cannot keep
    others out. A client that does not send a whole request, or does not take the response, within *patience* seconds is
    disconnected.
    """

    most: int = MOST_CONNECTIONS
    patience: float = _PATIENCE_SECONDS
    #: All that are open.
    open: set[GuardedProtocol] = field(default_factory=set)
    #: Those of them that are not being answered, the longest idle first.
    waiting: dict[GuardedProtocol, None] = field(default_factory=dict)

    def make_protocol(self, **named: Any) -> GuardedProtocol:
        """Make a protocol; this method is uvicorn's ``http`` option."""
        return GuardedProtocol(self, **named)

    def let_in(self, connection: GuardedProtocol) -> bool:
        """Make room by closing the longest idle connection if needed; returns whether there is room."""
        if len(self.open) >= self.most:
            if not self.waiting:
                return False
            next(iter(self.waiting)).leave()
        self.open.add(connection)
        return True

    def forget(self, connection: GuardedProtocol) -> None:
        self.open.discard(connection)
        self.waiting.pop(connection, None)


class GuardedProtocol(H11Protocol):
    """uvicorn's protocol with limits; the original waits forever for a request, and takes any number of connections."""

    def __init__(self, doors: Doors, **named: Any) -> None:
        super().__init__(**named)
        self._doors = doors
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._doors.let_in(self):
            self._wait()
        else:
            transport.write(_FULL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._attend()

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()
        # The next request may already be here.
        self._attend()

    def connection_lost(self, exc: Exception | None) -> None:
        self._doors.forget(self)
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def leave(self) -> None:
        """Close at once, even in the middle of a response."""
        self._doors.forget(self)
        self.transport.abort()

    @property
    def _is_answering(self) -> bool:
        """Whether a whole request has arrived and its response has not ended."""
        asked = self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}
        return asked and self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        if self in self._doors.open:
            self._doors.waiting[self] = None
            self._set_timer()

    def _attend(self) -> None:
        if self in self._doors.waiting and self._is_answering:
            del self._doors.waiting[self]
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(self._doors.patience, self._lose_patience)

    def _lose_patience(self) -> None:
        if self in self._doors.waiting or self.transport.get_write_buffer_size():
            self.leave()
        else:
            self._set_timer()  # While the response is made, the client is not to blame.


class _Loop(Protocol):
    def default_exception_handler(self, context: dict[str, Any]) -> None: ...

    def time(self) -> float: ...


def make_exception_handler() -> Callable[[Any, dict[str, Any]], None]:
    """Make a handler for the event loop: asyncio would log hundreds of tracebacks a second if it cannot accept."""
    told_at = float("-inf")

    def handle(loop: _Loop, context: dict[str, Any]) -> None:
        nonlocal told_at
        if "socket.accept()" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif loop.time() - told_at >= _QUIET_SECONDS:
            told_at = loop.time()
            log.error("no connection can be accepted for now", reason=str(context.get("exception")))

    return handle
