"""The page of the model, and why a post was guessed as it was."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.app import App
from aggregator.classify.learning import Lesson, measure_guesses
from aggregator.classify.taught import measure_taught
from aggregator.classify.training import Row
from aggregator.shipped import SHIPPED
from aggregator.storage import models
from aggregator.types import Acceptance, FittedModel
from world import FEEDS, NOW, SAMPLES, Curator, fill, make_guess, make_post, text_of, visit_page
from world.sections import CV

FIRST = SAMPLES[0].path


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    numbers = fill(app, [replace(sample, section=None) for sample in SAMPLES])
    app.judge.classify()
    return visit_page(app, numbers).log_in()


def _figures() -> dict[str, object]:
    from dataclasses import asdict

    lessons = [Lesson(make_post(n), SHIPPED.parse_section("2.4"), "decision", NOW) for n in range(30)]
    guesses = [make_guess(n, sure=0.6 if n < 10 else 0.9) for n in range(30)]
    figures = {axis: asdict(one) for axis, one in measure_guesses(lessons, guesses).items()}
    # Fits of earlier versions have no intervals.
    new = figures | {"topics": figures["topics"] | {"macro_f1_interval": [0.91, 1.0]}}
    taught = measure_taught(lessons, [make_guess(n, topic=CV) for n in range(30)], guesses)
    told = {"taught": [asdict(one) for one in taught], "undecided": 8, "moved": 3}
    return {"held_out": 30, "new": new, "in_use": figures, **told}


def add_model(app: App, version: str, **changes: object) -> FittedModel:
    """Store a version that learned something; it guesses as the shipped model does."""
    shipped = app.learner.shipped
    model = FittedModel(
        version, NOW, NOW, shipped.recipe, shipped.version, {"written": 2000, "correction": 30}, Acceptance.TAKEN,
        "Not worse than the model in use.", _figures(),
    )  # fmt: skip
    model = replace(model, **changes)  # type: ignore[arg-type]
    with app.database.writing() as connection:
        models.save_model(connection, model, [])
    folder = app.config.home / "models"
    if model.is_kept:
        replace(app.learner.get(), version=version).save(folder / f"{version}.npz")
    return model


# --- the model ---


def test_the_page_tells_of_a_model_that_cannot_be_read(
    curator: Curator, make_app: Callable[..., App], fit_here: None, kept_fits: None
) -> None:
    version = curator.app.learner.find_version()
    (curator.app.config.home / "models" / f"{version}.npz").write_bytes(b"damaged")
    from_now_on = visit_page(make_app(FEEDS), curator.numbers).log_in()
    from_now_on.app.judge.judge_new()
    page = text_of(from_now_on.read("/model"))
    assert "cannot be read as a model" in page
    assert "The model of the rows that come with the project is used in its place." in page


def test_the_page_tells_what_is_in_use_and_what_it_learned_from(curator: Curator, shipped_rows: Sequence[Row]) -> None:
    page = text_of(curator.read("/model"))

    assert curator.app.learner.shipped.version in page
    assert "In use since 31 Dec 2022, 21:00." in page
    assert "It is made from the rows that come with the project and needs no decisions." in page
    assert "Nothing was decided since the last fit" in page
    assert f"Lines of the digest of 2023-01 {sum(row.is_real for row in shipped_rows)}" in page
    assert "Go back" not in page


def test_decisions_are_counted_until_the_next_fit(curator: Curator) -> None:
    curator.decide(FIRST, "approve", section="1.1")
    curator.decide("sparse-experts", "approve")

    page = text_of(curator.read("/model"))

    assert "2 posts decided since the last fit; the next fit is at 03:00, or after 18 more decisions." in page
    assert "Dec 2022 1 of 2, 50%" in page


def test_fits_show_their_figures_and_refused_ones_cannot_be_used(curator: Curator) -> None:
    add_model(curator.app, "sections-good")
    add_model(
        curator.app, "sections-bad", acceptance=Acceptance.REFUSED, is_kept=False, reason="Worse than the model in use."
    )

    page = curator.read("/model")
    text = text_of(page)

    assert "Topics 100% of 30 posts right, 100% among the first two; macro-F1 1.00 (0.91 to 1.00)" in text
    assert "In brackets: 95% intervals." in text
    assert "Refused Worse than the model in use." in text
    assert 'value="sections-good"' in page
    assert 'value="sections-bad"' not in page
    assert "<svg" in page
    assert '<td class="right">30</td>' in page


def test_the_page_tells_what_decisions_did_or_how_many_are_missing(curator: Curator) -> None:
    curator.decide(FIRST, "approve")
    assert "What your decisions did 19 more decisions are needed to measure this." in text_of(curator.read("/model"))

    add_model(curator.app, "sections-good")

    page = text_of(curator.read("/model"))
    assert "Of 8 undecided posts in open months, 3 moved to another section." in page
    assert "The newest decisions: 30 Posts Before After Gain" in page
    assert "Topics right 30 0.00 (0.00 to 0.00) 1.00 (1.00 to 1.00) +1.00 (+1.00 to +1.00)" in page


def test_a_version_is_used_pinned_and_let_go(curator: Curator) -> None:
    app = curator.app
    shipped = app.learner.find_version()
    add_model(app, "sections-good")

    assert curator.send("/model/use", version="sections-good").headers["location"] == "/model?done=use"
    assert app.learner.find_version() == "sections-good"
    page = text_of(curator.read("/model?done=use"))
    assert "Another model is in use" in page
    assert "You chose this model on 31 Dec 2022, 21:00." in page

    assert curator.send("/model/unpin").headers["location"] == "/model?done=unpin"
    assert "You chose" not in curator.read("/model")
    app.clock.advance(hours=1)  # type: ignore[attr-defined]
    curator.send("/model/back")
    assert app.learner.find_version() == shipped


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("/model/use", {"version": "sections-gone"}, 404, "no model has the version sections-gone"),
        ("/model/use", {"version": "old"}, 409, "The file of sections-old is not kept"),
        ("/model/back", {}, 409, "No other model was in use before"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(
    curator: Curator, path: str, fields: dict[str, str], status: int, said: str
) -> None:
    add_model(curator.app, "sections-old", is_kept=False)
    answer = curator.send(path, **fields)
    assert answer.status_code == status
    assert said.lower() in text_of(answer.text).lower()


def test_a_fit_is_begun_from_the_page_and_goes_on_behind_it(curator: Curator) -> None:
    curator.decide(FIRST, "approve", section="1.1")

    assert curator.send("/model/fit").headers["location"] == "/model?done=fit"
    end = time.monotonic() + 100
    while curator.app.learner.look().new_decisions:
        assert time.monotonic() < end, "it did not end"
        time.sleep(0.05)

    assert "1 decision of yours" in text_of(curator.read("/model"))


def test_forms_of_other_sites_change_nothing(curator: Curator) -> None:
    add_model(curator.app, "sections-good")
    for path in ("fit", "use", "back", "unpin"):
        answer = curator.client.post(f"/model/{path}", data={"version": "sections-good", "token": "guessed"})
        assert answer.status_code == 403
    assert curator.app.learner.find_version() == curator.app.learner.shipped.version


@pytest.mark.parametrize("path", ["/model", "/posts/1/why"])
def test_the_pages_are_for_who_has_logged_in(make_app: Callable[..., App], path: str) -> None:
    assert visit_page(make_app(FEEDS)).client.get(path).status_code == 401


def test_before_the_first_fit_the_pages_say_so(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, fill(app)).log_in()
    assert "No model yet" in curator.read("/model")
    assert "The first model is being fitted" in text_of(
        curator.read(f"/posts/{curator.numbers[FIRST]}/why", status=503)
    )


# --- why ---


def test_why_names_what_spoke_for_the_guess_and_for_the_next(curator: Curator) -> None:
    curator.decide("eta-transformer", "approve")
    post = curator.numbers["실시간-추천"]

    whole = curator.read(f"/posts/{post}/why")
    page = text_of(whole)

    assert re.search(r"Topic: RecSys, etc\. \d+%, then [\w, ]+ \d+%", page)
    # Two short lists of words with bars, the strongest first.
    tables = [
        [float(share) for share in re.findall(r"<td>([0-9.]+)</td>", table)]
        for table in re.findall(r"<caption>For .*?</table>", whole, re.DOTALL)
    ]
    assert re.search(r"For RecSys, etc\. \w", page)
    assert all(1 <= len(shares) <= 5 and shares == sorted(shares, reverse=True) for shares in tables)
    assert len(tables) >= 4
    assert "before reading" not in page
    assert "AWS did not publish it" in page
    assert re.search(
        r"Similar approved posts \d+% 배차 도착 시간 예측에 트랜스포머를 도입하며 배운 것들 다산모빌리티", page
    )
    assert f'href="/posts/{post}/why"' in curator.read_post("실시간-추천")


def test_the_panel_is_the_same_without_the_page_around_it(curator: Curator) -> None:
    panel = curator.read(f"/posts/{curator.numbers[FIRST]}/why?panel")

    assert panel.lstrip().startswith('<div class="clues">')
    assert "<html" not in panel


def test_a_decided_post_is_explained_by_the_model_that_guessed_it(curator: Curator, fit_here: None) -> None:
    app, number = curator.app, curator.numbers[FIRST]
    first = curator.get(FIRST).guess
    assert first
    curator.decide(FIRST, "approve", section="1.1")
    learned = app.learner.fit()
    app.judge.judge_new()

    page = text_of(curator.read(f"/posts/{number}/why"))
    assert f"by {first.model_version}." in page
    assert "You put it in 1.1 CV." in page
    assert "no longer kept" not in page

    with app.database.writing() as connection:
        models.forget_files(connection, [first.model_version])
        known = models.get_model(connection, first.model_version)
        models.save_model(connection, replace(known, recipe="of another time"), [])
    page = text_of(curator.read(f"/posts/{number}/why"))
    assert f"That model is no longer kept; below is what {learned.version} sees in the post." in page


@pytest.mark.parametrize("number", ["4711", "x", "99999999999999999999"])
def test_there_is_no_why_of_no_post(curator: Curator, number: str) -> None:
    curator.read(f"/posts/{number}/why", status=404)


def test_approved_posts_come_and_go(curator: Curator) -> None:
    path = f"/posts/{curator.numbers['실시간-추천']}/why"
    assert "No approved post is similar." in curator.read(path)
    curator.decide("eta-transformer", "approve")
    assert "배차 도착 시간" in curator.read(path)
    curator.decide("eta-transformer", "undo")
    assert "배차 도착 시간" not in curator.read(path)
    assert timedelta(0) == curator.app.now - NOW
