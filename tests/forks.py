"""Processes that begin with the modules and some rows in memory: to import them takes each seconds, to fork no time.

One server for each process of pytest forks them; it is begun by the first test that wants one. What a process is of its
own for is the same: signals, kills, limits, locks, files and sockets. ``test_daemon.py`` begins the real command.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing import forkserver
from multiprocessing.reduction import DupFd
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fits import STEP, read_lines

_CONTEXT = multiprocessing.get_context("forkserver")
#: What is in memory before a process begins, besides what these import.
_PRELOADED = ["prepared"]


class Forked:
    """A process that calls a function; to be used as ``subprocess.Popen`` is."""

    def __init__(self, function: Callable[..., object], *args: object) -> None:
        with pytest.MonkeyPatch.context() as patched:
            # The server that forks looks for modules there alone, and is begun with the first process.
            patched.setenv("PYTHONPATH", os.pathsep.join(sys.path))
            _CONTEXT.set_forkserver_preload(_PRELOADED)
            forkserver.ensure_running()
        # Not a daemon in the words of multiprocessing, for those may have no processes of their own.
        self._process = _CONTEXT.Process(target=function, args=args, daemon=False)
        self._process.start()
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self._process.name), timeout or 0)
        return self.returncode


class Pipe:
    """The end of a pipe, or another open file, on its way to such a process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[object, ...]:
        return _receive, (DupFd(self.number),)


def _receive(passed: Any) -> Pipe:
    return Pipe(passed.detach())


def fork_command(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: int,
    errors: int,
    step: int = STEP,
    before: Callable[[], object] = int,
) -> Forked:
    """Begin the console script, which learns from every *step*-th row; *before* is called in its process first."""
    return Forked(_run_command, list(arguments), dict(environment), folder, Pipe(output), Pipe(errors), step, before)


def _run_command(
    arguments: list[str],
    environment: dict[str, str],
    folder: Path,
    output: Pipe,
    errors: Pipe,
    step: int,
    before: Callable[[], object],
) -> None:
    from aggregator.cli import main
    from aggregator.pipeline import learner

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, sent in enumerate((output, errors), 1):
        os.dup2(sent.number, number)
        os.close(sent.number)
    sys.argv = ["aggregator", *arguments]
    # What this process spawns is not to run the script of the tests.
    sys.modules["__main__"] = ModuleType("__main__")
    learner.load_shipped_lines = partial(read_lines, step)
    before()
    main()
