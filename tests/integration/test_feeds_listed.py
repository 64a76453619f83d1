"""feeds.toml as the program writes it: feeds are added, removed and renamed, applied at once, and undone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import App, open_app
from aggregator.config import load_config
from aggregator.exceptions import ConfigError, ReviewError, StorageError
from aggregator.pipeline import listing
from aggregator.pipeline.exchange import plan_import
from aggregator.pipeline.feeds_file import FeedsFile
from aggregator.pipeline.history import redo, undo
from aggregator.storage.care import dismiss, list_dismissed
from aggregator.storage.database import Aim, Database
from aggregator.storage.feeds import find_left, list_listed, rename_feed, save_feeds
from aggregator.storage.tables import entries, feeds, metadata, signals, visits
from aggregator.types import Feed, Kind

NOW = datetime(2022, 12, 1, tzinfo=UTC)

LISTED = """# Mine.
[server]
hosts = ["testserver"]

[shortlist]
sources = { haneul = 3 }  # few

# A friend's.
[feeds.haneul]
name = "Haneul"
url = "https://haneul.example/feed"
kind = "company"

[feeds.dasan]  # big
name = "Dasan"
url = "https://dasan.example/feed"
kind = "company"
"""
LUMEN = {"name": "Lumen", "url": "https://lumen.example/feed", "kind": "company", "tags": ("ml",), "site": None}


@pytest.fixture
def app(tmp_path: Path, spare_start: Callable[[Path], None]) -> Iterator[App]:
    spare_start(tmp_path)
    (tmp_path / "feeds.toml").write_text(LISTED)
    with open_app(load_config({}, home=tmp_path), Aim.BEGIN) as app:
        yield app


def read(app: App) -> str:
    return (app.folder / "feeds.toml").read_text()


def list_followed(app: App) -> list[str]:
    with app.reading() as connection:
        return list(list_listed(connection))


def test_a_feed_is_added_and_undone(app: App) -> None:
    written = listing.add_feeds(app, app.feeds_file, {"lumen": LUMEN})
    assert (written.keys, written.is_copied) == (("lumen",), False)
    assert read(app).startswith(LISTED)
    assert read(app).endswith(
        '\n\n[feeds.lumen]\nname = "Lumen"\nurl = "https://lumen.example/feed"\nkind = "company"\ntags = ["ml"]\n'
    )
    assert list_followed(app) == ["dasan", "haneul", "lumen"]
    undo(app)
    assert (read(app), list_followed(app)) == (LISTED, ["dasan", "haneul"])
    redo(app)
    assert list_followed(app) == ["dasan", "haneul", "lumen"]


def test_a_feed_is_removed_and_undone(app: App) -> None:
    listing.remove_feed(app, app.feeds_file, "haneul")
    assert "# A friend's." not in read(app)
    assert "[feeds.dasan]  # big" in read(app)
    assert list_followed(app) == ["dasan"]
    undo(app)
    assert (read(app), list_followed(app)) == (LISTED, ["dasan", "haneul"]), "where it was, to the byte"
    redo(app)
    assert "# A friend's." not in read(app)


def test_what_comes_back_into_a_file_that_has_changed_stands_behind_its_neighbour(app: App) -> None:
    listing.add_feeds(app, app.feeds_file, {"lumen": LUMEN})
    listing.remove_feed(app, app.feeds_file, "dasan")
    (app.folder / "feeds.toml").write_text(read(app).replace("# Mine.", "# Ours."))
    undo(app)
    whole = LISTED.replace("# Mine.", "# Ours.")
    assert read(app).startswith(whole)
    assert read(app)[len(whole) :].startswith("\n[feeds.lumen]")


def test_a_feed_is_renamed_and_undone(app: App) -> None:
    listing.rename_feed(app, app.feeds_file, "haneul", "sky")
    assert read(app) == LISTED.replace("[feeds.haneul]", "[feeds.sky]").replace("{ haneul = 3 }", "{ sky = 3 }")
    assert list_followed(app) == ["dasan", "sky"]
    undo(app)
    assert (read(app), list_followed(app)) == (LISTED, ["dasan", "haneul"])


def test_an_undo_in_a_home_that_has_moved(tmp_path: Path, spare_start: Callable[[Path], None]) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    spare_start(before)
    (before / "feeds.toml").write_text(LISTED)
    with open_app(load_config({}, home=before), Aim.BEGIN) as app:
        listing.remove_feed(app, app.feeds_file, "dasan")
    left = read(app)
    shutil.copytree(before, after)
    with open_app(load_config({}, home=after), Aim.CHANGE) as app:
        undo(app)
        assert list_followed(app) == ["dasan", "haneul"]
        assert "[feeds.dasan]" in read(app)
    assert (before / "feeds.toml").read_text() == left


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"haneul": LUMEN}, "a feed has this key already"),
        ({"lumen": {**LUMEN, "url": "https://haneul.example/feed"}}, "the address is that of feeds.haneul already"),
        ({"Lumen!": LUMEN}, "a feed's key consists of lower-case letters"),
        ({"lumen": {**LUMEN, "kind": "blog"}}, "feeds.lumen.kind: 'blog' is not allowed"),
    ],
)
def test_what_is_refused_changes_nothing(app: App, tables: dict[str, dict[str, object]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        listing.add_feeds(app, app.feeds_file, tables)
    assert (read(app), list_followed(app)) == (LISTED, ["dasan", "haneul"])


def test_a_list_of_others_names_no_secrets_of_this_home(app: App) -> None:
    table = '[feeds.lumen]\nname = "Lumen"\nurl = "https://lumen.example/feed"\nkind = "company"\n'
    plan = plan_import(app, f'{table}credentials = "DATABASE_URL"\n'.encode(), "list.toml")
    assert (plan.new, [name for name, _ in plan.refused]) == ({}, ["Lumen"])
    assert list(plan_import(app, table.encode(), "list.toml").new) == ["lumen"]


def test_a_file_that_cannot_be_written_changes_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StorageError("feeds.toml cannot be written: Read-only file system")

    monkeypatch.setattr("aggregator.pipeline.feeds_file.write_whole", refuse)
    with pytest.raises(StorageError, match="cannot be written"):
        listing.rename_feed(app, app.feeds_file, "haneul", "sky")
    assert (read(app), list_followed(app)) == (LISTED, ["dasan", "haneul"])


def test_an_undo_that_the_file_does_not_allow_any_more(app: App) -> None:
    listing.remove_feed(app, app.feeds_file, "haneul")
    (app.folder / "feeds.toml").write_text(LISTED)
    with pytest.raises(ReviewError, match="a feed has this key already"):
        undo(app)


def test_a_home_with_the_shipped_list_gets_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, home = tmp_path / "shipped.toml", tmp_path / "home"
    shipped.write_text(LISTED)
    monkeypatch.setattr("aggregator.places._SHIPPED", (shipped,))
    with open_app(load_config({}, home=home, file=shipped), Aim.BEGIN) as app:
        assert listing.add_feeds(app, app.feeds_file, {"lumen": LUMEN}).is_copied
        assert read(app).startswith(LISTED)
        assert app.feeds_file.file == home / "feeds.toml"
        assert not listing.remove_feed(app, app.feeds_file, "lumen").is_copied
    assert shipped.read_text() == LISTED


def test_a_key_of_a_feed_that_left_is_kept_for_it(app: App) -> None:
    listing.remove_feed(app, app.feeds_file, "haneul")
    with app.reading() as connection:
        assert find_left(connection) == {"haneul": "https://haneul.example/feed"}
    with pytest.raises(ConfigError, match="another feed has or had this key"):
        listing.add_feeds(app, app.feeds_file, {"haneul": LUMEN})
    with pytest.raises(ConfigError, match="another feed has or had this key"):
        listing.rename_feed(app, app.feeds_file, "dasan", "haneul")


def test_writers_of_the_file_wait_for_each_other(database: Database, tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(LISTED)
    config = load_config({}, home=tmp_path)
    files = [FeedsFile(database, config) for _ in range(2)]
    files[0].follow()
    is_second_in = threading.Event()

    def write_second() -> None:
        def edit(text: str) -> str:
            is_second_in.set()
            return text + "# Second.\n"

        files[1].write(edit, lambda *_: None)

    second = threading.Thread(target=write_second)

    def edit_first(text: str) -> str:
        second.start()
        assert not is_second_in.wait(0.2)
        return text + "# First.\n"

    files[0].write(edit_first, lambda *_: None)
    second.join()
    assert (tmp_path / "feeds.toml").read_text() == LISTED + "# First.\n# Second.\n"


def test_a_renamed_feed_keeps_what_belongs_to_it(database: Database) -> None:
    """Every table that names a feed by its key names it by the new one."""
    named = [
        table for table in metadata.tables.values() if any(key.column.table is feeds for key in table.foreign_keys)
    ]
    assert {table.name for table in named} == {
        "moves",
        "gaps",
        "visits",
        "entries",
        "posts",
        "listed_pages",
        "issues",
        "site_looks",
    }
    with database.writing() as connection:
        save_feeds(connection, [Feed("old", "Old", "https://old.example/feed", Kind.SIGNAL, "en", weight=0.5)])
        connection.execute(
            visits.insert().values(
                feed_key="old", started_at=NOW, seconds=1, outcome="retrieved", bytes=1, entries_seen=1, entries_new=1
            )
        )
        row = {
            "canonical_url": "https://a.example/",
            "source": "old",
            "name": "points",
            "value": 3.0,
            "observed_at": NOW,
        }
        talk = row | {"source": "talk:old", "url": "https://talk.example/"}
        connection.execute(signals.insert().values(row))
        connection.execute(signals.insert().values(talk))
        dismiss(connection, "leave:old", 1)
        rename_feed(connection, "old", "new")
        assert list_dismissed(connection) == {"leave:new"}
        assert connection.execute(sa.select(feeds.c.key, feeds.c.weight)).all() == [("new", 0.5)]
        assert connection.execute(sa.select(visits.c.feed_key)).scalar_one() == "new"
        assert set(connection.execute(sa.select(signals.c.source)).scalars()) == {"new", "talk:old"}
        assert not connection.execute(sa.select(entries.c.id)).all()
