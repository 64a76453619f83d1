"""SIGTERM ends the daemon within five seconds whatever goes on; what ``test_daemon.py`` and its neighbours do not show."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregator.app import open_app
from aggregator.config import load_config
from aggregator.storage.changes import Derived, count_behind
from aggregator.storage.tables import visits
from daemon import children_of, count, looking, run_daemon, wait_until
from feed_server import FeedServer
from world import Sample, fill

MANY = 1500
#: Entries of an element that is never closed: the parser goes through the rest for each.
MONSTER = "<rss><channel>" + "<item><title>&lt;b" * 200_000


@dataclass
class Stand:
    """A home before and after its daemon has come up, and what it talks to."""

    home: Path
    server: FeedServer
    stack: ExitStack
    pid: int = 0
    link: str = ""

    def follow(self, name: str, url: str, **settings: Any) -> None:
        lines = "".join(f"{key} = {str(value).lower()}\n" for key, value in settings.items())
        with (self.home / "feeds.toml").open("a") as file:
            file.write(f'\n[feeds.{name}]\nname = "{name}"\nkind = "company"\nurl = "{url}"\n{lines}')


def _be_silent(stand: Stand, path: str) -> threading.Event:
    """Let requests for a path wait until the end; returns what tells of the first."""
    over, asked = threading.Event(), threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        over.wait(60)

    stand.server.answers[path] = wait
    stand.stack.callback(over.set)
    return asked


@contextmanager
def _a_server_that_is_silent(stand: Stand) -> Iterator[None]:
    asked = _be_silent(stand, "/silent")
    stand.follow("silent", stand.server.address + "/silent")
    yield
    wait_until(asked.is_set)


@contextmanager
def _a_monstrous_document(stand: Stand) -> Iterator[None]:
    stand.follow("monster", stand.server.play("/monster", MONSTER))
    yield
    wait_until(lambda: any(path == "/monster" for path, _ in stand.server.requests))


@contextmanager
def _pages_that_do_not_answer(stand: Stand) -> Iterator[None]:
    asked = _be_silent(stand, "/page")
    item = (
        f"<item><title>A page</title><guid>1</guid><link>{stand.server.address}/page</link>"
        f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item>"
    )
    document = f"<rss version='2.0'><channel><title>t</title>{item}</channel></rss>"
    stand.follow("pages", stand.server.play("/pages", document), full_text=True)
    yield
    # Pages are read by a job of each minute, and there is none at its first run.
    wait_until(asked.is_set, 100)


@contextmanager
def _many_posts_to_compare(stand: Stand) -> Iterator[None]:
    text = "추천 랭킹 개선기 " * 40
    samples = [Sample(f"Serving model {n}", "b0", f"many-{n}", text=f"{n} {text} {n}") for n in range(MANY)]
    with open_app(load_config({}, home=stand.home)) as app:
        fill(app, samples)
    yield
    wait_until(lambda: 0 < _count_uncompared(stand.home) < MANY)


def _count_uncompared(home: Path) -> int:
    with looking(home) as connection:
        return count_behind(connection, Derived.COPIES)


@contextmanager
def _a_database_that_another_holds(stand: Stand) -> Iterator[None]:
    yield
    wait_until(lambda: count(stand.home, visits) > 0)
    other = stand.stack.enter_context(closing(sqlite3.connect(stand.home / "aggregator.sqlite", isolation_level=None)))
    other.execute("BEGIN IMMEDIATE")


@contextmanager
def _workers_that_are_stopped(stand: Stand) -> Iterator[None]:
    yield
    wait_until(lambda: bool(children_of(stand.pid)))
    for worker in children_of(stand.pid):
        os.kill(worker, signal.SIGSTOP)


@contextmanager
def _workers_that_are_killed(stand: Stand) -> Iterator[None]:
    yield
    wait_until(lambda: bool(children_of(stand.pid)))
    for worker in children_of(stand.pid):
        os.kill(worker, signal.SIGKILL)


@contextmanager
def _more_connections_than_are_taken(stand: Stand) -> Iterator[None]:
    yield
    place = urlsplit(stand.link)
    for _ in range(300):
        stand.stack.enter_context(socket.create_connection((place.hostname or "", place.port or 0), timeout=5))


STATES = [
    _a_server_that_is_silent,
    _a_monstrous_document,
    _pages_that_do_not_answer,
    _many_posts_to_compare,
    _a_database_that_another_holds,
    _workers_that_are_stopped,
    _workers_that_are_killed,
    _more_connections_than_are_taken,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__.strip("_").replace("_", " "))
def test_sigterm_ends_it_within_five_seconds(
    by_night: None, home: Path, feed_server: FeedServer, state: Callable[[Stand], Any]
) -> None:
    with ExitStack() as stack:
        stand = Stand(home, feed_server, stack)
        reached = state(stand)
        reached.__enter__()
        with run_daemon(home) as (process, link):
            stand.pid, stand.link = process.pid, link
            reached.__exit__(None, None, None)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()
