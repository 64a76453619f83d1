"""Connections that are silent, slow or many: the page answers those who ask, and the log stays short."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
import uvicorn
from structlog.testing import capture_logs

from aggregator.web.connections import Doors, make_exception_handler

MOST = 20
SOON = 0.2
LARGE = b"x" * 20_000_000


async def _answer(scope: Any, receive: Any, send: Any) -> None:
    """A page that is small, waits for its whole form, or is large."""
    if scope["method"] == "POST":
        while (await receive())["more_body"]:
            pass
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * SOON)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": LARGE if scope["path"] == "/large" else b"ok"})


@contextmanager
def _serve(doors: Doors) -> Iterator[tuple[str, int]]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        _answer,
        http=doors.make_protocol,  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _ask(address: tuple[str, int], path: str = "/") -> int:
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _is_left(caller: socket.socket) -> bool:
    """Whether the other side ends the connection before the test would have to wait for long."""
    caller.settimeout(10 * SOON)
    try:
        while caller.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"]
)
def test_those_who_ask_come_in_past_three_hundred_who_do_not(said: bytes) -> None:
    with _serve(Doors(most=MOST)) as address, ExitStack() as open_ones:
        for _ in range(300):
            caller = open_ones.enter_context(socket.create_connection(address))
            caller.sendall(said)

        assert [_ask(address) for _ in range(3)] == [200, 200, 200]


def test_the_number_of_connections_stays_within_the_limit() -> None:
    doors = Doors(most=MOST)
    with _serve(doors) as address, ExitStack() as open_ones:
        for _ in range(3 * MOST):
            open_ones.enter_context(socket.create_connection(address))
        assert _ask(address) == 200

        assert len(doors.open) <= MOST


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n",
    ],
)
def test_a_request_that_does_not_come_whole_is_left(said: bytes) -> None:
    with _serve(Doors(patience=SOON)) as address, socket.create_connection(address) as caller:
        caller.sendall(said)

        assert _is_left(caller)


def test_a_head_that_comes_in_drops_is_left_as_soon() -> None:
    with _serve(Doors(patience=SOON)) as address, socket.create_connection(address) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nX: ")

        with suppress(OSError):
            for _ in range(100):
                caller.sendall(b"x")
                threading.Event().wait(SOON / 5)
            pytest.fail("it may drip for as long as it likes")


def test_an_answer_that_nobody_takes_is_left() -> None:
    doors = Doors(patience=SOON)
    with _serve(doors) as address, socket.create_connection(address) as caller:
        caller.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        caller.recv(1)
        threading.Event().wait(3 * SOON)

        assert not doors.open


def test_an_answer_that_takes_its_time_on_our_side_is_waited_for() -> None:
    with _serve(Doors(patience=SOON)) as address:
        assert _ask(address, "/slow") == 200


def test_where_all_are_being_answered_the_next_is_refused() -> None:
    with _serve(Doors(most=1)) as address, socket.create_connection(address) as caller:
        caller.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        threading.Event().wait(SOON)

        assert _ask(address) == 503


def test_connections_that_cannot_be_accepted_are_one_line_in_the_log() -> None:
    loop = asyncio.new_event_loop()
    handle = make_exception_handler()
    full = {"message": "socket.accept() out of system resource", "exception": OSError(24, "Too many open files")}

    with capture_logs() as logs:
        for _ in range(2048):
            handle(loop, full)

    assert [entry["reason"] for entry in logs] == ["[Errno 24] Too many open files"]
    loop.close()
