"""The daemon as a process of its own: it comes up, answers, ends on SIGTERM, and survives being killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import open_app
from aggregator.config import load_config
from aggregator.storage.database import Database
from aggregator.storage.models import list_models
from aggregator.storage.tables import entries, feeds, figures, posts, visits
from aggregator.types import Correction, Decision, DigestState, FittedModel, Section
from feed_server import FeedServer
from web_data import Sample, fill

FEED_COUNT = 40
SECTION = Section.parse("2.4")
SETTINGS = '[visits]\nper_host = 16\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n'


def _document(number: int) -> str:
    items = "".join(
        f"<item><title>Serving model {number}-{item}</title><link>https://b{number}.example/{item}</link>"
        f"<guid>{item}</guid><pubDate>Thu, {item + 1:02} Dec 2022 00:00:00 GMT</pubDate>"
        f"<description>{'How we serve models. ' * 50}</description></item>"
        for item in range(20)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{number}</title>{items}</channel></rss>'


@pytest.fixture
def bare_home(tmp_path: Path, feed_server: FeedServer) -> Path:
    """A home folder with nothing but a feeds.toml, which follows invented feeds on the loopback."""
    tables = [
        f'[feeds.b{number}]\nname = "Blog {number}"\nkind = "company"\n'
        f'url = "{feed_server.play(f"/{number}.xml", _document(number))}"\n'
        for number in range(FEED_COUNT)
    ]
    (tmp_path / "feeds.toml").write_text("\n".join([SETTINGS, *tables]))
    return tmp_path


@pytest.fixture
def home(bare_home: Path, spare_fit: Callable[[Path], None]) -> Path:
    """The same with the shipped model, for what is not about the first fit."""
    spare_fit(bare_home)
    return bare_home


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")}
    return {**kept, "AGGREGATOR_HOME": str(home), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _daemon(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running daemon and the link that logs in to its page."""
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "run", "--port", "0"],
            env=_environment(home),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=home,
        )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+/login\?key=\S+", line):
                yield process, found[0]
                break
        else:
            pytest.fail(f"the daemon did not come up: {(home / 'log').read_text()}")
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def _looking(home: Path) -> Iterator[sa.Connection]:
    database = Database(f"sqlite:///{home / 'aggregator.sqlite'}")
    with database.reading() as connection:
        yield connection
    database.close()


def _count(home: Path, table: sa.Table) -> int:
    with _looking(home) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _state(home: Path) -> list[tuple[object, ...]]:
    """What the feeds gave, without times and numbers that depend on when something was done."""
    with _looking(home) as connection:
        stored = sa.select(
            entries.c.feed_key, entries.c.key, entries.c.fingerprint, posts.c.canonical_url, posts.c.title
        )
        rows = connection.execute(
            stored.join(posts, posts.c.id == entries.c.post_id).order_by(entries.c.feed_key, entries.c.key)
        )
        etags = connection.execute(sa.select(feeds.c.key, feeds.c.etag).order_by(feeds.c.key))
        return [tuple(row) for row in rows] + [tuple(row) for row in etags]


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_it_comes_up_works_and_ends_on_sigterm_within_five_seconds(bare_home: Path) -> None:
    home = bare_home
    with _daemon(home) as (process, link):
        base = link.partition("/login")[0]
        assert _read(f"{base}/healthz").strip() == "ok"
        _wait_until(lambda: _count(home, entries) == FEED_COUNT * 20)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()


