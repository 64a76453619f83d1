"""Processes of our own: work apart from this one, that neither outlives it nor keeps it from ending."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import socket
import struct
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from aggregator.exceptions import AggregatorError, StoppedError

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds between two looks at whether the work is still wanted.
_LOOK_SECONDS = 0.1
# Work apart has time: whoever waits for a page goes first.
_NICENESS = 5
# A child that takes or gives not a byte for so long, although it should, is stopped.
_STALL_SECONDS = 10


def run_apart(stopping: threading.Event, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a process that ends with the call, so that its memory is given back.

    Function, arguments and result are pickled; whatever the function raises is raised here. The process is killed when
    *stopping* is set (then raises StoppedError), when the caller is interrupted, and when this process ends, however
    it does. Raises ChildProcessError when the process dies over its work.
    """
    if stopping.is_set():
        raise StoppedError
    # Not fork: a daemon has threads, and a forked child would inherit their locks.
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sending, function, args, kwargs), daemon=True)
    process.start()
    sending.close()
    try:
        while not wait([receiving], _LOOK_SECONDS):
            if stopping.is_set():
                raise StoppedError
        value: T | BaseException
        succeeded, value = receiving.recv()
    except EOFError as error:
        process.join()
        raise ChildProcessError(f"the process ended with exit code {process.exitcode}") from error
    finally:
        process.kill()
        process.join()
        process.close()
        receiving.close()
    if succeeded:
        return value  # type: ignore[return-value]
    raise value  # type: ignore[misc]


class Worker:
    """A process that answers one call after another, until it is ended or this process ends.

    Its memory is limited to *max_memory* bytes, or to less where this process may have no more. Raises OSError when the
    system starts no process. Whoever gets EOFError or OSError from it has to end it.
    """

    def __init__(self, *, max_memory: int) -> None:
        # Not fork: a daemon has threads, and a forked child would inherit their locks.
        context = multiprocessing.get_context("spawn")
        ours, theirs = socket.socketpair()
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", _STALL_SECONDS, 0))
        self._pipe = Connection(ours.detach())
        with Connection(theirs.detach()) as end:
            self._process = context.Process(target=_serve, args=(end, max_memory), daemon=True)
            self._process.start()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def wait(self, seconds: float) -> Any:
        """What it says next: first of all, that it has begun. Raises TimeoutError, a kind of OSError."""
        if not self._pipe.poll(seconds):
            raise TimeoutError
        return self._pipe.recv()

    def call(
        self,
        function: Callable[..., object],
        args: tuple[object, ...],
        kwargs: dict[str, object],
        *,
        cpu_seconds: float,
        seconds: float,
    ) -> tuple[bool, object]:
        """Call a function; returns whether that succeeded, with the result or with what was raised. All is pickled.

        The call may take *cpu_seconds* of processor time, else the process ends by SIGPROF, and *seconds* of elapsed
        time, else raises TimeoutError.
        """
        self._pipe.send((cpu_seconds, function, args, kwargs))
        answer: tuple[bool, object] = self.wait(seconds)
        return answer

    def measure_memory(self) -> int:
        """The bytes that it holds in memory now; 0 where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except OSError:
            return 0
        return pages * resource.getpagesize()

    def kill(self) -> None:
        """Let it end at once; whoever waits for it gets EOFError or OSError."""
        self._process.kill()

    def end(self) -> int | None:
        """Wait for its end, killed if need be; returns its exit code, which is below zero for a signal."""
        self._process.kill()
        self._process.join()
        self._pipe.close()
        return self._process.exitcode


def begin_child() -> None:
    """To be called first in a child: Ctrl-C goes to the whole group of processes, and the parent alone answers it; and
    a child that waits on a pipe which it holds itself would never learn of a killed parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _work(
    sending: Connection, function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    begin_child()
    os.nice(_NICENESS)
    try:
        answer: tuple[bool, object] = (True, function(*args, **kwargs))
    except Exception as error:
        answer = (False, error)
    sending.send(answer)


def _serve(pipe: Connection, max_memory: int) -> None:
    begin_child()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        max_memory = min(max_memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (max_memory, most))
    try:
        pipe.send("begun")
        while True:
            pipe.send_bytes(_answer(*pipe.recv()))
    except (EOFError, OSError):
        # The parent has ended.
        return


def _answer(
    cpu_seconds: float, function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> memoryview:
    """The pickled answer, so that nothing else of the call is left in memory when it is sent."""
    # The system counts, so that a loop inside a C library ends too; the signal kills, for nothing handles it.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return ForkingPickler.dumps((True, function(*args, **kwargs)))
    except Exception as error:
        if not isinstance(error, AggregatorError):
            # The other process has no trace of what happened here.
            error.add_note(f"In the worker process:\n{traceback.format_exc()}")
        return ForkingPickler.dumps((False, error))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)
