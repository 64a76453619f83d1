"""The daemon as a process of its own, for tests: homes, starts, what it stored, and its children."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.storage.database import Database
from feed_server import FeedServer
from fits import STEP
from forks import Forked, fork_command

FEED_COUNT = 16
FEW_ROWS = Path(__file__).with_name("few_rows.py")
#: When each feed published last.
_NEWEST = datetime(2022, 12, 20, tzinfo=UTC)
SETTINGS = '[visits]\nparser_processes = 1\nper_host = 16\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n'


def _make_document(number: int, days: int) -> str:
    dates = [format_datetime(_NEWEST - timedelta(days=days * before)) for before in reversed(range(20))]
    items = "".join(
        f"<item><title>Serving model {number}-{item}</title><link>https://b{number}.example/{item}</link>"
        f"<guid>{item}</guid><pubDate>{date}</pubDate>"
        f"<description>{'How we serve models. ' * 50}</description></item>"
        for item, date in enumerate(dates)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{number}</title>{items}</channel></rss>'


def write_feeds(home: Path, server: FeedServer, count: int = FEED_COUNT, *, days: int = 1) -> None:
    """Let a home follow so many invented feeds, and nothing else. Each has 20 entries, so many days apart."""
    tables = [
        f'[feeds.b{number}]\nname = "Blog {number}"\nkind = "company"\n'
        f'url = "{server.play(f"/{number}.xml", _make_document(number, days))}"\n'
        for number in range(count)
    ]
    (home / "feeds.toml").write_text("\n".join([SETTINGS, *tables]))


def get_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")}
    return {**kept, "AGGREGATOR_HOME": str(home), "PYTHONUNBUFFERED": "1"}


@contextmanager
def run_daemon(
    home: Path, step: int = STEP, *, anew: bool = False
) -> Iterator[tuple[Forked | subprocess.Popen[bytes], str]]:
    """A running daemon and the link that logs in to its page; it learns from every *step*-th of the shipped rows.

    It is forked with its modules in memory, or begun *anew*, as people begin it.
    """
    reading, writing = os.pipe()
    with (home / "log").open("w") as log, os.fdopen(reading) as output:
        arguments, environment = ["run", "--port", "0"], get_environment(home)
        process: Forked | subprocess.Popen[bytes]
        if anew:
            command = [sys.executable, str(FEW_ROWS), str(step), *arguments]
            process = subprocess.Popen(command, env=environment, stdout=writing, stderr=log, cwd=home)
        else:
            process = fork_command(
                arguments, environment=environment, folder=home, output=writing, errors=log.fileno(), step=step
            )
        os.close(writing)
        try:
            for line in output:
                if found := re.search(r"http://\S+/", line):
                    yield process, f"{found[0]}login?key={(home / 'login-key').read_text()}"
                    break
            else:
                pytest.fail(f"the daemon did not come up: {(home / 'log').read_text()}")
        finally:
            process.kill()
            process.wait()


def call_apart(home: Path, *arguments: str, before: Callable[[], object] = int) -> subprocess.CompletedProcess[str]:
    """Run the console script in a process of its own, in which *before* is called first; its line ends are as said."""
    pipes = [os.pipe(), os.pipe()]
    (_, output), (_, errors) = pipes
    environment = get_environment(home)
    process = fork_command(arguments, environment=environment, folder=home, output=output, errors=errors, before=before)
    said = []
    for reading, writing in pipes:
        os.close(writing)
        with os.fdopen(reading, newline="") as file:
            said.append(file.read())
    return subprocess.CompletedProcess(arguments, process.wait(), *said)


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def looking(home: Path) -> Iterator[sa.Connection]:
    database = Database(f"sqlite:///{home / 'aggregator.sqlite'}")
    with database.reading() as connection:
        yield connection
    database.close()


def count(home: Path, table: sa.Table) -> int:
    with looking(home) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def read_page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def list_alive(processes: list[int]) -> list[int]:
    return [process for process in processes if Path(f"/proc/{process}").exists()]