def test_sigterm_in_the_middle_of_work_ends_it_as_soon(home: Path) -> None:
    with _daemon(home) as (process, _):
        _wait_until(lambda: _count(home, visits) > 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()


def _kill_in_the_middle(home: Path, calm: Path, server: FeedServer, feeds: int) -> None:
    """Kill the daemon three times while one feed has not answered yet, and compare with an undisturbed run."""
    (calm / "feeds.toml").write_text((home / "feeds.toml").read_text())
    with _daemon(calm):
        _wait_until(lambda: _count(calm, visits) == feeds)

    held, over = next(iter(server.answers)), threading.Event()
    document = server.answers[held]
    server.answers[held] = lambda _: over.wait(120)  # type: ignore[assignment, return-value]
    for kills in range(1, 4):
        with _daemon(home) as (process, _):
            _wait_until(lambda kills=kills: _count(home, visits) >= kills * 5)  # type: ignore[misc]
            process.kill()
            process.wait()
        assert _count(home, visits) < feeds, "the middle"
    over.set()
    server.answers[held] = document
    with _daemon(home):
        _wait_until(lambda: _count_visited(home) == feeds)
    assert _state(home) == _state(calm)


def _count_visited(home: Path) -> int:
    with _looking(home) as connection:
        succeeded = sa.select(sa.func.count()).select_from(feeds).where(feeds.c.last_success_at.is_not(None))
        return connection.execute(succeeded).scalar_one()


def test_killed_in_the_middle_it_ends_in_the_same_state_after_a_restart(
    home: Path,
    feed_server: FeedServer,
    spare_fit: Callable[[Path], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    calm = tmp_path_factory.mktemp("calm")
    spare_fit(calm)
    _kill_in_the_middle(home, calm, feed_server, FEED_COUNT)


def test_so_it_does_over_the_recorded_feeds(
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
    _kill_in_the_middle(tmp_path, calm, feed_server, len(documents))


def test_workers_end_with_a_killed_daemon(home: Path) -> None:
    with _daemon(home) as (process, _):
        _wait_until(lambda: _count(home, entries) > 0)
        children = _children_of(process.pid)
        assert children
        process.kill()
        process.wait()
        _wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 20)


def _children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _decide_much(home: Path) -> None:
    """So many decisions that a fit with its comparison takes far longer than a daemon may take to end."""
    with (home / "feeds.toml").open("a") as file:
        file.write("\n[learning]\nafter_decisions = 1\n")
    samples = [Sample(f"Serving model {n}", "b0", f"decided-{n}", text="추천 랭킹 개선기 " * 200) for n in range(40)]
    with open_app(load_config({}, home=home)) as app:
        numbers = fill(app, samples)
        app.judge.classify(everything=True)
        for n, number in enumerate(numbers.values()):
            section = Section.list_all()[n % 8]
            app.decide(number, Decision.APPROVE, correction=Correction(number, "", app.clock(), section=section))


def _is_fitting(home: Path, process: subprocess.Popen[str]) -> bool:
    """Whether a fit has a process of its own beside those that read documents."""
    return "fitting a new section model" in (home / "log").read_text() and bool(_children_of(process.pid))


def _list_models(home: Path) -> list[FittedModel]:
    with _looking(home) as connection:
        return list_models(connection)


def test_sigterm_during_a_fit_ends_it_within_five_seconds(home: Path) -> None:
    _decide_much(home)
    with _daemon(home) as (process, link):
        _wait_until(lambda: _is_fitting(home, process))
        assert _read(f"{link.partition('/login')[0]}/healthz").strip() == "ok", "the page is not held up"
        children = _children_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    _wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 20)
    assert "Traceback" not in (home / "log").read_text()
    assert len(_list_models(home)) == 1, "the shipped one alone"


def test_sigterm_during_the_first_fit_ends_it_as_soon(bare_home: Path) -> None:
    home = bare_home
    with _daemon(home) as (process, _):
        _wait_until(lambda: "fitting the section model" in (home / "log").read_text())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()


def test_sigterm_while_a_published_month_is_measured_ends_it_as_soon(
    home: Path, spare_fit: Callable[[Path], None]
) -> None:
    spare_fit(home)
    samples = [Sample(f"Serving model {n}", "b0", f"printed-{n}", text="추천 랭킹 개선기 " * 20) for n in range(40)]
    with open_app(load_config({}, home=home)) as app:
        numbers = list(fill(app, samples).values())
        app.decide(numbers[0], Decision.APPROVE, correction=Correction(numbers[0], "", app.clock(), section=SECTION))
        app.make_digest(samples[0].month, DigestState.PRINTED)
    with _daemon(home) as (process, _):
        _wait_until(lambda: "comparing the ranking with what was printed" in (home / "log").read_text())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert "Traceback" not in (home / "log").read_text()
    assert _count(home, figures) == 0
    with _daemon(home):
        _wait_until(lambda: _count(home, figures) == 1)


# Two whole fits with their comparisons, at a low priority; on a busy machine that is minutes.
@pytest.mark.timeout(600)
def test_killed_during_a_fit_it_leaves_no_half_model_and_fits_again(home: Path) -> None:
    _decide_much(home)
    with _daemon(home) as (process, _):
        _wait_until(lambda: _is_fitting(home, process))
        children = _children_of(process.pid)
        process.kill()
        process.wait()
        _wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 20)
    assert len(_list_models(home)) == 1
    with _daemon(home):
        _wait_until(lambda: len(_list_models(home)) == 2, 500)
    (learned,) = [model for model in _list_models(home) if model.has_learned]
    files = {file.name for file in (home / "models").iterdir()} - {"lock"}
    assert files == {f"{model.version}.skops" for model in _list_models(home) if model.is_kept}
    assert learned.rows["correction"] == 40


def test_a_taken_port_is_a_sentence(home: Path) -> None:
    with _daemon(home) as (_, link):
        port = re.search(r":(\d+)/", link)
        assert port
        second = subprocess.run(
            [sys.executable, "-m", "aggregator", "run", "--port", port[1]],
            env=_environment(home),
            capture_output=True,
            text=True,
            timeout=60,
            cwd=home,
            check=False,
        )
    assert second.returncode == 1
    assert "Address already in use; set another port" in second.stderr
    assert "Traceback" not in second.stderr
