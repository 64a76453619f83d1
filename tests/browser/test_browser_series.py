"""The series of a post in a real browser: by pointer, by key, without scripts, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from web_browser import PHONE, Enter
from world import Curator
from world.worlds import FIRST_PART, NOTE, SERIES

pytestmark = pytest.mark.browser

WORLD = SERIES


def pane_of(page: Page, curator: Curator, post: str) -> Locator:
    return page.locator(f"#pane[data-id='{curator.numbers[post]}']")


def note_of(curator: Curator, post: str) -> str | None:
    correction = curator.get(post).correction
    return correction.note if correction else None


@pytest.mark.parametrize("settings", [{}, PHONE, PHONE | {"java_script_enabled": False}], ids=["desk", "phone", "bare"])
def test_the_note_is_added(enter: Enter, curator: Curator, settings: dict[str, object]) -> None:
    page = enter(f"/queue/2022-12?open={curator.numbers['넷째']}", **settings)
    pane = pane_of(page, curator, "넷째")
    expect(pane).to_contain_text("Part 4 of 4 so far Not seen: 3.")
    expect(pane.get_by_role("link", name="1편")).to_have_attribute("href", FIRST_PART)
    expect(pane).to_contain_text(NOTE)

    pane.get_by_role("button", name="Add as note").click()
    expect(pane.get_by_role("button", name="Add as")).to_have_count(0)
    assert note_of(curator, "넷째") == NOTE


def test_the_note_is_added_by_a_key_and_the_post_approved_by_the_next(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("n")
    pane = pane_of(page, curator, "넷째")
    expect(pane.get_by_role("button", name="Add as")).to_have_count(0)
    expect(page.locator(f"#post-{curator.numbers['넷째']} h2 a")).to_be_focused()
    # Its next press opens the note.
    page.keyboard.press("n")
    expect(page.get_by_label("Note")).to_have_value(NOTE)
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(f"#post-{curator.numbers['넷째']} h2 a")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("#views")).to_contain_text("Approved 1")
    assert note_of(curator, "넷째") == NOTE


def test_an_english_post_takes_either_language(enter: Enter, curator: Curator) -> None:
    page = enter(f"/queue/2022-12?open={curator.numbers['deep-2']}")
    pane = pane_of(page, curator, "deep-2")
    expect(pane.get_by_role("button", name="Add as English note")).to_be_visible()
    pane.get_by_role("button", name="Add as Korean note").click()
    expect(pane.get_by_role("button", name="Add as")).to_have_count(0)
    assert note_of(curator, "deep-2") == "[1편](https://northwind.example/deep-1)도 읽어보세요."
