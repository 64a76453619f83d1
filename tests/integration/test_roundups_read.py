"""Round-ups become candidates and votes: from a feed and from mails, over real connections."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.addresses.urls import canonicalise_url
from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.exceptions import WorkerError
from aggregator.pipeline.retention import forget_issues
from aggregator.posts.mails import read_mail
from aggregator.storage.posts import find_by_addresses
from aggregator.storage.roundups import list_issues, save_issues
from aggregator.storage.tables import issues, mentions, posts, signals
from aggregator.types import Feed, Issue, Kind, Linked, Outcome
from clock import Clock
from databases import Sqlite
from feed_server import FeedServer, serve_feeds
from world import NOW


@dataclass
class Followed:
    app: App
    server: FeedServer
    clock: Clock

    def read(self) -> None:
        asyncio.run(self.app.roundup_reader.read_due())

    def list_posts(self) -> list[tuple[str, str | None, str | None]]:
        with self.app.reading() as connection:
            found = connection.execute(
                sa.select(posts.c.title, posts.c.feed_key, posts.c.waits_for).order_by(posts.c.title)
            )
            return [tuple(row) for row in found]

    def list_votes(self) -> list[tuple[str, str]]:
        query = sa.select(signals.c.canonical_url, signals.c.label).where(signals.c.name == "links")
        with self.app.reading() as connection:
            return sorted((url.rpartition("/")[2], label) for url, label in connection.execute(query))


@pytest.fixture
def followed(sqlite: Sqlite, tmp_path: Path) -> Iterator[Followed]:
    sqlite.create_migrated(tmp_path / "aggregator.sqlite")
    visits = {"parser_processes": 0, "host_pause_seconds": 0, "allowed_networks": ["127.0.0.0/8"]}
    settings = Settings.model_validate({"visits": visits, "roundups": {"folder": "mail"}})
    clock = Clock(NOW)
    with serve_feeds() as server:
        feeds = (
            # Another address of this machine, because a round-up does not vote for its own site.
            Feed(
                "weekly",
                "Weekly ML",
                server.address.replace("127.0.0.1", "localhost") + "/weekly.xml",
                Kind.ROUNDUP,
                "en",
            ),
            Feed("haneul", "하늘상점", server.address + "/feed.xml", Kind.COMPANY, "ko"),
        )
        config = Config(tmp_path, tmp_path / "feeds.toml", settings, feeds)
        with open_app(config, clock=clock, random=lambda: 0.5) as app:
            yield Followed(app, server, clock)


def _page(title: str, day: int | None = 3) -> str:
    date = (
        f'<meta property="article:published_time" content="{(NOW - timedelta(days=day)).isoformat()}">' if day else ""
    )
    text = " ".join(f"Sentence {number} says how it was done." for number in range(40))
    return f"<html><head><title>{title}</title><meta property='og:title' content='{title}'>{date}</head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"


def _play_weekly(server: FeedServer, body: str) -> None:
    item = (
        f"<item><guid>12</guid><title>Weekly ML 12</title><link>/issues/12</link>"
        f"<pubDate>{format_datetime(NOW)}</pubDate><description><![CDATA[{body}]]></description></item>"
    )
    server.play("/weekly.xml", f"<rss version='2.0'><channel><title>w</title>{item}</channel></rss>")


def _visit(app: App, key: str) -> Outcome:
    (visit,) = asyncio.run(app.visitor.visit_now([key]))
    return visit.outcome


def test_the_links_of_a_round_up_become_candidates_with_a_vote_each(followed: Followed) -> None:
    server = followed.server
    server.play("/posts/serving", _page("Serving LLMs at One"), content_type="text/html")
    server.play("/posts/undated", _page("A page without a date", None), content_type="text/html")
    server.play("/posts/busy", "", status=503, validators=False)
    server.play("/feed.xml", "<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>글 하나</title>"
                f"<link>/posts/known</link><pubDate>{format_datetime(NOW)}</pubDate></item></channel></rss>")  # fmt: skip
    assert _visit(followed.app, "haneul") is Outcome.RETRIEVED
    _play_weekly(
        server,
        f"<ul><li><a href='{server.address}/posts/serving'>Serving</a></li>"
        f"<li><a href='{server.address}/posts/known'>글 하나</a></li>"
        f"<li><a href='{server.address}/posts/undated'>A page of a product</a></li>"
        f"<li><a href='{server.address}/posts/busy'>A page that is busy</a></li>"
        f"<li><a href='{server.address}/posts/gone'>A page that is gone</a></li></ul>",
    )
    assert _visit(followed.app, "weekly") is Outcome.RETRIEVED
    assert followed.list_votes() == [(name, "Weekly ML 12") for name in ("busy", "gone", "known", "serving", "undated")]
    followed.read()
    assert followed.list_posts() == [
        ("A page without a date", None, "a date"),
        ("Serving LLMs at One", None, None),
        ("글 하나", "haneul", None),
    ]
    asked = len(server.requests)
    followed.read()
    assert len(server.requests) == asked, "what is done is not asked for again"
    for _ in range(2):
        followed.clock.advance(hours=7)
        followed.read()
    assert followed.list_posts()[0] == ("A page that is busy", None, "a date"), "its words are all that is known of it"
    assert len(followed.list_votes()) == 5, "one vote for each"
    # The feed of its site gives it a date, and makes it a candidate like any other.
    server.play("/feed.xml", "<rss version='2.0'><channel><title>t</title><item><guid>2</guid><title>A page that came back</title>"
                f"<link>/posts/busy</link><pubDate>{format_datetime(NOW)}</pubDate></item></channel></rss>")  # fmt: skip
    assert _visit(followed.app, "haneul") is Outcome.RETRIEVED
    assert followed.list_posts()[0] == ("A page that came back", "haneul", None)


def test_an_issue_that_is_only_a_summary_is_read_on_its_page(followed: Followed) -> None:
    server = followed.server
    server.play("/posts/serving", _page("Serving LLMs at One"), content_type="text/html")
    server.play("/issues/12", f"<html><body><main><h1>12</h1><a href='{server.address}/posts/serving'>Serving LLMs</a></main></body></html>",
                content_type="text/html")  # fmt: skip
    _play_weekly(server, "<p>This week in short.</p>")
    _visit(followed.app, "weekly")
    followed.read()
    followed.read()
    assert followed.list_posts() == [("Serving LLMs at One", None, None)]
    assert followed.list_votes() == [("serving", "Weekly ML 12")]


def test_robots_txt_counts_where_the_page_of_an_issue_redirects(followed: Followed) -> None:
    server = followed.server
    server.play("/robots.txt", "User-agent: *\nDisallow: /closed", content_type="text/plain")
    server.redirect("/issues/12", "/closed/12", 302)
    server.play("/closed/12", f"<main><a href='{server.address}/posts/serving'>Serving LLMs</a></main>",
                content_type="text/html")  # fmt: skip
    _play_weekly(server, "<p>This week in short.</p>")
    _visit(followed.app, "weekly")
    followed.read()
    with followed.app.reading() as connection:
        (found,) = list_issues(connection, limit=9)
    assert (found.links, found.issue.trouble) == (0, "robots.txt of localhost does not allow it")


def test_a_link_that_leads_to_a_known_post_is_known_from_then_on(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, reader = followed.server, followed.app.post_reader
    monkeypatch.setattr("aggregator.pipeline.adding._MOST_KEPT", 1)
    looked_at = server.play("/looked-at", _page("What the curator looks at"), content_type="text/html")
    asyncio.run(reader.read(looked_at))
    server.play("/posts/known", _page("글 하나"), content_type="text/html")
    old = server.redirect("/posts/old", server.address + "/posts/known", 302)
    server.play("/feed.xml", "<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>글 하나</title>"
                f"<link>/posts/known</link><pubDate>{format_datetime(NOW)}</pubDate></item></channel></rss>")  # fmt: skip
    _visit(followed.app, "haneul")
    _play_weekly(server, f"<p><a href='{old}'>One</a> <a href='{server.address}/posts/gone'>Two</a></p>")
    _visit(followed.app, "weekly")
    followed.read()
    with followed.app.reading() as connection:
        assert find_by_addresses(connection, [canonicalise_url(old)]) is not None
    asked = len(server.requests)
    asyncio.run(reader.read(looked_at))
    assert len(server.requests) == asked, "links leave alone what is kept for the form"


def test_mails_are_read_once_and_their_clicks_followed(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    server, folder = followed.server, followed.app.folder / "mail"
    folder.mkdir()
    server.play("/posts/sharding", _page("Sharding a feature store"), content_type="text/html")
    hidden = server.redirect("/ls/click", server.address + "/posts/sharding", 302)
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "Mail ML <m@substack.com>", "Issue 7", "<7@m>"
    mail.set_content(f"<p><a href='{hidden}'>How to shard</a></p>", subtype="html")
    (folder / "7.eml").write_bytes(mail.as_bytes())
    (folder / "1.eml").write_bytes(b"From: a@b.example\n\nhttps://c.example/post")

    def fail_first(body: bytes, file: str, *, now: datetime) -> Issue:
        if file == "1.eml":
            raise WorkerError("no parser process can be started")
        return read_mail(body, file, now=now)

    (folder / "again.eml").write_bytes(mail.as_bytes())
    (folder / os.fsdecode(b"broken\xff.eml")).write_bytes(b"no mail")
    (folder / "notes.txt").write_text("not read")
    # The services are elsewhere, so the host of this server is taken for one of theirs.
    monkeypatch.setattr("aggregator.posts.roundups.hides_goal", lambda url: url == hidden)
    monkeypatch.setattr("aggregator.pipeline.roundups.read_mail", fail_first)
    followed.read()
    with followed.app.reading() as connection:
        told = {
            each.issue.file: (each.issue.label, each.links, each.issue.trouble)
            for each in list_issues(connection, limit=9)
        }
    assert "1.eml" not in told, "a later round reads it"
    assert told["7.eml"] == ("Mail ML 7", 1, None)
    assert told["again.eml"][2] == "it is the same mail as one that was read: <7@m>"
    assert told["broken\ufffd.eml"][2] == "it is not a mail with a text"
    assert followed.list_posts() == [("Sharding a feature store", None, None)]


def test_a_mail_that_was_written_just_now_is_read_later(followed: Followed) -> None:
    folder = followed.app.folder / "mail"
    folder.mkdir()
    file = folder / "8.eml"
    file.write_bytes(b"From: a@b.example\n")
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    followed.read()
    with followed.app.reading() as connection:
        assert list_issues(connection, limit=9) == []
    file.write_bytes(b"From: a@b.example\n\nhttps://c.example/post")
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    followed.clock.advance(minutes=1)
    followed.read()
    with followed.app.reading() as connection:
        assert [each.links for each in list_issues(connection, limit=9)] == [1]


def test_issues_that_no_open_month_needs_are_forgotten(followed: Followed) -> None:
    link = Linked("https://c.example/post", "A post", "https://c.example/post")
    old, mail, waits, new = (
        Issue("m", name, name, name, at, linked=(link,), file=file)
        for name, at, file in (
            ("old", NOW - timedelta(days=120), None),
            ("mail", NOW - timedelta(days=120), "1.eml"),
            ("waits", NOW - timedelta(days=120), None),
            ("new", NOW, None),
        )
    )
    with followed.app.database.writing() as connection:
        save_issues(connection, [old, mail, waits, new])
        done = sa.select(issues.c.id).where(issues.c.key != "waits")
        connection.execute(mentions.update().where(mentions.c.issue_id.in_(done)).values(retry_at=None))
    assert forget_issues(followed.app) == 1
    with followed.app.reading() as connection:
        kept = {each.issue.title: each.links for each in list_issues(connection, limit=9)}
    assert kept == {"mail": 0, "waits": 1, "new": 1}, "a mail that was read is not read again"
    assert len(followed.list_votes()) == 1
