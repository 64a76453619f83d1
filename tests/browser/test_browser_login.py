"""Logging out and in again in a real browser, by link and by password."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from aggregator.pipeline.passwords import set_password
from web_browser import PHONE, Enter
from web_looks import TOUCHED, list_violations, list_wide, measure_touched
from world import Curator
from world.worlds import MONTH_BEGUN

pytestmark = pytest.mark.browser

WORLD = MONTH_BEGUN


def test_who_has_logged_out_comes_in_again_by_the_link(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter("/feeds", **PHONE)

    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Log out").click()

    expect(page.locator("main")).to_contain_text("aggregator login-link")
    assert [*list_wide(page), *list_violations(page, "light")] == []
    assert "401 (Unauthorized)" in complaints.pop()

    page.goto(urljoin(page.url, f"/login?key={curator.app.login_key}"))

    expect(page).to_have_url(re.compile("/queue/2022-12$"))
    expect(page.locator(".row").first).to_be_visible()


@pytest.mark.usefixtures("cheap_passwords")
def test_the_password_leads_back_to_the_page_that_was_asked_for(
    enter: Enter, curator: Curator, complaints: list[str]
) -> None:
    set_password(curator.app.database, "correct horse battery")
    page = enter("/feeds", **PHONE)
    page.context.clear_cookies()
    page.goto(urljoin(page.url, "/rules"))

    field = page.get_by_label("Password")
    expect(field).to_be_focused()
    field.fill("incorrect horse battery")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_have_text("This password is wrong.")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("This password is wrong.")
    assert [*list_wide(page), *list_violations(page, "light")] == []
    assert [name for name, height in measure_touched(page) if height < TOUCHED] == []
    assert [each for each in complaints if "401" not in each and "403" not in each] == []
    complaints.clear()

    field.fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_url(re.compile("/rules$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Rules")
