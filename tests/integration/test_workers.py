"""What a document may do to its worker process, and what becomes of the others."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from aggregator.collect.workers import WorkerPool
from aggregator.exceptions import ParseError

URL = "https://blog.example/feed.xml"


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise ParseError(URL, f"{number} is no feed", excerpt="<html>")


def spin(number: int) -> int:
    while True:
        number += 1


def hoard(number: int) -> int:
    return len(bytearray(number))


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("processes", [0, 2])
def test_results_and_failures_come_back(processes: int) -> None:
    async def run(pool: WorkerPool) -> None:
        assert await asyncio.gather(*(pool.run(URL, double, n) for n in range(20))) == [2 * n for n in range(20)]
        with pytest.raises(ParseError) as caught:
            await pool.run(URL, refuse, 3)
        assert (caught.value.url, caught.value.reason, caught.value.excerpt) == (URL, "3 is no feed", "<html>")

    with WorkerPool(processes, cpu_seconds=20) as pool:
        asyncio.run(run(pool))


@pytest.mark.parametrize(
    ("function", "number", "words"),
    [
        (spin, 0, "takes more than 1 seconds"),
        (hoard, 3 << 30, "too much memory"),
        (die, 0, "the reader died over the document"),
    ],
)
def test_a_document_that_does_harm_fails_alone(function: object, number: int, words: str) -> None:
    async def run(pool: WorkerPool) -> None:
        harm = asyncio.ensure_future(pool.run(URL, function, number))  # type: ignore[arg-type]
        others = await asyncio.gather(*(pool.run(URL, double, n) for n in range(20)))
        assert others == [2 * n for n in range(20)]
        with pytest.raises(ParseError, match=words):
            await harm
        assert await pool.run(URL, double, 4) == 8, "the worker is replaced"

    with WorkerPool(2, cpu_seconds=1) as pool:
        asyncio.run(run(pool))


def test_the_limit_is_for_one_document_and_not_for_the_life_of_a_worker() -> None:
    async def run(pool: WorkerPool) -> None:
        for _ in range(3):
            assert await pool.run(URL, burn, 0.7) > 0

    with WorkerPool(1, cpu_seconds=1) as pool:
        asyncio.run(run(pool))


def burn(seconds: float) -> int:
    import time

    end, turns = time.process_time() + seconds, 0
    while time.process_time() < end:
        turns += 1
    return turns


def test_a_worker_loads_feedparser_only_for_what_is_broken() -> None:
    code = """
import sys
from aggregator.collect.parse import parse_document
rss = b'<rss version="2.0"><channel><title>t</title><item><title>%s</title></item></channel></rss>'
assert parse_document(rss % b'a', 'https://x.example/').entries and 'feedparser' not in sys.modules
assert parse_document(rss % b'R & D', 'https://x.example/').entries and 'feedparser' in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
