"""Wrong tries to log in: after some, a client has to pause, and all do when there are many."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

# Wrong tries of one client before it has to pause, and how long the longest pause is.
FREE_TRIES = 5
LONGEST_PAUSE = timedelta(seconds=60)
# Wrong tries of all clients within a minute, after which each wrong one leads to a pause.
FREE_OVER_ALL = 30
_PAUSE_OVER_ALL = timedelta(seconds=5)
_MINUTE = timedelta(minutes=1)
# A client that was quiet for so long begins anew; so many are remembered, whoever tries from a thousand addresses.
_FORGOTTEN_AFTER = timedelta(minutes=15)
_REMEMBERED = 1000


@dataclass(slots=True)
class _Record:
    tries: int
    last_at: datetime
    paused_until: datetime


class Attempts:
    """Counts wrong tries in memory; threads may share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._recent: deque[datetime] = deque(maxlen=FREE_OVER_ALL)

    def find_pause(self, client: str) -> int:
        """Seconds that a client still has to wait before another try counts; 0 when it need not."""
        now = self._clock()
        with self._lock:
            record = self._records.get(_name_client(client))
        # What was noted in the future was noted under a wrong clock.
        if record is None or record.last_at > now:
            return 0
        return max(0, math.ceil((record.paused_until - now).total_seconds()))

    def add(self, client: str) -> int:
        """Note a wrong try; returns the seconds of the pause that it leads to."""
        now, name = self._clock(), _name_client(client)
        with self._lock:
            is_rush = len(self._recent) == FREE_OVER_ALL and timedelta() <= now - self._recent[0] < _MINUTE
            self._recent.append(now)
            before = self._records.pop(name, None)
            goes_on = before is not None and timedelta() <= now - before.last_at <= _FORGOTTEN_AFTER
            tries = before.tries + 1 if before and goes_on else 1
            pause = _choose_pause(tries, is_rush=is_rush)
            self._records[name] = _Record(tries, now, now + pause)
            if len(self._records) > _REMEMBERED:
                self._records.popitem(last=False)
        return int(pause.total_seconds())


def _choose_pause(tries: int, *, is_rush: bool) -> timedelta:
    over = tries - FREE_TRIES
    own = min(timedelta(seconds=2 ** min(over + 1, 10)), LONGEST_PAUSE) if over >= 0 else timedelta()
    return max(own, _PAUSE_OVER_ALL) if is_rush else own


def _name_client(client: str) -> str:
    """Who has an IPv6 address has 2**64 of them."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else client
