"""A command that looks writes nothing: not in a home that is there, and it makes none."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.core import TyperGroup

from aggregator.app import open_app
from aggregator.cli.commands import build_tree
from aggregator.config import load_config
from aggregator.pipeline import follow, search
from aggregator.storage.database import Aim, Database
from aggregator.storage.feeds import list_listed
from databases import Postgres, Sqlite
from world import FEEDS, fill

Call = Callable[..., subprocess.CompletedProcess[str]]

FEEDS_TOML = "".join(
    f'[feeds.{key}]\nname = "{key.title()}"\nurl = "https://{key}.example/feed"\nkind = "company"\n'
    for key in ("haneul", "dasan", "lumen")
)
MONTH_TOML = "".join(
    f'[feeds.{feed.key}]\nname = "{feed.name}"\nurl = "{feed.url}"\nkind = "{feed.kind}"\nlanguage = "{feed.language}"\n'
    for feed in FEEDS
)
# For posts and models, what is there; a number stands for any.
LOOKS: list[tuple[str, ...]] = [
    ("search", "추천"),
    ("search", "추천", "--json"),
    ("status",),
    ("queue",),
    ("queue", "--all", "--json"),
    ("waiting",),
    ("reject", "1", "--reason", "shallow", "--dry-run"),
    ("hold", "--source", FEEDS[0].key, "--until", "next-month", "--dry-run"),
    ("series", "1"),
    ("why", "1"),
    ("feeds", "list"),
    ("feeds", "check"),
    ("feeds", "check", FEEDS[0].key),
    ("feeds", "care"),
    ("feeds", "hosts"),
    ("feeds", "export"),
    ("sequels", "1"),
    ("roundups", "list"),
    ("digest", "status"),
    ("digest", "texts"),
    ("digest", "show"),
    ("digest", "coverage"),
    ("digest", "list"),
    ("digest", "corrections"),
    ("digest", "aftermath", "2022-Q4"),
    ("model", "list"),
    ("weights",),
    ("weights", "preview", "depth", "3"),
    ("weights", "quotas"),
    ("rules", "list"),
    ("rules", "preview", "words", "추천"),
    ("posts", "copies"),
    ("posts", "copies", "1"),
    ("posts", "note", "1"),
    ("talk", "show"),
    ("talk", "show", "1"),
    ("evaluate", "list"),
    ("evaluate", "rank"),
    ("sessions", "list"),
    ("token", "list"),
    ("invitations", "list"),
    ("invitations", "remarks", "2022-12"),
    ("suggestions", "list"),
    ("db", "check"),
    ("db", "export"),
    ("db", "forget", "--before", "2022-10", "--difference"),
]
#: It looks at a running daemon.
OF_DAEMON = {"login-link"}
#: It looks at what was printed; ``test_starred.py`` calls it.
OF_PRINTS = {"digest year"}
#: Commands that look at no home, and those whose purpose it is to change one.
HOMELESS = {
    "feeds preview",
    "feeds find",
    "feeds recipe",
    "evaluate classify",
    "evaluate titles",
    "digest lint",
    "verify",
    "notices",
    *("cluster scheduler", "cluster worker", "cluster status", "completion install", "completion remove"),
}
CHANGES = {
    *("run", "demo", "approve", "reject", "hold", "undo", "redo", "month", "visit", "classify", "rank"),
    *("section", "star", "unstar", "not-a-post"),
    *(f"feeds {name}" for name in ("apply", "visit", "text", "pause", "resume", "edit", "move", "reset")),
    *(f"digest {name}" for name in ("read", "print", "page", "close", "wait", "reopen", "correct")),
    *(f"digest {name}" for name in ("next", "deliver", "commit", "write")),
    *("model fit", "model use", "model back", "model unpin"),
    *("posts merge", "posts split", "weights set", "weights reset", "sessions end", "password"),
    *("talk ask", "add", "adopt", "roundups read"),
    *(f"feeds {name}" for name in ("add", "import", "remove", "rename")),
    *("token add", "token remove"),
    *(f"invitations {name}" for name in ("add", "done", "end")),
    *(f"suggestions {name}" for name in ("answered", "decline", "read")),
    *(f"db {name}" for name in ("backup", "restore", "import", "upgrade")),
    *(f"rules {name}" for name in ("add", "on", "off", "remove")),
}
#: What can be the first thing that is done in a home.
BEGINNINGS = {"run", "demo", "visit", "feeds apply", "feeds visit", "digest read", "password"}


def list_commands() -> Iterator[str]:
    for name, command in build_tree().commands.items():
        found: Any = command.load()  # type: ignore[attr-defined]
        if isinstance(found, TyperGroup):
            yield from (f"{name} {each}" for each in found.commands)
            if found.invoke_without_command:
                yield name
        else:
            yield name


def test_every_command_is_known_to_look_or_to_change() -> None:
    looks = {" ".join(look[:2]) if look[0] in GROUPS else look[0] for look in LOOKS}
    assert sorted(list_commands()) == sorted(looks | OF_DAEMON | OF_PRINTS | HOMELESS | CHANGES)


GROUPS = (
    "feeds",
    "digest",
    "model",
    "evaluate",
    "posts",
    "weights",
    "rules",
    "sessions",
    "token",
    "invitations",
    "suggestions",
    "talk",
    "db",
    "roundups",
)


def read_all(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which the command line finds no feeds.toml and no variables."""
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def home(made: Path, alone: Path, spare_start: Callable[[Path], None], few_rows: None) -> Path:
    """A home with a month of posts and a model, which no daemon uses."""
    if not any(made.iterdir()):
        spare_start(made)
        (made / "feeds.toml").write_text(MONTH_TOML)
        with open_app(load_config({}, home=made)) as app:
            fill_home(app)
    return Path(shutil.copytree(made, alone / "home"))


