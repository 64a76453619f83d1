"""Head and headings in a real browser: the preview follows what is typed, and the button shows it without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from aggregator.pipeline import publish
from web_browser import Enter
from world import Curator
from world.worlds import MONTH_DECIDED

pytestmark = pytest.mark.browser

WORLD = MONTH_DECIDED


@pytest.mark.parametrize("scripted", [True, False])
def test_the_preview_shows_what_is_typed_and_stores_nothing(enter: Enter, curator: Curator, scripted: bool) -> None:
    page = enter("/texts", java_script_enabled=scripted)
    page.get_by_label("Topic nlp").fill("Language")
    if not scripted:
        page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("1.2. Language")
    expect(page.locator(".listed")).to_contain_text("NLP")
    assert publish.get_texts(curator.app).topics["nlp"] == "NLP"
