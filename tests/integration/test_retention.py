"""What is old and undecided is deleted if asked; labels, printed posts and what an open month needs stay."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from aggregator.config import Settings
from aggregator.pipeline import retention, search
from aggregator.storage import moving, tables
from aggregator.storage.database import Database
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.search import find_posts
from aggregator.storage.soundness import list_faults
from aggregator.text.terms import parse_query
from aggregator.types import Month
from world import NOW, home_of, make_draft, make_update, store

OLD, SINCE = Month(2020, 1), Month(2021, 1)
#: What keeps a post that is old, as a statement about post {n}.
KEEP = {
    2: "UPDATE posts SET verdict_id = 1 WHERE id = 2",
    3: "INSERT INTO corrections (post_id, by, at, title) VALUES (3, 'mina', '{now}', 'T')",
    # A verdict that was taken back.
    4: "INSERT INTO verdicts (post_id, decision, by, at) VALUES (4, 'approve', 'mina', '{now}')",
    5: "INSERT INTO digest_lines (digest_id, position, post_id, section, title, url, note) "
    "VALUES (1, 1, 5, '2.4', 'T', 'https://a.example', '')",
    6: "INSERT INTO samples (post_id, month, rank, below, drawn_at) VALUES (6, '2020-01', 50, 90, '{now}')",
    7: "UPDATE posts SET copy_of = 2 WHERE id = 7",
    8: "UPDATE entries SET in_window = true WHERE post_id = 8",
    9: "INSERT INTO pairs (first_id, second_id, said, by, is_by_hand, at, score, reasons) "
    "VALUES (9, 10, 'different', 'mina', true, '{now}', 1, '[]')",
    10: "SELECT 1",
    11: "UPDATE posts SET waits_for = 'date' WHERE id = 11",
}
#: Two that go together; and the pair that a comparison found goes with them.
GO = (
    "UPDATE posts SET copy_of = 1 WHERE id = 12",
    "INSERT INTO pairs (first_id, second_id, said, by, is_by_hand, at, score, reasons) "
    "VALUES (1, 12, 'same', 'recipe', false, '{now}', 1, '[]')",
    "INSERT INTO meetings VALUES (7, 1)",
    "INSERT INTO signals (canonical_url, source, name, value, observed_at) "
    "VALUES ('https://tech.haneul.example/1', 'popular', 'points', 1, '{now}')",
)


@pytest.fixture
def old(database: Database) -> Database:
    drafts = [make_draft(number, month=OLD, published_at=NOW.replace(year=2020, month=1)) for number in range(1, 13)]
    store(database, make_update(*drafts, make_draft(13)))
    with database.writing() as connection:
        begin = (
            "UPDATE entries SET in_window = false",
            "INSERT INTO verdicts (post_id, decision, by, at) VALUES (2, 'reject', 'mina', '{now}')",
            "INSERT INTO digests (month, state, head, parts, topics, made_at) "
            "VALUES ('2020-01', 'printed', '', '{{}}', '{{}}', '{now}')",
        )
        for said in (*begin, *KEEP.values(), *GO):
            connection.execute(sa.text(said.format(now=f"{NOW:%Y-%m-%d %H:%M:%S}").replace(":", r"\:")))
    search.index_new(database)
    return database


def test_only_what_nothing_keeps_is_deleted(old: Database) -> None:
    home = home_of(old)
    with old.reading() as connection:
        before = moving.count_rows(connection)
    planned = retention.preview(home, SINCE)
    done = retention.forget(home, SINCE)

    assert planned == done
    assert {name: count for name, count in done.rows.items() if count and name != "behind"} == {
        "entries": 2,
        "posts": 2,
        "pairs": 1,
        "meetings": 1,
    }
    with old.reading() as connection:
        after = moving.count_rows(connection)
        left = set(connection.execute(sa.select(tables.posts.c.id)).scalars())
        found = find_posts(connection, parse_query("피처"), Narrowing())
        assert list(list_faults(connection)) == []
    assert left == {*KEEP, 13}
    assert set(found) == left
    assert {name: before[name] - after[name] for name in before} == {name: done.rows.get(name, 0) for name in before}
    old.give_back_space()
    assert retention.forget(home, SINCE).rows == {}


def test_an_open_month_and_all_after_it_stays(old: Database) -> None:
    with old.writing() as connection:
        # Approved and not printed.
        connection.execute(tables.verdicts.update().where(tables.verdicts.c.post_id == 2).values(decision="approve"))
        connection.execute(tables.posts.update().where(tables.posts.c.id == 2).values(month="2019-12"))
    planned = retention.preview(home_of(old), SINCE)
    assert (planned.before, planned.is_held_back, planned.rows["posts"]) == (Month(2019, 12), True, 0)


def test_the_daemon_forgets_as_the_settings_say(old: Database) -> None:
    keeps, forgets = Settings(), Settings.model_validate({"retention": {"undecided_months": 12}})
    home = home_of(old)
    assert retention.forget_by_settings(replace(home, settings=keeps)) is None
    # Counted from the print of January 2020; a clock that is ten years ahead changes nothing.
    for now in (NOW, NOW.replace(year=2032)):
        done = retention.forget_by_settings(replace(home, settings=forgets, clock=lambda now=now: now))
        assert done is not None
        assert not any(done.rows.values())
    with old.writing() as connection:
        connection.execute(tables.digests.update().values(month="2022-10"))
    done = retention.forget_by_settings(replace(home, settings=forgets))
    assert done is not None
    assert done.rows["posts"] == 2
    with pytest.raises(ValidationError, match="at least 12 months"):
        Settings.model_validate({"retention": {"undecided_months": 3}})


def test_what_is_said_while_posts_are_deleted_is_kept(old: Database) -> None:
    """PostgreSQL lets two write at once; SQLite lets one wait for the other."""
    pair = {"first_id": 1, "second_id": 13, "said": "different", "by": "mina", "is_by_hand": True, "score": 1.0}
    deleting = threading.Thread(target=retention.forget, args=(home_of(old), SINCE))
    with old.writing() as connection:
        connection.execute(tables.pairs.insert().values(**pair, at=NOW, reasons=[]))
        deleting.start()
        # It is at the lock, or on its way there; either way it must not delete what is said here.
        deleting.join(0.3)
    deleting.join()
    with old.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).where(tables.pairs.c.is_by_hand)).scalar_one() == 2
        assert {1, 12} < set(connection.execute(sa.select(tables.posts.c.id)).scalars())


HARMS = {
    "UPDATE posts SET verdict_id = 99 WHERE id = 5": r"posts\.verdict_id refers to 1 rows of verdicts .* first is 99",
    "UPDATE posts SET verdict_id = 1 WHERE id = 1": "post 1 has the verdict of another post",
    "UPDATE posts SET copy_of = 12 WHERE id = 3": "post 3 is a copy of a copy",
    "UPDATE corrections SET action_id = 5": r"corrections\.action_id refers to 1 rows of actions",
    "DELETE FROM indexed WHERE post_id = 4": "1 post is not found by the search",
}


def test_faults_are_said(old: Database) -> None:
    with old.writing() as connection:
        for harm in HARMS:
            connection.execute(sa.text(harm))
    with old.reading() as connection:
        said = "\n".join(list_faults(connection))
    assert [sentence for sentence in HARMS.values() if not re.search(sentence, said)] == []
