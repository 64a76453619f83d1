"""Guessing the login key: paused after some tries, without locking the curator out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.web.attempts import FREE_OVER_ALL, FREE_TRIES, Attempts
from aggregator.web.server import create_server
from clock import Clock


@pytest.fixture
def come(make_app: Callable[..., App]) -> Callable[[str], TestClient]:
    """Somebody from an address."""
    app = make_app()
    server = create_server(app)

    def come(address: str) -> TestClient:
        client = TestClient(server, client=(address, 50_000), follow_redirects=False)
        client.headers["X-Key"] = app.login_key  # for the tests; the page does not look at it
        return client

    return come


def _try(client: TestClient, *, right: bool = False) -> int:
    return client.get("/login", params={"key": client.headers["X-Key"] if right else "wrong"}).status_code


def test_after_some_wrong_tries_a_client_has_to_pause(come: Callable[[str], TestClient], clock: Clock) -> None:
    stranger = come("192.0.2.1")
    assert [_try(stranger) for _ in range(FREE_TRIES)] == [403] * FREE_TRIES

    answer = stranger.get("/login", params={"key": "wrong"})

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert "Wait for 2 seconds" in answer.text
    clock.now += timedelta(seconds=2)
    assert [_try(stranger), _try(stranger)] == [403, 429]
    assert stranger.get("/login", params={"key": "wrong"}).headers["retry-after"] == "4"


def test_the_right_key_comes_in_whatever_others_try(come: Callable[[str], TestClient]) -> None:
    for number in range(3 * FREE_OVER_ALL):
        _try(come(f"192.0.2.{number}"))
    for _ in range(3 * FREE_TRIES):
        _try(come("198.51.100.7"))

    assert _try(come("203.0.113.9"), right=True) == 303
    assert _try(come("198.51.100.7"), right=True) == 303, "a page in the curator's own browser may be the stranger"


def test_many_wrong_tries_over_all_pause_everybody_who_was_never_right(clock: Clock) -> None:
    attempts = Attempts(clock)
    attempts.take("203.0.113.9")
    attempts.forgive("203.0.113.9")
    clock.now += timedelta(minutes=2)
    for number in range(FREE_OVER_ALL):
        assert attempts.take(f"192.0.2.{number}") == 0
        clock.now += timedelta(seconds=1)

    assert attempts.take("198.51.100.7") == 30, "until the first of them is a minute ago"
    clock.now += timedelta(seconds=30)
    assert [attempts.take("198.51.100.7"), attempts.take("198.51.100.8")] == [0, 1]
    assert attempts.take("203.0.113.9") == 0


def test_who_was_right_begins_again_from_zero(clock: Clock) -> None:
    attempts = Attempts(clock)
    for _ in range(FREE_TRIES):
        attempts.take("192.0.2.1")
    assert attempts.take("192.0.2.1") > 0
    attempts.forgive("192.0.2.1")
    assert [attempts.take("192.0.2.1") for _ in range(FREE_TRIES)] == [0] * FREE_TRIES
    assert attempts.take("192.0.2.1") > 0


def test_a_thousand_tries_are_few_lines_in_the_log(come: Callable[[str], TestClient]) -> None:
    stranger = come("192.0.2.1")
    with capture_logs() as logs:
        for _ in range(100):
            _try(stranger)

    assert [entry["client"] for entry in logs] == ["192.0.2.1"]


def test_a_pause_grows_to_a_minute_and_is_forgotten_by_and_by(clock: Clock) -> None:
    attempts = Attempts(clock)
    pauses = []
    for _ in range(FREE_TRIES + 8):
        pauses.append(attempts.add("a"))
        clock.now += timedelta(seconds=61)

    assert pauses[FREE_TRIES - 2 :] == [0, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    clock.now += timedelta(minutes=16)
    assert attempts.add("a") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_client_is_known_by_its_network(clock: Clock, one: str, other: str, same: bool) -> None:
    attempts = Attempts(clock)
    for _ in range(FREE_TRIES):
        attempts.add(one)

    assert (attempts.find_pause(other) > 0) is same


def test_only_so_many_clients_are_remembered(clock: Clock) -> None:
    attempts = Attempts(clock)
    for number in range(1100):
        attempts.add(str(number))

    assert len(attempts._records) == 1000
