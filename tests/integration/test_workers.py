"""What a document may do to its worker process, what becomes of the others, and how a pool outlives its processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import structlog

from aggregator.exceptions import ParseError, WorkerError
from aggregator.fetch import workers
from aggregator.fetch.workers import WorkerPool
from aggregator.processes import Worker
from harm import URL, burn, die, double, give_pid, hoard, refuse, spin, stop, stumble, tell_and_wait

DIED = "a parser process died and is replaced"

Do = Callable[[WorkerPool], Awaitable[None]]


@pytest.fixture(autouse=True, scope="module")
def _light_main() -> Iterator[None]:
    """A spawned process loads the main module of its parent, and pytest's takes longer than all that is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        yield


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """One pool for all, which has to outlive what each test does to it."""
    with WorkerPool(2, cpu_seconds=0.2) as shared:
        yield shared


def _kill(worker: Worker) -> None:
    worker.kill()
    worker._process.join()


async def _check_well(pool: WorkerPool) -> None:
    assert await asyncio.gather(*(pool.run(URL, double, n) for n in range(20))) == [2 * n for n in range(20)]


@pytest.mark.parametrize("processes", [0, 2])
def test_results_and_failures_come_back(pool: WorkerPool, processes: int) -> None:
    async def run(used: WorkerPool) -> None:
        await _check_well(used)
        with pytest.raises(ParseError) as caught:
            await used.run(URL, refuse, 3)
        assert (caught.value.url, caught.value.reason, caught.value.excerpt) == (URL, "3 is not a feed", "<html>")
        with pytest.raises(ZeroDivisionError) as bug:
            await used.run(URL, stumble, 0)
        assert not processes or "return 1 / number" in bug.value.__notes__[0], "the trace of the other process is kept"

    asyncio.run(run(pool if processes else WorkerPool(0, cpu_seconds=0.2)))


@pytest.mark.parametrize(
    ("function", "number", "words", "deaths"),
    [
        (spin, 0, r"takes more than 0\.2 seconds", 0),
        (hoard, 3 << 30, "too much memory", 0),
        (die, 0, "the parser process died on the document, twice", 2),
    ],
)
def test_a_document_that_does_harm_fails_alone(
    pool: WorkerPool, function: Callable[[int], int], number: int, words: str, deaths: int
) -> None:
    async def run() -> None:
        harm = asyncio.ensure_future(pool.run(URL, function, number))
        await _check_well(pool)
        with pytest.raises(ParseError, match=words):
            await harm
        await _check_well(pool)

    with structlog.testing.capture_logs() as logs:
        asyncio.run(run())
    assert [log["event"] for log in logs] == [DIED] * deaths, "a line for each death"


