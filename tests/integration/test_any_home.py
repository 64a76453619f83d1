"""Any folder can be a home, or the refusal is a sentence; one daemon uses it; its database does not change hands."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregator.app import App, open_app
from aggregator.cli.completion import name_database
from aggregator.config import load_config
from aggregator.exceptions import StorageError
from aggregator.holders import say_holder
from aggregator.lock import Serving, lock_home
from aggregator.storage.database import Aim
from aggregator.storage.feeds import list_listed
from aggregator.storage.glance import list_months
from aggregator.storage.secrets import LOGIN_KEY, get_secret
from daemon import call_apart, looking, read_page, run_daemon, wait_until
from databases import Postgres, Sqlite
from world import Curator, visit_page

Call = Callable[..., subprocess.CompletedProcess[str]]

FEEDS_TOML = '[feeds.haneul]\nname = "Haneul"\nurl = "https://haneul.example/feed"\nkind = "company"\n'

NAMES = ["a?b", "a?mode=ro", "a#b", "a%20b", "a%3Fb", "a b", "한글", "a'b", 'a"b', "a;b&c=d", "a:b@c", "b\udcff", "~"]


@pytest.mark.parametrize("name", NAMES)
def test_the_database_lies_in_the_home(
    name: str, tmp_path: Path, call_console: Call, sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_HOME", str(home := tmp_path / name / "home"))
    home.mkdir(parents=True)
    # A wrong place would be a second database; the first name has it made anew.
    if name != NAMES[0]:
        sqlite.create_migrated(home / "aggregator.sqlite")
    (home / "feeds.toml").write_text(FEEDS_TOML)
    monkeypatch.chdir(tmp_path)
    assert call_console("feeds", "apply").returncode == 0
    assert "1 feeds" in call_console("feeds", "list").stdout
    assert list_months(name_database(home)) == []
    with sqlite3.connect(home / "aggregator.sqlite") as connection:
        assert connection.execute("SELECT key FROM feeds").fetchall() == [("haneul",)]
    connection.close()
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert sorted(file.name for file in home.iterdir()) == ["aggregator.sqlite", "feeds.toml"]


@pytest.mark.parametrize("command", [("run", "--port", "0"), ("feeds", "apply")], ids=" ".join)
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("file", "File exists"),
        ("file/home", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("/proc/home", "No such file or directory"),
    ],
)
def test_what_cannot_be_a_home_is_a_sentence(
    place: str, said: str, command: tuple[str, ...], tmp_path: Path, call_console: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "feeds.toml").write_text(FEEDS_TOML)
    ended = call_console("--home", place, *command)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert said in ended.stderr


def fill_disk(kilobytes: int) -> None:
    """No file gets larger than that, which SQLite tells as it does a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))


