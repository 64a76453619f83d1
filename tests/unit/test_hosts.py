"""Consideration for hosts: a pause between two requests, and a limit on those under way."""

from __future__ import annotations

import asyncio

from aggregator.fetch.hosts import HostGate


class _Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now = max(self.now, self.now + seconds)


def test_requests_to_one_host_begin_with_a_pause_between_them() -> None:
    time = _Time()
    gate = HostGate(2, 1.0, clock=time, sleep=time.sleep)
    begun: list[tuple[str, float]] = []

    async def visit(host: str) -> None:
        async with gate.enter(host):
            begun.append((host, time.now))

    async def run() -> None:
        for host in ("medium.example", "medium.example", "other.example", "medium.example"):
            await visit(host)

    asyncio.run(run())
    assert begun == [("medium.example", 0.0), ("medium.example", 1.0), ("other.example", 1.0), ("medium.example", 2.0)]


def test_the_pause_is_kept_while_places_for_all_hosts_are_few() -> None:
    time = _Time()
    gate, free = HostGate(2, 1.0, clock=time, sleep=time.sleep), asyncio.Semaphore(0)
    begun: list[float] = []

    async def visit() -> None:
        async with gate.enter("medium.example", free=free):
            begun.append(time.now)

    async def run() -> None:
        visits = asyncio.gather(visit(), visit())
        await asyncio.sleep(0)
        time.now = 30.0
        free.release()
        await visits

    asyncio.run(run())
    assert begun == [30.0, 31.0]
    assert free._value == 1


def test_no_more_than_so_many_are_under_way_at_one_host() -> None:
    gate = HostGate(2, 0.0)
    under_way, most = 0, 0

    async def visit(host: str) -> None:
        nonlocal under_way, most
        async with gate.enter(host):
            under_way += 1
            most = max(most, under_way)
            for _ in range(3):
                await asyncio.sleep(0)
            under_way -= 1

    async def run(hosts: list[str]) -> None:
        await asyncio.gather(*(visit(host) for host in hosts))

    asyncio.run(run(["medium.example"] * 10))
    assert most == 2
    most = 0
    asyncio.run(run([f"b{number}.example" for number in range(10)]))
    assert most == 10


def test_a_request_that_fails_gives_its_place_back() -> None:
    gate = HostGate(1, 0.0)

    async def run() -> None:
        for _ in range(3):
            try:
                async with gate.enter("a.example"):
                    raise OSError
            except OSError:
                pass

    asyncio.run(asyncio.wait_for(run(), 10))
