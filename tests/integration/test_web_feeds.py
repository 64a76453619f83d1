"""The page of the feeds: how each one is, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from aggregator.app import App
from aggregator.types import Feed, FeedState, Kind, Outcome
from web_data import FEEDS, NOW, SAMPLES, Curator, failed, fill, save_states, visit_page, visited

REFUSED = Feed("mulgyeol", "물결페이 기술 블로그", "https://tech.mulgyeol.example/rss", Kind.COMPANY, "ko")
NEW = Feed("quiet", "Quiet <Corner>", "https://quiet.example/feed", Kind.SIGNAL, "en")
REASON = "the answer is a web page and no feed: it asks to check the browser"


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app([*FEEDS, REFUSED, NEW])
    numbers = fill(app, SAMPLES)
    save_states(app, [failed(REFUSED, REASON)])
    return visit_page(app, numbers).log_in()


def test_the_summary_counts_what_failed(curator: Curator) -> None:
    page = text_of(curator.read("/feeds"))

    assert "1 of 7 feeds failed at their last visit. 1 feed not visited yet." in page


def test_failing_feeds_come_first_with_the_whole_reason(curator: Curator) -> None:
    page = curator.read("/feeds")

    assert re.findall(r'<tr class="(\w+)"', page) == ["failing", "new", *["well"] * 6]
    text = text_of(page)
    assert "물결페이 기술 블로그 mulgyeol company tech.mulgyeol.example/rss" in text
    assert f"Failed 3 times in a row 20 minutes ago {REASON} never in 7 hours 0" in text


def test_each_feed_says_its_last_success_next_visit_and_entries(curator: Curator) -> None:
    page = text_of(curator.read("/feeds"))

    assert "Northwind TechBlog northwind company northwind.example/feed Read 20 minutes ago" in page
    assert "20 minutes ago in 40 minutes 2" in page
    assert "Not visited yet never due now 0" in page


def test_names_of_feeds_are_escaped(curator: Curator) -> None:
    assert "Quiet &lt;Corner&gt;" in curator.read("/feeds")


def test_when_all_failed_the_network_is_suspected(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    save_states(app, [failed(feed, "the name cannot be resolved", 1) for feed in FEEDS])

    page = text_of(visit_page(app).log_in().read("/feeds"))

    assert "6 of 6 feeds failed at their last visit." in page
    assert "the network cannot be reached" in page
    assert "make demo" in page


def test_when_some_feeds_answer_the_network_is_not_suspected(curator: Curator) -> None:
    assert "the network" not in curator.read("/feeds")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "None of the 6 feeds has been visited yet."),
        ([visited(feed) for feed in FEEDS], "All of the 6 feeds visited answered."),
        ([visited(FEEDS[0])], "All of the 1 feed visited answered. 5 feeds not visited yet."),
        (
            [replace(visited(FEEDS[0]), last_outcome=Outcome.NOT_MODIFIED, next_visit_at=NOW)],
            "Nothing new (not modified)",
        ),
    ],
)
def test_the_state_of_all_is_said_in_a_sentence(
    make_app: Callable[..., App], states: list[FeedState], said: str
) -> None:
    app = make_app(FEEDS)
    if states:
        save_states(app, states)

    assert said in text_of(visit_page(app).log_in().read("/feeds"))


def test_without_feeds_the_page_says_where_they_are_listed(make_app: Callable[..., App]) -> None:
    assert "feeds.toml" in visit_page(make_app()).log_in().read("/feeds")
