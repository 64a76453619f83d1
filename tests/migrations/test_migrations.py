"""Upgrading gives the tables of the code, and keeps what was stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from aggregator.exceptions import StorageError
from aggregator.pipeline.search import index_new
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states, save_feeds
from aggregator.storage.search import Narrowing, find_posts
from aggregator.storage.tables import is_described, metadata
from aggregator.storage.updates import list_known_entries
from aggregator.terms import parse_query
from aggregator.types import QuietTimes

COMPARED = {"compare_type": True, "include_name": is_described}


def test_upgrading_from_empty_gives_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    database.migrate()
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
    database.close()


def test_upgrading_twice_changes_nothing_and_keeps_what_is_stored(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO signals VALUES ('https://a.example', 'popular', 'points', 3.0, '2026-10-01 00:00:00')"
        )
    database.migrate()
    with database.reading() as connection:
        row = connection.execute(sa.select(metadata.tables["signals"])).one()
    assert row.observed_at == datetime(2026, 10, 1, tzinfo=UTC)


def test_upgrading_from_the_first_release_keeps_what_is_stored(database_url: str) -> None:
    database = Database(database_url)
    database.migrate("0001")
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO feeds (key, name, url, language, kind, weight, tags, active, failures, etag) "
            "VALUES ('haneul', '하늘상점', 'https://tech.haneul.example/feed.xml', 'ko', 'company', 0.2, '[]', true, 3, 'e')"
        )
    database.migrate()
    with database.reading() as connection:
        (state,) = list_feed_states(connection)
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
    assert (state.feed.name, state.failures, state.etag, state.pace) == ("하늘상점", 3, "e", None)
    database.close()


def test_upgrading_from_the_previous_release_keeps_entries_and_failures(database_url: str) -> None:
    database = Database(database_url)
    database.migrate("0002")
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO feeds (key, name, url, language, kind, weight, tags, active, failures, last_visit_at) VALUES "
            "('haneul', '하늘상점', 'https://a.example/feed', 'ko', 'company', 0, '[\"ml\"]', true, 2, '2026-10-01 00:00:00')"
        )
        for key, url in (("tag:1", "https://a.example/1"), ("https://a.example/2", "https://a.example/2")):
            connection.exec_driver_sql(
                "INSERT INTO entries (feed_key, key, url, canonical_url, title, content, tags, first_seen_at, fingerprint) "
                f"VALUES ('haneul', '{key}', '{url}', '{url}', 't', '', '[]', '2026-10-01 00:00:00', 'f')"
            )
    database.migrate()
    with database.writing() as connection:
        (state,) = list_feed_states(connection)
        known = list_known_entries(connection, "haneul")
        listed = replace(state.feed, name="새 이름")
        save_feeds(connection, [listed])
        (again,) = list_feed_states(connection)
    assert state.failing_since == datetime(2026, 10, 1, tzinfo=UTC)
    assert (state.listed, state.trial, state.quiet, state.paused_at) == (None, None, QuietTimes(), None)
    assert [(entry.key, entry.guid, entry.is_in_window) for entry in known] == [
        ("tag:1", "tag:1", False),
        ("https://a.example/2", None, False),
    ]
    assert again.feed == again.listed == listed
    database.close()


def test_posts_from_before_there_was_a_search_are_found_once_they_are_indexed(database_url: str) -> None:
    database = Database(database_url)
    database.migrate("0003")
    with database.writing() as connection:
        for number, title in enumerate(("추천시스템을 만들며", "Serving GPT-3"), 1):
            connection.exec_driver_sql(
                "INSERT INTO posts (id, canonical_url, url, title, text, words, links, tags, language, published_at, "
                "published_from, month, first_seen_at, at_home) VALUES "
                f"({number}, 'https://a.example/{number}', 'https://a.example/{number}', '{title}', '', 0, '[]', '[]', "
                "'ko', '2026-10-01 00:00:00', 'published', '2026-10', '2026-10-01 00:00:00', true)"
            )
    database.migrate()
    assert index_new(database) == 2
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
        assert find_posts(connection, parse_query("추천"), Narrowing(month="2026-10")) == [1]
        assert find_posts(connection, parse_query("serve gpt3"), Narrowing()) == [2]
    database.close()


def test_check_constraints_carry_the_names_of_the_code(database: Database) -> None:
    with database.reading() as connection:
        found = {
            check["name"] for table in metadata.tables for check in sa.inspect(connection).get_check_constraints(table)
        }
    declared = {
        str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    assert {name for name in found if name} == {
        f"ck_{name}" if not name.startswith("ck_") else name for name in declared
    }


def test_a_database_that_cannot_be_opened_is_a_sentence(tmp_path: object) -> None:
    with pytest.raises(StorageError, match="only sqlite and postgresql"):
        Database("mysql://somebody:secret@host/name")
    with pytest.raises(StorageError) as caught:
        Database("postgresql://somebody:secret@127.0.0.1:1/none").migrate()
    assert "secret" not in str(caught.value)
