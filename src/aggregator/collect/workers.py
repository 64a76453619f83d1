"""Processes that read documents, so that a long or hostile one keeps neither the page nor the other feeds waiting."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import resource
import signal
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from aggregator.exceptions import ParseError
from aggregator.processes import begin_child

P = ParamSpec("P")
T = TypeVar("T")

# A document of the largest size allowed needs a few hundred megabytes; one that wants more is not after being read.
_MAX_MEMORY = 2 << 30
# Elapsed time for each second of processor time, when other programs want the processor too.
_PATIENCE = 10


class WorkerPool:
    """Runs functions of one document in *processes* worker processes; with 0 in this one, without limits.

    A function may use *cpu_seconds* of processor time and 2 GiB of memory. A worker that dies, or uses more, is
    replaced and takes only its own document with it. The workers start with the first document and end with the pool,
    or with this process however it ends.
    """

    def __init__(self, processes: int, *, cpu_seconds: int) -> None:
        self._processes = processes
        self._cpu_seconds = cpu_seconds
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    async def run(self, url: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that can be pickled, with arguments that can. Whatever it raises is raised here.

        Raises ParseError for the document of that *url* when the worker does not come to an end.
        """
        if not self._processes:
            return function(*args, **kwargs)
        future = self._start().submit(_run, self._cpu_seconds * _PATIENCE, self._cpu_seconds, function, args, kwargs)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise ParseError(url, f"reading the document takes more than {self._cpu_seconds} seconds") from error
        except MemoryError as error:
            raise ParseError(url, "reading the document takes too much memory") from error
        except ProcessExpired as error:
            raise ParseError(url, self._say_end(error.exitcode)) from error

    def _say_end(self, exitcode: int) -> str:
        if exitcode == -signal.SIGXCPU:
            return f"reading the document takes more than {self._cpu_seconds} seconds"
        return "the reader died over the document"

    def _start(self) -> ProcessPool:
        if self._pool is None:
            # Not fork: a daemon has threads, and a forked child would inherit their locks.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(self._processes, context=context, initializer=_begin_worker)
        return self._pool


def _begin_worker() -> None:
    begin_child()
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _run(cpu_seconds: int, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime) + cpu_seconds
    # The system counts the whole life of the process, so the limit moves along; beyond it the process is killed.
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    return function(*args, **kwargs)
