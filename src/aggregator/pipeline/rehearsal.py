"""A rehearsal: what keeps a home that works under a clock of its own from doing anything outside."""

from __future__ import annotations

import ipaddress
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.addresses.urls import host_of
from aggregator.clock import RehearsalClock
from aggregator.types import DeliveryKind, FeedState, FeedUpdate

# Where the copies of files lie, below the copy of a home, that are outside of the home.
_ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Unsent:
    """What would have been sent, run or committed."""

    at: datetime
    #: None for a notice.
    kind: DeliveryKind | None
    #: What it would have gone to: names of variables, a command, an address, files.
    to: str
    said: str = ""


@dataclass
class Rehearsal:
    """The clock, and what is kept back. Calls from any thread are safe."""

    clock: RehearsalClock
    #: Whether feeds and pages are visited.
    visits: bool = False
    #: When it ends by itself.
    until: datetime | None = None
    #: Told of each thing that is kept back.
    tell: Callable[[Unsent], None] = lambda _: None
    #: The folder of the home that is copied: what is stored names files of it, and files elsewhere.
    origin: Path | None = None
    unsent: list[Unsent] = field(default_factory=list)
    #: Seconds of the machine's clock, by feed, before which it is not visited again.
    _rests: dict[str, float] = field(default_factory=dict)
    monotonic: Callable[[], float] = time.monotonic

    def keep_back(self, kind: DeliveryKind | None, to: str, said: str = "") -> None:
        """Say what would have been done outside, in place of doing it."""
        unsent = Unsent(self.clock(), kind, to, said)
        self.unsent.append(unsent)
        self.tell(unsent)

    def keep_notices(
        self, urls: Mapping[str, str], texts: Mapping[str, str], _stopping: threading.Event
    ) -> dict[str, str]:
        """Take notices in the place of ``notices.send.send_apart``; all of them arrive."""
        for name in urls:
            if name in texts:
                self.keep_back(None, name, texts[name])
        return dict.fromkeys(texts, "")

    # Hosts are spared by the clock of the machine, however fast the rehearsal is: they know no other.

    def rest(self, states: Iterable[FeedState], now: datetime) -> None:
        """Let feeds rest as they would without a rehearsal; *now* is the time of the machine."""
        for state in states:
            self._rest(state, now)

    def note(self, update: FeedUpdate) -> None:
        """Let a feed rest in real time for as long as its visit has planned."""
        self._rest(update.state, update.visit.started_at)

    def _rest(self, state: FeedState, now: datetime) -> None:
        if state.next_visit_at and not _is_here(state.feed.url):
            self._rests[state.feed.key] = self.monotonic() + (state.next_visit_at - now) / timedelta(seconds=1)

    def may_visit(self, state: FeedState) -> bool:
        """Whether a feed may be visited; one on this machine needs no rest."""
        return self.visits and self._rests.get(state.feed.key, 0.0) <= self.monotonic()


def find_copy(origin: Path, folder: Path, name: str) -> Path:
    """Return the copy in *folder* of a file that the home at *origin* names, which itself is never written."""
    origin = origin.absolute()
    whole = Path(os.path.normpath(origin / Path(name).expanduser()))
    for own in (folder.absolute(), folder.resolve()):
        if whole.is_relative_to(own):
            return whole
    for home in (origin, origin.resolve()):
        if whole.is_relative_to(home):
            return folder / whole.relative_to(home)
    return folder / _ELSEWHERE / Path(*whole.parts[1:])


def _is_here(url: str) -> bool:
    host = host_of(url).strip("[]")
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
