"""Processes of our own: work apart from this one, that neither outlives it nor keeps it from ending."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import ParamSpec, TypeVar

from aggregator.exceptions import StoppedError

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds between two looks at whether the work is still wanted.
_LOOK_SECONDS = 0.1
# Work apart has time: whoever waits for a page goes first.
_NICENESS = 5


def run_apart(stopping: threading.Event, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a process that ends with the call, so that its memory is given back.

    Function, arguments and result are pickled; whatever the function raises is raised here. The process is killed when
    *stopping* is set (then raises StoppedError), when the caller is interrupted, and when this process ends, however
    it does. Raises ChildProcessError when the process dies over its work.
    """
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


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)
