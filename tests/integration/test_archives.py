"""Gaps are read back from the older pages of a feed, over real connections."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.pipeline import archives
from aggregator.pipeline.account import take_account
from aggregator.storage.health import list_gaps
from aggregator.storage.tables import entries, posts
from aggregator.storage.updates import apply_archive
from aggregator.types import ArchivePage, Entry, Feed, Gap, Kind, Month
from clock import Clock
from databases import Sqlite
from feed_server import Answer, FeedServer, serve_feeds

#: A post a day, numbered by the day of the year; a window holds five.
WINDOW = 5
START = datetime(2022, 1, 1, 9, tzinfo=UTC)


@contextmanager
def _following(
    server: FeedServer, sqlite: Sqlite, *, pages: int = 20, behind: str | None = None, path: str = "/feed/"
) -> Iterator[tuple[App, Clock]]:
    """An app that follows a feed of the server; with *behind* one of that site, for which the server is the proxy."""
    feed = Feed("haneul", "하늘상점", (behind or server.address) + path, Kind.COMPANY, "ko")
    proxies = {"haneul": server.address} if behind else {}
    visits = {
        **{"parser_processes": 0, "host_pause_seconds": 0, "archive_pages": pages},
        "allowed_networks": ["127.0.0.0/8"],
    }
    clock = Clock(START)
    with tempfile.TemporaryDirectory() as home:
        sqlite.create_migrated(Path(home) / "aggregator.sqlite")
        settings = Settings.model_validate({"visits": visits})
        config = Config(Path(home), Path("feeds.toml"), settings, (feed,), proxies=proxies)
        with open_app(config, clock=clock, random=lambda: 0.5) as app:
            yield app, clock


def _publish(server: FeedServer, newest: int, pages: int = 12, *, site: str = "") -> None:
    """A WordPress blog with a post for each day until *newest*, and so many pages of its feed."""
    for page in range(pages):
        days = range(newest - page * WINDOW, max(newest - (page + 1) * WINDOW, 0), -1)
        items = "".join(
            f"<item><guid>tag:{day}</guid><title>글 {day}</title><link>/{day}</link>"
            f"<pubDate>{format_datetime(START + timedelta(days=day - 1))}</pubDate></item>"
            for day in days
        )
        body = f"<rss version='2.0'><channel><generator>https://wordpress.org/?v=6</generator>{items}</channel></rss>"
        server.play(site + (f"/feed/?paged={page + 1}" if page else "/feed/"), body)


def _visit(app: App, clock: Clock, day: int) -> None:
    clock.now = START + timedelta(days=day - 1, hours=1)
    asyncio.run(app.visitor.visit_now(["haneul"]))


def _list_days(app: App, column: sa.Column[bool] | None = None) -> list[int]:
    query = sa.select(entries.c.guid)
    with app.reading() as connection:
        found = connection.execute(query if column is None else query.where(column)).scalars()
        return sorted(int(guid.partition(":")[2]) for guid in found)


def _get_gap(app: App) -> Gap:
    with app.reading() as connection:
        (gap,) = list_gaps(connection, "haneul")
    return gap


def test_a_gap_of_two_weeks_is_closed_from_the_older_pages(sqlite: Sqlite) -> None:
    with serve_feeds() as server, _following(server, sqlite) as (app, clock):
        _publish(server, 38)
        _visit(app, clock, 38)
        assert asyncio.run(app.archive_reader.read_due()) == [_get_gap(app)], "back to the beginning of February"
        assert (_get_gap(app).is_first, _get_gap(app).is_open, _get_gap(app).pages) == (True, False, 1)
        assert _list_days(app) == list(range(29, 39))
        _publish(server, 57)
        _visit(app, clock, 57)
        asked = len(server.requests)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert [path for path, _ in server.requests[asked:]] == [f"/feed/?paged={page}" for page in (2, 3, 4)]
        assert (gap.is_open, gap.pages, gap.found) == (False, 3, 14)
        assert _list_days(app) == list(range(29, 58)), "every day once"
        assert _list_days(app, entries.c.in_window) == [53, 54, 55, 56, 57], "archives are outside of the window"
        with app.reading() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(posts)).scalar_one() == 29
            assert take_account(app, connection, Month(2022, 2)).gapped == frozenset()
        # The next visit compares the document with the one before, and has nothing to read back.
        _publish(server, 58)
        _visit(app, clock, 58)
        asked = len(server.requests)
        assert asyncio.run(app.archive_reader.read_due()) == []
        assert len(server.requests) == asked
        with app.reading() as connection:
            assert len(list_gaps(connection)) == 1


def test_an_endless_archive_is_left_and_one_that_fails_goes_on_later(sqlite: Sqlite) -> None:
    with serve_feeds() as server, _following(server, sqlite, pages=3) as (app, clock):
        _publish(server, 10)
        _visit(app, clock, 10)
        asyncio.run(app.archive_reader.read_due())
        _publish(server, 60)
        server.play("/feed/?paged=3", "", status=503, validators=False)
        _visit(app, clock, 60)
        with app.reading() as connection:
            (first,) = list_gaps(connection)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert first.next_url == server.address + "/feed/?paged=2"
        assert (gap.pages, gap.attempts, gap.next_url) == (1, 1, server.address + "/feed/?paged=3")
        assert 51 in _list_days(app), "the page before the failure is stored"
        assert asyncio.run(app.archive_reader.read_due()) == [], "it waits first"
        _publish(server, 60)
        clock.advance(hours=1)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert (gap.pages, gap.trouble) == (3, "its older pages go on after 3")
        assert _list_days(app) == [*range(1, 11), *range(41, 61)]


def test_older_pages_of_a_feed_behind_a_proxy_are_asked_of_it(sqlite: Sqlite) -> None:
    site = "http://blog.example"
    with serve_feeds() as server, _following(server, sqlite, behind=site) as (app, clock):
        _publish(server, 7, pages=2, site=site)
        _visit(app, clock, 7)
        asyncio.run(app.archive_reader.read_due())
        assert [path for path, _ in server.requests] == [f"{site}/feed/{page}" for page in ("", "?paged=2", "?paged=3")]
        assert _list_days(app) == list(range(1, 8))


def test_what_a_visit_finds_meanwhile_stays_in_the_window(sqlite: Sqlite) -> None:
    with serve_feeds() as server, _following(server, sqlite) as (app, clock):
        _publish(server, 7, pages=2)
        _visit(app, clock, 7)
        gap = _get_gap(app)
        with app.database.writing() as connection:
            row = connection.execute(sa.select(entries).where(entries.c.guid == "tag:7")).one()
            entry = Entry(**{name: getattr(row, name) for name in Entry.__slots__})
            apply_archive(connection, ArchivePage(gap, (entry,)))
        assert 7 in _list_days(app, entries.c.in_window)


def _publish_page(server: FeedServer, day: int, *, has_date: bool = True) -> None:
    at = (START + timedelta(days=day - 1)).isoformat()
    date = f'<meta property="article:published_time" content="{at}">' if has_date else ""
    page = f"<html><head><title>글 {day}</title>{date}</head><body><h1>글 {day}</h1></body></html>"
    server.play(f"/blog/{day}", page, content_type="text/html")


def _publish_with_sitemap(server: FeedServer, newest: int) -> None:
    """A blog whose feed has five posts and no older pages, with the sitemap that robots.txt names."""
    days = range(newest, max(newest - WINDOW, 0), -1)
    items = "".join(
        f"<item><guid>{server.address}/blog/{day}</guid><title>글 {day}</title><link>/blog/{day}</link>"
        f"<pubDate>{format_datetime(START + timedelta(days=day - 1))}</pubDate></item>"
        for day in days
    )
    server.play("/feed.xml", f"<rss version='2.0'><channel>{items}</channel></rss>")
    places = {f"/blog/{day}": START + timedelta(days=day - 1) for day in range(1, newest + 1)}
    places |= {"/blog/about": START + timedelta(days=newest), "/jobs/1": START + timedelta(days=newest)}
    places |= {"/blog/tag/mlops": START + timedelta(days=newest)}
    urls = "".join(
        f"<url><loc>{server.address}{path}</loc><lastmod>{at.isoformat()}</lastmod></url>"
        for path, at in places.items()
    )
    server.play("/posts.xml", f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>")
    index = f"<sitemap><loc>{server.address}/posts.xml</loc></sitemap>"
    server.play(
        "/index.xml", f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{index}</sitemapindex>"
    )
    server.play("/robots.txt", f"User-agent: *\nDisallow: /blog/31\nSitemap: {server.address}/index.xml\n")
    server.play("/blog/about", "<html><body><h1>About us</h1></body></html>", content_type="text/html")
    for day in range(1, newest + 1):
        _publish_page(server, day)


def _list_titles(app: App) -> list[int]:
    with app.reading() as connection:
        return sorted(int(title.split()[1]) for title in connection.execute(sa.select(entries.c.title)).scalars())


def test_a_feed_without_older_pages_is_read_back_from_the_sitemap_of_its_site(sqlite: Sqlite) -> None:
    with serve_feeds() as server, _following(server, sqlite, path="/feed.xml") as (app, clock):
        _publish_with_sitemap(server, 38)
        _visit(app, clock, 38)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        asked = [path for path, _ in server.requests]
        assert (gap.is_first, gap.is_open, gap.trouble) == (True, False, None)
        # Back to the beginning of February, without what robots.txt does not allow.
        assert _list_titles(app) == [32, 33, 34, 35, 36, 37, 38]
        assert {path for path in asked if path.startswith(("/jobs", "/blog"))} == {
            "/blog/about",
            "/blog/32",
            "/blog/33",
        }
        # A gap of a week.
        _publish_with_sitemap(server, 51)
        _visit(app, clock, 51)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert (gap.is_open, gap.found, gap.trouble) == (False, 8, None)
        assert _list_titles(app) == list(range(32, 52))
        with app.reading() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(posts)).scalar_one() == 20
        assert asyncio.run(app.archive_reader.read_due()) == []


def test_a_sitemap_ends_reading_back_by_itself(sqlite: Sqlite) -> None:
    with serve_feeds() as server, _following(server, sqlite, pages=3, path="/feed.xml") as (app, clock):
        # A new feed of a site without a sitemap has missed nothing.
        _publish_with_sitemap(server, 38)
        del server.answers["/index.xml"]
        _visit(app, clock, 38)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert (gap.is_open, gap.pages) == (False, 0)
        # One that missed something says so.
        _publish_with_sitemap(server, 51)
        del server.answers["/index.xml"]
        _visit(app, clock, 51)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert (gap.is_open, gap.trouble) == (True, "the feed names no older pages")
        # A long one is left after so many pages.
        _publish_with_sitemap(server, 70)
        _visit(app, clock, 70)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert (gap.pages, gap.trouble) == (3, "its older pages go on after 3")


def test_a_sitemap_that_is_none_and_pages_that_say_nothing_hold_up_nothing(
    sqlite: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_feeds() as server, _following(server, sqlite, pages=9, path="/feed.xml") as (app, clock):
        _publish_with_sitemap(server, 38)
        # Relative, and a page in place of a sitemap.
        server.play("/robots.txt", "Sitemap: /none.xml\nSitemap: /posts.xml\n", content_type="text/plain")
        server.play("/none.xml", "<html><body>Not here</body></html>", content_type="text/html")
        _visit(app, clock, 38)
        # A round ends after one page; the first ones are no posts.
        monkeypatch.setattr(archives, "_LONGEST_SECONDS", 0.0)
        asked = len(server.requests)
        for _ in range(3):
            (gap,) = asyncio.run(app.archive_reader.read_due())
        pages = [path for path, _ in server.requests[asked:] if path.startswith("/blog")]
        assert pages == ["/blog/about", "/blog/33", "/blog/32"]
        assert (gap.is_open, gap.trouble) == (False, None)


def test_what_a_gap_reads_of_a_site_behind_a_proxy_is_asked_of_it(sqlite: Sqlite) -> None:
    site = "http://blog.example"
    with serve_feeds() as server, _following(server, sqlite, behind=site, path="/feed.xml") as (app, clock):
        _publish_with_sitemap(server, 38)
        for path, answer in list(server.answers.items()):
            assert isinstance(answer, Answer)
            body = answer.body.replace(server.address.encode(), site.encode())
            server.answers[site + path] = replace(answer, body=body)
        _visit(app, clock, 38)
        (gap,) = asyncio.run(app.archive_reader.read_due())
        assert (gap.is_open, gap.trouble, _list_titles(app)) == (False, None, [32, 33, 34, 35, 36, 37, 38])
        assert {path.partition("/blog/")[0] for path, _ in server.requests} >= {
            f"{site}/robots.txt",
            f"{site}/posts.xml",
        }
        assert all(path.startswith(site) for path, _ in server.requests)
