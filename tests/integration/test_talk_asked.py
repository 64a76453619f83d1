"""Talk about posts: asked at places that answer as they document it, kept with its growth, and ranked."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.demo.play import load_demo, play_feeds
from aggregator.pipeline import review
from aggregator.storage.candidates import get_candidate, list_candidates
from aggregator.storage.database import Database
from aggregator.storage.talk import list_asks, list_heard, list_states, save_signals
from aggregator.types import Credentials, Decision, Heard, Month, Signal, TalkSource
from clock import Clock
from feed_server import FeedServer
from world import FEED, NOW, make_draft, make_update, store, text_of, visit_page

LINK = "https://github.com/haneul/features"
Run = Callable[..., subprocess.CompletedProcess[str]]
TOPIC = "https://news.hada.io/topic?id=9214"


def play_geeknews(server: FeedServer, points: int, *pages: str) -> None:
    row = (
        '<title>GeekNews</title><div class="topictitle"><a href="https://tech.haneul.example/1?utm_source=gn"></a></div>'
        f'<span id="tp9214">{points}</span> points <span data-topic-comment-count="12"></span>'
    )
    for path in ("/new", "/new?page=2", "/new?page=3", "/", "/topic?id=9214"):
        shown = row if path in pages else "<title>GeekNews</title>"
        server.play(f"/gn{path}", shown, content_type="text/html", validators=False)


def play_search(server: FeedServer, number: int, answer: object, **options: Any) -> None:
    asked = f"query=https%3A%2F%2Ftech.haneul.example%2F{number}&tags=story&restrictSearchableAttributes=url"
    server.play(f"/hn/search?{asked}", json.dumps(answer), content_type="application/json", **options)


@pytest.fixture
def app(make_app: Callable[..., App], feed_server: FeedServer, clock: Clock) -> App:
    """Two posts of yesterday; GeekNews and GitHub know the first one, Hacker News neither."""
    clock.now = NOW + timedelta(days=1, hours=1)
    play_geeknews(feed_server, 20, "/new")
    play_search(feed_server, 1, {"hits": []})
    play_search(feed_server, 2, {"hits": []})
    feed_server.play("/gh/repos/haneul/features", '{"stargazers_count": 150}', content_type="application/json")
    sources = ("geeknews", "hackernews", "github")
    folders = dict(zip(sources, ("/gn", "/hn", "/gh"), strict=True))
    addresses = {source: feed_server.address + folder for source, folder in folders.items()}
    app = make_app([FEED], talk={"sources": sources, "addresses": addresses})
    posts = make_draft(1, links=(LINK,), organisation="Haneul"), make_draft(2)
    store(app.database, make_update(*posts))
    app.judge.rank([Month(2022, 12)])
    return app


def hear(app: App, number: int = 1) -> dict[tuple[str, str], Heard]:
    with app.reading() as connection:
        return {(each.source, each.name): each for each in list_heard(connection, number)}


def paths(server: FeedServer) -> list[str]:
    asked = [path for path, _ in server.requests]
    server.requests.clear()
    return asked


def test_what_people_say_is_asked_kept_with_its_growth_and_ranked(
    app: App, feed_server: FeedServer, clock: Clock
) -> None:
    asyncio.run(app.talk_asker.ask_due())
    asked = paths(feed_server)
    assert "/gh/repos/haneul/features" in asked
    assert len([path for path in asked if path.startswith("/hn/")]) == 2
    assert asyncio.run(app.talk_asker.ask_due()) == 0
    assert paths(feed_server) == []
    assert {key: each.value for key, each in hear(app).items()} == {
        ("talk:geeknews", "points"): 20,
        ("talk:geeknews", "comments"): 12,
        ("talk:github", "stars"): 150,
    }
    assert hear(app, 2) == {}

    clock.advance(days=2)
    play_geeknews(feed_server, 38, "/topic?id=9214")
    asyncio.run(app.talk_asker.ask_due())
    # No list has it any more, but its topic is known.
    assert "/gn/topic?id=9214" in paths(feed_server)
    points = hear(app)["talk:geeknews", "points"]
    assert (points.first_value, points.value, points.peak_value, points.url) == (20, 38, 38, TOPIC)
    app.judge.rank([Month(2022, 12)])
    with app.reading() as connection:
        score = get_candidate(connection, 1).score
    assert score is not None
    (reason,) = [reason for reason in score.reasons if reason.name == "popularity"]
    assert reason.share > 0
    assert reason.detail == "GeekNews 38 points · 12 comments, GitHub 150 stars"


def test_a_place_that_refuses_rests_for_a_day_and_says_why_once(
    app: App, feed_server: FeedServer, clock: Clock
) -> None:
    for number in (1, 2):
        play_search(feed_server, number, {}, status=403, validators=False)
    asyncio.run(app.talk_asker.ask_due())
    with app.reading() as connection:
        state = list_states(connection)[TalkSource.HACKER_NEWS]
    assert state.reason == "the server denies access (HTTP 403)"
    assert state.rests_until == clock.now + timedelta(days=1)
    # The other places were asked all the same, and this one was asked no more.
    assert hear(app)["talk:github", "stars"].value == 150
    assert len([path for path in paths(feed_server) if path.startswith("/hn/")]) == 1
    clock.advance(hours=23)
    asyncio.run(app.talk_asker.ask_due())
    assert not [path for path in paths(feed_server) if path.startswith("/hn/")]
    page = text_of(visit_page(app).log_in().read("/feeds"))
    assert "Hacker News does not answer; it is asked again in 1 hour the server denies access (HTTP 403)" in page
    assert "GeekNews answers" in page


def test_a_question_that_is_not_answered_keeps_no_other_from_being_asked(
    app: App, feed_server: FeedServer, clock: Clock
) -> None:
    for number in (1, 2):
        play_search(feed_server, number, {}, status=400, validators=False)
    asked = []
    for _ in range(2):
        asyncio.run(app.talk_asker.ask_due())
        asked += [path for path in paths(feed_server) if path.startswith("/hn/")]
        clock.advance(hours=1)
    assert len(asked) == len(set(asked)) == 2


def test_retry_after_is_obeyed(app: App, feed_server: FeedServer, clock: Clock) -> None:
    for number in (1, 2):
        play_search(feed_server, number, {}, status=429, validators=False, headers={"Retry-After": "7200"})
    asyncio.run(app.talk_asker.ask_due())
    with app.reading() as connection:
        assert list_states(connection)[TalkSource.HACKER_NEWS].rests_until == clock.now + timedelta(hours=2)


def test_robots_txt_keeps_pages_from_being_read(app: App, feed_server: FeedServer) -> None:
    feed_server.play("/robots.txt", "User-agent: *\nDisallow: /gn", content_type="text/plain")
    asyncio.run(app.talk_asker.ask_due())
    assert not [path for path in paths(feed_server) if path.startswith("/gn")]
    with app.reading() as connection:
        assert list_states(connection)[TalkSource.GEEKNEWS].reason == "robots.txt does not allow it"
    assert ("talk:github", "stars") in hear(app)


def test_printed_months_and_rejected_posts_are_not_asked_about(app: App, feed_server: FeedServer) -> None:
    review.decide(app, 1, Decision.REJECT, reason="shallow")
    asyncio.run(app.talk_asker.ask_due())
    asked = paths(feed_server)
    assert not [path for path in asked if "example%2F1&" in path or path.startswith("/gh")]
    assert [path for path in asked if "example%2F2&" in path]


def test_posts_of_a_feed_with_a_password_are_not_asked_about(app: App, feed_server: FeedServer) -> None:
    asker = app.talk_asker
    network = replace(asker.network, credentials={FEED.key: Credentials("https://tech.haneul.example", "Basic x")})
    asyncio.run(replace(asker, network=network).ask_due())
    assert {path.split("/")[1] for path in paths(feed_server)} == {"robots.txt", "gn"}


def test_the_commands_show_and_ask(app: App, call_console: Run, feed_server: FeedServer, tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    table = f'[talk]\nsources = ["geeknews"]\naddresses = {{ geeknews = "{feed_server.address}/gn" }}\n'
    file.write_text(
        f'[visits]\nparser_processes = 0\nhost_pause_seconds = 0\nallowed_networks = ["127.0.0.0/8"]\n{table}'
    )
    app.database.close()

    def call(*arguments: str) -> str:
        return call_console("--home", str(app.folder), "--feeds", str(file), "talk", *arguments).stdout

    assert json.loads(call("show", "--json"))["places"][0]["asked_at"] is None
    assert json.loads(call("ask", "--json"))["stored"] == 2
    (place,) = json.loads(call("show", "1", "--json"))
    assert (place["place"], place["counts"]) == ("GeekNews", {"points": 20, "comments": 12})
    assert "GeekNews 20 points · 12 comments" in call("show", "1")


def test_a_list_counts_for_the_posts_that_are_known(
    make_app: Callable[..., App], feed_server: FeedServer, clock: Clock
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = b'<a href="https://tech.haneul.example/1">one</a><a href="https://unknown.example/">two</a>'
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    feed_server.answers["/weekly"] = answer
    app = make_app([FEED], talk={"lists": [f"{feed_server.address}/gone", f"{feed_server.address}/weekly"]})
    store(app.database, make_update(make_draft(1)))
    assert asyncio.run(app.talk_asker.ask_due()) == 1
    (heard,) = hear(app).values()
    assert (heard.name, heard.value) == ("links", 1)
    with app.reading() as connection:
        state = list_states(connection)[TalkSource.LISTS]
        # What a list links to is asked of nobody.
        assert {address for _, address in list_asks(connection)} == set(app.settings.talk.lists)
    assert (state.reason, state.rests_until) == ("there is no such document (HTTP 404)", None)
    assert asyncio.run(app.talk_asker.ask_due()) == 0


def test_the_pane_shows_where_people_talk_and_since_when(app: App) -> None:
    asyncio.run(app.talk_asker.ask_due())
    page = visit_page(app).log_in().read("/queue/2022-12?open=1")
    assert f'<a href="{TOPIC}" target="_blank" rel="noopener">GeekNews</a> 20 points · 12 comments' in page
    assert "1 day after it appeared" in page


def test_popularity_is_a_reason_for_korean_posts_of_the_demo(
    make_app: Callable[..., App], clock: Clock, tmp_path: Path
) -> None:
    with play_feeds() as address:
        config = load_demo(tmp_path / "demo", address)
        clock.now = datetime(2026, 11, 2, tzinfo=UTC)
        korean = [feed for feed in config.feeds if feed.key in {"haneul", "dasan"}]
        app = make_app(korean, talk=config.settings.talk.model_dump(exclude_none=True))
        asyncio.run(app.visitor.visit_due())
        asyncio.run(app.talk_asker.ask_due())
    app.judge.rank([Month(2026, 10)])
    with app.reading() as connection:
        candidates = list_candidates(connection, Month(2026, 10))
    said = {
        (candidate.post.language, reason.detail)
        for candidate in candidates
        for reason in (candidate.score.reasons if candidate.score else ())
        if reason.name == "popularity"
    }
    assert said == {
        ("ko", "GeekNews 52 points · 17 comments"),
        ("ko", "GeekNews 38 points · 12 comments"),
        ("ko", "GeekNews 21 points · 6 comments"),
    }


def test_growth_is_first_last_and_peak(database: Database) -> None:
    for hours, value in ((0, 5.0), (1, 9.0), (2, 7.0)):
        with database.writing() as connection:
            at = NOW + timedelta(hours=hours)
            save_signals(connection, [Signal("https://tech.haneul.example/1", "geeknews", "points", value, at)])
    store(database, make_update(make_draft(1)))
    with database.reading() as connection:
        (heard,) = list_heard(connection, 1)
    assert (heard.first_value, heard.first_at, heard.value, heard.peak_value) == (5.0, NOW, 7.0, 9.0)
