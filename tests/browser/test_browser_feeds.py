"""The feeds in a real browser: by pointer, without scripts, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from aggregator.app import App
from aggregator.storage import health
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed, FeedState, FeedUpdate, Gap, Kind, Move, Outcome, Trial, Visit
from feed_server import FeedServer
from web_browser import CONTRAST, PHONE, Enter
from world import (
    FEEDS,
    NOW,
    SAMPLES,
    Curator,
    failed,
    fill,
    save_states,
    save_updates,
    silent,
    visit_page,
    visited,
)

pytestmark = pytest.mark.browser

OLD = "https://old.lumen.example/feed"
LUMEN = next(feed for feed in FEEDS if feed.key == "lumen")
GONE = Feed("closed", "The Closed Notebook", "https://closed.example/atom.xml", Kind.INDIVIDUAL, "en")
REFUSED = Feed("mulgyeol", "물결페이 기술 블로그", "https://tech.mulgyeol.example/rss", Kind.COMPANY, "ko")
SILENT = Feed("sparrow", "Sparrow Letters", "https://sparrow.example/feed", Kind.INDIVIDUAL, "en")
DOCUMENT = """<rss version="2.0"><channel><title>t</title>
<item><title>A Post Just Published</title><link>https://live.example/1</link></item></channel></rss>"""
CHALLENGE = '<!doctype html>\n<html><head><title>Just a moment…</title>\n<script src="/challenge.js"></script>'
PATHS = ("/feeds", "/feeds/lumen", "/feeds/closed", "/feeds/mulgyeol", "/feeds/sparrow", "/feeds/northwind")


@pytest.fixture
def curator(make_app: Callable[..., App], feed_server: FeedServer) -> Curator:
    """Feeds in every state; one of them, *live*, is on a real server."""
    live = Feed("live", "Live Wire", feed_server.play("/live", DOCUMENT), Kind.INDIVIDUAL, "en")
    app = make_app([*FEEDS, GONE, REFUSED, SILENT, live])
    curator = visit_page(app, fill(app, SAMPLES))
    reason = "the answer is an HTML page, not a feed: its title is “Just a moment…”"
    save_states(
        app,
        [
            failed(REFUSED, reason, 5, status=200, excerpt=CHALLENGE),
            failed(GONE, "the document is gone for good (HTTP 410)", status=410),
            silent(SILENT),
        ],
    )
    trial = Trial("https://lumen.example/research/rss.xml", NOW - timedelta(days=1), 2)
    move = Move(
        "lumen", NOW - timedelta(days=40), OLD, LUMEN.url, "the old address redirected there for 3 days", "aggregator"
    )
    gap = Gap("lumen", NOW - timedelta(days=22), NOW - timedelta(days=28))
    state = replace(visited(LUMEN), trial=trial, newest_at=NOW - timedelta(days=1), habit=timedelta(days=6))
    visit = Visit("lumen", NOW - timedelta(hours=1), 0.4, Outcome.RETRIEVED, 200, None, 48_211, 10, 2)
    save_updates(app, [FeedUpdate(visit, state, gap=gap, move=move)])
    return curator


def state_of(curator: Curator, key: str) -> FeedState:
    with curator.app.reading() as connection:
        return list_feed_states(connection, [key])[0]


def test_a_feed_is_found_by_filter_and_opened(enter: Enter) -> None:
    page = enter("/feeds")
    page.get_by_role("navigation", name="State").get_by_role("link", name="Failing").click()
    expect(page.locator(".feeds tbody tr")).to_have_count(1)
    page.get_by_role("link", name="All", exact=False).first.click()
    page.get_by_label("Words").fill("물결")
    page.get_by_label("Words").press("Enter")
    expect(page.locator(".feeds tbody tr")).to_have_count(1)

    page.get_by_role("link", name="물결페이 기술 블로그").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("물결페이 기술 블로그")
    expect(page.locator("pre")).to_contain_text('<script src="/challenge.js"></script>')


def test_the_chart_has_a_name_with_its_numbers(enter: Enter) -> None:
    page = enter("/feeds")

    chart = page.locator("#haneul").get_by_role("img")

    expect(chart).to_have_accessible_name(
        "Posts from Jan 2022 to Dec 2022: Jan 0, Feb 0, Mar 0, Apr 0, May 0, Jun 0, Jul 0, Aug 0, Sep 0, Oct 0, "
        "Nov 1, Dec 2"
    )
    box = chart.bounding_box()
    assert box
    assert box["width"] > 60


