"""Worker processes that read documents, so that a long or hostile one holds up neither the page nor other feeds."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar

import structlog

from aggregator.exceptions import ParseError, WorkerError
from aggregator.processes import Worker

if TYPE_CHECKING:
    from aggregator.fetch.retrieve import Retriever, RetrieverSettings

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")
_Task = tuple[Callable[..., T], tuple[Any, ...], dict[str, Any]]

# The largest document allowed needs a few hundred megabytes; one that needs more is hostile.
_MAX_MEMORY = 2 << 30
# A process that holds more after a document is replaced, since it returns little by itself; nearly all hold less.
_MOST_KEPT = 300 << 20
# Share of the processor time that the first attempt may take (at least a second). Nearly all documents need far less,
# and must not wait for the others.
_FIRST_SHARE = 0.1
# Elapsed seconds allowed for each second of processor time, since other programs need the processor too.
_PATIENCE = 10
# Seconds that a process has to start, and seconds without an attempt after none could start.
_BEGIN_SECONDS = 60
_REST_SECONDS = 30
# The exit code of a process whose processor time was used up.
_TIME_IS_UP = -signal.SIGPROF


class _UnfinishedError(Exception):
    """Reading a document ended without an answer; *is_ours* if that says nothing about the document."""

    def __init__(self, reason: str, *, is_ours: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_ours = is_ours


@dataclass(frozen=True, slots=True)
class There(Generic[Item, T]):
    """How other machines answer the items of a list: by a file, which each of them is sent once and keeps by its name.

    The function gets the path of the file and some items.
    """

    file: Path
    function: Callable[[Path, Sequence[Item]], list[T]]


class WorkerPool:
    """Runs functions of one document in *processes* worker processes; with 0 in this one, without limits.

    A function may use *cpu_seconds* of processor time and 2 GiB of memory. If it takes more than a tenth of that time,
    or its process dies, it is retried once: behind those that wait, and one such at a time, so that of two processes
    one stays free for quick documents.

    A process that dies, or holds more than *most_kept* bytes after a document, is replaced. The processes start with
    the first document and end with the pool, or with this process however it ends.
    """

    def __init__(self, processes: int, *, cpu_seconds: float, most_kept: int = _MOST_KEPT) -> None:
        self._processes = processes
        #: How many functions run at once.
        self.size = max(processes, 1)
        self._cpu_seconds = cpu_seconds
        self._first_seconds = min(max(cpu_seconds * _FIRST_SHARE, 1.0), cpu_seconds)
        self._most_kept = most_kept
        # A thread waits for each process, and one more for retries.
        self._threads = ThreadPoolExecutor(max(processes, 1), "reading")
        self._again = ThreadPoolExecutor(1, "reading again")
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._free: list[Worker] = []
        self._is_ending = False
        self._rests_until = 0.0
        #: How many processes have died and were replaced.
        self.deaths = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_ending = True
            for worker in self._workers:
                worker.kill()
        self._again.shutdown(wait=False, cancel_futures=True)
        self._threads.shutdown(cancel_futures=True)
        self._again.shutdown()
        while self._workers:
            self._workers.pop().end()

    async def run(self, url: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function; it and its arguments have to be picklable. Whatever it raises is raised here.

        Raises ParseError if the document at *url* cannot be read within the limits, and WorkerError if that says
        nothing about the document.
        """
        if not self._processes:
            return function(*args, **kwargs)
        task: _Task[T] = (function, args, kwargs)
        try:
            return await _submit(self._threads, self._read, task, self._first_seconds)
        except _UnfinishedError:
            pass
        try:
            return await _submit(self._again, self._read_again, task)
        except _UnfinishedError as error:
            raise (WorkerError(error.reason) if error.is_ours else ParseError(url, error.reason)) from error

    def map(
        self,
        function: Callable[[Sequence[Item]], list[T]],
        items: Sequence[Item],
        *,
        size: int,
        there: There[Item, T] | None = None,
    ) -> list[T]:
        """Call a function that answers each item of a list, in this thread.

        Where there are other machines, they share the items in pieces of *size*, and answer them as *there* says, else
        by the same function.
        """
        return function(items)

    def call_elsewhere(
        self, stopping: threading.Event, function: Callable[[Item], T], gather: Callable[[], Item]
    ) -> T | None:
        """Have another machine call a function that takes minutes; None without one, or if its answer is lost.

        *gather* makes what the function is given; it is called in this process, once a machine is there to take it.

        Raises StoppedError if *stopping* is set before the answer is there.
        """
        return None

    def open(self, settings: RetrieverSettings) -> Retriever:
        """Open access to other machines, as an async context manager."""
        return settings.open()

    def count_cluster(self) -> Mapping[str, int]:
        """How its cluster does, for monitoring; empty without one."""
        return {}

    def find_trouble(self) -> str | None:
        """What is wrong, for monitoring: no process could be started a moment ago."""
        return "no parser process can be started" if time.monotonic() < self._rests_until else None

    # --- in the threads ---

    def _read_again(self, task: _Task[T]) -> T:
        # Through the same queue, so that it comes after those that wait.
        return self._threads.submit(self._read, task, self._cpu_seconds).result()

    def _read(self, task: _Task[T], cpu_seconds: float) -> T:
        worker = self._take()
        try:
            succeeded, answer = worker.call(*task, cpu_seconds=cpu_seconds, seconds=cpu_seconds * _PATIENCE)
        except (TimeoutError, BlockingIOError) as error:
            self._remove(worker)
            raise _UnfinishedError("this machine is too busy to read documents", is_ours=True) from error
        except (EOFError, OSError) as error:
            if self._bury(worker, "reading") == _TIME_IS_UP:
                reason = f"reading the document takes more than {self._cpu_seconds} seconds"
                raise _UnfinishedError(reason) from error
            raise _UnfinishedError("the parser process died on the document, twice") from error
        except BaseException:
            # Something that cannot be pickled, or this process is out of memory.
            self._remove(worker)
            raise
        if isinstance(answer, MemoryError):
            self._remove(worker)
            raise _UnfinishedError("reading the document takes too much memory")
        self._give_back(worker)
        if succeeded:
            return answer  # type: ignore[return-value]
        raise answer  # type: ignore[misc]

    def _take(self) -> Worker:
        """A free process, or a new one. Raises WorkerError if none can start."""
        while True:
            with self._lock:
                worker = self._free.pop() if self._free else None
            if worker is None:
                return self._begin()
            if worker.is_alive:
                return worker
            self._bury(worker, "idle")

    def _give_back(self, worker: Worker) -> None:
        if worker.measure_memory() > self._most_kept:
            self._remove(worker)
        else:
            with self._lock:
                self._free.append(worker)

    def _begin(self) -> Worker:
        """A new process; if it dies before it has started, another one."""
        if time.monotonic() >= self._rests_until:
            for _ in range(2):
                if worker := self._try_begin():
                    return worker
            self._rests_until = time.monotonic() + _REST_SECONDS
        raise WorkerError("no parser process can be started; is there enough memory?")

    def _try_begin(self) -> Worker | None:
        try:
            with self._lock:
                if self._is_ending:
                    raise WorkerError("the program ends")
                worker = Worker(max_memory=_MAX_MEMORY)
                self._workers.add(worker)
        except (OSError, MemoryError) as error:
            log.warning("a parser process could not be started", reason=str(error))
            return None
        try:
            worker.wait(_BEGIN_SECONDS)
        except (EOFError, OSError, MemoryError):
            self._bury(worker, "starting")
            return None
        return worker

    def _bury(self, worker: Worker, during: str) -> int | None:
        """Remove a process that has died, by itself or out of processor time; returns its exit code."""
        code = self._remove(worker)
        if code != _TIME_IS_UP and not self._is_ending:
            self.deaths += 1
            log.warning("a parser process died and is replaced", during=during, exit_code=code)
        return code

    def _remove(self, worker: Worker) -> int | None:
        """End a process; returns its exit code."""
        with self._lock:
            self._workers.discard(worker)
        return worker.end()


async def _submit(threads: Executor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        future = threads.submit(function, *args, **kwargs)
    except RuntimeError as error:
        # The system has no thread left, or the pool has ended.
        raise WorkerError(f"no document can be read now: {error}") from error
    return await asyncio.wrap_future(future)
