"""Weights, the spot check and what a score rests on, in a real browser: with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from aggregator.pipeline import weights
from aggregator.storage.candidates import list_candidates
from web_browser import Enter
from world import MONTH, Curator
from world.worlds import MEASURED

pytestmark = pytest.mark.browser

WORLD = MEASURED


@pytest.mark.parametrize("scripted", [True, False])
def test_weights_are_tried_taken_and_taken_back(enter: Enter, curator: Curator, scripted: bool) -> None:
    page = enter("/weights?month=2022-12", java_script_enabled=scripted)
    page.get_by_label("Use in practice").fill("5")
    page.get_by_label("Use in practice").press("Enter")
    expect(page.locator("#effect")).to_contain_text("Nothing is stored yet.")
    expect(page.get_by_label("Use in practice")).to_have_value("5")
    assert weights.get_settings_in_force(curator.app).weights.business_case == 1

    page.get_by_role("button", name="Use these weights").click()
    expect(page.get_by_role("status")).to_contain_text("These weights are in use.")
    expect(page.locator(".number-field.changed")).to_contain_text("feeds.toml says 1")
    assert weights.get_settings_in_force(curator.app).weights.business_case == 5

    page.get_by_role("button", name="Reset to feeds.toml").click()
    expect(page.get_by_role("status")).to_contain_text("are those of feeds.toml again")
    assert weights.get_settings_in_force(curator.app) == curator.app.settings


def test_a_mistake_is_shown_at_its_field(enter: Enter, complaints: list[str]) -> None:
    page = enter("/weights?month=2022-12")
    page.get_by_label("Depth").fill("99")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_label("Depth")).to_be_focused()
    expect(page.locator(".mistake")).to_contain_text("less than or equal to 10")
    assert [each for each in complaints if "422" in each] == complaints
    complaints.clear()


def test_posts_like_it_open_above_the_text_by_key_and_by_pointer(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12")
    page.keyboard.press("j")
    page.keyboard.press("p")
    panel = page.locator("#pane .panel")
    expect(panel).to_contain_text("Similar approved posts")
    page.keyboard.press("p")
    expect(panel).to_be_hidden()
    page.locator("#pane [data-ask=p]").click()
    expect(panel).to_be_visible()


def test_posts_like_it_are_a_page_without_scripts(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12", java_script_enabled=False)
    page.get_by_role("link", name="Similar posts").first.click()
    expect(page.get_by_role("heading", name="Similar approved posts")).to_be_visible()
    page.get_by_role("link", name="In the queue").first.click()
    expect(page.locator(".row").first).to_be_visible()


def test_random_looks_are_marked_and_decided_like_all_others(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12")
    looks = page.locator(".row", has_text="spot check")
    expect(looks).to_have_count(2)
    look = looks.first
    number = (look.get_attribute("id") or "").removeprefix("post-")
    look.locator("h2 a").click()
    page.locator(f"#pane[data-id='{number}']").get_by_role("button", name="Hold", exact=False).first.click()
    expect(page.locator("#views")).to_contain_text("Held 1")
    with curator.app.reading() as connection:
        (held,) = [one for one in list_candidates(connection, MONTH) if str(one.post.id) == number]
    assert held.verdict is not None
    assert held.is_sampled
