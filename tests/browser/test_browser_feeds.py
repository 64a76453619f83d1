"""The feeds in a real browser: by pointer, without scripts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from aggregator.config.document import paste_feeds, write_feed
from aggregator.pipeline import follow
from aggregator.pipeline.listing import change_proposal
from aggregator.storage import health
from aggregator.storage.feeds import list_feed_states
from aggregator.types import FeedState
from feed_server import FeedServer
from web_browser import PHONE, Enter
from web_looks import TOUCHED, list_violations, list_wide, measure_touched
from world import NOW, Curator, failed, save_states
from world.worlds import CHALLENGE, LUMEN, TROUBLED_FEEDS

pytestmark = pytest.mark.browser

WORLD = TROUBLED_FEEDS
DOCUMENT = """<rss version="2.0"><channel><title>t</title>
<item><title>A Post Just Published</title><link>https://live.example/1</link></item></channel></rss>"""


@pytest.fixture
def live(curator: Curator, feed_server: FeedServer) -> FeedServer:
    """Where the feed *live* really is."""
    follow.change_feed(curator.app, "live", {"url": feed_server.play("/live", DOCUMENT)})
    return feed_server


def state_of(curator: Curator, key: str) -> FeedState:
    with curator.app.reading() as connection:
        return list_feed_states(connection, [key])[0]


def test_a_feed_is_found_by_filter_and_opened(enter: Enter) -> None:
    page = enter("/feeds")
    page.get_by_role("navigation", name="State").get_by_role("link", name="Failing").click()
    expect(page.locator(".feeds tr[id]")).to_have_count(1)
    page.get_by_role("link", name="All", exact=False).first.click()
    page.get_by_label("Words").fill("물결")
    page.get_by_label("Words").press("Enter")
    expect(page.locator(".feeds tr[id]")).to_have_count(1)

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
    page.locator("#northwind summary").click()
    page.get_by_role("button", name="Pause Northwind TechBlog").click()

    expect(page.get_by_role("status")).to_contain_text("Northwind TechBlog: Paused")
    expect(page.locator("#northwind")).to_be_in_viewport()
    assert state_of(curator, "northwind").paused_at is not None

    page.get_by_role("button", name="Resume Northwind TechBlog").click()
    expect(page.get_by_role("status")).to_contain_text("Resumed")
    assert state_of(curator, "northwind").paused_at is None


def test_visiting_now_shows_what_came(enter: Enter, live: FeedServer) -> None:
    page = enter("/feeds/live")
    page.get_by_role("button", name="Visit now").click()

    expect(page.get_by_role("status")).to_have_text("Visited just now: read, 1 new entry.")
    expect(page.get_by_role("link", name="A Post Just Published")).to_be_visible()
    assert [path for path, _ in live.requests] == ["/live"]

    live.play("/live", CHALLENGE, content_type="text/html")
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

    page.get_by_role("button", name="Reset to feeds.toml").click()
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


@pytest.mark.usefixtures("live")
def test_everything_works_without_scripts(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds", java_script_enabled=False)
    page.get_by_label("Words").fill("live")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".feeds tr[id]")).to_have_count(1)
    page.locator("#live summary").click()
    page.get_by_role("button", name="Visit now Live Wire").click()
    expect(page.get_by_role("status")).to_have_text("Live Wire: Visited just now: read, 1 new entry.")
    page.locator("#live summary").click()
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

    expect(page.locator(".feeds tr[id]")).to_have_count(10)
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_feed_is_added_from_the_address_of_its_site(enter: Enter, curator: Curator, feed_server: FeedServer) -> None:
    tables = {feed.key: write_feed(feed.key, change_proposal(feed, {})) for feed in WORLD.feeds}
    curator.app.config.file.write_text(paste_feeds("", tables), encoding="utf-8")
    feed_server.play("/wire", DOCUMENT)
    site = '<link rel="alternate" type="application/rss+xml" href="/wire">'
    page = enter("/feeds", **PHONE)
    page.get_by_role("textbox", name="Add a feed").fill(feed_server.play("/blog/", site, content_type="text/html"))
    page.get_by_role("textbox", name="Add a feed").press("Enter")
    expect(page.locator(".found .titles")).to_have_text("A Post Just Published")
    page.get_by_text("How it will be followed").click()
    small = [name for name, height in measure_touched(page) if round(height) < TOUCHED]
    assert [*list_wide(page), *small, *list_violations(page, "dark"), *list_violations(page, "light")] == []

    page.get_by_role("textbox", name="Key").fill("wire")
    page.get_by_role("button", name="Follow it").click()

    expect(page.get_by_role("status")).to_contain_text("It is in feeds.toml now")
    assert state_of(curator, "wire").feed.url == f"{feed_server.address}/wire"
