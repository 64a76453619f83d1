"""Feeds are added, removed and renamed on the page and over the API, and lists go out and come in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aggregator.app import App, open_app
from aggregator.config import load_config
from aggregator.pipeline import tokens
from aggregator.pipeline.listing import add_feeds
from aggregator.storage.database import Aim
from aggregator.storage.feeds import list_listed
from aggregator.web.feeds.care import CareView
from feed_server import FeedServer
from world import Curator, text_of, visit_page

LISTED = """[server]
hosts = ["testserver"]
[visits]
parser_processes = 0
host_pause_seconds = 0
allowed_networks = ["127.0.0.0/8"]

[feeds.haneul]
name = "Haneul"
url = "https://haneul.example/feed"
kind = "company"
"""
FEED = (
    "<rss version='2.0'><channel><title>Dasan &amp; Co</title><link>https://dasan.example/</link>"
    "<item><title>A &lt;b&gt; post</title><link>https://dasan.example/1</link></item></channel></rss>"
)


@pytest.fixture
def app(tmp_path: Path, spare_start: Callable[[Path], None]) -> Iterator[App]:
    spare_start(tmp_path)
    (tmp_path / "feeds.toml").write_text(LISTED)
    with open_app(load_config({}, home=tmp_path), Aim.BEGIN) as app:
        yield app


@pytest.fixture
def curator(app: App) -> Curator:
    return visit_page(app).log_in()


def read(app: App) -> str:
    return (app.folder / "feeds.toml").read_text()


def list_fields(page: str) -> dict[str, str]:
    """The fields of the form that follows the first feed, as they are proposed."""
    fields = dict(re.findall(r'<input [^>]*name="(\w+)" value="([^"]*)"', page.partition('action="/feeds/add"')[2]))
    return {name: value.replace("&amp;", "&") for name, value in fields.items()} | {"kind": "company"}


def test_a_feed_is_found_added_renamed_and_removed(curator: Curator, feed_server: FeedServer) -> None:
    app = curator.app
    assert "Add a feed" in text_of(curator.read("/feeds"))
    url = feed_server.play("/rss", FEED)
    page = curator.send("/feeds/find", url=url).text
    assert "Dasan &amp; Co" in page
    assert "A &lt;b&gt; post" in page
    fields = list_fields(page) | {"key": "dasan", "tags": "ml, ops"}
    assert curator.send("/feeds/add", **fields | {"key": "haneul"}).status_code == 422
    assert curator.send("/feeds/add", **fields).headers["location"] == "/feeds/dasan?done=add"
    assert 'tags = ["ml", "ops"]' in read(app)
    assert "It is in feeds.toml now" in text_of(curator.read("/feeds/dasan?done=add"))
    assert "Followed already: dasan" in text_of(curator.send("/feeds/find", url=url).text)
    assert curator.send("/feeds/dasan/rename", new="Not a key").status_code == 422
    assert curator.send("/feeds/dasan/rename", new="mountain").headers["location"] == "/feeds/mountain?done=rename"
    assert "Its key is mountain now" in text_of(curator.read("/feeds/mountain?done=rename"))
    assert curator.send("/feeds/mountain/remove").headers["location"] == "/feeds?done=remove&feed=mountain"
    assert "The feed mountain is not visited any more" in text_of(curator.read("/feeds?done=remove&feed=mountain"))
    assert read(app) == LISTED
    history = text_of(curator.read("/history"))
    for said in (
        "Removed the feed Dasan &amp; Co",
        "Gave the feed dasan the key mountain",
        "Added the feed Dasan &amp; Co",
    ):
        assert said in history


def test_nothing_found_is_said(curator: Curator, feed_server: FeedServer) -> None:
    url = feed_server.play("/", "<html><title>Dasan</title></html>", content_type="text/html")
    answer = curator.send("/feeds/find", url=url)
    assert answer.status_code == 404
    assert "No feed was found at" in text_of(answer.text)
    assert curator.send("/feeds/find", url="nothing").status_code == 404


def test_lists_go_out_and_come_in(curator: Curator) -> None:
    opml = curator.read("/feeds/list.opml")
    assert curator.read("/feeds/feeds.toml") == LISTED
    more = opml.replace(
        "</body>", '<outline text="Tom" xmlUrl="https://tom.example/feed"/><outline text="x" xmlUrl="ftp://x"/></body>'
    )

    def send(body: str, **fields: str) -> tuple[int, str]:
        answer = curator.client.post(
            "/feeds/import",
            data={"token": curator.token, **fields},
            files={"list": ("mine.opml", body.encode())},
            headers={"Origin": "http://testserver"},
        )
        return answer.status_code, text_of(answer.text)

    status, shown = send(more, only_show="yes")
    assert status == 200
    assert "1 feed is new, 1 is followed already, 1 cannot be followed." in shown
    assert read(curator.app) == LISTED
    assert "The feed tom is in feeds.toml" in send(more)[1]
    assert "[feeds.tom]" in read(curator.app)
    status, said = send("<!DOCTYPE opml []><opml/>")
    assert (status, "mine.opml, line 1: has a document type" in said) == (422, True)


def test_the_api_does_the_same(app: App, feed_server: FeedServer) -> None:
    client, secret = visit_page(app).client, tokens.add_token(app, "script")[1]
    url = feed_server.play("/rss", FEED)

    def ask(method: str, path: str, **body: object) -> dict[str, object]:
        answer = client.request(
            method, f"/api/v1{path}", json=body or None, headers={"Authorization": f"Bearer {secret}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    found: object = ask("POST", "/feeds/find", url=url)
    assert [(each["key"], each["titles"]) for each in found] == [("dasan-co", ["A <b> post"])]  # type: ignore[attr-defined]
    added = ask("POST", "/feeds", url=url, key="dasan", tags=["ml"], organisation="Dasan")
    assert (added["feed"]["key"], added["feed"]["organisation"]) == ("dasan", "Dasan")  # type: ignore[index]
    assert ask("POST", "/feeds", url=url)["is_new"] is False
    assert ask("POST", "/feeds/dasan/rename", key="mountain")["feed"]["key"] == "mountain"  # type: ignore[index]
    assert "its posts stay" in str(ask("DELETE", "/feeds/mountain")["message"])
    with app.reading() as connection:
        assert list(list_listed(connection)) == ["haneul"]
    ask("POST", "/undo")
    assert "[feeds.mountain]" in read(app)


def test_proposals_are_taken_once_a_home_has_its_own_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, seen = tmp_path / "shipped.toml", list[bool]()
    shipped.write_text(LISTED)

    def note(*_: object, is_own_file: bool) -> CareView:
        seen.append(is_own_file)
        return CareView((), ())

    monkeypatch.setattr("aggregator.places._SHIPPED", (shipped,))
    monkeypatch.setattr("aggregator.pipeline.care._load_shipped", dict)
    monkeypatch.setattr("aggregator.web.feeds.route.build_care", note)
    with open_app(load_config({}, home=tmp_path / "home", file=shipped), Aim.BEGIN) as app:
        curator = visit_page(app).log_in()
        curator.read("/feeds")
        table = {"name": "Lumen", "url": "https://lumen.example/feed", "kind": "company"}
        add_feeds(app, app.feeds_file, {"lumen": table})
        curator.read("/feeds")
    assert seen == [False, True]
