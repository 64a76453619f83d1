"""How the command line begins: what it loads, what it writes where an output lacks a character, what it completes."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from typer.main import get_group

from aggregator.app import open_app
from aggregator.cli import main
from aggregator.cli.commands import COMMANDS, build_tree
from aggregator.config import load_config
from aggregator.pipeline import follow, search
from aggregator.storage import glance
from aggregator.storage.database import Database
from aggregator.types import Month
from databases import Sqlite
from world import FEED, make_draft, make_update, store

Complete = Callable[..., list[str]]

#: What takes long to load.
LIBRARIES = {
    *(
        "alembic",
        "apscheduler",
        "argon2",
        "fastapi",
        "feedparser",
        "httpx2",
        "jinja2",
        "markdown_it",
        "numpy",
        "psycopg",
    ),
    "pydantic",
    *("scipy", "sklearn", "snowballstemmer", "sqlalchemy", "structlog", "trafilatura", "uvicorn", "w3lib"),
}
#: Settings and database are what the commands work on.
OF_ALL = {"pydantic", "sqlalchemy"}
#: Characters of Korean, of Latin-1, of no plane that old encodings have.
TITLE = "피처 스토어 [café] 🚀"

LOAD_ALL = "from aggregator.cli.commands import build_tree; [c.load() for c in build_tree().commands.values()]"
CALL = "sys.argv = ['aggregator', *{!r}]; from aggregator.cli import main; main()"


def list_loaded(code: str) -> set[str]:
    """The libraries that a new process has loaded when it ends."""
    tell = "import atexit, sys; atexit.register(lambda: print(*{name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{tell}\n{code}"], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGGREGATOR_HOME", str(tmp_path))
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite: Sqlite) -> Path:
    """A home that is made once."""
    made = tmp_path_factory.mktemp("made")
    (made / "feeds.toml").write_text(
        f'[feeds.{FEED.key}]\nname = "{FEED.name}"\nurl = "{FEED.url}"\nkind = "company"\n'
        '[feeds.hanbit]\nname = "Hanbit"\nurl = "https://hanbit.example/feed"\nkind = "company"\n',
        encoding="utf-8",
    )
    fill(sqlite.create_migrated(made / "aggregator.sqlite"))
    with open_app(load_config({}, home=made)) as app:
        follow.take_over(app.database, app.config.feeds, file=str(app.config.file), is_asked=True)
        search.index_new(app.database)
    return made


def fill(address: str) -> None:
    database = Database(address)
    store(database, make_update(make_draft(1, title=TITLE), make_draft(2, month=Month(2022, 11))))
    database.close()


# --- what is loaded ---


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        (LOAD_ALL, set()),
        (CALL.format(["--version"]), set()),
        (CALL.format(["queue", "--all"]), OF_ALL),
        (CALL.format(["feeds", "list"]), OF_ALL | {"w3lib"}),
        (CALL.format(["approve", "1", "--section", "2.4"]), OF_ALL | {"snowballstemmer"}),
        (CALL.format(["digest", "show"]), OF_ALL),
    ],
    ids=["help of every command", "version", "queue", "feeds list", "approve", "digest show"],
)
def test_a_command_loads_only_what_it_uses(code: str, allowed: set[str], home: Path) -> None:
    assert list_loaded(code) & LIBRARIES <= allowed


def test_a_worker_process_loads_no_command() -> None:
    assert not list_loaded("import aggregator.cli") & {*LIBRARIES, "typer", "rich"}


def test_the_page_loads_nothing_that_learns_or_reads() -> None:
    assert not list_loaded("import aggregator.web.server") & {"numpy", "scipy", "sklearn", "trafilatura"}


def test_guessing_and_ranking_load_nothing_that_fits() -> None:
    assert "sklearn" not in list_loaded("import aggregator.classify.model, aggregator.rank.ranking")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_the_tree_is_that_of_the_command(name: str) -> None:
    command = build_tree().commands[name]
    loaded = command.load()  # type: ignore[attr-defined]
    first = (loaded.help or "").partition("\n\n")[0]
    assert (loaded.name, " ".join(first.split())) == (name, command.help)


def test_the_tree_has_all_commands_of_its_modules() -> None:
    from importlib import import_module

    found: set[str] = set()
    for module in {module for module, _ in COMMANDS.values()}:
        group = get_group(import_module(f"aggregator.cli.{module}").app)
        found |= {group.name} if group.name else set(group.commands)
    assert found == set(COMMANDS)


def test_a_command_that_does_not_exist_is_told_with_the_nearest(home: Path, call: Callable[..., bytes]) -> None:
    assert b"Did you mean 'queue'?" in b" ".join(call("queu", encoding="utf-8", code=2).split())


# --- what is written ---


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bytes]:
    """Calls the console script in this process with outputs of an encoding; returns what it wrote to both."""

    def call(*arguments: str, encoding: str, code: int = 0) -> bytes:
        streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
        monkeypatch.setattr(sys, "argv", ["aggregator", *arguments])
        with redirect_stdout(streams[0]), redirect_stderr(streams[1]), pytest.raises(SystemExit) as ended:
            main()
        written = b"".join(stream.buffer.getvalue() for stream in streams)  # type: ignore[attr-defined]
        assert (ended.value.code or 0) == code, written
        return written

    return call


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp949"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("queue", "--all"), 0, f"{TITLE} (하늘상점)"),
        (("search", "피처"), 0, f"{TITLE} (하늘상점)"),
        (("feeds", "list"), 0, FEED.name),
        # The last visit was years ago, so that it begins with an alarm.
        (("feeds", "check"), 3, FEED.name),
        (("--help",), 0, "Show the ranked candidates of a month."),
        (("feeds", "pause", "하늘"), 1, "no feed has the key '하늘'"),
        (("queue", "십이월"), 2, "십이월"),
    ],
)
def test_a_character_that_the_output_lacks_is_written_as_its_number(
    home: Path, call: Callable[..., bytes], encoding: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    written = call(*arguments, encoding=encoding, code=code)
    assert said.encode(encoding, "backslashreplace") in written


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp949", "utf-8"])
def test_json_is_json_in_every_encoding(home: Path, call: Callable[..., bytes], encoding: str) -> None:
    found = json.loads(call("queue", "--json", encoding=encoding).decode(encoding))
    assert [post["title"] for post in found["candidates"]] == [TITLE]


def test_a_process_with_an_output_of_another_encoding(home: Path) -> None:
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp949"}
    done = subprocess.run(
        [sys.executable, "-m", "aggregator", "queue", "--all"], capture_output=True, env=environment, check=True
    )
    assert "피처 스토어 [caf\\xe9] \\U0001f680".encode("cp949") in done.stdout
    assert done.stderr == b""


# --- what is completed ---


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Complete:
    """What bash is offered for the last of some words."""

    def complete(*words: str) -> list[str]:
        monkeypatch.setenv("_AGGREGATOR_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(["aggregator", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        monkeypatch.setattr(sys, "argv", ["aggregator"])
        with pytest.raises(SystemExit):
            main()
        out, err = capfd.readouterr()
        assert err == ""
        return out.split("\n")[:-1] if out.strip() else []

    return complete


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("qu",), ["queue"]),
        (("feeds", "re"), ["remove", "rename", "resume", "reset", "recipe"]),
        (("queue", "--a"), ["--all"]),
        (("feeds", "pause", "ha"), ["haneul", "hanbit"]),
        (("feeds", "pause", "haneul", "hanb"), ["hanbit"]),
        (("search", "--feed", "hanb"), ["hanbit"]),
        (("visit", ""), ["haneul", "hanbit"]),
        (("queue", ""), ["2022-12", "2022-11"]),
        (("digest", "print", "2022-12"), ["2022-12"]),
        (("search", "--month", "2022-11"), ["2022-11"]),
        (("approve", "1", "--section", "2."), ["2.1", "2.2", "2.3", "2.4"]),
        (("search", "--verdict", "re"), ["rejected"]),
        (("reject", "1", "--reason", "of"), [r"off\ topic"]),
        (("feeds", "edit", "haneul", "--kind", "comp"), ["company"]),
        (("queue", "2022-12", ""), []),
    ],
)
def test_words_are_completed(home: Path, complete: Complete, words: tuple[str, ...], offered: list[str]) -> None:
    assert complete(*words) == offered


def test_sections_of_ones_own_are_completed(home: Path, complete: Complete) -> None:
    with (home / "feeds.toml").open("a", encoding="utf-8") as file:
        file.write("".join(f'[digest.topics.{key}]\nheading = "{key}"\n' for key in ("streams", "tables", "flows")))
    assert complete("approve", "1", "--section", "") == ["1", "2", "3"]


def look(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_completion_writes_nothing(home: Path, complete: Complete) -> None:
    before = look(home)
    assert complete("queue", "") == ["2022-12", "2022-11"]
    assert look(home) == before


def test_completion_reads_beside_a_daemon(home: Path, complete: Complete) -> None:
    database = Database(f"sqlite:///{home / 'aggregator.sqlite'}")
    store(database, make_update(make_draft(3, month=Month(2022, 10))))
    assert (home / "aggregator.sqlite-wal").exists()
    assert complete("queue", "") == ["2022-12", "2022-11", "2022-10"]
    database.close()


def test_completion_makes_no_home_and_uses_the_options_before_the_command(
    home: Path, tmp_path_factory: pytest.TempPathFactory, complete: Complete, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "none"
    monkeypatch.setenv("AGGREGATOR_HOME", str(elsewhere))
    monkeypatch.chdir(home)
    assert complete("queue", "") == []
    assert complete("feeds", "pause", "ha") == ["haneul", "hanbit"]
    assert complete("--home", str(home), "queue", "2022-12") == ["2022-12"]
    assert complete("--feeds", str(elsewhere), "feeds", "pause", "ha") == []
    assert not elsewhere.exists()


@pytest.mark.parametrize("text", ["[feeds", "feeds = 3", "database_url = 3", "\udcff"])
def test_a_broken_feeds_toml_completes_nothing(home: Path, complete: Complete, text: str) -> None:
    (home / "feeds.toml").write_bytes(text.encode(errors="surrogateescape"))
    assert complete("feeds", "pause", "ha") == []


@pytest.mark.parametrize("name", ["aggregator.sqlite", "feeds.toml"])
def test_a_file_that_is_no_database_completes_nothing(home: Path, complete: Complete, name: str) -> None:
    (home / name).write_bytes(b"nothing of the kind" * 100)
    assert complete("queue", "") == []


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_the_other_shells_are_offered_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], shell: str
) -> None:
    monkeypatch.setenv("_AGGREGATOR_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "aggregator feeds pause ha")
    monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", "ha")
    monkeypatch.setattr(sys, "argv", ["aggregator"])
    with pytest.raises(SystemExit):
        main()
    out, err = capfd.readouterr()
    assert err == ""
    assert "haneul" in out
    assert "hanbit" in out


def test_what_cannot_be_completed_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_AGGREGATOR_COMPLETE", "complete_bash")
    monkeypatch.delenv("COMP_WORDS", raising=False)
    monkeypatch.setattr(sys, "argv", ["aggregator"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "".join(capfd.readouterr()) == ""


def test_months_are_read_from_both_databases(database_url: str) -> None:
    fill(database_url)
    assert glance.list_months(database_url) == ["2022-12", "2022-11"]
