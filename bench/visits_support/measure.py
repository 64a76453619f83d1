"""Runs a program to its end and watches the memory of its processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visits_support.problem import Problem

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Run:
    """What a program told of itself, and the memory that it was seen to hold."""

    result: dict[str, Any]
    #: The most of its first process, and the most of all its processes at one moment (pages they share count for each).
    peak_mb: float
    peak_all_mb: float


def run_program(command: Sequence[str | Path], *, result: Path, log: Path) -> Run:
    """Run until the end; raises Problem with the end of its log when it fails."""
    result.unlink(missing_ok=True)
    # A proxy would be asked for the loopback too, by those who heed it.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        own = everything = 0
        try:
            while process.poll() is None:
                own = max(own, _read_kilobytes(process.pid, "VmHWM"))
                everything = max(everything, sum(_read_kilobytes(one, "VmRSS") for one in _list_family(process.pid)))
                time.sleep(_LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()
    if process.returncode or not result.is_file():
        end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
        raise Problem(f"{Path(command[1]).name} ended with {process.returncode}; its last words:\n{end}")
    return Run(json.loads(result.read_text(encoding="utf-8")), own / 1024, max(own, everything) / 1024)


def _list_family(pid: int) -> list[int]:
    """A process and its descendants, by Linux's /proc."""
    family = [pid]
    for parent in family:
        # One that ends meanwhile has no folder any more.
        with suppress(OSError):
            for file in Path(f"/proc/{parent}/task").glob("*/children"):
                family += [int(child) for child in file.read_text().split()]
    return family


def _read_kilobytes(pid: int, name: str) -> int:
    """0 for a process that has ended. The counters of getrusage would not do: a new process inherits them."""
    try:
        found = re.search(rf"^{name}:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0
