"""Copies in a real browser: with and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from web_browser import Enter
from world import Curator
from world.worlds import COPIES

pytestmark = pytest.mark.browser

QUEUE = "/queue/2022-12?show=all"
WORLD = COPIES


@pytest.mark.parametrize("scripted", [True, False])
def test_the_curators_word_beside_the_post(enter: Enter, curator: Curator, scripted: bool) -> None:
    number = curator.numbers["실시간-추천"]
    page = enter(f"{QUEUE}&open={number}", java_script_enabled=scripted)
    pane = page.locator(f"#pane[data-id='{number}']")
    pane.get_by_text("Why they are the same").click()
    expect(pane.locator(".why-same")).to_contain_text("81% of the text in common")
    pane.get_by_role("button", name="Not the same").click()
    expect(page.locator(f"#post-{curator.numbers['eta-transformer']}")).to_be_attached()
    expect(page.locator("#pane .alikes")).to_have_count(0)


@pytest.mark.parametrize("scripted", [True, False])
def test_the_curators_word_on_the_page_of_copies(enter: Enter, scripted: bool) -> None:
    page = enter(QUEUE, java_script_enabled=scripted)
    page.get_by_role("link", name="1 pair of posts may be the same").click()
    expect(page.locator(".couples > li")).to_have_count(2)
    page.get_by_role("button", name="The same:", exact=False).first.click()
    expect(page).to_have_url(re.compile("/copies$"))
    expect(page.get_by_role("button", name="The same:")).to_have_count(2)
