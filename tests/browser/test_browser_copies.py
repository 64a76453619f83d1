"""Copies in a real browser: with and without scripts, on a phone, in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from aggregator.app import App
from aggregator.pipeline.duplicates import settle_groups
from aggregator.storage import duplicates
from aggregator.types import Pair, Reason, Sameness
from web_browser import CONTRAST, PHONE, WIDER, Enter
from world import FEEDS, NOW, SAMPLES, Curator, fill, visit_page

pytestmark = pytest.mark.browser

QUEUE = "/queue/2022-12?show=all"
REASONS = (Reason("text", 0.8, "81% of the text"), Reason("title", -0.2, "12% of the words"))


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    numbers = fill(app, SAMPLES)
    with app.database.writing() as connection:
        for one, other, said in (
            ("실시간-추천", "eta-transformer", Sameness.SAME),
            ("feature-stores", "continuous-batching", Sameness.MAYBE),
        ):
            first, second = sorted((numbers[one], numbers[other]))
            duplicates.append_pairs(
                connection, [Pair(first, second, said, "recipe 1", NOW, score=1.2, reasons=REASONS)]
            )
        settle_groups(connection, list(numbers.values()))
    return visit_page(app, numbers).log_in()


@pytest.mark.parametrize("scripted", [True, False])
def test_the_curators_word_on_a_card(enter: Enter, curator: Curator, scripted: bool) -> None:
    page = enter(QUEUE, java_script_enabled=scripted)
    card = page.locator(f"#post-{curator.numbers['실시간-추천']}")
    card.get_by_text("Why it is the same").click()
    expect(card.locator(".why-same")).to_contain_text("81% of the text in common")
    card.get_by_role("button", name="Not the same").click()
    expect(page.locator(f"#post-{curator.numbers['eta-transformer']}")).to_be_attached()
    expect(page.locator(f"#post-{curator.numbers['실시간-추천']} .alikes")).to_have_count(0)


@pytest.mark.parametrize("scripted", [True, False])
def test_the_curators_word_on_the_page_of_copies(enter: Enter, scripted: bool) -> None:
    page = enter(QUEUE, java_script_enabled=scripted)
    page.get_by_role("link", name="1 pair of posts may be the same").click()
    expect(page.locator(".couples > li")).to_have_count(2)
    page.get_by_role("button", name="The same:", exact=False).first.click()
    expect(page).to_have_url(re.compile("/copies$"))
    expect(page.get_by_role("button", name="The same:")).to_have_count(2)


@pytest.mark.parametrize("path", ["/copies", QUEUE])
def test_on_a_phone_and_in_the_dark(enter: Enter, path: str) -> None:
    page = enter(path, **PHONE)
    assert not page.evaluate(WIDER)
    for scheme in ("light", "dark"):
        page = enter(path, color_scheme=scheme)
        for details in page.locator(".alikes details summary").all():
            details.click()
        assert page.evaluate(CONTRAST) == []
