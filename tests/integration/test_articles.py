"""The article of a post is from where its text is from; on both databases."""

from __future__ import annotations

from dataclasses import replace

from aggregator.storage import judgements
from aggregator.storage.articles import find_article
from aggregator.storage.database import Database
from aggregator.storage.pages import save_readings
from aggregator.types import Article, Decision, Feed, Kind, PageOutcome, PageReading, PageText, TextSource, Verdict
from world import FEED, NOW, make_draft, make_update, store

DRAFT = make_draft(1)
PLANET = Feed("planet", "Planet", "https://planet.example/rss", Kind.COMPANY, "ko")
TEXT = PageText("긴 글", 2, (), "ko", 0, None, 0, 0)
READING = PageReading(1, DRAFT.url, NOW, PageOutcome.TAKEN, attempts=1, text=TEXT, content="<p>긴 글</p>")


def _find(database: Database) -> Article | None:
    with database.reading() as connection:
        return find_article(connection, 1)


def _read(database: Database, reading: PageReading) -> None:
    with database.writing() as connection:
        save_readings(connection, [reading])


def _store(database: Database, text: str, *, feed: Feed = FEED, title: str = DRAFT.title) -> None:
    store(database, make_update(replace(DRAFT, text=text, title=title, feed_key=feed.key), feed=feed))


def _of(text: str, text_from: TextSource = TextSource.FEED) -> Article:
    return Article(DRAFT.title, DRAFT.url, f"<p>{text}</p>", text_from)


def test_an_article_is_of_the_feed_of_its_post_and_as_new_as_its_text(database: Database) -> None:
    assert _find(database) is None
    _store(database, "글")
    assert _find(database) == _of("글")
    _store(database, "다른 글", feed=PLANET)
    assert _find(database) == _of("글")
    _store(database, "고친 글")
    assert _find(database) == _of("고친 글")


def test_a_post_with_the_text_of_its_page_has_the_article_of_its_page(database: Database) -> None:
    _store(database, "글")
    _read(database, replace(READING, outcome=PageOutcome.KEPT, text=None, content=None))
    assert _find(database) == _of("글")
    _read(database, READING)
    assert _find(database) == _of("긴 글", TextSource.PAGE)
    _store(database, "고친 글")
    assert _find(database) == _of("긴 글", TextSource.PAGE)


def test_a_page_that_an_earlier_version_read_has_no_article(database: Database) -> None:
    _store(database, "글")
    _read(database, replace(READING, content=None))
    assert _find(database) is None


def test_an_approved_post_that_its_feed_renames_does_not_show_the_text_of_another(database: Database) -> None:
    _store(database, "글")
    with database.writing() as connection:
        judgements.append_verdict(connection, Verdict(1, Decision.APPROVE, "mina", NOW))
    _store(database, "다른 글", title="다른 제목")
    assert _find(database) is None
    _store(database, "글")
    assert _find(database) == _of("글")
