"""What is proposed about the feeds can be written into feeds.toml or dismissed, on the page and in the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.app import App, open_app
from aggregator.config import load_config
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.feeds.care import Advice, Proposal
from aggregator.pipeline import care, follow, history
from aggregator.shipped_feeds import FORMER_ADDRESSES
from aggregator.storage.care import list_dismissed
from aggregator.storage.database import Aim
from aggregator.storage.feeds import list_feed_states, set_address
from aggregator.storage.tables import feeds
from aggregator.web.feeds.care import build_care
from aggregator.words.actions import say_taken_back
from feed_server import FeedServer
from world import FEED, text_of, visit_page

OLD = FORMER_ADDRESSES["socar"][0]
SOCAR = replace(FEED, key="socar", name="SOCAR", url=OLD, site="https://tech.socarcorp.kr/")
FILE = f"""# What we follow.
[feeds.socar]  # cars
name = "SOCAR"
url = "{OLD}"
site = "https://tech.socarcorp.kr/"
organisation = "하늘상점"
language = "ko"
kind = "company"
weight = 0.3

# Ours.
[feeds.ridi]
name = "RIDI"
url = "{FORMER_ADDRESSES["ridi"][0]}"
kind = "company"
"""


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    app = make_app()
    app.config.file.write_text(FILE, encoding="utf-8")
    follow.take_over(app.database, app.config.read_again().feeds, file="")
    return app


def test_a_better_address_is_written_into_the_file_with_its_comments(app: App) -> None:
    curator = visit_page(app, {}).log_in()
    # A redirect was followed since: the file is what is compared.
    with app.database.writing() as connection:
        set_address(connection, "socar", "https://tech.socar.kr/feed.xml")
    page = text_of(curator.read("/feeds"))
    assert "2 proposals about what is followed" in page
    assert "The shipped list says that its address is tech.socar.kr/rss.xml now" in page

    assert curator.send("/feeds/care", name="moved:socar", act="taken").status_code == 303
    text = app.config.file.read_text(encoding="utf-8")
    assert "# cars" in text
    assert 'url = "https://tech.socar.kr/rss.xml"' in text
    assert "weight = 0.3" in text
    with app.reading() as connection:
        feeds = {state.feed.key: state.feed for state in list_feed_states(connection)}
    assert (feeds["socar"].url, feeds["socar"].site) == ("https://tech.socar.kr/rss.xml", "https://tech.socar.kr/")

    assert curator.send("/feeds/care", name="dropped:ridi", act="dismissed").status_code == 303
    assert care.list_proposals(app) == []
    with pytest.raises(NotFoundError):
        care.take(app, app.feeds_file, "dropped:ridi")
    assert "1 proposal was dismissed" in text_of(curator.read("/feeds"))
    assert "Dismissed what was proposed about RIDI" in text_of(curator.read("/history?show=feeds"))

    assert curator.send("/feeds/care", name="dropped:ridi", act="again").status_code == 303
    assert [each.name for each in care.list_proposals(app)] == ["dropped:ridi"]
    assert "What was proposed about RIDI is proposed again" in text_of(curator.read("/history?show=feeds&done=2"))
    history.redo(app)
    assert care.list_proposals(app) == []


def test_what_the_file_cannot_take_is_not_written(app: App) -> None:
    app.config.file.write_text("[feeds.other]\n" + FILE.split("\n", 2)[2], encoding="utf-8")
    with pytest.raises(NotFoundError):
        care.take(app, app.feeds_file, "moved:socar")
    app.config.file.unlink()
    with pytest.raises(ConfigError):
        care.take(app, app.feeds_file, "moved:socar")


def test_the_terminal_names_proposals_and_takes_them(app: App, call_console: Callable[..., Any]) -> None:
    of_home = ("--home", str(app.config.home), "feeds")

    def run(*arguments: str) -> str:
        return str(call_console(*of_home, *arguments).stdout)

    assert "moved:socar" in run("care")
    names = ("--take", "moved:socar", "--take", "moved:nobody", "--dismiss", "dropped:ridi")
    both = call_console(*of_home, "care", *names)
    assert both.returncode == 1
    assert "moved:socar: written into" in both.stdout, "what was done is told"
    assert "nothing is proposed as 'moved:nobody'" in both.stderr
    assert "tech.socar.kr" in app.config.file.read_text(encoding="utf-8")
    told = json.loads(run("care", "--again", "dropped:ridi", "--take", "moved:socar", "--json"))
    assert [each["message"] for each in told["changes"]] == ["dropped:ridi: may be proposed again"]
    assert [each["name"] for each in told["refused"]] == ["moved:socar"]
    run("care", "--dismiss", "dropped:ridi")
    assert "Nothing is proposed." in run("care")
    assert json.loads(run("hosts", "--json")) == []


def test_a_feed_of_the_shipped_list_is_left_by_a_list_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, home = tmp_path / "shipped.toml", tmp_path / "home"
    shipped.write_text(FILE, encoding="utf-8")
    leave, moved = Proposal(Advice.LEAVE, "ridi", number=30), Proposal(Advice.MOVED, "socar", OLD)
    monkeypatch.setattr("aggregator.places._SHIPPED", (shipped,))
    monkeypatch.setattr(care, "list_proposals", lambda _: [leave, moved])
    seen = build_care(care.Proposals((leave, moved), ()), ZoneInfo("UTC"), is_own_file=False)
    assert [each.can_take for each in seen.made] == [True, False]
    with open_app(load_config({}, home=home, file=shipped), Aim.BEGIN) as app:
        with pytest.raises(ConfigError, match="follows the shipped list"):
            care.take(app, app.feeds_file, moved.name)
        care.take(app, app.feeds_file, leave.name)
        assert app.feeds_file.file == home / "feeds.toml"
    assert "ridi" not in (home / "feeds.toml").read_text(encoding="utf-8")


def test_what_was_known_of_the_old_address_alone_goes_with_it(app: App) -> None:
    text = FILE.replace("weight = 0.3", "verified = 2022-01-01\nfull_text = true")
    text = text.replace(OLD, FORMER_ADDRESSES["oliveyoung"][0]).replace("socar]", "oliveyoung]")
    recipe = '\n[feeds.oliveyoung.recipe]\nitem = "article"\n'
    app.config.file.write_text(text + recipe, encoding="utf-8")
    follow.take_over(app.database, app.config.read_again().feeds, file="")
    care.take(app, app.feeds_file, "moved:oliveyoung")
    (feed,) = (feed for feed in app.config.read_again().feeds if feed.key == "oliveyoung")
    assert (feed.recipe, feed.verified, feed.full_text) == (None, date(2026, 8, 28), True)


def test_feeds_that_the_shipped_list_has_got_are_followed_at_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    new = [
        Proposal(Advice.NEW, key, url)
        for key, url in (("groq", "https://groq.com/blog/"), ("tldr-ai", "https://a.example/"))
    ]
    monkeypatch.setattr(care, "decide_proposals", lambda *_, **__: new)
    curator = visit_page(app, {}).log_in()
    assert "2 feeds are new in the shipped list" in text_of(curator.read("/feeds"))
    before = app.config.file.read_text(encoding="utf-8")
    assert curator.send("/feeds/care", name="new", act="taken").status_code == 303
    added = app.config.file.read_text(encoding="utf-8").removeprefix(before)
    assert added.startswith('\n[feeds.groq]\nname = "Groq Blog"\n'), "as the shipped list writes them"
    assert "[feeds.groq.recipe]\n" in added
    assert "\n\n[feeds.tldr-ai]\n" in added
    history.undo(app)
    assert app.config.file.read_text(encoding="utf-8") == before
    care.dismiss(app, "new")
    with app.reading() as connection:
        assert list_dismissed(connection) == {"new:groq", "new:tldr-ai"}
    assert "Dismissed 2 proposals" in text_of(curator.read("/history?show=feeds"))
    care.propose_again(app, "new:groq")
    with app.reading() as connection:
        assert list_dismissed(connection) == {"new:tldr-ai"}, "what was dismissed with it rests"
    history.redo(app)
    change = history.undo(app)
    assert say_taken_back(change.actions, change.name, None, is_undo=True) == "2 proposals are made again"
    with app.reading() as connection:
        assert list_dismissed(connection) == set()


GONE = "https://gone.example/feed"
LINK = '<link rel="alternate" type="application/rss+xml" href="/new.xml">'


@pytest.fixture
def dying(app: App, feed_server: FeedServer) -> str:
    """The address of the site of a feed that is gone; another feed is there."""
    site = feed_server.play("/", LINK)
    feed_server.play(
        "/new.xml",
        '<rss version="2.0"><channel><title>Cars</title><item><title>One</title><link>/1</link></item></channel></rss>',
    )
    text = FILE.partition("# Ours.")[0].replace("socar]", "cars]").replace(OLD, GONE)
    app.config.file.write_text(text.replace(SOCAR.site or "", site), encoding="utf-8")
    follow.take_over(app.database, app.config.read_again().feeds, file="", is_asked=True)
    with app.database.writing() as connection:
        gone = {"failures": 9, "last_status": 410, "last_visit_at": app.now, "failing_since": app.now}
        connection.execute(feeds.update().where(feeds.c.key == "cars").values(gone))
    return site


def test_the_site_of_a_dying_feed_is_looked_at_again(app: App, dying: str) -> None:
    curator = visit_page(app, {}).log_in()
    assert f'<button name="url" value="{dying}" formaction="/feeds/find">' in curator.read("/feeds")
    found = curator.send("/feeds/find", url=dying, name="dying:cars").text
    assert "Cars" in text_of(found)


def test_the_site_of_a_dying_feed_is_looked_at_by_itself_once_a_week(
    app: App, feed_server: FeedServer, dying: str
) -> None:
    feed_server.play("/", '<link rel="alternate" type="application/rss+xml" href="/no.xml">' + LINK)
    feed_server.play("/robots.txt", "User-agent: *\nDisallow: /no.xml")
    look = partial(care.look_at_sites, app, app.discoverer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aggregator.pipeline.care.feeds.find_keys", lambda *_: frozenset())
        assert asyncio.run(look()) == 1, "of a feed that has another key by now, nothing is kept"
        assert care.list_proposals(app)[0].found is None
    assert asyncio.run(look()) == 1
    asked = [path for path, _ in feed_server.requests]
    assert "/no.xml" not in asked, "robots.txt is obeyed"
    assert asyncio.run(look()) == 0
    assert [path for path, _ in feed_server.requests] == asked, "nothing is asked twice in a week"

    (proposal,) = care.list_proposals(app)
    assert (proposal.name, proposal.found) == ("dying:cars", f"{dying}new.xml")
    text = app.config.file.read_text(encoding="utf-8")
    assert GONE in text, "nothing is applied by itself"
    care.take(app, app.feeds_file, proposal.name)
    assert app.config.file.read_text(encoding="utf-8") == text.replace(GONE, f"{dying}new.xml")
