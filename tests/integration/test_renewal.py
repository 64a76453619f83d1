"""What older rules have made of stored posts is made anew once; ``tests/migrations`` shows what becomes of each."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from aggregator.pipeline import renewal
from aggregator.pipeline.renewal import compute_again, renew
from aggregator.storage.changes import Derived, list_behind
from aggregator.storage.database import Database
from aggregator.storage.tables import behind, posts, recipes
from world import NOW, make_draft, make_update, store


@pytest.mark.parametrize(
    ("address", "again"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("https://a.example/x?utm_source=rss", "https://a.example/x"),
        # What tells the posts of one page apart, by their fragments or by a mark, stays.
        ("https://a.example/notes#October", "https://a.example/notes#October"),
        ("https://a.example/notes?utm_source=rss#~9f2c", "https://a.example/notes#~9f2c"),
        ("https://a.example#!/y", "https://a.example#!/y"),
    ],
)
def test_the_canonical_form_of_a_stored_address(address: str, again: str) -> None:
    assert compute_again(address) == again


def _fill(database: Database) -> None:
    store(database, make_update(*(make_draft(number) for number in range(1, 6))))
    with database.writing() as connection:
        connection.execute(posts.update().values(series="by older rules"))
        connection.execute(recipes.delete())


def _count_old(database: Database) -> int:
    with database.reading() as connection:
        wanted = sa.select(sa.func.count()).where(posts.c.series == "by older rules")
        return int(connection.execute(wanted).scalar_one())


def test_what_is_interrupted_goes_on_where_it_was_and_what_is_done_is_left(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(database)
    monkeypatch.setattr(renewal, "_BATCH", 2)
    named: list[str] = []

    def name(title: str) -> str:
        if len(named) == 3:
            raise KeyboardInterrupt
        named.append(title)
        return "by the present rules"

    monkeypatch.setattr("aggregator.posts.series.name_series", name)
    with pytest.raises(KeyboardInterrupt):
        renew(database, NOW)
    assert (_count_old(database), len(named)) == (3, 3), "a batch is whole"
    monkeypatch.setattr("aggregator.posts.series.name_series", lambda title: "by the present rules")
    renew(database, NOW)
    assert _count_old(database) == 0
    with database.writing() as connection:
        connection.execute(posts.update().values(series="by older rules"))
    renew(database, NOW)
    assert _count_old(database) == 5, "nothing is made twice"


def test_another_recipe_makes_all_of_its_kind_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(database)
    renew(database, NOW)
    with database.writing() as connection:
        connection.execute(posts.update().values(series="by older rules"))
    for derived in (Derived.SERIES, Derived.COPIES):
        monkeypatch.setitem(renewal._RECIPES, derived, 99)
    with database.writing() as connection:
        connection.execute(behind.delete())
    for _ in range(2):
        renew(database, NOW)
        assert _count_old(database) == 0
        with database.reading() as connection:
            left = {derived: len(list_behind(connection, derived)) for derived in Derived}
        assert {derived: count for derived, count in left.items() if count} == {Derived.COPIES: 5}, "they come later"
