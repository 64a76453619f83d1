"""Queries that many pages or every round ask must not go through all posts: SQLite keeps no statistics, and takes an
index that it could use for the order of what it groups for better than one that leaves nearly nothing to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from aggregator.storage import (
    articles,
    candidates,
    care,
    changes,
    coverage,
    feeds,
    judgements,
    models,
    posts,
    progress,
    readers,
    reviews,
    tables,
)
from aggregator.storage.changes import Derived
from aggregator.storage.database import Connection, Database
from aggregator.types import Month
from databases import Sqlite

_MONTH = Month(2022, 12)
_DAYS = [datetime(2022, 12, day, tzinfo=UTC) for day in range(1, 32)]
QUERIES: dict[str, Callable[[Connection], Any]] = {
    "months": posts.list_months,
    "months with their candidates": posts.count_candidates,
    "stamps of months": posts.list_stamps,
    "open months": lambda connection: posts.list_open_months(connection, Month(2022, 12)),
    "how far months are": lambda connection: progress.list_month_facts(connection, Month(2022, 12), ZoneInfo("UTC")),
    "decided posts": lambda connection: judgements.list_decided(connection, limit=3000),
    "posts that wait": lambda connection: candidates.list_waiting(connection, limit=10),
    "lost sections": candidates.count_lost,
    "sorted months": lambda connection: models.list_sorted(connection, 6),
    "an article": lambda connection: articles.find_article(connection, 1),
    "reviews of all months": reviews.list_past,
    "posts of feeds and their days": lambda connection: coverage.list_feed_facts(connection, _MONTH, _DAYS, _DAYS[-1]),
    "what became of posts": lambda connection: coverage.count_funnel(
        connection, _MONTH, end=_DAYS[-1], out_of_scope=0.3
    ),
    "why posts were proposed": lambda connection: coverage.list_proposed_reasons(connection, _MONTH),
    "suggestions of a post": lambda connection: readers.list_suggestions_of(connection, [1]),
    "what feeds gave": lambda connection: care.list_yields(connection, _MONTH, fewest=12),
    "late posts": lambda connection: posts.count_late(connection, _MONTH),
    "what is behind": lambda connection: changes.list_behind(connection, Derived.SEARCH),
    "how much is behind": lambda connection: changes.count_behind(connection, Derived.COPIES),
    "what is to be guessed": lambda connection: posts.list_unclassified(connection, "m", 9, months=[Month(2022, 12)]),
}


@pytest.fixture
def empty(sqlite: Sqlite, tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite.create_migrated(tmp_path / "empty.sqlite"))
    yield database
    database.close()


def _explain(database: Database, query: Callable[[Connection], Any]) -> list[str]:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    with database.reading() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        query(connection)
        sa.event.remove(connection, "before_cursor_execute", note)
        return [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


@pytest.mark.parametrize(
    "query",
    [
        lambda connection: feeds.list_due_feeds(connection, _DAYS[0], most=10, per_host=2),
        lambda connection: feeds.find_followed(connection, ["https://blog.example/feed"]),
        feeds.find_last_success,
    ],
)
def test_no_round_goes_through_all_feeds(query: Callable[[Connection], Any], empty: Database) -> None:
    steps = _explain(empty, query)
    assert any(step.startswith("SEARCH feeds") for step in steps)
    assert [step for step in steps if step.startswith("SCAN feeds")] == []


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_goes_through_all_posts(name: str, empty: Database) -> None:
    steps = _explain(empty, QUERIES[name])
    assert any("posts" in step or "behind" in step for step in steps)
    assert [step for step in steps if step.startswith(("SCAN posts", "SCAN behind")) and not _is_short(step)] == []


def _is_short(step: str) -> bool:
    """A covering index is read many times as fast as the posts with their texts, and a partial one has few of them."""
    partial = [index.name for index in tables.posts.indexes if index.dialect_options["sqlite"]["where"] is not None]
    return "COVERING INDEX" in step or any(step.endswith(f"USING INDEX {name}") for name in partial)


#: Rows of these are never deleted.
_NEVER_DELETED = {"actions"}


def test_who_refers_to_a_deleted_row_is_found_by_an_index() -> None:
    """Databases look for them at each deletion: without an index, in all rows."""
    missing = [
        f"{table.name}.{column.name}"
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name not in _NEVER_DELETED for key in column.foreign_keys)
        and column.name not in {next(iter(index.columns)).name for index in _list_indexes(table)}
    ]
    assert missing == []


def _list_indexes(table: sa.Table) -> list[Any]:
    return [table.primary_key, *table.indexes, *(c for c in table.constraints if isinstance(c, sa.UniqueConstraint))]
