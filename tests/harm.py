"""What documents may do to the worker process that reads them. Imports little, for each of these processes loads it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from aggregator.exceptions import ParseError

URL = "https://blog.example/feed.xml"


def double(number: int) -> int:
    return 2 * number


def give_pid(_number: int) -> int:
    return os.getpid()


def refuse(number: int) -> int:
    raise ParseError(URL, f"{number} is not a feed", excerpt="<html>")


def stumble(number: int) -> float:
    return 1 / number


def spin(number: int) -> int:
    while True:
        number += 1


def hoard(number: int) -> int:
    return len(bytearray(number))


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def stop(number: int) -> int:
    os.kill(os.getpid(), signal.SIGSTOP)
    return number


def burn(seconds: float) -> int:
    end, turns = time.process_time() + seconds, 0
    while time.process_time() < end:
        turns += 1
    return turns


def measure(file: Path, items: Sequence[int]) -> list[int]:
    """How large a file is, for each of the items."""
    return [len(file.read_bytes()) for _ in items]


def tell_and_wait(told: Path, *_given: object) -> int:
    """Tell that it has begun, and read on until the process is killed; at the second time come to an end."""
    if told.exists():
        return os.getpid()
    told.write_text(str(os.getpid()))
    time.sleep(60)
    return 0
