"""What the curator says is felt at once in posts that are alike, before a model has learned it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.shipped import SHIPPED
from aggregator.storage import posts
from aggregator.storage.tables import models
from aggregator.types import Guess
from world import FEEDS, Curator, Sample, fill, text_of, visit_page

TEXT = "Quokka burrow sensors hum at dusk, and telemetry tells the keepers what was heard."
QUOKKAS = [
    Sample(f"Quokka telemetry: the burrow sensors hum, note {n}", "northwind", f"quokka-{n}", text=TEXT)
    for n in range(3)
]
OTHER = Sample("Cheaper serving of large models with batching", "lumen", "batching", text="Batches of tokens. " * 9)
ODD = SHIPPED.parse_section("2.1")


def _open(app: App) -> Curator:
    """After a round of the daemon."""
    numbers = fill(app, [*QUOKKAS, OTHER])
    app.judge.judge_new()
    app.judge.refresh_decided()
    return visit_page(app, numbers).log_in()


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    return _open(make_app(FEEDS))


@pytest.fixture
def each(make_app: Callable[..., App], database_url: str) -> Curator:
    """On a database of each kind."""
    return _open(make_app(FEEDS, database_url=database_url))


def _guess(curator: Curator, post: str) -> Guess:
    guess = curator.get(post).guess
    assert guess is not None
    return guess


def _believe(curator: Curator, post: str) -> tuple[float, float]:
    """In the odd section's topic, and out of scope."""
    guess = _guess(curator, post)
    return guess.topics[ODD.topic], guess.out_of_scope


def test_a_correction_moves_the_guesses_of_like_posts_alone_and_says_so(curator: Curator) -> None:
    before = {post: _guess(curator, post) for post in curator.numbers}
    assert before["quokka-1"].section.topic != ODD.topic
    first = curator.numbers["quokka-0"]

    told = curator.ask(f"/posts/{first}/approve", section=str(ODD), next="/queue/2022-12?show=all").json()

    after = {post: _guess(curator, post) for post in curator.numbers}
    assert after["quokka-0"] == before["quokka-0"], "a decided post keeps the guess that was shown"
    assert after["batching"] == before["batching"]
    for post in ("quokka-1", "quokka-2"):
        assert after[post].section == ODD
        assert f'id="post-{curator.numbers[post]}"' in "".join(told["others"])
    assert len(told["others"]) == 2
    assert "2.1 CV" in text_of(told["others"][0])

    why = text_of(curator.read(f"/posts/{curator.numbers['quokka-1']}/why"))
    assert "Topic: CV" in why
    assert "like “Quokka telemetry: the burrow sensors hum, note 0”, which you put in 2.1" in why
    assert "which you put in" not in text_of(curator.read(f"/posts/{curator.numbers['batching']}/why"))


def test_why_tells_the_probability_that_is_stored(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    ends = ("and sails of ships", "and prices of flights", "and yields of wheat")
    loose = [Sample(f"Quokka burrow sensors {end}", "northwind", f"loose-{n}") for n, end in enumerate(ends)]
    numbers = fill(app, loose)
    app.judge.judge_new()
    app.judge.refresh_decided()
    curator = visit_page(app, numbers).log_in()
    for post in ("loose-0", "loose-1"):
        curator.decide(post, "approve", section=str(ODD))
    choice = app.judge.explain(numbers["loose-2"]).explanation.topic
    assert choice is not None
    assert choice.probability == pytest.approx(max(_guess(curator, "loose-2").topics.values()), abs=1e-4)


def test_a_rejection_as_off_topic_is_felt_and_one_for_its_quality_is_not(curator: Curator) -> None:
    before = _believe(curator, "quokka-1")
    curator.decide("quokka-0", "reject", reason="shallow")
    assert _believe(curator, "quokka-1") == before
    curator.decide("quokka-0", "undo")
    curator.decide("quokka-0", "reject", reason="off topic")
    assert _believe(curator, "quokka-1")[1] > before[1]


def test_what_is_undone_is_felt_no_more(curator: Curator) -> None:
    before = _guess(curator, "quokka-1")
    curator.decide("quokka-0", "approve", section=str(ODD))
    assert _guess(curator, "quokka-1") != before
    curator.decide("quokka-0", "undo")
    assert _guess(curator, "quokka-1") == before


def test_the_same_is_felt_after_a_restart_and_by_posts_that_come_later(
    each: Curator, make_app: Callable[..., App], database_url: str
) -> None:
    curator = each
    curator.decide("quokka-0", "approve", section=str(ODD))
    felt = _guess(curator, "quokka-1")
    again = make_app(FEEDS, database_url=database_url)
    late = Sample("Quokka telemetry: the burrow sensors hum, late", "northwind", "late", text=TEXT)
    numbers = fill(again, [*QUOKKAS, OTHER, late])
    again.judge.judge_new()
    again.judge.refresh_decided()
    there = visit_page(again, numbers).log_in()
    assert _guess(there, "quokka-1") == felt
    assert _guess(there, "late").section == ODD
    # What was said by another program meanwhile is felt after the next round.
    curator.decide("quokka-0", "undo")
    again.judge.refresh_decided()
    assert _guess(there, "late").section != ODD


def test_the_month_is_ranked_anew_for_what_is_felt(curator: Curator) -> None:
    app, second = curator.app, curator.numbers["quokka-1"]
    with app.reading() as connection:
        month = posts.list_posts(connection, [second])[second].month
    curator.decide("quokka-0", "reject", reason="off topic")
    assert app.judge.rank_decided() == {month}
    assert app.judge.rank_decided() == set()


def test_of_many_like_posts_the_nearest_move_at_once_and_the_others_in_the_next_round(
    curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.pipeline.memory._MOST_AT_ONCE", 1)
    curator.decide("quokka-0", "approve", section=str(ODD))
    assert [_guess(curator, post).section == ODD for post in ("quokka-1", "quokka-2")].count(True) == 1
    curator.app.judge.refresh_decided()
    assert [_guess(curator, post).section for post in ("quokka-1", "quokka-2")] == [ODD, ODD]


def test_a_lesson_that_the_model_in_use_has_learned_leaves_the_memory(curator: Curator) -> None:
    before = _guess(curator, "quokka-1")
    curator.decide("quokka-0", "approve", section=str(ODD))
    # As a fit leaves it that has found nothing else to learn.
    with curator.app.database.writing() as connection:
        connection.execute(models.update().values(last_verdict=99, last_correction=99))
    curator.app.judge.refresh_decided()
    assert _guess(curator, "quokka-1") == before
