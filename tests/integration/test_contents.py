"""What no open month needs is stored unread, and read later: what comes of it is what reading at once would have made."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from aggregator.feeds.archives import decide_archive
from aggregator.feeds.drafts import read_contents
from aggregator.feeds.schedule import Bounds
from aggregator.feeds.update import Surroundings, VisitRules, decide_document
from aggregator.fetch.workers import WorkerPool
from aggregator.pipeline import contents
from aggregator.pipeline.contents import ContentReader
from aggregator.storage.articles import find_article
from aggregator.storage.changes import Derived, count_behind, list_behind
from aggregator.storage.database import Connection, Database
from aggregator.storage.feeds import list_feed_states, save_feeds
from aggregator.storage.tables import behind, entries, posts
from aggregator.storage.updates import apply_archive, apply_updates, list_known_entries
from aggregator.types import Gap, Month, Outcome, Retrieved, Visit
from databases import Sqlite
from world import FEEDS, MONTH, NOW, home_of

RULES = VisitRules(
    Bounds(timedelta(minutes=15), timedelta(hours=12)), ZoneInfo("Asia/Seoul"), max_entries=100, move_trial=timedelta(3)
)
OPEN = frozenset({MONTH, MONTH.shift(-1)})
BLOG, PLANET = FEEDS[1], replace(FEEDS[0], key="planet", language="en", url="https://planet.example/feed")
THEME = (
    '<p>By <a href="https://github.com/theme-example/theme">a theme</a> <a href="https://테마.example/">우리</a></p>'
)


def _make_item(number: int, days: int, more: str = "", *, path: str = "", dated: bool = True, **fields: str) -> str:
    date = format_datetime(NOW - timedelta(days=days))
    html = f"<p>글 {number}: 실시간 추천 <script>x</script> <a href='https://github.com/haneul-example/{number}'>코드</a></p>"
    said = {"title": f"피처 스토어 도입기 {number}", "guid": f"tag:{number}", **fields}
    said |= {"link": f"https://tech.haneul.example/{path or number}", "pubDate": date if dated else ""}
    fields_of = "".join(f"<{name}>{value}</{name}>" for name, value in said.items() if value)
    return f"<item>{fields_of}<description><![CDATA[{html}{THEME}{more}]]></description></item>"


def _make_document(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>".encode()


#: Of this month, of the last one, and of years ago: with code and pictures, without a date, text or title.
ITEMS = {
    1: _make_item(1, 2),
    2: _make_item(2, 40),
    3: _make_item(3, 400, "<pre><code>a = 1\nb = 2</code></pre><img src='https://tech.haneul.example/3.png'>"),
    4: _make_item(4, 500, " ".join(["words"] * 900)),
    5: _make_item(5, 600, dated=False),
    6: _make_item(6, 700, title=""),
    7: _make_item(7, 800, "<p>In partnership with <b>Lumen</b></p>"),
    # Two items of one page.
    8: _make_item(8, 900, path="same#a") + _make_item(9, 901, path="same#b") + _make_item(10, 900, path="same"),
}
ELSEWHERE = _make_item(3, 400, "<p>as the planet tells it</p>", guid="planet:3")


def _visit(connection: Connection, key: str, document: bytes, days: int, opened: frozenset[Month] | None) -> None:
    now = NOW + timedelta(days=days)
    state = next(state for state in list_feed_states(connection) if state.feed.key == key)
    visit = Visit(key, now, 0.0, Outcome.FAILED)
    known = list_known_entries(connection, key)
    answer = Retrieved(state.feed.url, 200, document, "text/xml")
    around = Surroundings(opened=opened)
    update = decide_document(state, answer, known, visit=visit, rules=RULES, around=around)
    apply_updates(connection, contents.read_known(connection, [update]))


def _read_older(connection: Connection, key: str, document: bytes, opened: frozenset[Month] | None) -> None:
    state = next(state for state in list_feed_states(connection) if state.feed.key == key)
    gap, answer = Gap(key, NOW, NOW - timedelta(999)), Retrieved(state.feed.url, 200, document, "text/xml")
    known = list_known_entries(connection, key)
    page = decide_archive(
        state, gap, answer, known, frozenset(), published=frozenset(), opened=opened, rules=RULES, now=NOW
    )
    apply_archive(connection, *contents.read_known(connection, [page]))


def _play(database: Database, opened: frozenset[Month] | None, story: str) -> None:
    """Visits of a blog and a planet, each letter one; all documents are those of years."""
    old, new = _make_document(*ITEMS.values()), _make_document(_make_item(3, 400, "<p>edited</p>"), *ITEMS.values())
    moved = _make_document(*(item.replace("haneul.example/4<", "haneul.example/moved<") for item in ITEMS.values()))
    with database.writing() as connection:
        save_feeds(connection, [BLOG, PLANET])
    for day, letter in enumerate(story):
        with database.writing() as connection:
            match letter:
                case "b":
                    _visit(connection, BLOG.key, old, day, opened)
                case "e":
                    _visit(connection, BLOG.key, new.replace(ITEMS[3].encode(), b""), day, opened)
                case "m":
                    _visit(connection, BLOG.key, moved, day, opened)
                case "p":
                    _visit(connection, PLANET.key, _make_document(ELSEWHERE), day, opened)
                case "a":
                    _read_older(connection, PLANET.key, _make_document(ELSEWHERE, ITEMS[7]), opened)


def _list_rows(database: Database) -> dict[str, list[Any]]:
    """All that is stored of entries and posts, and what is behind of them."""
    with database.reading() as connection:
        return {
            "entries": list(map(tuple, connection.execute(sa.select(entries).order_by(entries.c.id)))),
            "posts": list(map(tuple, connection.execute(sa.select(posts).order_by(posts.c.id)))),
            "behind": sorted(map(tuple, connection.execute(sa.select(behind.c.what, behind.c.post_id).distinct()))),
        }


def _list_unread(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(list_behind(connection, Derived.CONTENTS))


def _count_unread(database: Database) -> tuple[int, int]:
    with database.reading() as connection:
        raw = connection.execute(sa.select(sa.func.count()).where(entries.c.raw.is_not(None))).scalar_one()
        return count_behind(connection, Derived.CONTENTS), raw


@pytest.fixture
def at_once(sqlite: Sqlite, tmp_path: Path) -> Iterator[Database]:
    """A home that reads everything at once."""
    opened = Database(sqlite.create_migrated(tmp_path / "at-once.sqlite"))
    yield opened
    opened.close()


@pytest.mark.parametrize("story", ["b", "bb", "be", "bm", "bp", "pb", "pbe", "pa", "bapem"])
def test_what_is_read_later_is_what_would_have_been_read_at_once(
    database: Database, at_once: Database, story: str
) -> None:
    _play(database, OPEN, story)
    _play(at_once, None, story)
    assert _count_unread(at_once) == (0, 0)
    assert _count_unread(database)[0] > 0
    contents.read_posts(database, _list_unread(database))
    assert _count_unread(database) == (0, 0)
    assert _list_rows(database) == _list_rows(at_once)


def test_only_what_no_open_month_needs_stays_unread_and_shows_nothing(database: Database) -> None:
    _play(database, OPEN, "b")
    with database.reading() as connection:
        unread = list(list_behind(connection, Derived.CONTENTS))
        rows = connection.execute(sa.select(posts).where(posts.c.id.in_(unread))).all()
        assert {row.title.rpartition(" ")[2] for row in rows} >= {"3", "4", "7"}
        assert not {"1", "2", "5"} & {row.title.rpartition(" ")[2] for row in rows}
        assert {(row.text, row.words, row.language) for row in rows} == {("", 0, "und")}
        assert not any(find_article(connection, number) for number in unread), "raw HTML is shown to nobody"
        for derived in Derived:
            waits = set(list_behind(connection, derived)) & set(unread)
            assert not waits or derived is Derived.CONTENTS, "what is unread is not guessed, compared or indexed"


def test_somebody_opens_a_post_or_a_month(database: Database) -> None:
    _play(database, OPEN, "b")
    with database.reading() as connection:
        unread = list(list_behind(connection, Derived.CONTENTS))
        months = dict(map(tuple, connection.execute(sa.select(posts.c.id, posts.c.month))))
    assert contents.read_posts(database, unread[:1]) == 1
    assert contents.read_posts(database, unread[:1]) == 0
    assert contents.read_month(database, Month.parse(months[unread[1]])) == 1
    assert contents.read_month(database, MONTH) == 0
    assert _count_unread(database)[0] == len(unread) - 2
    with database.reading() as connection:
        assert find_article(connection, unread[0])


def test_workers_read_the_rest_and_an_entry_that_cannot_be_read_holds_up_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _play(database, OPEN, "b")
    before = _count_unread(database)[0]
    busy = iter([True, True])

    def fail_for_one(unread: list[Any]) -> Any:
        if any("900" in entry.raw or "words" in entry.raw for entry in unread):
            raise RuntimeError("a bug")
        return read(unread)

    read = contents.read_contents
    monkeypatch.setattr(contents, "read_contents", fail_for_one)
    monkeypatch.setattr(contents, "_PAUSE", 0.0)
    with WorkerPool(0, cpu_seconds=60) as workers:
        reader = ContentReader(home_of(database), workers, lambda: next(busy, False))
        assert asyncio.run(reader.read_behind(is_ending=lambda: True)) == 0
        assert asyncio.run(reader.read_behind()) == before
    assert _count_unread(database) == (0, 0)
    with database.reading() as connection:
        empty = connection.execute(sa.select(entries.c.title).where(entries.c.content == "")).scalars().all()
        waiting = count_behind(connection, Derived.SEARCH)
        assert waiting == connection.execute(sa.select(sa.func.count()).select_from(posts)).scalar_one()
    assert empty == ["피처 스토어 도입기 4"]


def test_what_a_visit_stores_meanwhile_is_not_overwritten(database: Database) -> None:
    _play(database, OPEN, "b")
    unread = _list_unread(database)
    with WorkerPool(0, cpu_seconds=60) as workers:
        reader = ContentReader(home_of(database), workers)
        behind, raw = reader._gather(unread)
        late = threading.Thread(target=reader._apply, args=(behind, read_contents(raw)))
        with database.writing() as connection:
            # A visit reads the posts, too, and then finds that its feed has changed them.
            contents._read(connection, unread)
            connection.execute(entries.update().where(entries.c.post_id.in_(unread)).values(content="edited"))
            late.start()
            # It waits for the visit; SQLite does not let it begin.
            late.join(0.1)
        late.join()
    with database.reading() as connection:
        query = sa.select(entries.c.content).where(entries.c.post_id.in_(unread)).distinct()
        assert connection.execute(query).scalars().all() == ["edited"]