def fill_home(app: Any) -> None:
    fill(app)
    follow.take_over(app.database, app.config.feeds, file=str(app.config.file), is_asked=True)
    app.learner.get()
    search.index_new(app.database)
    assert app.login_key


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_a_look_writes_nothing(look: tuple[str, ...], home: Path, call_console: Call) -> None:
    before = read_all(home)
    ended = call_console("--home", str(home), *look)
    assert (ended.returncode, ended.stderr) == (0, "") or look[:2] == ("feeds", "check")
    assert ended.stdout
    assert read_all(home) == before


@pytest.fixture
def postgres_home(alone: Path, postgres: Postgres, spare_fit: Callable[[Path], None], few_rows: None) -> Iterator[Path]:
    home = alone / "home"
    spare_fit(home)
    address = postgres.create_migrated()
    # The test's own word for it: whatever a command asks for, the server writes nothing.
    only = sa.make_url(address).update_query_dict({"options": "-c default_transaction_read_only=on"})
    (home / "feeds.toml").write_text(f'database_url = "{address}"\n{MONTH_TOML}')
    with open_app(load_config({}, home=home)) as app:
        fill_home(app)
    (home / "feeds.toml").write_text(f'database_url = "{only.render_as_string(hide_password=False)}"\n{MONTH_TOML}')
    yield home
    postgres.leave(address)


def test_a_look_writes_nothing_into_postgresql(postgres_home: Path, call_console: Call) -> None:
    before = read_all(postgres_home)
    for look in LOOKS:
        ended = call_console("--home", str(postgres_home), *look)
        assert (ended.returncode, ended.stderr) == (0, "") or look[:2] == ("feeds", "check"), (look, ended)
    assert read_all(postgres_home) == before


def test_a_database_that_is_opened_for_a_look_takes_nothing(database_url: str) -> None:
    database = Database(database_url, Aim.LOOK)
    with pytest.raises(Exception, match=r"read-?only"), database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM feeds")
    database.close()


def test_a_look_reads_beside_a_daemon(home: Path, call_console: Call) -> None:
    with open_app(load_config({}, home=home)) as app:
        follow.pause_feed(app, FEEDS[0].key)
        assert (home / "aggregator.sqlite-wal").exists()
        assert "paused" in call_console("--home", str(home), "feeds", "check").stdout


@pytest.mark.parametrize("command", [*LOOKS, ("approve", "1"), ("rank",), ("feeds", "pause", "haneul")], ids=" ".join)
def test_where_nothing_is_a_look_makes_nothing(command: tuple[str, ...], alone: Path, call_console: Call) -> None:
    ended = call_console("--home", "none", *command)
    assert ended.returncode == 1
    assert (
        ended.stderr == "aggregator: there is no database at none/aggregator.sqlite yet; `aggregator run` creates it\n"
    )
    assert list(alone.iterdir()) == []