@pytest.mark.parametrize("kilobytes", [0, 200])
def test_a_full_disk_is_a_sentence(kilobytes: int, tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(FEEDS_TOML)

    ended = call_apart(tmp_path, "feeds", "apply", before=partial(fill_disk, kilobytes))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"aggregator: {tmp_path / 'aggregator.sqlite'}: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("run", "--port", "0"), ("queue",)], ids=" ".join)
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_postgresql_without_its_extra_is_a_sentence(
    scheme: str, command: tuple[str, ...], tmp_path: Path, call_console: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setenv("AGGREGATOR_DATABASE_URL", f"{scheme}://curator:secret@db.example/aggregator")
    ended = call_console("--home", str(tmp_path), *command)
    said = "database_url needs psycopg, which is not installed: pip install 'aggregator[postgres]'"
    assert (ended.returncode, ended.stderr) == (1, f"aggregator: {said}\n")


# --- a database that changes hands ---


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app()


def remove(file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def replace(file: Path) -> None:
    shutil.copyfile(file, other := file.with_name("other"))
    other.replace(file)


def ask_anew(curator: Curator) -> dict[str, Any]:
    """What is said of the daemon now, and not what was found within the last second."""
    curator.client.app.state.readiness._looked_at = float("-inf")  # type: ignore[attr-defined]
    found: dict[str, Any] = curator.client.get("/readyz").json()["checks"]
    return found


@pytest.mark.parametrize(("change", "said"), [(remove, "was removed while"), (replace, "was replaced by another file")])
def test_a_database_that_is_gone_is_told_and_not_made_anew(change: Callable[[Path], None], said: str, app: App) -> None:
    curator = visit_page(app, {})
    file = app.config.home / "aggregator.sqlite"
    assert curator.client.get("/readyz").json()["checks"]["database"]["ok"]
    change(file)
    left = file.exists()
    with pytest.raises(StorageError, match=said), app.reading():
        pass
    with pytest.raises(StorageError, match=said), app.database.writing():
        pass
    assert not ask_anew(curator)["database"]["ok"]
    assert file.exists() is left


def test_a_database_that_is_put_back_is_used_again(app: App) -> None:
    file = app.config.home / "aggregator.sqlite"
    file.rename(aside := file.with_name("aside"))
    with pytest.raises(StorageError, match="was removed"), app.reading():
        pass
    aside.rename(file)
    with app.reading() as connection:
        assert list_listed(connection) == {}


# --- one daemon ---


def test_a_second_daemon_is_told_where_the_first_serves(tmp_path: Path, call_console: Call) -> None:
    (tmp_path / "feeds.toml").write_text("[server]\nport = 0\n")
    with lock_home(tmp_path) as lock:
        assert "it is just starting" in call_console("--home", str(tmp_path), "run").stderr
        lock.tell(Serving("http://127.0.0.1:1", 1, 2, "noon"))
        ended = call_console("--home", str(tmp_path), "run")
        assert ended.returncode == 1
        assert ended.stderr == (
            f"aggregator: another daemon uses {tmp_path}: it has served http://127.0.0.1:1 since noon (process 2)\n"
        )
        assert not (tmp_path / "aggregator.sqlite").exists()
    with lock_home(tmp_path):
        pass


def test_a_second_daemon_of_a_postgresql_is_told_too(tmp_path: Path, postgres: Postgres) -> None:
    address = postgres.create_migrated()
    homes = [tmp_path / name for name in ("first", "second")]
    for home in homes:
        home.mkdir()
        (home / "feeds.toml").write_text(f'database_url = "{address}"\n{FEEDS_TOML}')
    first, second = (load_config({}, home=home) for home in homes)
    with open_app(first, Aim.RUN) as app:
        app.database.tell("aggregator at http://127.0.0.1:1")
        said = r"another daemon uses the database .*: aggregator at http://127.0.0.1:1, since \d{4}-\d\d-\d\d"
        with pytest.raises(StorageError, match=said), open_app(second, Aim.RUN):
            pass
        with open_app(second):
            pass
    with open_app(second, Aim.RUN):
        pass
    postgres.leave(address)


def test_a_daemon_holds_its_home_and_reads_feeds_toml_again_on_sighup(
    tmp_path: Path, spare_start: Callable[[Path], None], call_console: Call
) -> None:
    spare_start(tmp_path)
    (file := tmp_path / "feeds.toml").write_text("[visits]\nparser_processes = 0\n")
    with run_daemon(tmp_path) as (process, link):
        page = link.partition("/login")[0]
        second = call_console("--home", str(tmp_path), "run", "--port", "0")
        assert second.returncode == 1
        assert f"another daemon uses {tmp_path}: it has served {page} since 20" in second.stderr
        assert f"(process {process.pid})" in second.stderr

        assert call_console("--home", str(tmp_path), "login-link").stdout == f"{link}\n"
        port = urlsplit(page).port
        assert port
        assert say_holder(port, []) == say_holder(port, [tmp_path])
        assert f"the aggregator of {tmp_path}, which has served {page} since 20" in str(say_holder(port, [tmp_path]))

        wait_until(lambda: read_page(f"{page}/healthz") == "ok")
        file.write_text(file.read_text() + FEEDS_TOML)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: list_keys(tmp_path) == ["haneul"], 20)
        process.kill()
        process.wait()
    ended = call_console("--home", str(tmp_path), "login-link")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"no daemon serves {tmp_path}; if one is just starting, try again in a moment" in ended.stderr
    assert f"--home {tmp_path} run` or `make run`" in ended.stderr
    with lock_home(tmp_path):
        pass


def test_the_link_of_a_demo_is_found_beside_that_of_its_home(tmp_path: Path, call_console: Call) -> None:
    with lock_home(tmp_path / "demo") as lock:
        lock.tell(Serving("http://127.0.0.1:1", 1, 2, "noon"))
        demo = f"http://127.0.0.1:1/login?key={get_secret(tmp_path / 'demo', LOGIN_KEY)}"
        assert call_console("--home", str(tmp_path), "login-link").stdout == f"{demo}\n"
        with lock_home(tmp_path) as other:
            other.tell(Serving("http://127.0.0.1:3", 3, 4, "noon"))
            both = f"http://127.0.0.1:3/login?key={get_secret(tmp_path, LOGIN_KEY)}\n{demo}  (the demo)\n"
            assert call_console("--home", str(tmp_path), "login-link").stdout == both


def test_where_only_the_password_logs_in_there_is_no_link(tmp_path: Path, call_console: Call) -> None:
    with lock_home(tmp_path) as lock:
        lock.tell(Serving("http://127.0.0.1:1", 1, 2, "noon", takes_links=False))

        done = call_console("--home", str(tmp_path), "login-link")

    assert done.stdout == "http://127.0.0.1:1/login\n"
    assert f"`aggregator --home {tmp_path} password`" in done.stderr


def list_keys(home: Path) -> list[str]:
    with looking(home) as connection:
        return list(list_listed(connection))
