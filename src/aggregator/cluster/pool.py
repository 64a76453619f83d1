"""A pool whose units run on the workers of a cluster, as long as it has some."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, wait
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import structlog

from aggregator.addresses.urls import host_of
from aggregator.cluster.link import ClusterState, Link, LostError
from aggregator.cluster.units import Kind, keep, pack, read, read_apart, retrieve, unpack_answer
from aggregator.exceptions import ParseError, StoppedError, WorkerError
from aggregator.fetch.retrieve import Retriever, RetrieverSettings
from aggregator.fetch.workers import There, WorkerPool
from aggregator.types import Credentials, NotModified, Retrieved

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")

# A worker reads a document twice at most, and has ten seconds for each of processor time; before it may be another one.
_SPAN = 40
# A retrieval may wait for one before it, and both may take all of their time.
_TURNS = 2
_SPARE_SECONDS = 10.0
# What needs a model, in processes of its own, since one takes seconds to load: the processor time; for a fit also the
# time until its answer, and from look to look for a stop.
_LONG_CPU_SECONDS = 1200.0
_LONG_SECONDS = 3600.0
_LOOK_SECONDS = 0.1


class ClusterPool(WorkerPool):
    """Sends units of work to a cluster; what it gives no answer to is done in the processes of this machine.

    A unit whose worker dies is done again by others; if they die too, it is done here, where a process that dies on it
    shows that its document is at fault. Without a scheduler or a worker everything is done here, at the pace of one
    machine, until they are back.
    """

    def __init__(
        self,
        address: str,
        *,
        certificates: Path | None = None,
        connections: int,
        processes: int,
        cpu_seconds: float,
        seconds: float | None = None,
    ) -> None:
        """*address* and *certificates* are those of ``Link``; raises MissingExtraError without Dask.

        A unit has an answer within *seconds*, by default as its limits ask.
        """
        super().__init__(processes, cpu_seconds=cpu_seconds)
        self._address, self._certificates, self._connections = address, certificates, connections
        self._seconds = seconds or _SPAN * max(cpu_seconds, 1.0)
        self._link: Link | None = None
        #: Units that the cluster has done, and those that it was given and has lost.
        self.done = self.lost = 0
        #: By the name of a file, the workers that were sent it.
        self._kept: dict[str, set[str]] = {}

    @property
    def link(self) -> Link:
        """The connection, which begins with the first unit."""
        with self._lock:
            if self._link is None:
                self._link = Link(self._address, certificates=self._certificates, connections=self._connections)
        return self._link

    @property
    def state(self) -> ClusterState:
        """How the cluster was a moment ago."""
        return self.link.state

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._link:
            self._link.stop()
        super().__exit__(kind, error, trace)

    async def run(self, url: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            given = pack((url, function, args, kwargs))
            answer: T = unpack_answer(await self._ask(Kind.READ, read, given, self._cpu_seconds, seconds=self._seconds))
            return answer
        except LostError:
            pass
        except WorkerError as error:
            # Of that machine, not of this one.
            log.warning("a worker of the cluster could not do a unit", reason=str(error))
        return await super().run(url, function, *args, **kwargs)

    def map(
        self,
        function: Callable[[Sequence[Item]], list[T]],
        items: Sequence[Item],
        *,
        size: int,
        there: There[Item, T] | None = None,
    ) -> list[T]:
        if not self.link.wait().workers or (there and not self._share(there.file)):
            return function(items)
        pieces = [items[start : start + size] for start in range(0, len(items), size)]
        called: Callable[..., list[T]] = there.function if there else function
        file, limit = (there.file.name, _LONG_CPU_SECONDS) if there else ("", self._cpu_seconds)
        asked = [
            self.link.ask(Kind.READ, read, pack(("", called, (piece,), {})), limit, file, seconds=self._seconds)
            for piece in pieces
        ]
        answers = []
        for piece, future in zip(pieces, asked, strict=True):
            try:
                answers.append(unpack_answer(future.result()))
                self.done += 1
            except (LostError, WorkerError, ParseError, CancelledError) as error:
                # A piece that takes too long there has the time that it needs here; at its end a link cancels all.
                self._note_loss(error)
                answers.append(function(piece))
                # It may be because a worker keeps the file no more.
                self._kept.pop(file, None)
        return list(itertools.chain.from_iterable(answers))

    def _share(self, file: Path) -> bool:
        """Send a file to the workers that were not sent it; return whether any has it."""
        kept = self._kept.setdefault(file.name, set())
        try:
            content = file.read_bytes() if self.state.workers.keys() - kept else b""
        except OSError:
            return False
        asked = {
            one: self.link.ask(Kind.READ, keep, file.name, content, seconds=self._seconds, worker=one)
            for one in self.state.workers.keys() - kept
        }
        for worker, future in asked.items():
            with suppress(LostError, CancelledError):
                future.result()
                kept.add(worker)
        return not kept.isdisjoint(self.state.workers)

    def call_elsewhere(
        self, stopping: threading.Event, function: Callable[[Item], T], gather: Callable[[], Item]
    ) -> T | None:
        if not self.link.wait().workers:
            return None
        given = pack(("", function, (gather(),), {}))
        future = self.link.ask(Kind.READ, read_apart, given, _LONG_CPU_SECONDS, seconds=_LONG_SECONDS)
        while not wait([future], _LOOK_SECONDS).done:
            if stopping.is_set():
                future.cancel()
                raise StoppedError
        try:
            answer: T = unpack_answer(future.result())
        except (LostError, WorkerError, ParseError) as error:
            self._note_loss(error)
            return None
        self.done += 1
        return answer

    def count_cluster(self) -> Mapping[str, int]:
        link = self.link
        return {"workers": len(link.state.workers), "units": self.done, "lost": self.lost, "deaths": link.lost_workers}

    def open(self, settings: RetrieverSettings) -> Retriever:
        """Open access to other machines through the workers; as an async context manager."""
        return _ClusterRetriever(self, settings)

    async def _ask(self, kind: Kind, function: Callable[..., Any], *args: Any, seconds: float, host: str = "") -> bytes:
        """Raises LostError."""
        if not self.link.state.scheduler:
            await asyncio.to_thread(self.link.wait)
        try:
            answer = await asyncio.wrap_future(self.link.ask(kind, function, *args, seconds=seconds, host=host))
        except LostError as error:
            self._note_loss(error)
            raise
        self.done += 1
        return answer

    def _note_loss(self, error: Exception) -> None:
        if self.link.state.workers:
            self.lost += 1
            log.warning("a unit was lost in the cluster and is done again", reason=str(error))


class _ClusterRetriever(Retriever):
    """Retrieves through the workers of a cluster. What needs credentials or a proxy is retrieved here."""

    def __init__(self, pool: ClusterPool, settings: RetrieverSettings) -> None:
        super().__init__(
            timeout_seconds=settings.timeout_seconds,
            max_bytes=settings.max_bytes,
            connections=settings.connections,
            contact=settings.contact,
            allowed_networks=settings.allowed_networks,
        )
        self._pool, self._settings = pool, settings

    async def retrieve(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        proxy: str | None = None,
        **named: Any,
    ) -> Retrieved | NotModified:
        if credentials is None and proxy is None:
            given = pack((url, named))
            try:
                told = await self._pool._ask(
                    Kind.RETRIEVE,
                    retrieve,
                    given,
                    self._settings,
                    seconds=_TURNS * self._settings.timeout_seconds + _SPARE_SECONDS,
                    host=host_of(url),
                )
                answer: Retrieved | NotModified = unpack_answer(told)
                return answer
            except (LostError, WorkerError):
                pass
        return await super().retrieve(url, credentials=credentials, proxy=proxy, **named)
