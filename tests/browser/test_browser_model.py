"""Why a post was guessed as it was, and the page of the model, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from playwright.sync_api import expect

from aggregator.app import App
from aggregator.classify.learning import Lesson, measure_guesses
from aggregator.storage import models
from aggregator.types import Acceptance, FittedModel, Section
from web_browser import CONTRAST, PHONE, Enter
from world import FEEDS, NOW, SAMPLES, Curator, fill, make_guess, make_post, visit_page

pytestmark = pytest.mark.browser

PAGES = ("/model", "/queue/2022-12?show=unsure")


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    numbers = fill(app, [replace(sample, section=None) for sample in SAMPLES])
    app.judge.judge_new()
    curator = visit_page(app, numbers).log_in()
    curator.decide("eta-transformer", "approve")
    _add_model(app)
    return curator


def _add_model(app: App) -> None:
    """A version that was compared, with figures of every axis."""
    lessons = [Lesson(make_post(n), Section.list_all()[n % 12], "decision", NOW) for n in range(40)]
    guesses = [make_guess(n, lesson.section.part, lesson.section.topic, sure=0.6) for n, lesson in enumerate(lessons)]
    figures = {axis: asdict(one) for axis, one in measure_guesses(lessons, guesses).items()}
    shipped = app.learner.shipped
    model = FittedModel(
        "sections-0123456789", NOW, NOW, shipped.recipe, shipped.version, {"written": 2000, "decision": 40},
        Acceptance.TAKEN, "Not worse than the model in use.", {"held_out": 40, "new": figures, "in_use": figures},
    )  # fmt: skip
    folder = app.config.home / "models"
    (folder / f"{model.version}.skops").hardlink_to(folder / f"{shipped.version}.skops")
    with app.database.writing() as connection:
        models.save_model(connection, model, [])


def test_a_key_opens_and_closes_why_under_its_card(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12?show=undecided&q=장바구니")
    card = page.locator(f"#post-{curator.numbers['실시간-추천']}")

    page.keyboard.press("j")
    page.keyboard.press("w")

    expect(card.locator(".panel")).to_contain_text("spoke for RecSys, etc.")
    expect(card.locator(".near")).to_contain_text("배차 도착 시간 예측에 트랜스포머를 도입하며 배운 것들")
    card.get_by_text("How strongly").first.click()
    expect(card.locator(".panel meter").first).to_be_visible()

    page.keyboard.press("w")
    expect(card.locator(".panel")).to_be_hidden()
    card.get_by_role("link", name="Why?").click()
    expect(card.locator(".panel")).to_be_visible()
    assert page.url.endswith("#") is False
    assert "/why" not in page.url


def test_without_scripts_why_is_a_page(enter: Enter, curator: Curator) -> None:
    page = enter("/queue/2022-12?show=undecided&q=장바구니", java_script_enabled=False)

    page.get_by_role("link", name="Why?").click()

    expect(page).to_have_url(re.compile(rf"/posts/{curator.numbers['실시간-추천']}/why$"))
    expect(page.locator("main")).to_contain_text("spoke for RecSys, etc.")
    page.get_by_role("link", name="In the queue", exact=False).first.click()
    expect(page.locator(f"#post-{curator.numbers['실시간-추천']}")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_version_is_used_and_let_go_by_pointer(enter: Enter, curator: Curator, scripts: bool) -> None:
    page = enter("/model", java_script_enabled=scripts)

    page.get_by_role("button", name="Use this version").click()
    expect(page.locator("[role=note]")).to_contain_text("You chose this model")
    assert curator.app.learner.find_version() == "sections-0123456789"
    page.get_by_role("button", name="Let new models take over").click()
    expect(page.locator("[role=note]")).to_have_count(0)
    page.get_by_role("button", name="Go back").click()
    assert curator.app.learner.find_version() == curator.app.learner.shipped.version


@pytest.mark.parametrize("path", PAGES)
def test_on_a_phone_nothing_stands_out_to_the_side(enter: Enter, curator: Curator, path: str) -> None:
    page = enter(path, **PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"/posts/{curator.numbers['실시간-추천']}/why")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_what_is_touched_is_large_enough(enter: Enter, curator: Curator) -> None:
    page = enter("/model", **PHONE)
    touched = page.locator("button:visible, .top nav a")

    assert min(touched.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(enter: Enter, curator: Curator, scheme: str) -> None:
    page = enter("/model", color_scheme=scheme)
    assert page.evaluate(CONTRAST) == []
    page.goto(f"/posts/{curator.numbers['실시간-추천']}/why")
    for more in page.get_by_text("How strongly").all():
        more.click()
    assert page.evaluate(CONTRAST) == []
