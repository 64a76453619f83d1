"""Search in a real browser: from any page, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from web_browser import Enter
from world import Curator
from world.worlds import INDEXED

pytestmark = pytest.mark.browser

WORLD = INDEXED


@pytest.mark.parametrize("scripted", [True, False])
def test_from_any_page_to_a_post_in_its_queue(enter: Enter, curator: Curator, scripted: bool) -> None:
    page = enter("/feeds", java_script_enabled=scripted)
    if scripted:
        page.keyboard.press("g")
        page.keyboard.press("s")
    else:
        page.get_by_role("link", name="Search or do anything").click()
    page.get_by_label("Search all posts").fill("검색")
    page.get_by_label("Search all posts").press("Enter")
    expect(page.locator(".found > li")).to_have_count(2)
    expect(page.locator("mark")).to_have_text(["검색", "검색"])

    page.get_by_label("Month").select_option("2022-11")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".found > li")).to_have_count(1)
    expect(page.get_by_label("Search all posts")).to_have_value("검색")

    page.get_by_role("link", name="In the queue").click()
    expect(page.locator(f"#post-{curator.numbers['색인-없이']}")).to_be_in_viewport()


def test_rejected_posts_are_found(enter: Enter) -> None:
    page = enter("/search")
    page.get_by_label("Verdict").select_option("rejected")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".found > li")).to_have_count(1)
    expect(page.locator(".found")).to_contain_text("Rejected: job offer")


def test_the_palette_finds_posts_pages_and_feeds(enter: Enter, curator: Curator) -> None:
    page = enter("/feeds")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search or do anything")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Queue")).to_have_attribute("aria-selected", "true")

    field.fill("검색")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    field.fill("lumen")
    expect(page.get_by_role("option", name="Lumen Research feed")).to_be_visible()
    field.fill("history")
    expect(page.get_by_role("option", name="History")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/history")


def test_the_palette_acts_on_the_open_post(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("approve")
    expect(page.get_by_role("option", name="approve A")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")

    expect(page.locator("#views")).to_contain_text("Approved 1")


def test_the_palette_takes_what_was_typed_however_fast(enter: Enter) -> None:
    page = enter("/feeds")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Queue")).to_have_attribute("aria-selected", "true")
    page.keyboard.type("history")
    page.keyboard.press("Enter")

    page.wait_for_url("**/history")