def test_in_an_empty_database_of_postgresql_there_is_nothing_either(
    alone: Path, postgres: Postgres, call_console: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_DATABASE_URL", address := postgres.create_empty())
    assert "yet; `aggregator run` creates it" in call_console("--home", "none", "queue").stderr
    engine = sa.create_engine(address)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    postgres.leave(address)


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("0008", "the tables are older than this program (revision 0008 of "),
        ("9999", "the tables are from a newer program (revision 9999; this one knows "),
    ],
)
def test_tables_of_another_program_are_left_as_they_are(
    revision: str, said: str, home: Path, call_console: Call
) -> None:
    with sqlite3.connect(home / "aggregator.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()
    before = read_all(home)
    ended = call_console("--home", str(home), "queue")
    assert ended.returncode == 1
    assert said in ended.stderr
    assert read_all(home) == before


# --- which feeds are followed ---


def list_followed(home: Path) -> list[str]:
    database = Database(home / "aggregator.sqlite", Aim.LOOK)
    with database.reading() as connection:
        found = sorted(list_listed(connection))
    database.close()
    return found


@pytest.fixture
def small_home(alone: Path, sqlite: Sqlite, call_console: Call) -> Path:
    home = alone / "home"
    sqlite.create_migrated(home / "aggregator.sqlite")
    (home / "feeds.toml").write_text(FEEDS_TOML)
    assert call_console("--home", str(home), "feeds", "apply").stdout.startswith("3 feeds followed as ")
    return home


OTHER = FEEDS_TOML.replace('name = "Dasan"', 'name = "다산"').replace("feeds.lumen", "feeds.hanbit")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OTHER, "new: hanbit; gone: lumen; changed: dasan"),
        ("", "gone: dasan, haneul, lumen"),
        (OTHER[OTHER.index("[feeds.hanbit") :], "new: hanbit; gone: dasan, haneul, lumen"),
    ],
    ids=["some", "none", "others"],
)
@pytest.mark.parametrize("command", [("queue",), ("feeds", "pause", "haneul"), ("visit", "haneul")], ids=" ".join)
def test_another_feeds_toml_is_told_and_not_taken_over(
    text: str, said: str, command: tuple[str, ...], small_home: Path, alone: Path, call_console: Call
) -> None:
    (alone / "other.toml").write_text("[visits]\nparser_processes = 0\n" + text)
    ended = call_console("--home", str(small_home), "--feeds", "other.toml", *command)
    told = f"the stored feeds differ from other.toml: {said}; `aggregator feeds apply` applies it\n"
    assert ended.stderr.startswith(told)
    assert list_followed(small_home) == ["dasan", "haneul", "lumen"]


def test_the_shipped_list_stands_in_for_a_missing_file_and_is_not_told(small_home: Path, call_console: Call) -> None:
    (small_home / "feeds.toml").unlink()
    assert call_console("--home", str(small_home), "queue").stderr == ""
    with open_app(load_config({}, home=small_home), Aim.RUN):
        pass
    assert list_followed(small_home) == ["dasan", "haneul", "lumen"]


def test_feeds_apply_takes_the_file_over(small_home: Path, call_console: Call) -> None:
    (small_home / "feeds.toml").write_text(OTHER)
    ended = call_console("--home", str(small_home), "feeds", "apply")
    assert ended.stdout.endswith("says: new: hanbit; gone: lumen; changed: dasan.\n")
    assert list_followed(small_home) == ["dasan", "hanbit", "haneul"]
    assert call_console("--home", str(small_home), "queue").stderr == ""


@pytest.mark.parametrize("text", ["", FEEDS_TOML[: FEEDS_TOML.index("[feeds.dasan")]], ids=["none", "one of three"])
def test_more_than_half_of_the_feeds_go_only_when_that_is_asked_for(
    text: str, small_home: Path, call_console: Call
) -> None:
    (small_home / "feeds.toml").write_text(text)
    left = 3 - text.count("[feeds")
    refused = call_console("--home", str(small_home), "feeds", "apply")
    assert refused.returncode == 1
    assert f"{left} of 3 feeds would no longer be followed; --yes applies it anyway" in refused.stderr
    with open_app(load_config({}, home=small_home), Aim.RUN) as app:
        assert f"{left} of 3 feeds are missing from it" in (app.feeds_file.mistake or "")
    assert list_followed(small_home) == ["dasan", "haneul", "lumen"]
    assert call_console("--home", str(small_home), "feeds", "apply", "--yes").returncode == 0
    assert len(list_followed(small_home)) == text.count("[feeds")


@pytest.mark.parametrize("aim", [Aim.BEGIN, Aim.RUN])
def test_whoever_begins_takes_the_file_over(aim: Aim, alone: Path) -> None:
    home = alone / "home"
    home.mkdir()
    (home / "feeds.toml").write_text(FEEDS_TOML)
    with open_app(load_config({}, home=home), aim):
        pass
    assert list_followed(home) == ["dasan", "haneul", "lumen"]


def test_who_runs_takes_the_file_over_again(small_home: Path) -> None:
    (small_home / "feeds.toml").write_text(OTHER)
    with open_app(load_config({}, home=small_home)):
        assert list_followed(small_home) == ["dasan", "haneul", "lumen"]
    with open_app(load_config({}, home=small_home), Aim.RUN):
        assert list_followed(small_home) == ["dasan", "hanbit", "haneul"]
