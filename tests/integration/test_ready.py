"""What those who watch over the daemon are told, and what they read in its log."""

from __future__ import annotations

import json
import logging
import shlex
import subprocess
import threading
import warnings
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import structlog
from fastapi.testclient import TestClient

from aggregator.app import App
from aggregator.cli.base import set_up_logs
from aggregator.cli.options import LogFormat
from aggregator.exceptions import StorageError
from aggregator.feeds.health import Alarm
from aggregator.scheduler import Daemon
from aggregator.web import ready
from aggregator.web.server import create_server
from world import FEEDS, NOW, fill

ROOT = Path(__file__).parents[2]

# --- ready or not ---


def _ask(app: App, **watched: str | None) -> tuple[int, dict[str, Any]]:
    server = create_server(app, {name: lambda said=said: said for name, said in watched.items()})
    answer = TestClient(server).get("/readyz")
    return answer.status_code, answer.json()


def test_all_is_well(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    fill(app)
    status, said = _ask(app, scheduler=None)
    assert (status, said["ready"]) == (200, True)
    assert {name: each["ok"] for name, each in said["checks"].items()} == {
        "database": True,
        "visits": True,
        "disk": True,
        "scheduler": True,
    }
    assert said["checks"]["disk"]["free_megabytes"] > 0


class _Usage(NamedTuple):
    free: int


def _refuse(app: App) -> None:
    raise StorageError("postgresql://somebody@inner.example/db: reading failed")


TROUBLES: dict[str, tuple[str, str, object, str]] = {
    "database": ("database", "aggregator.app.App.reading", _refuse, "it failed; the log says why"),
    "visits": (
        "visits",
        "aggregator.pipeline.follow.find_alarm",
        lambda app: Alarm(NOW - timedelta(hours=3), 4),
        "nothing has succeeded for too long",
    ),
    "disk": ("disk", "shutil.disk_usage", lambda folder: _Usage(99_000_000), "less than 100 MB are free"),
    "a disk that hangs": (
        "disk",
        "shutil.disk_usage",
        lambda folder: threading.Event().wait(2),
        "it did not answer within 0.1 second",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_wrong_is_told_without_secrets(
    trouble: str, make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, place, instead, reason = TROUBLES[trouble]
    app = make_app(FEEDS)
    monkeypatch.setattr(ready, "_SECONDS", 0.1 if "hangs" in trouble else 1.0)
    monkeypatch.setattr(place, instead)
    status, said = _ask(app)
    assert (status, said["ready"]) == (503, False)
    assert (said["checks"][name]["ok"], said["checks"][name]["reason"]) == (False, reason)
    assert "inner.example" not in json.dumps(said)


def test_a_scheduler_that_begins_nothing_is_told(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    daemon = Daemon(app)
    assert daemon.find_trouble() is None
    daemon._ticked_at -= 301
    assert daemon.find_trouble() == "no stage has begun for 5 minutes"
    status, said = _ask(app, scheduler=daemon.find_trouble())
    assert (status, said["checks"]["database"]["ok"], said["checks"]["scheduler"]["ok"]) == (503, True, False)


def test_many_who_ask_are_answered_from_one_look(make_app: Callable[..., App]) -> None:
    client = TestClient(create_server(make_app(FEEDS)))
    assert len({client.get("/readyz").text for _ in range(5)}) == 1


# --- the check of the container ---


def find_container_check() -> list[str]:
    """The command of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text()
    command: list[str] = json.loads(text.partition("HEALTHCHECK")[2].partition("CMD ")[2].splitlines()[0])
    return command


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_check_of_the_container_asks_whether_all_is_well(status: int, code: int) -> None:
    asked: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        done = subprocess.run(_at_port(server.server_port), timeout=5, check=False)
        answering.join()
    assert (done.returncode, asked) == (code, ["/readyz"])


def test_the_check_of_the_container_fails_where_nobody_listens() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    assert subprocess.run(_at_port(port), timeout=5, check=False, stderr=subprocess.DEVNULL).returncode == 1


def _at_port(port: int) -> list[str]:
    command = [part.replace("8571", str(port)) for part in find_container_check()]
    assert "python" not in shlex.join(command)
    return command


# --- the log ---


def test_every_line_of_the_log_is_json(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogFormat.JSON, verbose=True)
    structlog.get_logger().info("visited", feed="하늘상점", new=3)
    logging.getLogger("uvicorn.error").error("it broke at\n%s", "two lines")
    warnings.showwarning("old", DeprecationWarning, "file.py", 1)
    try:
        raise StorageError("the disk is full")
    except StorageError:
        structlog.get_logger().exception("job failed")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["info", "error", "warning", "error"]
    assert (lines[0]["event"], lines[0]["feed"], lines[0]["new"]) == ("visited", "하늘상점", 3)
    assert (lines[1]["event"], lines[1]["logger"]) == ("it broke at\ntwo lines", "uvicorn.error")
    assert lines[3]["exception"].endswith("StorageError: the disk is full")
    assert all("timestamp" in line for line in lines)


@pytest.mark.parametrize(
    ("least", "told"),
    [("info", ["visited", "late", "broke"]), ("warning", ["late", "broke"]), ("error", ["broke"])],
)
def test_the_settings_say_how_much_is_told(capfd: pytest.CaptureFixture[str], least: str, told: list[str]) -> None:
    set_up_logs(LogFormat.JSON, verbose=True, least=least)
    log = structlog.get_logger()
    log.info("visited")
    log.warning("late")
    log.error("broke")
    assert [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()] == told


WAYS: dict[str, tuple[list[str], dict[str, str], str]] = {
    "an option": (["--log-format", "json"], {}, ""),
    "the environment": ([], {"AGGREGATOR_LOGS_FORMAT": "json"}, ""),
    "the settings": ([], {}, '[logs]\nformat = "json"\n'),
}


@pytest.mark.parametrize("way", WAYS)
def test_json_is_asked_for(
    way: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call_console: Callable[..., subprocess.CompletedProcess[str]],
    spare_start: Callable[[Path], None],
) -> None:
    options, environment, settings = WAYS[way]
    spare_start(tmp_path)
    feed = '[feeds.a]\nname = "A"\nurl = "http://127.0.0.1:1/feed"\nkind = "company"\n'
    (tmp_path / "feeds.toml").write_text(settings + feed)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = call_console("--home", str(tmp_path), "--verbose", *options, "visit").stderr
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert [(line["event"], line["feed"]) for line in lines] == [("visited", "a")]
