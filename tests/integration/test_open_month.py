"""Which month the page and the command line open with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.pipeline import history, months, publish, review
from aggregator.storage import judgements
from aggregator.types import Decision, DigestState, Month, Reason, Score
from clock import Clock
from world import FEED, NOW, make_draft, make_guess, make_update, store

NOVEMBER, DECEMBER = Month(2022, 11), Month(2022, 12)


@pytest.fixture
def app(make_app: Callable[..., App], clock: Clock, tmp_path: Path) -> App:
    """In the middle of December, with a shortlisted post of November and posts of this and the next month."""
    clock.now = NOW
    app = make_app([FEED])
    months = {1: NOVEMBER, 2: DECEMBER, 3: Month(2023, 1)}
    store(app.database, make_update(*(make_draft(number, month=month) for number, month in months.items())))
    with app.database.writing() as connection:
        judgements.save_guesses(connection, [make_guess(number) for number in months], NOW)
        judgements.save_scores(connection, NOVEMBER, [Score(1, (Reason("x", 1.0),), 1, shortlisted=True)], NOW)
    return app


def test_last_month_is_open_while_its_shortlist_is_undecided(app: App) -> None:
    assert months.find_open_month(app) == NOVEMBER
    review.decide(app, 1, Decision.HOLD)
    assert months.find_open_month(app) == DECEMBER
    history.undo(app)
    assert months.find_open_month(app) == NOVEMBER


def test_a_printed_month_is_closed(app: App) -> None:
    review.decide(app, 1, Decision.APPROVE)
    publish.make_digest(app, NOVEMBER, DigestState.PRINTED)
    history.undo(app)
    assert months.find_open_month(app) == DECEMBER


def test_an_empty_store_opens_with_the_present_month(make_app: Callable[..., App], clock: Clock) -> None:
    clock.now = NOW
    assert months.find_open_month(make_app()) == DECEMBER
