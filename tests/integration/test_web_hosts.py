"""Under which names the page answers, and to whom it is opened."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from aggregator.app import App
from aggregator.cli import serve as serving
from aggregator.config.settings import ServerSettings
from aggregator.exceptions import ConfigError
from aggregator.lock import Lock, lock_home
from aggregator.pipeline.passwords import set_password
from aggregator.web.guard import is_known_host
from aggregator.web.server import create_server

LOOPBACK = ServerSettings()
EVERYWHERE = ServerSettings(host="0.0.0.0")
NAMED = ServerSettings(host="192.0.2.7", public_url="https://digest.example:8443", hosts=("nas.home",))


@pytest.mark.parametrize(
    ("server", "asked", "known"),
    [
        (LOOPBACK, "127.0.0.1:8571", True),
        (LOOPBACK, "localhost:9999", True),
        (LOOPBACK, "LocalHost.", True),
        (LOOPBACK, "[::1]:8571", True),
        (LOOPBACK, "evil.example", False),
        (LOOPBACK, "evil.example:8571", False),
        (LOOPBACK, "localhost.evil.example", False),
        (LOOPBACK, "127.0.0.1.evil.example", False),
        (LOOPBACK, "localhost@evil.example", False),
        (LOOPBACK, "evil.example@localhost", False),
        (LOOPBACK, "localhost/evil.example", False),
        (LOOPBACK, "192.0.2.7", False),
        (LOOPBACK, "", False),
        (LOOPBACK, "[", False),
        (LOOPBACK, "서버", False),
        (EVERYWHERE, "192.0.2.7:8571", True),
        (EVERYWHERE, "evil.example", False),
        (NAMED, "192.0.2.7:8571", True),
        (NAMED, "digest.example", True),
        (NAMED, "nas.home:8571", True),
        (NAMED, "evil.example", False),
    ],
)
def test_only_names_that_are_ours_are_known(server: ServerSettings, asked: str, known: bool) -> None:
    assert is_known_host(asked, server) is known


def test_a_foreign_name_is_refused_in_a_sentence(make_app: Callable[..., App]) -> None:
    client = TestClient(create_server(make_app()), base_url="http://evil.example")

    for path in ("/", "/healthz", "/static/queue.js", "/login?key=x", "/nowhere"):
        answer = client.get(path)

        assert answer.status_code == 421
        assert "not served under the name 'evil.example'" in answer.text
        assert "server.hosts" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Lock]:
    with lock_home(tmp_path) as lock:
        yield lock


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "nas.home", ""])
def test_it_is_not_opened_to_the_network_without_a_password(
    make_app: Callable[..., App], lock: Lock, host: str
) -> None:
    with pytest.raises(ConfigError, match="set one with `aggregator --home d password`"):
        serving.serve(make_app(server={"host": host}), lock, port=0, open_browser=False, command="aggregator --home d")


@pytest.mark.parametrize(
    "server",
    [{"host": "127.0.0.1"}, {"host": "localhost"}, {"host": "::1"}, {"host": "0.0.0.0"}],
)
@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_login_link_is_printed_to_a_terminal_alone(
    make_app: Callable[..., App],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lock: Lock,
    server: dict[str, str],
    is_terminal: bool,
) -> None:
    async def end(app: App, listening: socket.socket, *_: object) -> None:
        listening.close()

    monkeypatch.setattr(serving, "_serve", end)
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    app = make_app(server=server)
    is_open = server["host"] == "0.0.0.0"
    if is_open:
        set_password(app.database, "correct horse battery")

    serving.serve(app, lock, port=0, open_browser=False)

    said = capsys.readouterr().out
    key = app.login_key
    assert (key in said) is (is_terminal and not is_open)
    assert ("aggregator login-link" in said) is not (is_terminal or is_open)
    assert ("Log in with the password" in said) is is_open
    assert "http://" in said
