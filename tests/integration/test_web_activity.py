"""What the pages say while the daemon visits feeds and ranks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.pipeline.activity import Activity, Stage
from aggregator.types import Month
from aggregator.words.activity import say_activity
from world import FEEDS, Curator, make_draft, make_update, store, visit_page

HALFWAY = Activity(Stage.VISIT, feeds=123, visited=37, posts=1512)
SAID = "Visited 37 of 123 feeds, 1,512 posts so far"
#: Without a script the page loads itself again.
REFRESH = '<noscript><meta http-equiv="refresh" content="3;url={}"></noscript>'


@pytest.mark.parametrize(
    ("activity", "said", "is_awaited"),
    [
        (Activity(), "", False),
        (Activity(Stage.VISIT), "Looking for feeds to visit", True),
        (HALFWAY, SAID, True),
        (Activity(Stage.VISIT, feeds=1, visited=1, posts=1), "Visited 1 feed, 1 post", True),
        (Activity(Stage.RANK, feeds=2, visited=2, posts=5), "Sorting and ranking 5 posts", True),
        (Activity(Stage.RANK), "Sorting and ranking", True),
        (Activity(Stage.COMPARE, feeds=2, visited=2, posts=5), "Looking for copies among the posts", False),
        (Activity(None, 1, feeds=2, visited=2, posts=5), "Visited 2 feeds, 5 posts", False),
    ],
)
def test_what_is_said_of_a_round(activity: Activity, said: str, is_awaited: bool) -> None:
    assert (say_activity(activity), activity.is_awaited) == (said, is_awaited)


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    return visit_page(make_app(FEEDS)).log_in()


def work(app: App, activity: Activity) -> None:
    vars(app.activity).update(vars(activity))


def test_the_empty_queue_says_how_far_the_first_visits_are(curator: Curator) -> None:
    page = curator.read("/")
    assert "activity" not in page

    work(curator.app, HALFWAY)
    page = curator.read("/")
    assert f'<p id="activity" role="status" data-next="/">{SAID}.</p>' in page
    assert REFRESH.format("/") in page
    assert curator.client.get("/activity").json() == {"said": SAID, "is_awaited": True}

    work(curator.app, Activity(Stage.RANK, feeds=123, visited=123, posts=9))
    drafts = [make_draft(1), make_draft(2, month=Month(2022, 11))]
    store(curator.app.database, make_update(*drafts))
    # The month to review may be another one when it is ranked; who looks at another stays there.
    for path, next in (("/queue/2022-12", "/"), ("/queue/2022-11", "/queue/2022-11")):
        page = curator.read(path)
        assert "No shortlist yet" in page
        assert f'data-next="{next}">Sorting and ranking 9 posts.' in page
        assert REFRESH.format(next) in page
    assert "activity" not in curator.read("/queue/2022-10")
    # Only what waits for the ranking is loaded again.
    assert "activity" not in curator.read("/queue/2022-12?show=all")

    work(curator.app, Activity(rounds=1))
    assert "activity" not in curator.read("/queue/2022-12")


def test_the_feeds_say_it_too(curator: Curator) -> None:
    work(curator.app, HALFWAY)
    page = curator.read("/feeds?show=new")
    assert f'<p id="activity" role="status">{SAID}.</p>' in page
    assert REFRESH.format("/feeds?show=new") in page


def test_strangers_are_told_nothing(make_app: Callable[..., App]) -> None:
    visit_page(make_app(FEEDS)).read("/activity", status=401)
