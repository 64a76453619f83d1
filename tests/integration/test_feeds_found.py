"""Discovery over a real server: what is asked for, what is found, and what is said if nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from aggregator.app import App, open_app
from aggregator.config import load_config
from aggregator.exceptions import NotFoundError
from aggregator.feeds.discovery.leads import Reason
from aggregator.pipeline.discovery import MOST_REQUESTS, Discovery
from aggregator.pipeline.listing import add_feeds
from aggregator.storage.database import Aim
from feed_server import FeedServer

PAGE = '<html><head><title>Haneul</title><link rel="alternate" type="application/rss+xml" href="{}"></head></html>'
FEED = (
    "<rss version='2.0'><channel><title>Haneul Tech</title><link>https://haneul.example/</link>"
    "<item><title>First</title><link>https://haneul.example/1</link><pubDate>Thu, 03 Nov 2022 00:00:00 GMT</pubDate></item>"
    "</channel></rss>"
)


VISITS = '[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One for all: a search stores nothing."""
    home = tmp_path_factory.mktemp("home")
    (home / "feeds.toml").write_text(VISITS)
    with open_app(load_config({}, home=home), Aim.BEGIN) as app:
        yield app


def find(app: App, url: str) -> Discovery:
    return asyncio.run(app.discoverer.find(url))


def list_asked(server: FeedServer) -> list[str]:
    return [path for path, _ in server.requests]


def test_a_feed_that_a_page_names(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/feed.xml", FEED)
    url = feed_server.play("/blog/", PAGE.format("/feed.xml"), content_type="text/html")
    found = find(app, url)
    (only,) = found.found
    assert (only.lead.reason, only.feed.name, only.followed_as) == (Reason.NAMED, "Haneul Tech", None)
    assert only.feed.url == feed_server.address + "/feed.xml"
    assert list_asked(feed_server) == ["/blog/", "/feed.xml"]


def test_a_page_in_an_old_charset(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/feed.xml", FEED.replace("<title>Haneul Tech</title>", ""))
    page = PAGE.replace("Haneul", "하늘 기술 블로그").format("/feed.xml")
    url = feed_server.play("/blog/", page.encode("euc-kr"), content_type="text/html; charset=euc-kr")
    assert find(app, url).found[0].feed.name == "하늘 기술 블로그"


def test_an_address_that_is_a_feed(app: App, feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", FEED)
    (only,) = find(app, url).found
    assert only.lead.reason is Reason.GIVEN
    assert list_asked(feed_server) == ["/feed.xml"]


def test_a_usual_place_if_robots_txt_allows_it(app: App, feed_server: FeedServer) -> None:
    url = feed_server.play("/", "<html><title>Haneul</title></html>", content_type="text/html")
    feed_server.play("/robots.txt", "User-agent: *\nDisallow: /feed\nAllow: /rss", content_type="text/plain")
    feed_server.play("/rss.xml", FEED)
    (only,) = find(app, url).found
    assert only.lead.reason is Reason.USUAL
    assert list_asked(feed_server) == ["/", "/robots.txt", "/rss.xml"]


def test_a_followed_feed_is_recognised_behind_a_redirect(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/feed.xml", FEED)
    url = feed_server.redirect("/old.xml", "/feed.xml")
    table = {"name": "Haneul", "url": feed_server.address + "/feed.xml", "kind": "company"}
    add_feeds(app, app.feeds_file, {"haneul": table})
    found = find(app, url)
    assert [each.followed_as for each in found.found] == ["haneul"]
    assert found.best is None


def test_the_front_page_of_a_post(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/", PAGE.format("atom.xml"), content_type="text/html")
    feed_server.play("/atom.xml", FEED)
    url = feed_server.play("/2022/post", "<html><title>Post</title></html>", content_type="text/html")
    assert [each.feed.url for each in find(app, url).found] == [feed_server.address + "/atom.xml"]


def test_what_was_tried_is_said(app: App, feed_server: FeedServer) -> None:
    url = feed_server.play("/blog/post", "<html><title>Haneul</title></html>", content_type="text/html")
    with pytest.raises(NotFoundError, match=r"no feed was found at http://127.*/blog/post.*an HTML page \(Haneul\)"):
        find(app, url)
    assert len([path for path in list_asked(feed_server) if path != "/robots.txt"]) <= MOST_REQUESTS


def test_a_site_that_does_not_answer_is_left(app: App, feed_server: FeedServer) -> None:
    with pytest.raises(NotFoundError, match="there is no such document"):
        find(app, f"{feed_server.address}/gone")
    assert list_asked(feed_server) == ["/gone", "/"]


def test_the_front_page_of_a_page_that_is_gone(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/", PAGE.format("atom.xml"), content_type="text/html")
    feed_server.play("/atom.xml", FEED)
    assert find(app, f"{feed_server.address}/gone").best is not None


@pytest.mark.parametrize("typed", ["", "not an address", "ftp://blog.example/feed", "javascript:alert(1)"])
def test_what_is_no_address(app: App, typed: str) -> None:
    with pytest.raises(NotFoundError, match="is not an address"):
        find(app, typed)
