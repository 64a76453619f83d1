"""Limits failed logins: after a few, a client has to wait; after many from anywhere, all do that were never right.
Limits too what is sent without a session.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger()

# Failed logins of one client before it has to wait, and the longest wait.
FREE_TRIES = 5
LONGEST_PAUSE = timedelta(seconds=60)
# Failed logins of all clients within a minute. Whoever has thousands of addresses can guess no faster. The clients that
# logged in last are exempt, so that nobody can keep the curator out.
FREE_OVER_ALL = 30
_RIGHT_CLIENTS = 50
_MINUTE = timedelta(minutes=1)
# A client that was quiet for so long starts again from zero. Only so many clients are remembered, so that tries from
# thousands of addresses do not fill the memory.
_FORGOTTEN_AFTER = timedelta(minutes=15)
_REMEMBERED = 1000
#: Forms that one client without a session may send in an hour.
MOST_SENT = 20
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class _Record:
    tries: int
    last_at: datetime
    paused_until: datetime


class Attempts:
    """Counts failed logins in memory; threads may share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._recent: deque[datetime] = deque(maxlen=FREE_OVER_ALL)
        self._right: deque[str] = deque(maxlen=_RIGHT_CLIENTS)

    def take(self, client: str) -> int:
        """Count a try as failed, before its outcome is known: many at once then count as many.

        Returns 0, or the seconds that the client has to wait if it may not try now; that is not counted.
        """
        with self._lock:
            if pause := self.find_pause(client):
                return pause
            if pause := self.add(client):
                log.warning("too many failed logins; the client has to wait", client=client, seconds=pause)
        return 0

    def forgive(self, client: str) -> None:
        """Forget the failed tries of a client that has logged in."""
        name = _name_client(client)
        with self._lock:
            self._records.pop(name, None)
            if name not in self._right:
                self._right.append(name)

    def find_pause(self, client: str) -> int:
        """Return the seconds until the client's next try counts; 0 if it may try now."""
        now, name = self._clock(), _name_client(client)
        with self._lock:
            record = self._records.get(name)
            # A time in the future was noted under a wrong clock.
            until = record.paused_until if record and record.last_at <= now else now
            if name not in self._right and len(self._recent) == FREE_OVER_ALL and self._recent[0] <= now:
                until = max(until, self._recent[0] + _MINUTE)
        return max(0, math.ceil((until - now).total_seconds()))

    def add(self, client: str) -> int:
        """Note a failed login; returns the seconds that the client has to wait."""
        now, name = self._clock(), _name_client(client)
        with self._lock:
            self._recent.append(now)
            before = self._records.pop(name, None)
            goes_on = before is not None and timedelta() <= now - before.last_at <= _FORGOTTEN_AFTER
            tries = before.tries + 1 if before and goes_on else 1
            pause = _choose_pause(tries)
            self._records[name] = _Record(tries, now, now + pause)
            if len(self._records) > _REMEMBERED:
                self._records.popitem(last=False)
        return int(pause.total_seconds())


class Allowance:
    """Counts in memory what each client has sent in the last hour; threads may share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Count a form, unless its client has sent too many."""
        now, name = self._clock(), _name_client(client)
        with self._lock:
            sent = self._sent.pop(name, deque[datetime](maxlen=MOST_SENT))
            self._sent[name] = sent
            if len(self._sent) > _REMEMBERED:
                self._sent.popitem(last=False)
            # A time in the future was noted under a wrong clock.
            if len(sent) == MOST_SENT and timedelta() <= now - sent[0] < _HOUR:
                return False
            sent.append(now)
        return True


def _choose_pause(tries: int) -> timedelta:
    over = tries - FREE_TRIES
    return min(timedelta(seconds=2 ** min(over + 1, 10)), LONGEST_PAUSE) if over >= 0 else timedelta()


def _name_client(client: str) -> str:
    """Name a client by its IPv4 address or its IPv6 network: whoever has one IPv6 address has 2**64 of them."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else client
