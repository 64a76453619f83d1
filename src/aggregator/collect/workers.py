"""Processes that parse, so that a long document never keeps the page waiting."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from aggregator.collect.parse import parse_document
from aggregator.exceptions import ParseError
from aggregator.types import ParsedFeed


class ParserPool:
    """Parses documents in *processes* worker processes; with 0 in this one. A worker that dies is replaced.

    The workers start with the first document and end with the pool, or with this process however it ends.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    async def parse(self, body: bytes, url: str, content_type: str | None) -> ParsedFeed:
        """See ``parse_document``; also raises ParseError when a worker dies over the document twice."""
        if not self._processes:
            return parse_document(body, url, content_type)
        loop = asyncio.get_running_loop()
        for _ in range(2):
            executor = self._start()
            try:
                return await loop.run_in_executor(executor, parse_document, body, url, content_type)
            except BrokenProcessPool:
                # All documents under way fail with the one that killed the worker; each gets a second try.
                if self._executor is executor:
                    self._executor = None
        raise ParseError(url, "the parser died over the document")

    def _start(self) -> ProcessPoolExecutor:
        if self._executor is None:
            # Not fork: a daemon has threads, and a forked child would inherit their locks.
            self._executor = ProcessPoolExecutor(
                self._processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker
            )
        return self._executor


def _begin_worker() -> None:
    # Ctrl-C goes to the whole group of processes; the daemon alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """A worker waits for work on a pipe that it holds itself, so that it would never learn of a killed parent."""
    parent.join()
    os._exit(0)
