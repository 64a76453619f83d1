"""A database that does not answer: who waits for it is told soon, and who needs none of it waits for nothing."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.scheduler import Daemon
from aggregator.storage.database import Database
from aggregator.storage.patience import waiting_at_most
from aggregator.web import patience
from daemon import run_daemon, wait_until
from databases import Postgres, run_postgres
from feed_server import FeedServer
from world import FEEDS, fill, text_of, visit_page

DOCUMENT = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>a</title><item><title>Serving models</title>'
    "<link>https://a.example/1</link><pubDate>Thu, 08 Dec 2022 00:00:00 GMT</pubDate></item></channel></rss>"
)
STYLE = "/static/style.css"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Of its own, for others would wait for it as well."""
    with run_postgres() as postgres:
        yield postgres


@pytest.fixture
def address(server: Postgres) -> Iterator[str]:
    made = server.create_migrated()
    yield made
    server.leave(made)


def _ask(database: Database) -> None:
    with database.reading() as connection:
        connection.execute(sa.text("SELECT 1"))


def test_a_statement_ends_with_the_patience_of_who_asks(server: Postgres, address: str) -> None:
    database = Database(address)
    with database.reading() as connection:
        connection.execute(sa.text("SELECT 1"))
        start = time.monotonic()
        with server.freezing(), waiting_at_most(0.2), pytest.raises(StorageError, match=r"does not answer"):
            _ask(database)
        assert time.monotonic() - start < 3
    # As soon as it answers again, all is as before.
    _ask(database)
    database.close()


def test_a_transaction_under_way_ends_too(server: Postgres, address: str) -> None:
    database = Database(address)

    def freeze_and_ask() -> None:
        with database.writing() as connection:
            connection.execute(sa.text("SELECT 1"))
            with server.freezing(), waiting_at_most(0.2):
                connection.execute(sa.text("SELECT 1"))

    with pytest.raises(StorageError, match=r"does not answer within 0\.2 seconds"):
        freeze_and_ask()
    _ask(database)
    database.close()


def test_a_server_lets_go_of_what_nobody_waits_for(address: str) -> None:
    database = Database(address)
    with pytest.raises(StorageError, match="does not answer"), waiting_at_most(0.1), database.reading() as connection:
        connection.execute(sa.text("SELECT pg_sleep(60)"))
    sleeping = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")

    def is_gone() -> bool:
        with database.reading() as connection:
            return connection.execute(sleeping).scalar_one() == 0

    wait_until(is_gone, 10)
    database.close()


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout", "client_connection_check_interval"])
def test_every_connection_has_limits(address: str, name: str) -> None:
    database = Database(address)
    with database.reading() as connection:
        assert connection.execute(sa.text(f"SHOW {name}")).scalar_one() != "0"
    database.close()


def test_no_statement_is_compiled(address: str) -> None:
    database = Database(address)
    with database.reading() as connection:
        assert connection.execute(sa.text("SHOW jit")).scalar_one() == "off"
    database.close()


def test_pages_tell_it_and_static_files_wait_for_nothing(
    server: Postgres, address: str, make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAGE_SECONDS", 0.3)
    app = make_app(FEEDS, database_url=address)
    curator = visit_page(app, fill(app)).log_in()
    with server.freezing():
        answer = curator.client.get("/")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "does not answer" in text_of(answer.text)
        assert curator.client.get("/healthz").text == "ok"
        assert curator.client.get(STYLE).status_code == 200
        ready = curator.client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]["ok"]) == (503, False)
    assert curator.client.get("/").status_code == 200


def test_the_daemon_answers_and_ends_while_the_database_hangs(server: Postgres, address: str, home: Path) -> None:
    settings = (home / "feeds.toml").read_text()
    (home / "feeds.toml").write_text(f'database_url = "{address}"\n{settings}')
    with run_daemon(home) as (process, link), httpx2.Client(timeout=8) as client:
        base = link.partition("/login")[0]
        client.get(link)
        wait_until(lambda: client.get(f"{base}/readyz").status_code == 200)
        cookies = dict(client.cookies)

        def ask(path: str) -> tuple[int, float]:
            start = time.monotonic()
            # More at once than the page has threads.
            return httpx2.get(base + path, cookies=cookies, timeout=20).status_code, time.monotonic() - start

        assert ask("/feeds")[0] == 200
        with server.freezing(), ThreadPoolExecutor(50) as people:
            for _ in range(45):
                people.submit(ask, "/feeds")
            time.sleep(0.3)
            assert ask("/healthz")[0] == 200
            assert ask(STYLE)[0] == 200
            # Not as long as whoever waits for the database.
            assert max(ask("/healthz")[1], ask(STYLE)[1]) < patience.PAGE_SECONDS
            assert ask("/readyz")[0] == 503
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0


def test_nobody_asks_the_database_on_the_event_loop(
    make_app: Callable[..., App], feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app([replace(FEEDS[0], url=feed_server.play("/feed.xml", DOCUMENT), full_text=True)])
    curator = visit_page(app, {}).log_in()
    token = curator.token
    asked: list[str] = []
    held_up: list[str] = []

    def watch(name: str) -> None:
        open_transaction = getattr(Database, name)

        def watched(database: Database, **named: bool) -> object:
            caller = "".join(traceback.format_stack(limit=3)[:2])
            asked.append(caller)
            # In a thread of its own there is none.
            if asyncio._get_running_loop() is not None:
                held_up.append(caller)
            return open_transaction(database, **named)

        monkeypatch.setattr(Database, name, watched)

    watch("reading")
    watch("writing")
    daemon = Daemon(app)

    async def run_all() -> None:
        for job in (daemon.visit_and_judge, daemon.read_pages, daemon.tend_months, daemon.learn, daemon.tidy):
            await job()

    asyncio.run(run_all())
    answer = curator.client.post(
        f"/feeds/{FEEDS[0].key}/visit", data={"token": token}, headers={"Origin": "http://testserver"}
    )
    assert answer.status_code == 200
    assert curator.client.get("/readyz").status_code == 200
    assert len(asked) > 10
    assert held_up == []


def test_a_locked_sqlite_file_is_a_sentence(make_app: Callable[..., App], tmp_path: Path) -> None:
    app = make_app(FEEDS)
    numbers = fill(app)
    curator = visit_page(app, numbers).log_in()
    with app.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(tmp_path / "home" / "aggregator.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = curator.decide(next(iter(numbers)), "hold")
    other.close()
    assert answer.status_code == 503
    assert "database is locked" in text_of(answer.text)
