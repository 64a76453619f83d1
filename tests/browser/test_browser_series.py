"""The series on a card in a real browser: by pointer, by key, without scripts, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from aggregator.app import App
from aggregator.types import Month, Reason, Section
from web_browser import CONTRAST, PHONE, Enter
from world import FEEDS, Curator, Sample, fill, visit_page

pytestmark = pytest.mark.browser

_SECTION = Section.parse("2.3")
_LONG = "장바구니-추천을-실시간으로-바꾸며-배운-것들-그리고-아주-긴-주소가-화면을-넘지-않는지-보는-글"
SAMPLES = (
    Sample("장바구니 추천 구축기 1편", "haneul", f"{_LONG}-1", 1, "ko", section=_SECTION, month=Month(2022, 11)),
    Sample("장바구니 추천 구축기 2편: 재정렬", "haneul", f"{_LONG}-2", 2, "ko", section=_SECTION),
    Sample("장바구니 추천 구축기 4편: 실험", "haneul", "넷째", 20, "ko", section=_SECTION, shortlisted=True,
           reasons=(Reason("topic fit", 0.9, "RecSys 94%"),)),
    Sample("Deep Shards, Part 1", "northwind", "deep-1", 2, section=_SECTION),
    Sample("Deep Shards, Part 2: The Router", "northwind", "deep-2", 9, section=_SECTION, shortlisted=True,
           reasons=(Reason("topic fit", 0.8, "RecSys 84%"),)),
)  # fmt: skip
NOTE = f"[1편](https://haneul.example/{_LONG}-1)과 [2편](https://haneul.example/{_LONG}-2)도 읽어보세요."


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app, [replace(sample) for sample in SAMPLES]))


def card_of(page: Page, curator: Curator, post: str) -> Locator:
    return page.locator(f"#post-{curator.numbers[post]}")


def note_of(curator: Curator, post: str) -> str | None:
    correction = curator.get(post).correction
    return correction.note if correction else None


@pytest.mark.parametrize("settings", [{}, PHONE, PHONE | {"java_script_enabled": False}], ids=["desk", "phone", "bare"])
def test_the_note_is_added_and_taken_back(enter: Enter, curator: Curator, settings: dict[str, object]) -> None:
    page = enter("/queue/2022-12", **settings)
    card = card_of(page, curator, "넷째")
    expect(card).to_contain_text("Part 4 of 4 so far Not seen: 3.")
    expect(card.get_by_role("link", name="1편")).to_have_attribute("href", f"https://haneul.example/{_LONG}-1")
    expect(card).to_contain_text(NOTE)

    card.get_by_role("button", name="Add as note").click()
    expect(card).to_contain_text("The note leads to the earlier parts.")
    assert note_of(curator, "넷째") == NOTE

    card.get_by_role("button", name="Take it out of the note").click()
    expect(card.get_by_role("button", name="Add as note")).to_be_visible()
    assert note_of(curator, "넷째") == ""


def test_the_note_is_added_by_a_key_and_the_post_approved_by_the_next(enter: Enter, curator: Curator) -> None:
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("n")
    card = card_of(page, curator, "넷째")
    expect(card).to_contain_text("The note leads to the earlier parts.")
    expect(card).to_be_focused()
    page.keyboard.press("n")
    expect(page.get_by_role("status")).to_have_text("There is no note to add to this post.")
    page.keyboard.press("a")
    expect(card).to_contain_text("Approved for 2.3")
    assert note_of(curator, "넷째") == NOTE


def test_an_english_post_takes_either_language(enter: Enter, curator: Curator) -> None:
    page = enter()
    card = card_of(page, curator, "deep-2")
    expect(card.get_by_role("button", name="Add as English note")).to_be_visible()
    card.get_by_role("button", name="Add as Korean note").click()
    expect(card).to_contain_text("The note leads to the earlier parts.")
    assert note_of(curator, "deep-2") == "[1편](https://northwind.example/deep-1)도 읽어보세요."


@pytest.mark.parametrize("settings", [{}, PHONE, {"color_scheme": "dark"}], ids=["desk", "phone", "dark"])
def test_the_series_can_be_read_and_fits(enter: Enter, curator: Curator, settings: dict[str, object]) -> None:
    page = enter("/queue/2022-12", **settings)
    expect(card_of(page, curator, "넷째").locator(".series")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
