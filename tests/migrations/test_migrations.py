"""Upgrading gives the tables of the code, and keeps what was stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aggregator.exceptions import StorageError
from aggregator.feeds.schedule import Bounds
from aggregator.feeds.update import Surroundings, VisitRules, decide_document
from aggregator.pipeline.duplicates import find_copies
from aggregator.pipeline.renewal import renew
from aggregator.pipeline.search import index_new
from aggregator.pipeline.series import find_series
from aggregator.posts.series import name_series
from aggregator.storage import tables
from aggregator.storage.actions import list_past
from aggregator.storage.candidates import get_candidate, list_candidates
from aggregator.storage.care import list_dismissed, list_looks, save_look
from aggregator.storage.changes import Derived, list_behind, list_recipes
from aggregator.storage.database import Database
from aggregator.storage.digests import find_page, get_digest, list_digests, save_page
from aggregator.storage.feeds import list_feed_states, save_feeds
from aggregator.storage.health import list_gaps, list_gaps_to_read
from aggregator.storage.judgements import save_scores
from aggregator.storage.models import list_taught
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.outlines import list_outlines
from aggregator.storage.passwords import find_password, put_password
from aggregator.storage.posts import find_post_id
from aggregator.storage.revisions import find_head, find_migrations
from aggregator.storage.rules import list_rules
from aggregator.storage.search import find_posts
from aggregator.storage.tables import is_described, metadata
from aggregator.storage.talk import list_heard
from aggregator.storage.updates import apply_updates, list_known_entries
from aggregator.text.terms import parse_query
from aggregator.types import (
    DateConfidence,
    DigestState,
    Ground,
    Month,
    Outcome,
    Placement,
    QuietTimes,
    Retrieved,
    SiteLook,
    Visit,
)
from databases import KINDS, Postgres, Sqlite

COMPARED = {"compare_type": True, "include_name": is_described}
#: Opens a database of each kind with the empty tables of this revision.
OpenAt = Callable[[str], Database]


@pytest.fixture(params=KINDS)
def open_at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenAt]:
    addresses = []

    def open_database(revision: str) -> Database:
        if request.param == "sqlite":
            files: Sqlite = request.getfixturevalue("sqlite")
            return Database(files.create_old(revision, tmp_path / "old.sqlite"))
        addresses.append(server.create_old(revision))
        return Database(addresses[-1])

    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
    yield open_database
    for address in addresses:
        server.leave(address)


def test_upgrading_from_empty_gives_the_tables_of_the_code(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    database.migrate()
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
    database.close()


def test_upgrading_twice_changes_nothing_and_keeps_what_is_stored(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO signals (canonical_url, source, name, value, observed_at) "
            "VALUES ('https://a.example', 'popular', 'points', 3.0, '2026-10-01 00:00:00')"
        )
    database.migrate()
    with database.reading() as connection:
        row = connection.execute(sa.select(metadata.tables["signals"])).one()
    assert row.observed_at == datetime(2026, 10, 1, tzinfo=UTC)


def test_the_newest_revision_is_known_by_the_name_of_its_file() -> None:
    assert find_head() == ScriptDirectory(str(find_migrations())).get_current_head()


def test_tables_that_are_up_to_date_are_left_without_alembic(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(command, "upgrade")
    database.migrate()


def test_a_database_of_a_newer_program_is_a_sentence(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match=r"from a newer program \(revision 9999; this one knows \d{4}\)"):
        database.migrate()


def test_upgrading_from_the_first_release_keeps_what_is_stored(open_at: OpenAt) -> None:
    database = open_at("0001")
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


def test_upgrading_from_the_previous_release_keeps_entries_and_failures(open_at: OpenAt) -> None:
    database = open_at("0002")
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


_DAY = "2022-12-01 00:00:00"


def _insert(connection: sa.Connection, table: str, **values: object) -> None:
    """A row in the words of the database; columns that are None are left out."""
    given = {name: value for name, value in values.items() if value is not None}
    names, places = ", ".join(given), ", ".join(f":{name}" for name in given)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), given)


def _add_feed(connection: sa.Connection, **values: object) -> None:
    feed = {"key": "haneul", "name": "Haneul", "url": "https://a.example/feed", "language": "en", "kind": "company"}
    _insert(connection, "feeds", **feed | {"weight": 0, "tags": "[]", "active": True, "failures": 0} | values)


def _add_post(connection: sa.Connection, number: int, **values: object) -> None:
    """A post with the columns that all revisions have."""
    url = f"https://a.example/{number}"
    post = {"id": number, "canonical_url": url, "url": url, "title": "t", "text": "", "words": 0, "links": "[]"}
    post |= {"tags": "[]", "language": "en", "published_at": _DAY, "published_from": "published", "month": "2022-12"}
    _insert(connection, "posts", **post | {"first_seen_at": _DAY, "at_home": True} | values)


def _add_entry(connection: sa.Connection, number: int, **values: object) -> None:
    """The entry of a post."""
    entry = {
        "feed_key": "haneul",
        "key": str(number),
        "post_id": number,
        "url": "u",
        "canonical_url": "u",
        "title": "t",
    }
    _insert(connection, "entries", **entry | {"tags": "[]", "first_seen_at": _DAY, "fingerprint": "f"} | values)


def _add_guess(connection: sa.Connection, number: int) -> None:
    guess = {"parts": "{}", "topics": "{}", "section": "2.4", "out_of_scope": 0.1, "model_version": "v1"}
    _insert(connection, "guesses", post_id=number, guessed_at=_DAY, **guess)


def _add_signal(connection: sa.Connection, canonical: str, value: float, day: str = _DAY) -> None:
    values = {"canonical_url": canonical, "source": "hn", "name": "points", "value": value, "observed_at": day}
    _insert(connection, "signals", **values)


_ARTICLE = "https://medium.com/p/5b8d032da09c"
#: Posts as 0003 stored them, by number: address, canonical address, feed, title. 1 and 2 are one, as are 4, 5 and 6, and
#: 8 and 9; 7 leaves the address that 6 had, and 3 is as it should be.
_POSTS = {
    1: (
        "https://netflixtechblog.com/a-5b8d032da09c",
        "https://netflixtechblog.com/a-5b8d032da09c",
        None,
        "From a digest",
    ),
    2: ("https://medium.com/n/a-5b8d032da09c", "https://medium.com/n/a-5b8d032da09c", "haneul", "From a feed"),
    3: ("https://a.example/x", "https://a.example/x", "haneul", "Alone"),
    4: ("https://a.tistory.com/1", "https://a.tistory.com/1", "haneul", "Tistory"),
    5: ("https://a.tistory.com/m/1", "https://a.tistory.com/m/1", "haneul", "Tistory, mobile"),
    6: ("https://a.tistory.com/m/m/1", "https://a.tistory.com/m/m/1", "haneul", "Tistory, mobile again"),
    7: ("https://a.example/#!/y", "https://a.example", "haneul", "A route"),
    8: ("https://a.example/z/index.html", "https://a.example/z/index.html", "haneul", "Index"),
    9: ("https://a.example/z/", "https://a.example/z", "haneul", "Folder"),
    10: ("https://a.example/w/index.html", "https://a.example/w/index.html", "haneul", "First page"),
}
#: Verdicts by number: post, decision, what it takes back.
_VERDICTS = {
    1: (1, "approve", None),
    2: (2, "reject", None),
    3: (4, "hold", None),
    4: (5, "reject", None),
    5: (5, "undo", 4),
    6: (5, "approve", None),
    7: (8, "reject", None),
    8: (3, "hold", None),
}


def _fill_before_addresses(connection: sa.Connection) -> None:
    _add_feed(connection, language="ko")
    in_force = {post: number for number, (post, decision, _) in _VERDICTS.items() if decision != "undo"}
    for number, (url, canonical, feed, title) in _POSTS.items():
        _add_post(
            connection, number, canonical_url=canonical, url=url, title=title, text="text", words=1, language="ko",
            links='["https://b.example/"]', feed_key=feed, verdict_id=in_force.get(number),
        )  # fmt: skip
        _add_guess(connection, number)
        score = {"post_id": number, "month": "2022-12", "value": 1, "reasons": "[]", "rank": number}
        _insert(connection, "scores", shortlisted=True, scored_at=_DAY, **score)
        _insert(connection, "corrections", post_id=number, by="me", at=_DAY, note="n")
        if feed:
            content = '<p>text<a href="https://b.example/"></a></p>'
            _add_entry(connection, number, url=url, canonical_url=canonical, content=content)
    for number, (post, decision, undoes) in _VERDICTS.items():
        verdict = {"post_id": post, "decision": decision, "reason": "why", "undoes": undoes}
        _insert(connection, "verdicts", by="me", at=_DAY, **verdict)
        assert connection.execute(sa.text("SELECT max(id) FROM verdicts")).scalar_one() == number
    digest = {"id": 1, "month": "2022-12", "state": "printed", "head": "", "parts": "[]", "topics": "[]"}
    _insert(connection, "digests", made_at=_DAY, **digest)
    for position, post in enumerate((1, 9)):
        line = {"digest_id": 1, "position": position, "post_id": post, "section": "2.4", "title": "t", "url": "u"}
        _insert(connection, "digest_lines", note="", **line)
    for canonical, value, day in (
        ("https://netflixtechblog.com/a-5b8d032da09c", 3, "2022-12-02 00:00:00"),
        ("https://medium.com/n/a-5b8d032da09c", 9, "2022-12-03 00:00:00"),
        ("https://b.example/index.html", 5, _DAY),
        ("https://a.example/x", 7, _DAY),
    ):
        _add_signal(connection, canonical, value, day)


def test_upgrading_gives_stored_addresses_the_present_form_and_loses_no_verdict(open_at: OpenAt) -> None:
    database = open_at("0003")
    with database.writing() as connection:
        _fill_before_addresses(connection)
    _upgrade(database)
    with database.reading() as connection:
        posts = connection.execute(sa.text("SELECT id, canonical_url, copy_of FROM posts ORDER BY id")).all()
        verdicts = connection.execute(sa.text("SELECT id, post_id, decision FROM verdicts ORDER BY id")).all()
        undone = connection.execute(
            sa.text(
                "SELECT actions.kind, verdicts.post_id, verdicts.decision FROM actions JOIN verdicts "
                "ON verdicts.action_id = actions.id WHERE actions.undone"
            )
        ).all()
        in_force = {number: get_candidate(connection, number).verdict for number in _POSTS}
        signals = connection.execute(sa.text("SELECT canonical_url, value FROM signals ORDER BY value")).all()
        found = find_post_id(connection, "https://medium.com/@n/another-5b8d032da09c?source=rss")
    database.close()
    # An undo is an action since 0022; the verdict that it took back stays.
    assert [tuple(row) for row in verdicts] == [
        (n, post, decision) for n, (post, decision, _) in _VERDICTS.items() if decision != "undo"
    ]
    assert [tuple(row) for row in undone] == [("decide", 5, "reject")]
    assert {number: verdict.id for number, verdict in in_force.items() if verdict} == {
        1: 1,
        2: 2,
        3: 8,
        4: 3,
        5: 6,
        8: 7,
    }
    # Posts that meet and were decided on stay apart, for the curator saw them so; one that was not is a copy.
    assert [tuple(row) for row in posts] == [
        (1, _ARTICLE, None),
        (2, "https://medium.com/n/a-5b8d032da09c", None),
        (3, "https://a.example/x", None),
        (4, "https://a.tistory.com/1#4", None),
        (5, "https://a.tistory.com/1", None),
        (6, "https://a.tistory.com/m/m/1", 5),
        (7, "https://a.example", None),
        (8, "https://a.example/z/index.html", None),
        (9, "https://a.example/z", None),
        (10, "https://a.example/w", None),
    ]
    assert found == 1
    # Of signals that meet, the newest.
    assert [tuple(row) for row in signals] == [("https://b.example", 5), ("https://a.example/x", 7), (_ARTICLE, 9)]


def _upgrade(database: Database) -> None:
    """As the program does when it is started."""
    database.migrate()
    renew(database, datetime(2022, 12, 9, tzinfo=UTC))


# Posts as 0012 stored them, by number: address, canonical address, guid. 4 and 5 are one, as are 6 and 7.
_OLD_POSTS = {
    1: ("https://twitter.com/haneul/status/12", "https://twitter.com/haneul/status/12", "t1"),
    2: (
        "https://www.google.com/url?rct=j&url=https://a.example/alert%3Fa%3D1&usg=x",
        "https://google.com/url?rct=j&url=https:%2F%2Fa.example%2Falert%3Fa%3D1&usg=x",
        "t2",
    ),
    3: ("https://a.example/x?srsltid=Af", "https://a.example/x?srsltid=Af", "t3"),
    4: ("https://a.example/y", "https://a.example/y", "t4"),
    5: ("https://a.example/y?ref=b.example", "https://a.example/y?ref=b.example", "t5"),
    6: ("https://youtu.be/abcDEF12345", "https://youtu.be/abcDEF12345", "t6"),
    7: ("https://youtube.com/watch?v=abcDEF12345", "https://youtube.com/watch?v=abcDEF12345", "t7"),
    8: ("https://go.microsoft.com/fwlink/", "https://go.microsoft.com/fwlink", "t8"),
    9: ("https://a.example/plain", "https://a.example/plain", "t9"),
}


def _name(number: int) -> str:
    return f"Title {({5: 4, 7: 6}).get(number, number)}"


def _fill_before_addresses_anew(connection: sa.Connection) -> None:
    _add_feed(connection, etag="e")
    for number, (url, canonical, guid) in _OLD_POSTS.items():
        # Numbered by the database, as the posts of the visit are.
        _add_post(
            connection, number, id=None, canonical_url=canonical, url=url, title=_name(number), feed_key="haneul",
            verdict_id={3: 1, 5: 2}.get(number),
        )  # fmt: skip
        _add_entry(
            connection, number, key=guid, guid=guid, url=url, canonical_url=canonical, title=_name(number), content="",
            fingerprint=f"f{number}", in_window=True, published_at=_DAY, published_raw="Thu, 01 Dec 2022 00:00:00 GMT",
        )  # fmt: skip
    for post in (3, 5):
        _insert(connection, "verdicts", post_id=post, decision="approve", by="me", at=_DAY)
    for canonical, value in (("https://a.example/x?srsltid=Af", 1), ("https://a.example/x?ref=hn.example", 400)):
        _add_signal(connection, canonical, value, f"2022-12-0{1 + (value > 1)} 00:00:00")
    _insert(connection, "aliases", canonical_url="https://a.example/old?gad_source=1", post_id=9)


def _visit_after(database: Database) -> None:
    """A visit whose document carries what was stored, as the feed writes it."""
    written = {
        **{guid: url for url, _, guid in _OLD_POSTS.values()},
        "t8": "https://go.microsoft.com/fwlink/?linkid=1111111",
        "t10": "https://go.microsoft.com/fwlink/?linkid=2222222",
    }
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{_name(int(guid[1:]))}</title><link>{escape(url)}</link>"
        "<pubDate>Thu, 01 Dec 2022 00:00:00 GMT</pubDate></item>"
        for guid, url in written.items()
    )
    body = f"<rss version='2.0'><channel><title>H</title>{items}</channel></rss>".encode()
    now = datetime(2022, 12, 9, tzinfo=UTC)
    rules = VisitRules(
        Bounds(timedelta(minutes=15), timedelta(hours=12)), ZoneInfo("Asia/Seoul"), 100, timedelta(days=3)
    )
    with database.writing() as connection:
        (state,) = list_feed_states(connection)
        assert state.etag is None, "the document is asked for whole"
        update = decide_document(
            state,
            Retrieved("https://a.example/feed", 200, body),
            list_known_entries(connection, "haneul"),
            visit=Visit("haneul", now, 0.1, Outcome.FAILED),
            rules=rules,
            around=Surroundings(),
        )
        apply_updates(connection, [update])
    assert (update.visit.entries_new, update.visit.reason) == (1, None)


def test_posts_of_older_rules_for_addresses_are_recognised_and_not_doubled(open_at: OpenAt) -> None:
    database = open_at("0012")
    with database.writing() as connection:
        _fill_before_addresses_anew(connection)
    _upgrade(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
        signals = connection.execute(sa.text("SELECT canonical_url, value FROM signals")).all()
        aliased = set(connection.execute(sa.text("SELECT canonical_url FROM aliases")).scalars())
    _visit_after(database)
    with database.reading() as connection:
        posts = connection.execute(sa.text("SELECT id, canonical_url, url, copy_of FROM posts ORDER BY id")).all()
        entries = connection.execute(sa.text("SELECT guid, canonical_url FROM entries ORDER BY id")).all()
        found = {number: find_post_id(connection, url) for number, (url, _, _) in _OLD_POSTS.items() if number != 8}
        assert get_candidate(connection, 3).verdict is not None
    database.close()
    film, alert = "https://youtube.com/watch?v=abcDEF12345", "https://a.example/alert?a=1"
    assert [tuple(row) for row in posts] == [
        (1, "https://x.com/i/status/12", "https://twitter.com/haneul/status/12", None),
        (2, alert, alert, None),
        # Approved: its link stays as it was when the curator read it.
        (3, "https://a.example/x", "https://a.example/x?srsltid=Af", None),
        (4, "https://a.example/y#4", "https://a.example/y", 5),
        (5, "https://a.example/y", "https://a.example/y?ref=b.example", None),
        (6, film, "https://youtu.be/abcDEF12345", None),
        (7, f"{film}#7", film, 6),
        (8, "https://go.microsoft.com/fwlink?linkid=1111111", "https://go.microsoft.com/fwlink/?linkid=1111111", None),
        (9, "https://a.example/plain", "https://a.example/plain", None),
        (10, "https://go.microsoft.com/fwlink?linkid=2222222", "https://go.microsoft.com/fwlink/?linkid=2222222", None),
    ]
    assert [address for guid, address in entries if guid in {"t4", "t5"}] == ["https://a.example/y"] * 2
    assert found == {**{number: number for number in (1, 2, 3, 5, 6, 9)}, 4: 5, 7: 6}
    assert [tuple(row) for row in signals] == [("https://a.example/x", 400)]
    assert aliased == {"https://a.example/old?gad_source=1", "https://a.example/old"}


def test_upgrading_from_before_dates_were_judged_keeps_posts_in_their_months(open_at: OpenAt) -> None:
    database = open_at("0003")
    with database.writing() as connection:
        for number, source in enumerate(("published", "first seen", "digest"), 1):
            _add_post(connection, number, published_from=source)
    database.migrate()
    with database.reading() as connection:
        found = {one.post.id: one.post for one in list_candidates(connection, Month(2022, 12))}
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
    assert [found[number].confidence for number in (1, 2, 3)] == [
        DateConfidence.FAIR,
        DateConfidence.WEAK,
        DateConfidence.SURE,
    ]
    assert {(post.waits_for, post.late_for, post.own_month) for post in found.values()} == {
        (None, None, Month(2022, 12))
    }
    database.close()


def test_posts_from_before_there_was_a_search_are_found_once_they_are_indexed(open_at: OpenAt) -> None:
    database = open_at("0003")
    with database.writing() as connection:
        for number, title in enumerate(("추천시스템을 만들며", "Serving GPT-3"), 1):
            _add_post(connection, number, title=title, language="ko")
    database.migrate()
    assert index_new(database) == 2
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
        assert find_posts(connection, parse_query("추천"), Narrowing(month="2022-12")) == [1]
        assert find_posts(connection, parse_query("serve gpt3"), Narrowing()) == [2]
    database.close()


def test_posts_from_before_series_were_known_find_theirs(open_at: OpenAt) -> None:
    database = open_at("0006")
    titles = ("추천 구축기 1편", "추천 구축기 2편: 재정렬", "Deep Shards (Part 3)", "…")
    with database.writing() as connection:
        for number, title in enumerate(titles, 1):
            _add_post(connection, number, title=title, language="ko", published_at=f"2022-12-0{number} 00:00:00")
    _upgrade(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
        stems = list(connection.execute(sa.text("SELECT series FROM posts ORDER BY id")).scalars())
        found = find_series(connection, [1, 2, 3, 4])
    assert stems == [name_series(title) for title in titles] == ["추천구축기", "추천구축기", "deepshards", None]
    assert [one.post_id for one in found[2].instalments] == [1, 2]
    assert set(found) == {1, 2, 3}
    database.close()


def test_guesses_from_before_models_were_kept_say_how_sure_they_are(open_at: OpenAt) -> None:
    database = open_at("0008")
    with database.writing() as connection:
        _add_post(connection, 1)
        connection.exec_driver_sql(
            "INSERT INTO guesses (post_id, parts, topics, section, out_of_scope, model_version, guessed_at) VALUES (1, "
            """'{"research": 0.2, "business": 0.8, "aws": 0}', '{"cv": 0.5, "nlp": 0.3, "recsys": 0.2, "mlops": 0}', """
            "'2.1', 0.1, 'sections-old', '2022-12-02 00:00:00')"
        )
    database.migrate()
    with database.reading() as connection:
        (outline,) = list_outlines(connection, Month(2022, 12))
        candidate = get_candidate(connection, 1)
        stored = connection.execute(sa.select(metadata.tables["guesses"].c.probability)).scalar_one()
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
    assert outline.is_unsure
    assert stored == pytest.approx(0.4)
    assert candidate.guess is not None
    assert candidate.guess.probability == pytest.approx(0.4)
    database.close()


def test_posts_from_before_copies_were_known_are_compared(open_at: OpenAt) -> None:
    database = open_at("0006")
    text = " ".join(
        f"문단{number} 추천 {number * 7} 단계의 지연 {number * 13} ms를 줄인 방법{number}" for number in range(30)
    )
    with database.writing() as connection:
        for number in (1, 2):
            _add_post(connection, number, title="실시간 추천 구축 이야기", text=text, words=9, language="ko")
    database.migrate()
    assert find_copies(database, now=datetime(2023, 1, 1, tzinfo=UTC)) == {Month(2022, 12)}
    with database.reading() as connection:
        assert get_candidate(connection, 2).post.copy_of == 1
        assert [one.post.id for one in list_candidates(connection, Month(2022, 12))] == [1]
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
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


def test_upgrading_stores_sections_by_their_keys(open_at: OpenAt) -> None:
    database = open_at("0016")
    with database.writing() as connection:
        for number in (1, 2):
            _add_post(connection, number)
            _add_guess(connection, number)
        _insert(connection, "corrections", post_id=2, by="curator", at=_DAY, section="3.4")
        _insert(connection, "wishes", name="shortlist.sections.3.4", value=2, by="curator", at=_DAY)
        _insert(
            connection, "models", version="m", made_at=_DAY, seen_at=_DAY, recipe="5", shipped="s", rows="{}",
            lessons='[[2, "3.4", "correction"], [1, null, "rejection"]]', acceptance="taken", reason="", figures="{}",
            last_verdict=0, last_correction=0, in_use=True, is_kept=True,
        )  # fmt: skip
    database.migrate()
    with database.reading() as connection:
        stored = [connection.execute(sa.text(f"SELECT section FROM {table}")).scalars().all() for table in _SECTIONED]
        corrected = get_candidate(connection, 2)
        taught = list_taught(connection, "m")
        wish = connection.execute(sa.text("SELECT name FROM wishes")).scalar_one()
    database.close()
    assert wish == "shortlist.sections.aws/mlops"
    assert stored == [["business/mlops"] * 2, ["aws/mlops"]]
    assert (str(corrected.section), corrected.lost_section) == ("3.4", None)
    assert [(str(one.section), one.origin) for one in taught] == [("3.4", "correction"), ("None", "rejection")]


_SECTIONED = ("guesses", "corrections")


def test_upgrading_reads_stored_texts_again(open_at: OpenAt) -> None:
    database = open_at("0006")
    content = (
        '<p>전환은 <a href="https://github.com/haneul/diff">도구</a>로 했습니다.</p><pre>pip install diff\nrun</pre>'
        '<p><img src="https://a.example/f.png"></p><p>The post A appeared first on B.</p>'
    )
    with database.writing() as connection:
        _add_feed(connection)
        for number, feed, old in (
            (1, "haneul", "old"),
            (2, None, "of a digest"),
            (3, "haneul", "Plain."),
            (4, "haneul", "old"),
        ):
            _add_post(connection, number, title="Title", text=old, words=1, feed_key=feed)
            _add_guess(connection, number)
            _insert(connection, "indexed", post_id=number, position=number, recipe=1)
            if feed:
                _add_entry(connection, number, content="<p>Plain.</p>" if number == 3 else content)
        connection.exec_driver_sql("UPDATE posts SET verdict_id = 1 WHERE id = 4")
    _upgrade(database)
    with database.reading() as connection:
        first, second, third = (get_candidate(connection, number).post for number in (1, 2, 3))
        guessed = connection.execute(sa.text("SELECT post_id FROM guesses ORDER BY post_id")).scalars().all()
        guess_behind, search_behind = (list_behind(connection, one) for one in (Derived.GUESSES, Derived.SEARCH))
    database.close()
    assert (first.text, first.words, first.language) == ("전환은 도구로 했습니다.", 3, "ko")
    assert first.links == ("https://github.com/haneul/diff",)
    assert (first.images, first.first_image, first.code_blocks, first.code_lines) == (
        1,
        "https://a.example/f.png",
        1,
        2,
    )
    assert (second.text, third.text) == ("of a digest", "Plain.")
    assert (guessed, list(guess_behind)) == ([1, 2, 3, 4], [1, 4]), "those of other texts are to be guessed again"
    assert list(search_behind) == [1, 2, 3, 4], "a later revision has a search narrowed by other terms"


def test_upgrading_keeps_scores_and_leaves_room_for_why(open_at: OpenAt) -> None:
    database = open_at("0006")
    with database.writing() as connection:
        _add_post(connection, 1)
        connection.exec_driver_sql(
            "INSERT INTO scores (post_id, month, value, reasons, rank, shortlisted, scored_at) VALUES "
            f"(1, '2022-12', 0.5, '[[\"depth\", 0.5, \"\"]]', 1, true, '{_DAY}')"
        )
    database.migrate()
    with database.writing() as connection:
        candidate = get_candidate(connection, 1)
        assert candidate.score is not None
        assert (candidate.score.value, candidate.score.placement, candidate.is_sampled) == (0.5, None, False)
        (outline,) = list_outlines(connection, Month(2022, 12))
        assert (candidate.score.ruled, outline.is_muted, list_rules(connection)) == (None, False, [])
        placement = Placement(Ground.SOURCE, "a.example", 3, 2)
        save_scores(
            connection, Month(2022, 12), [replace(candidate.score, placement=placement)], candidate.post.first_seen_at
        )
        again = get_candidate(connection, 1).score
        assert again is not None
        assert again.placement == placement
    database.close()


# As JSON: of parts and of topics.
_HEADINGS = (
    '{"research": "Science", "business": "Practice", "aws": "Clouds"}',
    '{"cv": "Seeing", "nlp": "Reading", "recsys": "Choosing", "mlops": "Running"}',
)


def test_upgrading_keeps_digests_and_lets_a_page_have_a_day_in_place_of_a_month(open_at: OpenAt) -> None:
    database = open_at("0012")
    with database.writing() as connection:
        _add_post(connection, 1)
        for number, state in enumerate(("read", "printed", "draft"), 1):
            connection.exec_driver_sql(
                "INSERT INTO digests (month, state, head, parts, topics, made_at) VALUES "
                f"('2022-{number:02d}', '{state}', '# 요약', '{_HEADINGS[0]}', '{_HEADINGS[1]}', '{_DAY}')"
            )
            connection.exec_driver_sql(
                "INSERT INTO digest_lines (digest_id, position, post_id, section, title, url, month, organisation, note) "
                f"VALUES ({number}, 1, 1, '2.4', '**t**', 'https://a.example/1', '2022-12', NULL, ': 메모')"
            )
    database.migrate()
    with database.writing() as connection:
        stored = get_digest(connection, Month(2022, 1))
        save_page(connection, datetime(2022, 12, 31, 15, tzinfo=UTC), stored.digest, [1], stored.made_at)
        assert [line.note for line in stored.digest.lines] == [": 메모"]
        assert stored.digest.texts.topics["cv"] == "Seeing"
        assert (list_digests(connection), find_page(connection).digest.lines) == (  # type: ignore[union-attr]
            [
                (Month(2022, 3), DigestState.DRAFT),
                (Month(2022, 2), DigestState.PRINTED),
                (Month(2022, 1), DigestState.READ),
            ],
            stored.digest.lines,
        )
    database.close()


# Where a column does not take just anything.
_ALLOWED = {
    ("digests", "parts"): json.loads(_HEADINGS[0]),
    ("digests", "topics"): json.loads(_HEADINGS[1]),
    ("digests", "until_at"): None,
    ("rules", "trait"): "words",
    ("rules", "act"): "mute",
    ("rules", "state"): "on",
    ("models", "lessons"): [[1, "2.4", "correction"], [1, None, "rejection"]],
}
_CHOSEN = {"decision": "approve", "state": "printed", "acceptance": "taken", "said": "same", "section": "2.4"}
_CHOSEN |= {"month": "2022-12", "second_id": 2}


def _fill(connection: sa.Connection) -> None:
    """Two posts, and one row in every other table."""
    _add_feed(connection)
    for number in (1, 2):
        _add_post(connection, number, feed_key="haneul")
    tables = sa.MetaData()
    tables.reflect(connection, only=metadata.tables.keys() & sa.inspect(connection).get_table_names())
    for table in tables.sorted_tables:
        if table.name not in {"feeds", "posts"}:
            connection.execute(table.insert().values({c.name: _make_up(table.name, c) for c in table.columns}))


def _make_up(table: str, column: sa.Column[object]) -> object:
    if (table, column.name) in _ALLOWED:
        return _ALLOWED[table, column.name]
    if column.name == "outcome":
        return "taken" if table == "pages" else "failed"
    if column.name == "feed_key":
        return "haneul"
    if column.name == "undoes":
        return None
    if column.name in _CHOSEN:
        return _CHOSEN[column.name]
    made = {int: 1, float: 0.5, bool: True, datetime: datetime(2022, 12, 1, tzinfo=UTC), dict: ["made up"]}
    return made.get(column.type.python_type, "made up")


def _read_all(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """All rows in the order of their keys; of the tables, only columns and keys are asked for."""
    inspector = sa.inspect(connection)
    names = [name for name in inspector.get_table_names() if name in metadata.tables]
    keys = inspector.get_multi_pk_constraint(filter_names=names)
    rows = {}
    for place, columns in inspector.get_multi_columns(filter_names=names).items():
        table = sa.table(place[1], *(sa.column(one["name"], one["type"]) for one in columns))
        ordered = table.select().order_by(*(table.c[name] for name in keys[place]["constrained_columns"]))
        rows[table.name] = [dict(row) for row in connection.execute(ordered).mappings()]
    return rows


def _downgrade(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(find_migrations()))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


def test_the_way_to_one_table_of_what_is_behind_and_back_loses_nothing(open_at: OpenAt) -> None:
    database = open_at("0020")
    with database.writing() as connection:
        _fill(connection)
        connection.exec_driver_sql("DELETE FROM recipes")
        connection.exec_driver_sql("UPDATE indexed SET recipe = 4")
        for number in (3, 4):
            _add_post(connection, number, feed_key="haneul")
        # By an older recipe, and changed since.
        for number, recipe in ((2, 3), (3, 0)):
            _insert(connection, "indexed", post_id=number, position=number, recipe=recipe)
        for number, recipe in ((1, 3), (2, 3), (3, 0)):
            _insert(connection, "compared", post_id=number, recipe=recipe)
        # It was interrupted.
        for name, done in (("addresses", None), ("series", 2), ("texts", None)):
            _insert(connection, "recipes", name=name, recipe=1, done_to=done)
        before = _read_all(connection)
    database.migrate("0021")
    with database.writing() as connection:
        behind = {one: list(list_behind(connection, one)) for one in Derived}
        after, known = _read_all(connection), list_recipes(connection)
        _downgrade(connection, "0020")
        again, compared = _read_all(connection), connection.exec_driver_sql("SELECT * FROM compared").all()
    database.close()
    assert {str(one): found for one, found in behind.items() if found} == {
        "series": [3, 4],
        "guesses": [2, 3, 4],
        "copies": [3, 4],
        "search": [2, 3, 4],
    }
    assert known == {"addresses": 1, "series": 1, "texts": 1, "copies": 3, "search": 4}
    before["indexed"][1]["recipe"] = 0
    assert again == before
    assert sorted(map(tuple, compared)) == [(1, 3), (2, 3)]
    for name in ("recipes", "behind", "indexed"):
        before.pop(name, None), after.pop(name)
    assert after == before


def test_on_the_way_back_a_hold_has_no_end(open_at: OpenAt) -> None:
    database = open_at("0022")
    with database.writing() as connection:
        _add_feed(connection)
        for number in (1, 2):
            _add_post(connection, number, feed_key="haneul", verdict_id=number)
            _insert(connection, "verdicts", id=number, post_id=number, decision="hold", by="mina", at=_DAY)
        before = _read_all(connection)
    database.migrate("0025")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE verdicts SET until = '2022-12', returned_at = at WHERE id = 1")
        connection.exec_driver_sql("UPDATE posts SET verdict_id = NULL, returned_id = 1 WHERE id = 1")
        _downgrade(connection, "0022")
        assert _read_all(connection) == before
    database.close()


def test_the_way_to_one_history_and_back_loses_nothing(open_at: OpenAt) -> None:
    database = open_at("0021")
    with database.writing() as connection:
        _fill(connection)
        for number, (decision, undoes) in {2: ("hold", None), 3: ("reject", None), 4: ("undo", 3)}.items():
            said = {"post_id": 2, "decision": decision, "undoes": undoes, "at": f"2022-12-1{number} 00:00:00"}
            _insert(connection, "verdicts", id=number, by="mina", **said)
        _insert(connection, "verdicts", id=5, post_id=2, decision="approve", by="digest 2022-11", at=_DAY)
        for by in ("mina", "digest 2022-11"):
            _insert(connection, "corrections", id=2 + (by != "mina"), post_id=2, by=by, at=_DAY, note="n")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('verdicts', 'id'), 5)")
        before = _read_all(connection)
    database.migrate()
    with database.writing() as connection:
        made = connection.execute(sa.select(tables.actions).order_by(tables.actions.c.id)).all()
        from_digest = sa.select(sa.func.count()).where(tables.verdicts.c.action_id.is_(None))
        assert connection.execute(from_digest).scalar_one() == 1
        _downgrade(connection, "0021")
        again = _read_all(connection)
    database.close()
    assert sorted((one.kind, one.by, one.undone) for one in made if one.by == "mina") == [
        ("correct", "mina", False),
        ("decide", "mina", False),
        ("decide", "mina", True),
        ("undo", "mina", False),
    ]
    assert {one.kind for one in made} == {"decide", "correct", "merge", "weigh", "rule", "undo"}
    (undo,) = (one for one in made if one.kind == "undo")
    assert [(one.undone, one.details["decision"]) for one in made if one.id == undo.undoes] == [(True, "reject")]
    # An undo comes back as a verdict of another number.
    (old,) = (row for row in before["verdicts"] if row["decision"] == "undo")
    (new,) = (row for row in again["verdicts"] if row["decision"] == "undo")
    assert {**old, "id": 0} == {**new, "id": 0}
    for rows in (before, again):
        rows["verdicts"] = [row for row in rows["verdicts"] if row["decision"] != "undo"]
    assert again == before


def test_the_way_from_the_sections_by_number_and_back_loses_nothing(open_at: OpenAt) -> None:
    database = open_at("0016")
    with database.writing() as connection:
        _fill(connection)
        before = _read_all(connection)
    database.migrate("0020")
    with database.writing() as connection:
        after = _read_all(connection)
        _downgrade(connection, "0016")
        again = _read_all(connection)
    database.close()
    assert all(before.values())
    # A search is narrowed by other terms: only this is worked out again.
    before["indexed"][0]["recipe"] = 0
    assert again == before
    kept = {
        name: [{column: row[column] for column in old} for row, old in zip(after[name], rows, strict=True)]
        for name, rows in before.items()
    }
    for name in _SECTIONED:
        before[name][0]["section"] = "business/mlops"
    before["models"][0]["lessons"] = [[1, "business/mlops", "correction"], [1, None, "rejection"]]
    assert kept == before


def test_the_way_to_a_password_and_back_loses_nothing_else(open_at: OpenAt) -> None:
    database = open_at("0022")
    with database.writing() as connection:
        _insert(connection, "sessions", hash="a", door="b", browser="Firefox", began_at=_DAY, used_at=_DAY)
        before = connection.exec_driver_sql("SELECT * FROM sessions").all()
    for _ in range(2):
        database.migrate()
        with database.writing() as connection:
            assert find_password(connection) is None
            put_password(connection, "one")
            put_password(connection, "two")
            assert find_password(connection) == "two"
            _downgrade(connection, "0022")
            assert connection.exec_driver_sql("SELECT * FROM sessions").all() == before
            assert "passwords" not in sa.inspect(connection).get_table_names()
    database.close()


def test_tokens_come_and_go_without_touching_anything_else(open_at: OpenAt) -> None:
    database = open_at("0021")
    with database.writing() as connection:
        _fill(connection)
    database.migrate("0022")
    with database.reading() as connection:
        before = _read_all(connection)
    database.migrate("0024")
    with database.writing() as connection:
        _insert(connection, "tokens", name="script", hash="h" * 64, read_only=False, made_at=_DAY)
        _downgrade(connection, "0022")
        after = _read_all(connection)
    database.close()
    assert after == before


def test_the_way_to_kept_accounts_and_back_loses_nothing_else(open_at: OpenAt) -> None:
    database = open_at("0021")
    with database.writing() as connection:
        _fill(connection)
    database.migrate("0029")
    with database.reading() as connection:
        before = _read_all(connection)
    database.migrate("0034")
    with database.writing() as connection:
        (digest,) = _read_all(connection)["digests"]
        assert (digest["foot"], digest["coverage"]) == ("", None)
        _downgrade(connection, "0029")
        after = _read_all(connection)
    database.close()
    assert after == before


def test_gaps_of_before_are_open_and_were_not_read_back(open_at: OpenAt) -> None:
    database = open_at("0021")
    with database.writing() as connection:
        _add_feed(connection)
        _insert(connection, "gaps", feed_key="haneul", noticed_at=_DAY, since_at=_DAY)
    database.migrate("0043")
    with database.reading() as connection:
        (gap,) = list_gaps(connection)
        assert (gap.is_open, gap.is_first, gap.next_url, gap.pages) == (True, False, None, 0)
        assert list_gaps_to_read(connection, gap.noticed_at) == []
    with database.writing() as connection:
        _downgrade(connection, "0039")
        assert len(_read_all(connection)["gaps"]) == 1
    database.close()


def test_the_way_to_recipes_and_back_loses_nothing_else(open_at: OpenAt) -> None:
    database = open_at("0021")
    with database.writing() as connection:
        _fill(connection)
    database.migrate("0039")
    with database.reading() as connection:
        before = _read_all(connection)
    database.migrate("0042")
    with database.writing() as connection:
        assert {feed["recipe"] for feed in _read_all(connection)["feeds"]} == {None}
        _downgrade(connection, "0039")
        after = _read_all(connection)
    database.close()
    assert after == before


def test_on_the_way_back_an_older_program_knows_what_is_said_of_feeds(open_at: OpenAt) -> None:
    before = {"name": "Haneul", "kind": "signal"}
    after = {**before, "kind": "roundup", "recipe": None, "only": None, "verified": None}
    database = open_at("0046")
    with database.writing() as connection:
        _add_feed(connection, kind="roundup", listed=json.dumps(after))
        _add_post(connection, 1, waits_for="being added again")
        _downgrade(connection, "0039")
        (feed,), (post,) = (_read_all(connection)[table] for table in ("feeds", "posts"))
        assert (feed["kind"], post["waits_for"]) == ("signal", "a date")
        assert (json.loads(feed["listed"]) if isinstance(feed["listed"], str) else feed["listed"]) == before
    database.close()


def test_on_the_way_back_an_addition_is_a_correction(open_at: OpenAt) -> None:
    database = open_at("0044")
    with database.writing() as connection:
        values = {"by": "mina", "at": _DAY, "details": "{}", "changes": "{}", "undone": False}
        _insert(connection, "actions", id=1, kind="add", **values)
        _downgrade(connection, "0039")
        assert connection.exec_driver_sql("SELECT kind FROM actions").scalar_one() == "correct"
    database.close()


def test_the_way_to_kept_talk_and_back_loses_nothing_else(open_at: OpenAt) -> None:
    database = open_at("0039")
    with database.writing() as connection:
        _insert(connection, "signals", canonical_url="a", source="hn", name="points", value=3.0, observed_at=_DAY)
        before = connection.exec_driver_sql("SELECT * FROM signals").all()
    database.migrate()
    with database.writing() as connection:
        _insert(connection, "talk_asks", source="geeknews", address="a", asked_at=_DAY)
        assert list_heard(connection, 1) == ()
        _downgrade(connection, "0039")
        assert connection.exec_driver_sql("SELECT * FROM signals").all() == before
        assert "talk_asks" not in sa.inspect(connection).get_table_names()
    database.close()


def test_places_of_talk_get_a_name_that_no_feed_has_and_lose_it_on_the_way_back(open_at: OpenAt) -> None:
    database = open_at("0048")
    talk = "https://news.ycombinator.com/item?id=1"
    rows = [
        ("reddit", "points", "https://www.reddit.com/r/ml/", "talk:reddit"),
        ("reddit", "comments", "https://blog.reddit.example/", "reddit"),
        ("reddit", "links", "https://www.reddit.com/r/ml/", "reddit"),
        ("hackernews", "points", talk, "talk:hackernews"),
        ("hackernews", "comments", None, "talk:hackernews"),
        ("github", "stars", None, "talk:github"),
        ("github", "comments", None, "github"),
        ("hn", "points", talk, "hn"),
    ]
    with database.writing() as connection:
        _add_feed(connection, key="reddit")
        values = {"value": 3.0, "observed_at": _DAY}
        for source, name, url, _ in rows:
            _insert(connection, "signals", canonical_url="a", source=source, name=name, url=url, **values)
        before = set(map(tuple, connection.exec_driver_sql("SELECT source, name FROM signals")))
    database.migrate("0049")
    with database.writing() as connection:
        after = set(map(tuple, connection.exec_driver_sql("SELECT source, name FROM signals")))
        assert after == {(source, name) for _, name, _, source in rows}
        # An older program has one row for both.
        _insert(connection, "signals", canonical_url="a", source="reddit", name="points", **values)
        _downgrade(connection, "0048")
        assert set(map(tuple, connection.exec_driver_sql("SELECT source, name FROM signals"))) == before
    database.close()


def test_the_way_to_looks_at_sites_and_back_keeps_the_feeds(open_at: OpenAt) -> None:
    database = open_at("0049")
    with database.writing() as connection:
        _add_feed(connection)
        before = connection.exec_driver_sql("SELECT * FROM feeds").all()
    database.migrate("0050")
    with database.writing() as connection:
        look = SiteLook("haneul", datetime(2022, 12, 1, tzinfo=UTC), None)
        save_look(connection, look)
        assert list_looks(connection) == {"haneul": look}
        _downgrade(connection, "0049")
        assert connection.exec_driver_sql("SELECT * FROM feeds").all() == before
    database.close()


def test_what_was_dismissed_before_can_be_undone(open_at: OpenAt) -> None:
    database = open_at("0051")
    with database.writing() as connection:
        for name in ("leave:haneul", "follow:blog.example"):
            _insert(connection, "dismissals", proposal=name, at=_DAY, by="mina")
        before = _read_all(connection)["dismissals"]
    database.migrate("0052")
    with database.reading() as connection:
        assert list_dismissed(connection) == {"leave:haneul", "follow:blog.example"}
        assert [action.feed_key for action, _ in list_past(connection, limit=9)] == [None, "haneul"]
    with database.writing() as connection:
        _downgrade(connection, "0051")
        assert _read_all(connection)["dismissals"] == before
    database.close()


def test_of_notes_before_drafts_were_noted_nobody_knows_who_wrote_them(open_at: OpenAt) -> None:
    database = open_at("0052")
    with database.writing() as connection:
        _add_post(connection, 1)
        _insert(connection, "corrections", post_id=1, by="mina", at=_DAY, note="a note")
        before = connection.exec_driver_sql("SELECT * FROM corrections").all()
    database.migrate("0053")
    with database.writing() as connection:
        _insert(connection, "corrections", post_id=1, by="mina", at=_DAY, note="another")
        known = connection.exec_driver_sql("SELECT drafts_known FROM corrections ORDER BY id").scalars().all()
        assert list(map(bool, known)) == [False, True]
        connection.exec_driver_sql("DELETE FROM corrections WHERE note = 'another'")
        _downgrade(connection, "0052")
        assert connection.exec_driver_sql("SELECT * FROM corrections").all() == before
    database.close()


def test_the_way_to_commits_that_are_tried_again_and_back_keeps_what_is_told(open_at: OpenAt) -> None:
    database = open_at("0039")
    told = (
        "INSERT INTO deliveries (month, kind, body, due_at, tries, failure) VALUES ('2026-10', '{}', '', '{}', 0, '')"
    )
    with database.writing() as connection:
        connection.exec_driver_sql(told.format("webhook", "2026-11-05 09:00:00"))
        before = _read_all(connection)
    database.migrate("0046")
    with database.writing() as connection:
        connection.exec_driver_sql(told.format("commit", "2026-11-05 09:00:00"))
        _downgrade(connection, "0039")
        after = _read_all(connection)
    database.close()
    assert after == before


def test_on_the_way_back_feeds_give_again_what_was_unread(open_at: OpenAt) -> None:
    database = open_at("0051")
    with database.writing() as connection:
        _add_feed(connection, etag='"e"')
        _add_post(connection, 1)
        _add_entry(connection, 1, content="", raw="<p>글</p>")
        _insert(connection, "behind", what="contents", post_id=1)
        _downgrade(connection, "0050")
        read = _read_all(connection)
        assert (read["entries"][0]["fingerprint"], read["feeds"][0]["etag"]) == ("", None)
        assert sorted(one["what"] for one in read["behind"]) == ["copies", "guesses", "search"]
    database.close()


def test_links_for_readers_come_and_go_with_what_was_done_about_them(open_at: OpenAt) -> None:
    database = open_at("0053")
    values = {"by": "mina", "at": _DAY, "details": "{}", "changes": "{}", "undone": False}
    with database.writing() as connection:
        _insert(connection, "actions", id=1, kind="print", **values)
        _insert(connection, "actions", id=2, kind="undo", undoes=1, **values)
        before = _read_all(connection)
    database.migrate("0054")
    with database.writing() as connection:
        link = {"kind": "suggest", "name": "", "salt": "s", "hash": "h", "by": "mina", "made_at": _DAY}
        _insert(connection, "invitations", id=1, **link)
        _insert(connection, "actions", id=3, kind="reader", **values)
        _insert(connection, "actions", id=4, kind="undo", undoes=3, **values)
        _downgrade(connection, "0053")
        assert _read_all(connection) == before
    database.close()
