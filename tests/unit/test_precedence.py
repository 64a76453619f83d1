"""Work waits for a page, but neither for ever nor for one that is slow."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.types import Receive, Scope, Send

from aggregator import precedence
from aggregator.precedence import Precedence, decide_wait, take_short_turns
from aggregator.web.patience import Impatience


@pytest.mark.parametrize(
    ("now", "page_began_at", "went_on_at", "seconds"),
    [
        pytest.param(100.0, 100.0, 0.0, 0.25, id="a page that just began has its head start"),
        pytest.param(100.0, 99.9, 0.0, 0.15, id="what is left of it"),
        pytest.param(100.0, 99.7, 0.0, 0.0, id="a slow page does not hold work up"),
        pytest.param(100.0, 100.0, 99.99, 0.03, id="three times as long as it has worked"),
        pytest.param(100.0, 100.0, 100.0, 0.0, id="what has not worked yet goes on"),
    ],
)
def test_how_long_work_waits(now: float, page_began_at: float, went_on_at: float, seconds: float) -> None:
    assert decide_wait(now, page_began_at=page_began_at, went_on_at=went_on_at) == pytest.approx(seconds)


def test_work_that_meets_page_after_page_goes_on() -> None:
    now, went_on_at, worked = 100.0, 100.0, 0.0
    while now < 110.0:
        now, worked = now + 0.01, worked + 0.01
        now += decide_wait(now, page_began_at=now, went_on_at=went_on_at)
        went_on_at = now
    assert worked == pytest.approx(10 / 4, rel=0.1)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Precedence:
    """Pages whose head start is longer than any test takes."""
    monkeypatch.setattr(precedence, "_HEAD_START", 600.0)
    return Precedence()


def test_work_goes_on_when_the_page_is_made(pages: Precedence) -> None:
    happened: list[str] = []

    def work() -> None:
        pages.give_way()
        happened.append("work")

    with pages.making_page():
        at_work = threading.Thread(target=work)
        at_work.start()
        # Work that did not wait would be done by now.
        at_work.join(0.05)
        happened.append("page")
    at_work.join()
    assert happened == ["page", "work"]


def test_work_waits_for_all_pages_that_are_being_made(pages: Precedence) -> None:
    with pages.making_page():
        with pages.making_page():
            pass
        at_work = threading.Thread(target=pages.give_way)
        at_work.start()
        at_work.join(0.05)
        assert at_work.is_alive()
    at_work.join()


def test_what_belongs_to_a_page_does_not_wait_for_it(pages: Precedence) -> None:
    async def make() -> None:
        with pages.making_page():
            await asyncio.to_thread(pages.give_way)

    with pages.making_page():
        pages.give_way()
    asyncio.run(make())


def test_the_event_loop_never_waits(pages: Precedence) -> None:
    async def serve() -> None:
        pages.give_way()

    def run() -> None:
        asyncio.run(serve())

    with pages.making_page():
        loop = threading.Thread(target=run)
        loop.start()
        loop.join()


@pytest.mark.parametrize(
    ("scope", "goes_first"),
    [
        ({"type": "http", "method": "GET"}, True),
        ({"type": "http", "method": "HEAD"}, True),
        # It may have to wait for the work to store something.
        ({"type": "http", "method": "POST"}, False),
        # It lasts as long as the daemon.
        ({"type": "lifespan"}, False),
    ],
)
def test_what_is_only_looked_at_goes_first(scope: Scope, goes_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    @contextmanager
    def note() -> Iterator[None]:
        made.append("begun")
        yield
        made.append("ended")

    async def answer(_scope: Scope, _receive: Receive, _send: Send) -> None:
        made.append("answered")

    async def nothing(*_: object) -> None: ...

    monkeypatch.setattr(precedence.PAGES, "making_page", note)
    asyncio.run(Impatience(answer)(scope, nothing, nothing))  # type: ignore[arg-type]
    assert made == (["begun", "answered", "ended"] if goes_first else ["answered"])


def test_threads_take_turns_more_often() -> None:
    before, own = sys.getswitchinterval(), 0.005
    # Python's own: a test that ran a daemon in this process may have left shorter ones.
    sys.setswitchinterval(own)
    try:
        take_short_turns()
        assert sys.getswitchinterval() < own
    finally:
        sys.setswitchinterval(before)
