"""The daemon as a process of its own: it comes up, answers, ends on SIGTERM, and survives being killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import open_app
from aggregator.config import load_config
from aggregator.lock import lock_home
from aggregator.storage.database import Aim
from aggregator.storage.tables import entries, feeds, posts, visits
from daemon import (
    FEED_COUNT,
    SETTINGS,
    children_of,
    count,
    list_alive,
    looking,
    read_page,
    run_daemon,
    wait_until,
)
from feed_server import FeedServer


def _state(home: Path) -> list[tuple[object, ...]]:
    """What the feeds gave, without times and numbers that depend on when something was done."""
    with looking(home) as connection:
        stored = sa.select(
            entries.c.feed_key, entries.c.key, entries.c.fingerprint, posts.c.canonical_url, posts.c.title
        )
        rows = connection.execute(
            stored.join(posts, posts.c.id == entries.c.post_id).order_by(entries.c.feed_key, entries.c.key)
        )
        etags = connection.execute(sa.select(feeds.c.key, feeds.c.etag).order_by(feeds.c.key))
        return [tuple(row) for row in rows] + [tuple(row) for row in etags]


def test_it_comes_up_works_and_ends_on_sigterm_within_five_seconds(
    bare_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = bare_home
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(home / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(home / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    with systemd, run_daemon(home, anew=True) as (process, link):
        base = link.partition("/login")[0]
        assert read_page(f"{base}/healthz").strip() == "ok"
        wait_until(lambda: count(home, entries) == FEED_COUNT * 20)
        assert json.loads(read_page(f"{base}/readyz"))["ready"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    assert "Traceback" not in (home / "log").read_text()


def test_sigterm_in_the_middle_of_work_ends_it_as_soon(by_night: None, home: Path) -> None:
    with run_daemon(home) as (process, _):
        wait_until(lambda: count(home, visits) > 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()


def _kill_in_the_middle(home: Path, calm: Path, server: FeedServer, feeds: int, times: int) -> None:
    """Kill the daemon some times while one feed has not answered yet, and compare with an undisturbed round."""
    # The rounds beside the daemon need no process that reads documents.
    in_one = (home / "feeds.toml").read_text().replace("parser_processes = 1", "parser_processes = 0")
    (calm / "feeds.toml").write_text(in_one)
    with open_app(load_config({}, home=calm)) as app:
        assert len(asyncio.run(app.visitor.visit_due())) == feeds

    held, over = next(iter(server.answers)), threading.Event()
    document = server.answers[held]
    server.answers[held] = lambda _: over.wait(120)  # type: ignore[assignment, return-value]
    for kills in range(1, times + 1):
        with run_daemon(home) as (process, _):
            wait_until(lambda kills=kills: count(home, visits) >= kills * 5)  # type: ignore[misc]
            workers = children_of(process.pid)
            assert workers
            process.kill()
            process.wait()
        wait_until(lambda workers=workers: not list_alive(workers), 20)  # type: ignore[misc]
        assert count(home, visits) < feeds, "the middle"
    over.set()
    server.answers[held] = document
    if times > 1:
        with run_daemon(home):
            wait_until(lambda: _count_visited(home) == feeds)
    else:
        (home / "feeds.toml").write_text(in_one)
        # What a start does before its first round, and the visits of that, without the seconds in which a process begins.
        with lock_home(home), open_app(load_config({}, home=home), Aim.RUN) as app:
            asyncio.run(app.visitor.visit_due())
        assert _count_visited(home) == feeds
    assert _state(home) == _state(calm)


def _count_visited(home: Path) -> int:
    with looking(home) as connection:
        succeeded = sa.select(sa.func.count()).select_from(feeds).where(feeds.c.last_success_at.is_not(None))
        return connection.execute(succeeded).scalar_one()


def test_killed_in_the_middle_its_workers_end_and_a_restart_ends_in_the_same_state(
    night: bool,
    home: Path,
    feed_server: FeedServer,
    spare_fit: Callable[[Path], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    calm = tmp_path_factory.mktemp("calm")
    spare_fit(calm)
    _kill_in_the_middle(home, calm, feed_server, FEED_COUNT, times=2 if night else 1)


def test_so_it_does_over_the_recorded_feeds(
    by_night: None,
    shared: Path,
    tmp_path: Path,
    feed_server: FeedServer,
    spare_fit: Callable[[Path], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    documents = sorted((shared / "feeds").glob("*.xml"))
    tables = [
        f'[feeds.{file.stem.replace("@", "_")}]\nname = "{file.stem}"\nkind = "company"\n'
        f'url = "{feed_server.play(f"/{file.name}", file.read_bytes())}"\n'
        for file in documents
    ]
    (tmp_path / "feeds.toml").write_text("\n".join([SETTINGS, *tables]))
    calm = tmp_path_factory.mktemp("calm")
    for each in (tmp_path, calm):
        spare_fit(each)
    _kill_in_the_middle(tmp_path, calm, feed_server, len(documents), times=2)


def test_a_taken_port_is_a_sentence(home: Path, call_console: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = call_console("--home", str(home), "run", "--port", str(other.getsockname()[1]))
    assert ended.returncode == 1
    assert f"the port belongs to the process {os.getpid()} (" in ended.stderr
    assert "choose another with --port, `make run PORT=…` or server.port" in ended.stderr
    assert "Traceback" not in ended.stderr
