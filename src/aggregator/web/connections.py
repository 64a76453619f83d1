"""How many connections the page keeps open, and how long it waits for those at their other ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger()

# A browser opens six, a proxy some dozens; each takes one of the 256 to 1,024 files that a process may have open.
MOST_CONNECTIONS = 100
# That many are accepted in one go, before the first of them is counted.
BACKLOG = 64
_PATIENCE_SECONDS = 15.0
# Between two lines in the log about connections that could not be accepted.
_QUIET_SECONDS = 60.0
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Doors:
    """The connections of one server.

    When there are *most*, the one that has kept us waiting for the longest makes room for the next: silent ones cannot
    keep out one that asks. Who has not sent a whole request, or not taken an answer, within *patience* seconds is
    left.
    """

    most: int = MOST_CONNECTIONS
    patience: float = _PATIENCE_SECONDS
    #: All that are open.
    open: set[GuardedProtocol] = field(default_factory=set)
    #: Of these, those that have no request of which the answer is being made; in the order in which they came to wait.
    waiting: dict[GuardedProtocol, None] = field(default_factory=dict)

    def make_protocol(self, **named: Any) -> GuardedProtocol:
        """What uvicorn takes as ``http``."""
        return GuardedProtocol(self, **named)

    def let_in(self, connection: GuardedProtocol) -> bool:
        """Whether there is room, after the one that has waited for the longest was sent away where it was needed."""
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
    """uvicorn's protocol, which waits for a head without end and takes connections without number."""

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
        # The next request may have come already.
        self._attend()

    def connection_lost(self, exc: Exception | None) -> None:
        self._doors.forget(self)
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def leave(self) -> None:
        """Close at once, whatever was under way."""
        self._doors.forget(self)
        self.transport.abort()

    @property
    def _is_answering(self) -> bool:
        """Whether a request has come whole, and its answer has not ended."""
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
            self._set_timer()  # The answer takes its time on our side.


class _Loop(Protocol):
    def default_exception_handler(self, context: dict[str, Any]) -> None: ...

    def time(self) -> float: ...


def make_exception_handler() -> Callable[[Any, dict[str, Any]], None]:
    """For the loop: asyncio tells hundreds of times a second, each with a trace, that no connection can be accepted."""
    told_at = float("-inf")

    def handle(loop: _Loop, context: dict[str, Any]) -> None:
        nonlocal told_at
        if "socket.accept()" not in context.get("message", ""):
            loop.default_exception_handler(context)
        elif loop.time() - told_at >= _QUIET_SECONDS:
            told_at = loop.time()
            log.error("no connection can be accepted for now", reason=str(context.get("exception")))

    return handle
