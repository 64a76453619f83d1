"""Logging out and in again in a real browser."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from web_browser import PHONE, Enter
from web_looks import list_faults
from world import Curator
from world.worlds import MONTH_BEGUN

pytestmark = pytest.mark.browser

WORLD = MONTH_BEGUN


def test_who_has_logged_out_comes_in_again_by_the_link(enter: Enter, curator: Curator, complaints: list[str]) -> None:
    page = enter("/feeds", **PHONE)

    page.get_by_role("button", name="Log out").click()

    expect(page.locator("main")).to_contain_text("aggregator login-link")
    assert list_faults(page) == []
    assert "401 (Unauthorized)" in complaints.pop()

    page.goto(urljoin(page.url, f"/login?key={curator.app.login_key}"))

    expect(page).to_have_url(re.compile("/queue/2022-12$"))
    expect(page.locator(".card").first).to_be_visible()
