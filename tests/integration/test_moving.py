"""All rows go from one kind of database to the other and back, and are equal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.config import Config, Settings
from aggregator.exceptions import StorageError
from aggregator.pipeline import search
from aggregator.pipeline.moving import export_rows, import_rows
from aggregator.storage.database import Database
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.revisions import find_head
from aggregator.storage.search import find_posts
from aggregator.storage.tables import metadata, posts
from aggregator.text.terms import parse_query
from databases import Postgres
from world import FEEDS, fill, make_draft, make_update, store


def config_of(home: Path, url: str = "") -> Config:
    return Config(home, home / "feeds.toml", Settings(database_url=url), ())


def export(config: Config) -> bytes:
    written = io.BytesIO()
    export_rows(config, written)
    return written.getvalue()


@contextmanager
def opened(config: Config) -> Iterator[Database]:
    database = Database(config.database)
    try:
        yield database
    finally:
        database.close()


def index(config: Config) -> None:
    """As the daemon does in its next round."""
    with opened(config) as database:
        search.index_new(database)


@pytest.fixture
def filled(make_app: Callable[..., App], tmp_path: Path) -> Config:
    app = make_app(FEEDS)
    fill(app)
    search.index_new(app.database)
    with app.database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO signals (canonical_url, source, name, value, observed_at) "
            "VALUES ('https://a.example', 'popular', 'points', 0.1, '2026-10-01 00:00:00.000001')"
        )
        # The null of JSON is not a missing value.
        connection.exec_driver_sql("UPDATE guesses SET disclosures = 'null' WHERE post_id = 1")
    return config_of(app.folder)


def test_rows_go_to_postgresql_and_back_and_are_equal(filled: Config, postgres: Postgres, tmp_path: Path) -> None:
    sent = export(filled)
    there = config_of(tmp_path / "there", postgres.create_empty())
    moved = import_rows(there, io.BytesIO(sent))
    index(there)
    assert export(there) == sent
    assert moved.rows["posts"] == 11

    back = config_of(tmp_path / "back")
    import_rows(back, io.BytesIO(export(there)))
    index(back)
    assert export(back) == sent

    for config in (there, back):
        with opened(config) as database:
            # Numbers of new rows come after those that are there.
            store(database, make_update(make_draft(900)))
            with database.reading() as connection:
                assert find_posts(connection, parse_query("실시간"), Narrowing())
                assert connection.execute(sa.select(sa.func.max(posts.c.id))).scalar_one() == moved.rows["posts"] + 1


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda lines: [b"hello\n"], "not rows"),
        (lambda lines: lines[:-1], "the last line is missing"),
        (lambda lines: [*lines[:9], *lines[10:]], "missing or are there twice"),
        (lambda lines: [*lines[:4], lines[4][:9] + b"\n", *lines[5:]], "line 5 is damaged"),
        (lambda lines: [lines[0].replace(b'"00', b'"99'), *lines[1:]], "from a newer program"),
        (lambda lines: [line for line in lines if b'"feeds"' not in line[:20]], "cannot be stored"),
    ],
)
def test_damaged_rows_leave_a_home_as_it_was(
    filled: Config, tmp_path: Path, harm: Callable[..., list[bytes]], said: str
) -> None:
    lines = export(filled).splitlines(keepends=True)
    empty = config_of(tmp_path / "empty")
    with pytest.raises(StorageError, match=said):
        import_rows(empty, harm(lines))
    assert not (empty.home / "aggregator.sqlite").exists()


def test_what_is_not_empty_is_replaced_only_if_asked(filled: Config) -> None:
    sent = export(filled)
    with pytest.raises(StorageError, match=r"is not empty \(feeds 6, .*posts 11.*--force"):
        import_rows(filled, sent.splitlines(keepends=True))
    assert export(filled) == sent

    import_rows(filled, sent.splitlines(keepends=True), replaces=True)
    index(filled)
    assert export(filled) == sent


def test_a_sign_that_postgresql_does_not_store_is_told_by_row(
    filled: Config, postgres: Postgres, tmp_path: Path
) -> None:
    with opened(filled) as database, database.writing() as connection:
        connection.execute(posts.update().where(posts.c.id == 3).values(title="a\0b", tags=["\0"]))
        connection.execute(posts.update().where(posts.c.id == 4).values(title="a\\u0000b"))
    there = config_of(tmp_path / "there", postgres.create_empty())

    assert import_rows(there, io.BytesIO(export(filled))).mended == ("posts 3",)
    with opened(there) as database, database.reading() as connection:
        found = connection.execute(sa.select(posts.c.title).where(posts.c.id.in_([3, 4])).order_by(posts.c.id))
        assert list(found.scalars()) == ["a\ufffdb", "a\\u0000b"]


def test_rows_of_older_tables_are_upgraded(tmp_path: Path) -> None:
    old = config_of(tmp_path / "old")
    with opened(old) as database:
        database.migrate("0024")
        with database.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO signals (canonical_url, source, name, value, observed_at) "
                "VALUES ('https://a.example', 'popular', 'points', 3.0, '2026-10-01 00:00:00')"
            )
    new = config_of(tmp_path / "new")
    moved = import_rows(new, io.BytesIO(export(old)))

    assert (moved.revision, moved.rows["signals"]) == ("0024", 1)
    with opened(new) as database:
        assert database.list_revisions() == [find_head()]


def test_who_may_log_in_is_not_moved() -> None:
    stays = {name for name, table in metadata.tables.items() if table.info.get("stays")}
    assert stays == {"sessions", "passwords", "tokens", "indexed"}
