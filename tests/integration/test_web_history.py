"""The page History: what each row says, where it leads, and its tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.app import App
from aggregator.pipeline import follow, review, weights
from aggregator.types import Action, ActionKind, Decision
from aggregator.web.history.view import Shown, Told, build_days, list_kinds
from world import FEEDS, SAMPLES, Curator, fill, text_of, visit_page

POST, OTHER = "실시간-추천", "색인-없이"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    """Five actions, of which the newest is undone."""
    app = make_app(FEEDS)
    numbers = fill(app, SAMPLES)
    curator = visit_page(app, numbers).log_in()
    review.decide(app, numbers[POST], Decision.REJECT, reason="shallow")
    curator.send(f"/posts/{numbers[OTHER]}/edit", title="A **Title** of My Own")
    weights.set_overrides(app, {"weights.depth": 2})
    follow.change_feed(app, "lumen", {"name": "루멘"})
    curator.send("/history/4/undo")
    return curator


def list_rows(page: str) -> dict[int, str]:
    """What the rows say, by the number of their actions."""
    rows = re.findall(r'<tr id="action-(\d+)".*?>(.*?)<td class="does">', page, re.DOTALL)
    return {int(number): text_of(row).split(" ", 2)[2] for number, row in rows}


def test_a_row_says_what_was_set_and_where(curator: Curator) -> None:
    rows = list_rows(curator.read("/history"))

    assert list(rows) == [5, 4, 3, 2, 1]
    assert rows[5] == "Undid: Changed the name of the feed Lumen Research Feeds"
    assert rows[4] == "Changed the name of the feed Lumen Research Lumen Research → 루멘 Feeds"
    assert rows[3] == "Set weights.depth 2 Weights"
    assert "A **Title** of My Own" in rows[2]
    assert re.fullmatch(r"Rejected .+ as shallow Dec 2022 · 2\.3 RecSys", rows[1])


@pytest.mark.parametrize(
    ("tab", "shown"),
    [("verdicts", [1]), ("texts", [2]), ("ranking", [3]), ("feeds", [5, 4]), ("prints", []), ("x", [5, 4, 3, 2, 1])],
)
def test_a_tab_has_its_kinds_and_what_undid_them(curator: Curator, tab: str, shown: list[int]) -> None:
    assert list(list_rows(curator.read(f"/history?show={tab}"))) == shown


def test_who_undoes_a_row_stays_under_its_tab(curator: Curator) -> None:
    answer = curator.send("/history/1/undo", show="verdicts")

    assert answer.headers["location"] == "/history?show=verdicts&done=1"
    assert list(list_rows(curator.read(answer.headers["location"]))) == [6, 1]


def test_each_kind_has_one_tab() -> None:
    of_tabs = [kind for tab in Shown for kind in list_kinds(tab)]

    assert sorted(of_tabs) == sorted(kind for kind in ActionKind if not kind.is_about_action)


@pytest.mark.parametrize(
    ("details", "where"),
    [
        ({"mend": "address", "line": 3, "file": "README.md"}, ("Digest", "/digest")),
        ({"remedy": "left", "title": "Halyard", "url": "https://x.example/"}, ("Corrections", "/corrections")),
    ],
)
def test_what_is_of_no_month_still_has_a_link_with_a_name(details: dict[str, object], where: tuple[str, str]) -> None:
    action = Action(ActionKind.PRINT, "minji", datetime(2023, 1, 2, tzinfo=UTC), details=details)

    [day] = build_days([(action, "")], Told({}, {}), ZoneInfo("Asia/Seoul"))

    assert (day.rows[0].where, day.rows[0].path) == where
