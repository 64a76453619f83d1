"""A backup is taken while verdicts are given, and restored elsewhere, whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.config import Config, Settings
from aggregator.exceptions import StorageError
from aggregator.lock import LOCK, lock_home
from aggregator.pipeline.backup import back_up, check_backup, restore
from aggregator.pipeline.moving import export_rows
from aggregator.storage import judgements
from aggregator.types import Decision, Verdict
from databases import KINDS, Postgres
from world import FEEDS, NOW, fill


@pytest.fixture
def app(make_app: Callable[..., App], request: pytest.FixtureRequest, postgres: Postgres) -> App:
    """Of SQLite, or of the kind that the test names."""
    is_large = getattr(request, "param", "sqlite") == "postgresql"
    app = make_app(FEEDS, database_url=postgres.create_migrated() if is_large else "")
    fill(app)
    (app.folder / "feeds.toml").write_text('database_url = "postgresql://mina:secret@db/x"\ncurator = "mina"\n')
    (app.folder / "digests" / "pictures").mkdir(parents=True)
    (app.folder / "digests" / "pictures" / "a.png").write_bytes(b"\x89PNG")
    _ = app.login_key
    return app


def config_of(home: Path, url: str = "") -> Config:
    return Config(home, home / "feeds.toml", Settings(database_url=url), ())


def export(config: Config) -> bytes:
    written = io.BytesIO()
    export_rows(config, written)
    return written.getvalue()


def list_all(home: Path) -> dict[str, bytes]:
    """All files but the lock, which stays when nobody holds it."""
    files = (file for file in home.rglob("*") if file.is_file() and file.name != LOCK)
    return {str(file.relative_to(home)): file.read_bytes() for file in files}


@contextmanager
def deciding(app: App) -> Iterator[list[int]]:
    """Meanwhile somebody decides without a pause."""
    stop, given = threading.Event(), [0]

    def decide() -> None:
        while not stop.is_set():
            verdict = Verdict(post_id=given[0] % 11 + 1, decision=Decision.APPROVE, reason=None, by="mina", at=NOW)
            with app.database.writing() as connection:
                judgements.append_verdict(connection, verdict)
            given[0] += 1

    thread = threading.Thread(target=decide)
    thread.start()
    try:
        yield given
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("app", KINDS, indirect=True)
def test_a_backup_is_one_moment_of_a_home_that_is_written(app: App, postgres: Postgres, tmp_path: Path) -> None:
    file = tmp_path / "kept.zip"
    with deciding(app) as given:
        while given[0] < 3:
            pass
        made = back_up(config_of(app.folder, app.settings.database_url), file)
    with zipfile.ZipFile(file) as archive:
        rows, names = archive.read("rows.jsonl"), archive.namelist()
        assert archive.read("home/feeds.toml") == b'# database_url is not in a backup\ncurator = "mina"\n'
    assert file.stat().st_mode & 0o77 == 0
    assert check_backup(file) == made
    assert {"home/digests/pictures/a.png", f"home/models/{next((app.folder / 'models').iterdir()).name}"} < set(names)
    assert not {name for name in names if "login" in name or "salt" in name or "daemon" in name}
    # Every verdict that it has belongs to its post, and the later ones are not there.
    last = {}
    for line in map(json.loads, rows.splitlines()):
        if line.get("table") == "verdicts":
            last[line["row"]["post_id"]] = line["row"]["id"]
    told = [json.loads(line)["row"] for line in rows.splitlines() if line.startswith(b'{"table": "posts"')]
    assert {row["id"]: row["verdict_id"] for row in told if "verdict_id" in row} == last
    assert 3 <= made.rows["verdicts"] <= given[0]

    for home, url in ((tmp_path / "elsewhere", ""), (tmp_path / "third", postgres.create_empty())):
        restored = restore(config_of(home, url), file)
        assert restored.manifest == made
        assert (home / "digests" / "pictures" / "a.png").read_bytes() == b"\x89PNG"
        assert "mina" in (home / "feeds.toml").read_text()
        # All but what waits to be indexed, which is all posts now.
        there = export(config_of(home, url)).splitlines()[:-1]
        for one in (there, rows.splitlines()[:-1]):
            one[:] = [line for line in one if not line.startswith(b'{"table": "behind"')]
        assert there == [line for line in rows.splitlines()[:-1] if not line.startswith(b'{"table": "behind"')]


def test_a_backup_has_what_the_settings_name_in_the_home_and_nothing_of_git(app: App, tmp_path: Path) -> None:
    kept = {"site/README.md", "site/pictures/a.png", "months/2022/12.md", "months/2022/12.mail.html"}
    other = {"digests/.git/config", "months/2022/notes.md", ".hidden/2022.md", "backups/2022.md"}
    for name in kept | other:
        (app.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (app.folder / name).write_text("kept", "utf-8")
    (tmp_path / "page.md").write_text("of another place", "utf-8")
    files = {"page": f"{app.folder}/site/README.md", "month_file": "months/{year}/{month:02}.md"}
    elsewhere = os.path.relpath(tmp_path / "page.md", app.folder)
    for digest, expected in ((files, kept), ({"page": elsewhere}, set())):
        config = replace(config_of(app.folder), settings=Settings(digest=digest))
        assert (kept | other) & set(back_up(config, tmp_path / "kept.zip").files) == expected


def test_a_folder_of_the_home_may_be_another_volume(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(config_of(app.folder), tmp_path / "kept.zip")
    rename = os.rename

    def move(source: str | Path, target: str | Path, *_: object, **__: object) -> None:
        if ".restore-" in str(source) and ".restore-" not in str(target):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "rename", move)
    monkeypatch.setattr(os, "replace", move)
    restore(config_of(tmp_path / "new"), tmp_path / "kept.zip")
    assert (tmp_path / "new" / "digests" / "pictures" / "a.png").read_bytes() == b"\x89PNG"


def fail(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("writes"):
        raise StorageError("the disk is full")


def test_a_restore_that_fails_leaves_the_home_as_it_was(app: App, tmp_path: Path) -> None:
    config, file = config_of(app.folder), tmp_path / "kept.zip"
    back_up(config, file)
    (app.folder / "digests" / "pictures" / "a.png").write_bytes(b"another")
    app.closing.close()
    before = list_all(app.folder)

    def refuses(said: str, *, replaces: bool = False) -> None:
        with pytest.raises(StorageError, match=said):
            restore(config, file, replaces=replaces)
        assert list_all(app.folder) == before

    refuses("is there already; --force")
    with lock_home(app.folder):
        refuses("another daemon uses", replaces=True)
    # At the last moment, with the files in their places.
    sa.event.listen(sa.Engine, "commit", fail)
    try:
        refuses("the disk is full", replaces=True)
    finally:
        sa.event.remove(sa.Engine, "commit", fail)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    refuses("is not a backup, or it is damaged", replaces=True)
    with pytest.raises(StorageError, match="is not a backup"):
        back_up(config, app.folder / "feeds.toml")
    assert list_all(app.folder) == before

    file.write_bytes(whole)
    assert restore(config, file, replaces=True).keeps_feeds
    assert (app.folder / "digests" / "pictures" / "a.png").read_bytes() == b"\x89PNG"


def test_a_backup_that_was_changed_is_not_restored(app: App, tmp_path: Path) -> None:
    file, changed = tmp_path / "kept.zip", tmp_path / "changed.zip"
    back_up(config_of(app.folder), file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"northwind", b"southwind"))
    with pytest.raises(StorageError, match=r"rows\.jsonl differs"):
        restore(config_of(tmp_path / "empty"), changed)
    assert not (tmp_path / "empty" / "aggregator.sqlite").exists()


def test_the_commands_say_what_they_did(app: App, tmp_path: Path, call_console: Callable[..., object]) -> None:
    (app.folder / "feeds.toml").write_text('[feeds.a]\nname = "A"\nurl = "https://a.example/feed"\nkind = "company"\n')
    app.closing.close()
    home = ("--home", str(app.folder))
    made = call_console(*home, "db", "backup", "--json")
    file = json.loads(made.stdout)["file"]
    assert json.loads(call_console(*home, "db", "backup", file, "--check", "--json").stdout)["rows"]["posts"] == 11
    assert "as of" in call_console("--home", str(tmp_path / "new"), "db", "restore", file).stdout
    assert "up to date" in call_console(*home, "db", "upgrade").stdout