def test_pausing_and_resuming_from_the_list(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds?show=well")
    page.get_by_role("button", name="Pause Northwind TechBlog").click()

    expect(page.get_by_role("status")).to_contain_text("Northwind TechBlog: Paused")
    expect(page.locator("#northwind")).to_be_in_viewport()
    assert state_of(curator, "northwind").paused_at is not None

    page.get_by_role("button", name="Resume Northwind TechBlog").click()
    expect(page.get_by_role("status")).to_contain_text("Resumed")
    assert state_of(curator, "northwind").paused_at is None


def test_visiting_now_shows_what_came(enter: Enter, curator: Curator, feed_server: FeedServer) -> None:
    page = enter("/feeds/live")
    page.get_by_role("button", name="Visit now").click()

    expect(page.get_by_role("status")).to_have_text("Visited just now: read, 1 new entry.")
    expect(page.get_by_role("link", name="A Post Just Published")).to_be_visible()
    assert [path for path, _ in feed_server.requests] == ["/live"]

    feed_server.play("/live", CHALLENGE, content_type="text/html")
    page.get_by_role("button", name="Visit now").click()
    expect(page.get_by_role("status")).to_contain_text("failed")
    expect(page.locator("pre")).to_contain_text("Just a moment…")


def test_the_name_is_changed_and_taken_back(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds/northwind")
    page.get_by_label("Name").fill("북풍 기술 블로그")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("북풍 기술 블로그")
    expect(page.get_by_text("feeds.toml says Northwind TechBlog")).to_be_visible()
    assert state_of(curator, "northwind").feed.name == "북풍 기술 블로그"

    page.get_by_role("button", name="As in feeds.toml again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Northwind TechBlog")


def test_a_value_that_is_refused_stays_in_its_field(enter: Enter, complaints: list[str]) -> None:
    page = enter("/feeds/northwind")
    page.get_by_label("Weight").fill("3")
    page.get_by_label("Name").fill("Northwind Two")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("Weight")).to_have_value("3")
    expect(page.get_by_label("Weight")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("Northwind Two")
    expect(page.locator("#mistake-weight")).to_contain_text("less than or equal to 1")
    assert [complaint for complaint in complaints if "422" in complaint]
    complaints.clear()


def test_the_address_is_replaced_and_the_move_undone(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds/lumen")
    page.get_by_role("textbox", name="Address").fill("https://new.lumen.example/rss")
    page.get_by_role("button", name="Replace the address").click()
    expect(page.get_by_role("status")).to_have_text("The next visit goes to new.lumen.example/rss.")
    assert state_of(curator, "lumen").feed.url == "https://new.lumen.example/rss"

    page.get_by_role("button", name="Undo this move").click()

    expect(page.get_by_role("status")).to_have_text("The next visit goes to lumen.example/feed.")
    assert state_of(curator, "lumen").feed.url == LUMEN.url
    with curator.app.reading() as connection:
        assert [move.undone_at is not None for move in health.list_moves(connection, "lumen")] == [False, True, False]


def test_a_feed_that_is_gone_is_paused_from_its_question(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds?show=gone")
    page.get_by_role("link", name="The Closed Notebook").click()
    expect(page.get_by_role("note")).to_contain_text("The site says that this document is gone for good")

    page.get_by_role("button", name="Pause it").click()

    expect(page.get_by_role("note")).to_have_count(0)
    assert state_of(curator, "closed").paused_at is not None


def test_everything_works_without_scripts(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds", java_script_enabled=False)
    page.get_by_label("Words").fill("live")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".feeds tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Visit Live Wire now").click()
    expect(page.get_by_role("status")).to_have_text("Live Wire: Visited just now: read, 1 new entry.")
    page.get_by_role("button", name="Pause Live Wire").click()
    expect(page.get_by_role("status")).to_contain_text("Live Wire: Paused")

    page.get_by_role("link", name="Live Wire").click()
    page.get_by_role("button", name="Resume").click()
    page.get_by_label("Tags").fill("전선, wires")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")

    assert state_of(curator, "live").feed.tags == ("전선", "wires")


def test_the_alarm_leads_from_any_page_to_the_feeds(enter: Enter, curator: Curator) -> None:
    with curator.app.reading() as connection:
        feeds = [state.feed for state in list_feed_states(connection)]
    since = NOW - timedelta(hours=3, minutes=5)
    states = [replace(failed(feed, "no answer came"), failing_since=since, last_success_at=since) for feed in feeds]
    save_states(curator.app, states)
    page = enter("/queue/2022-12")

    expect(page.get_by_role("alert")).to_contain_text("Nothing has succeeded for 3 hours: 10 feeds failed since ")
    page.get_by_role("alert").get_by_role("link").click()

    expect(page.locator(".feeds tbody tr")).to_have_count(10)
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_wider_than_a_phone(enter: Enter, path: str) -> None:
    page = enter(path, **PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_long_words_do_not_widen_the_pages(enter: Enter, curator: Curator) -> None:
    word = "Antidisestablishmentarianism_" * 12
    long = replace(FEEDS[0], name=word, url=f"https://long.example/{word}", site=f"https://long.example/{word}")
    curator.app.change_feed("northwind", {"name": long.name, "url": long.url, "site": long.site, "tags": [word]})
    save_states(curator.app, [failed(long, word * 3, excerpt=word * 3)])
    for settings in (PHONE, {"viewport": {"width": 1280, "height": 900}}):
        for path in ("/feeds", "/feeds/northwind"):
            page = enter(path, **settings)

            assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("path", PATHS)
def test_on_a_phone_what_is_touched_is_large_enough(enter: Enter, path: str) -> None:
    page = enter(path, **PHONE)
    touched = page.locator(
        "button:visible, a.button:visible, select:visible, input:visible, .tabs a, .top nav a, .feeds .name"
    )

    heights = touched.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")

    assert len(heights) > 8
    assert min(heights) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_text_stands_out_from_its_ground(enter: Enter, curator: Curator, scheme: str, path: str) -> None:
    curator.app.pause_feed("mina")
    curator.app.change_feed("northwind", {"weight": "0.5"})
    page = enter(path, color_scheme=scheme)

    assert page.evaluate(CONTRAST) == []
