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
def test_from_any_page_to_the_card_of_a_post(enter: Enter, curator: Curator, scripted: bool) -> None:
    page = enter("/feeds", java_script_enabled=scripted)
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
