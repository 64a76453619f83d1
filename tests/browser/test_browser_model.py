"""Why a post was guessed as it was, and the page of the model, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from web_browser import Enter
from world import Curator
from world.worlds import TWO_MODELS

pytestmark = pytest.mark.browser

WORLD = TWO_MODELS


def test_a_key_opens_and_closes_why_under_its_pane(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12?show=undecided&q=장바구니")
    pane = page.locator(f"#pane[data-id='{curator.numbers['실시간-추천']}']")

    page.keyboard.press("j")
    page.keyboard.press("w")

    expect(pane.locator(".panel")).to_contain_text("For RecSys, etc.")
    expect(pane.locator(".near")).to_contain_text("배차 도착 시간 예측에 트랜스포머를 도입하며 배운 것들")
    expect(pane.locator(".panel meter").first).to_be_visible()

    page.keyboard.press("w")
    expect(pane.locator(".panel")).to_be_hidden()
    pane.get_by_role("link", name="Why this section?").click()
    expect(pane.locator(".panel")).to_be_visible()
    assert page.url.endswith("#") is False
    assert "/why" not in page.url


def test_without_scripts_why_is_a_page(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12?show=undecided&q=장바구니", java_script_enabled=False)

    page.get_by_role("link", name="Why this section?").click()

    expect(page).to_have_url(re.compile(rf"/posts/{curator.numbers['실시간-추천']}/why$"))
    expect(page.locator("main")).to_contain_text("For RecSys, etc.")
    page.get_by_role("link", name="In the queue", exact=False).first.click()
    expect(page.locator(f"#post-{curator.numbers['실시간-추천']}")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_version_is_used_and_let_go_by_pointer(enter: Enter, curator: Curator, scripts: bool) -> None:
    page = enter("/model", java_script_enabled=scripts)

    page.get_by_role("button", name="Use this version").click()
    expect(page.locator("[role=note]")).to_contain_text("You chose this model")
    assert curator.app.learner.find_version() == "sections-0123456789"
    page.get_by_role("button", name="Let new models replace it").click()
    expect(page.locator("[role=note]")).to_have_count(0)
    page.get_by_role("button", name="Use the previous version").click()
    expect(page).to_have_url(re.compile("done=use$"))
    assert curator.app.learner.find_version() == curator.app.learner.shipped.version