def test_a_process_that_is_stopped_is_no_fault_of_the_document(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_PATIENCE", 1)
    with pytest.raises(WorkerError, match="too busy"):
        asyncio.run(pool.run(URL, stop, 0))
    asyncio.run(_check_well(pool))


def test_the_limit_is_for_one_document_and_not_for_the_life_of_a_worker() -> None:
    async def run(pool: WorkerPool) -> None:
        first = await pool.run(URL, give_pid, 0)
        for _ in range(3):
            assert await pool.run(URL, burn, 0.1) > 0
        assert await pool.run(URL, give_pid, 0) == first

    with WorkerPool(1, cpu_seconds=0.2) as pool:
        asyncio.run(run(pool))


def test_quick_documents_do_not_wait_for_the_full_time_of_hostile_ones(pool: WorkerPool) -> None:
    """Two that spin for ever, two processes: the quick one behind them comes before any of them is done with."""
    done: list[str] = []

    async def note(name: str, reading: Awaitable[Any]) -> None:
        await asyncio.gather(reading, return_exceptions=True)
        done.append(name)

    async def run() -> None:
        readings = [("hostile", pool.run(URL, spin, 0)) for _ in range(2)] + [("quick", pool.run(URL, double, 1))]
        await asyncio.gather(*(note(name, reading) for name, reading in readings))

    asyncio.run(run())
    assert done == ["quick", "hostile", "hostile"]


@pytest.mark.parametrize("processes", [1, 2])
def test_processes_that_are_killed_cost_nothing(processes: int, tmp_path: Path) -> None:
    async def kill_idle(pool: WorkerPool) -> None:
        await _check_well(pool)
        for worker in list(pool._free):
            _kill(worker)
        await _check_well(pool)

    async def kill_busy(pool: WorkerPool) -> None:
        places = [tmp_path / str(number) for number in range(processes)]
        readings = [asyncio.ensure_future(pool.run(URL, tell_and_wait, place)) for place in places]
        waiting = asyncio.ensure_future(_check_well(pool))
        while not all(place.exists() and place.read_text() for place in places):
            await asyncio.sleep(0.005)
        killed = [int(place.read_text()) for place in places]
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        await waiting
        assert all(pid not in killed for pid in await asyncio.gather(*readings)), "each is read once more"

    async def kill_starting(pool: WorkerPool) -> None:
        while pool._free:
            pool._remove(pool._free.pop())
        readings = asyncio.ensure_future(_check_well(pool))
        while not pool._workers:
            await asyncio.sleep(0.001)
        for worker in list(pool._workers):
            worker.kill()
        await readings

    with WorkerPool(processes, cpu_seconds=20) as pool:
        for kill in (kill_idle, kill_busy, kill_starting):
            with structlog.testing.capture_logs() as logs:
                asyncio.run(kill(pool))
            assert {log["event"] for log in logs} == {DIED}
            assert 1 <= len(logs) <= processes, kill


def test_pages_go_before_documents(pool: WorkerPool) -> None:
    assert asyncio.run(pool.run(URL, os.nice, 0)) == min(19, os.nice(0) + 5)


def test_a_process_that_grew_is_renewed_after_its_document() -> None:
    async def run(pool: WorkerPool) -> None:
        first = await pool.run(URL, give_pid, 0)
        assert await pool.run(URL, give_pid, 0) != first

    with structlog.testing.capture_logs() as logs, WorkerPool(1, cpu_seconds=1, most_kept=1 << 20) as pool:
        asyncio.run(run(pool))
    assert logs == []


def test_while_no_process_can_start_documents_fail_as_ours_and_the_log_stays_short(pool: WorkerPool) -> None:
    async def read() -> None:
        results = await asyncio.gather(*(pool.run(URL, double, n) for n in range(50)), return_exceptions=True)
        assert {type(result) for result in results} == {WorkerError}

    # What Python itself starts beside the first process has begun.
    asyncio.run(_check_well(pool))
    while pool._free:
        pool._remove(pool._free.pop())
    multiprocessing.set_executable("/bin/false")
    try:
        with structlog.testing.capture_logs() as logs:
            asyncio.run(read())
    finally:
        multiprocessing.set_executable(sys.executable)
    assert 2 <= len(logs) <= 4
    assert pool.find_trouble() == "no parser process can be started"
    pool._rests_until = 0.0
    assert pool.find_trouble() is None
    asyncio.run(_check_well(pool))


def test_under_a_limit_of_memory_that_is_lower_than_the_own_one_documents_are_read() -> None:
    """As `ulimit -v` sets it: a process may not ask for more than its parent has."""
    script = """if True:
        import asyncio, resource
        from aggregator.fetch.workers import WorkerPool
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        with WorkerPool(1, cpu_seconds=20) as pool:
            print(asyncio.run(pool.run("https://blog.example/feed.xml", len, "four")))
    """
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "4\n"


def test_a_worker_loads_feedparser_only_for_what_is_broken() -> None:
    code = """
import sys
from aggregator.feeds.parse import parse_document
rss = b'<rss version="2.0"><channel><title>t</title><item><title>%s</title></item></channel></rss>'
assert parse_document(rss % b'a', 'https://x.example/').entries and 'feedparser' not in sys.modules
assert parse_document((rss % b'a').replace(b'</channel>', b''), 'https://x.example/').entries and 'feedparser' in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
