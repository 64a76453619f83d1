"""Child processes that end with this process and never keep it from ending."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import socket
import struct
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, ParamSpec, TypeVar

from aggregator import heap
from aggregator.exceptions import AggregatorError, StoppedError
from aggregator.locales import t

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds between checks whether to stop.
_LOOK_SECONDS = 0.1
# Between two looks at a program that runs, and for the end of what it wrote; and how much is read at once.
_WAIT_SECONDS = 0.05
_PIECE = 65536
# Background work runs at lower priority, so that pages are served first.
_NICENESS = 5
# A transfer to or from a child fails if not a single byte moves for this long.
_STALL_SECONDS = 10
# A program that is ended has this long to tidy up.
_PARTING_SECONDS = 2
# Bytes of what a program writes that are read.
_MOST_OUTPUT = 1_000_000


def run_apart(stopping: threading.Event, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a child process that ends with the call, so that its memory is freed.

    Function, arguments and result are pickled, and an exception of the function is raised here. The process is killed
    if *stopping* is set (then this raises StoppedError), if the caller is interrupted, and if this process ends in any
    way. Raises ChildProcessError if the process dies during its work.
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
        raise ChildProcessError(t("the process ended with exit code {number}", number=process.exitcode)) from error
    finally:
        process.kill()
        process.join()
        process.close()
        receiving.close()
    if succeeded:
        return value  # type: ignore[return-value]
    raise value  # type: ignore[misc]


def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    most_output: int = _MOST_OUTPUT,
    given: IO[bytes] | None = None,
) -> tuple[int, bytes, bytes]:
    """Run a program with a file that it is *given* as input, or without; return its exit code, and what it wrote to
    standard output and standard error, each up to *most_output* bytes.

    It has no terminal, so it cannot ask. Raises OSError if it cannot be started, and TimeoutError after *seconds*: then
    it is ended with all that it has started.
    """
    # Files, because a process that it leaves behind would hold a pipe open.
    with TemporaryFile() as out, TemporaryFile() as err:
        process = subprocess.Popen(  # noqa: S603 - what is run is not from outside
            command,
            cwd=folder,
            env=environment,
            stdin=given or subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error
        finally:
            if process.returncode is None:
                _end_group(process)
        return code, _read_whole(out, most_output), _read_whole(err, most_output)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process with all of its group: politely first, so that it removes its locks."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_PARTING_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read_whole(file: IO[bytes], most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def run_command(
    stopping: threading.Event,
    arguments: Sequence[str],
    *,
    given: bytes,
    environment: Mapping[str, str],
    folder: Path,
    seconds: float,
    most_output: int,
) -> tuple[int | None, str]:
    """Run another program, without a shell and without a terminal, in a folder; *given* is its standard input.

    Returns its exit code (negative for a signal, None if it was killed after *seconds*), and the end of what it wrote,
    at most *most_output* bytes. Programs that it leaves running end with it. Raises OSError if it cannot be started,
    and StoppedError if *stopping* is set.
    """
    with TemporaryFile() as feeding:
        feeding.write(given)
        feeding.seek(0)
        process = subprocess.Popen(  # noqa: S603 - the operator's own, from the settings
            arguments,
            stdin=feeding,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            # A group of its own, which can be killed whole.
            start_new_session=True,
        )
    output = _Tail(process, most_output)
    end = time.monotonic() + seconds
    try:
        while process.poll() is None and time.monotonic() < end:
            if stopping.wait(_WAIT_SECONDS):
                raise StoppedError
        code = process.poll()
    finally:
        _end_group(process)
    return code, output.read()


class _Tail:
    """The end of what a process writes, read while it runs."""

    def __init__(self, process: subprocess.Popen[bytes], most: int) -> None:
        self._process, self._most, self._kept = process, most, b""
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - it was asked for
        with pipe:
            while piece := pipe.read1(_PIECE):  # type: ignore[attr-defined]
                self._kept = (self._kept + piece)[-self._most :]

    def read(self) -> str:
        """Read it after the process has ended. Something in a session of its own may still hold the pipe."""
        self._thread.join(_WAIT_SECONDS)
        return self._kept.decode("utf-8", "replace").strip()


class Worker:
    """A child process that answers one call after another, until it is ended or this process ends.

    Its memory is limited to *max_memory* bytes, or to this process's own limit if that is lower. Raises OSError if the
    process cannot be started. After EOFError or OSError the caller has to end it.
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
        """Wait for the next message; the first says that the process has started. Raises TimeoutError (an OSError)."""
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
        """Call a function; return whether it succeeded, with the result or the exception. Everything is pickled.

        After *cpu_seconds* of processor time SIGPROF ends the process. Raises TimeoutError after *seconds* of elapsed
        time.
        """
        self._pipe.send((cpu_seconds, function, args, kwargs))
        answer: tuple[bool, object] = self.wait(seconds)
        return answer

    def measure_memory(self) -> int:
        """Return the memory of the process in bytes; 0 if the system does not report it."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except OSError:
            return 0
        return pages * resource.getpagesize()

    def kill(self) -> None:
        """Kill the process at once; threads that wait for it get EOFError or OSError."""
        self._process.kill()

    def end(self) -> int | None:
        """Kill the process if it still runs, and wait for its end; return its exit code, negative for a signal."""
        self._process.kill()
        self._process.join()
        self._pipe.close()
        return self._process.exitcode


def begin_child() -> None:
    """Prepare a child process; call this first in it.

    Ctrl-C goes to the whole process group, but only the parent should handle it. A child that also holds the other end
    of its pipe would not notice that its parent was killed, so a thread watches the parent.
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
    heap.keep_large_apart()
    try:
        answer: tuple[bool, object] = (True, function(*args, **kwargs))
    except Exception as error:
        answer = (False, error)
    sending.send(answer)


def _serve(pipe: Connection, max_memory: int) -> None:
    begin_child()
    os.nice(_NICENESS)
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
    """The pickled answer, so that nothing else of the call is in memory when it is sent."""
    # The kernel counts, so that a loop inside a C library ends too. The signal has no handler, so it kills the process.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return ForkingPickler.dumps((True, function(*args, **kwargs)))
    except Exception as error:
        if not isinstance(error, AggregatorError):
            # The traceback does not survive pickling.
            error.add_note(f"In the worker process:\n{traceback.format_exc()}")
        return ForkingPickler.dumps((False, error))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)
