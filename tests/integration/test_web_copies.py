"""Copies on the page: in the pane of their original, among the proposals, in the search; and the curator's word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.pipeline import search
from aggregator.pipeline.duplicates import settle_clusters
from aggregator.storage import duplicates
from aggregator.types import Pair, Reason, Sameness
from world import FEEDS, NOW, SAMPLES, Curator, fill, visit_page

QUEUE = "/queue/2022-12?show=all"


def say(app: App, first: int, second: int, said: Sameness, score: float) -> None:
    """What the machine would say of two posts."""
    reasons = (Reason("text", 0.8, "81% of the text"), Reason("date", -0.15, "140 days apart"))
    pair = Pair(min(first, second), max(first, second), said, "recipe 1", NOW, score=score, reasons=reasons)
    with app.database.writing() as connection:
        duplicates.append_pairs(connection, [pair])
        settle_clusters(connection, [first, second])


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    numbers = fill(app, SAMPLES)
    say(app, numbers["실시간-추천"], numbers["eta-transformer"], Sameness.SAME, 1.4)
    say(app, numbers["feature-stores"], numbers["continuous-batching"], Sameness.MAYBE, 0.8)
    search.index_new(app.database)
    return visit_page(app, numbers).log_in()


def test_a_copy_stands_in_the_pane_of_its_original(curator: Curator) -> None:
    pane = curator.read_post("실시간-추천")
    assert "Also at" in pane
    assert "배차 도착 시간 예측에 트랜스포머를" in pane
    assert "81% of the text in common" in pane
    assert "but 140 days apart" in pane
    assert "실시간-추천" in curator.list_shown(QUEUE)
    assert "eta-transformer" not in curator.list_shown(QUEUE)


def test_what_is_not_the_same_goes_its_own_way(curator: Curator) -> None:
    first, second = (str(curator.numbers[name]) for name in ("실시간-추천", "eta-transformer"))
    answer = curator.send(f"/posts/{first}/different", other=second, next=QUEUE)
    assert (answer.status_code, answer.headers["location"]) == (303, QUEUE)
    assert "Also at" not in curator.read_post("실시간-추천")
    assert "eta-transformer" in curator.list_shown(QUEUE)


def test_a_proposal_is_answered_in_its_pane(curator: Curator) -> None:
    assert "Perhaps the same as" in curator.read_post("feature-stores")
    assert "Perhaps the same as" in curator.read_post("continuous-batching")
    first, second = (str(curator.numbers[name]) for name in ("feature-stores", "continuous-batching"))
    curator.send(f"/posts/{first}/same", other=second, next=QUEUE)
    shown = {"feature-stores", "continuous-batching"} & set(curator.list_shown(QUEUE))
    assert len(shown) == 1
    assert "said that they are the same" in curator.read_post(shown.pop())


@pytest.mark.parametrize("named", ["by its number", "by its address"])
def test_a_post_that_nothing_proposed_is_merged(curator: Curator, named: str) -> None:
    first, second = (curator.numbers[name] for name in ("sparse-experts", "hiring"))
    assert f'class="merge" method="post" action="/posts/{first}/same"' in curator.read_post("sparse-experts")
    other = str(second) if named == "by its number" else f" {curator.get('hiring').post.url}?utm_source=x "

    answer = curator.send(f"/posts/{first}/same", other=other, next=QUEUE)

    assert (answer.status_code, answer.headers["location"].partition("&done")[0]) == (303, QUEUE)
    (shown,) = {"sparse-experts", "hiring"} & set(curator.list_shown(QUEUE))
    assert "Also at" in curator.read_post(shown)


def test_a_merge_with_an_unknown_post_is_refused_beside_the_post(curator: Curator) -> None:
    number, said = curator.numbers["hiring"], "No post has the number or address 999999"

    assert curator.ask(f"/posts/{number}/same", other="999999").json()["error"].startswith(said)
    page = curator.send(f"/posts/{number}/same", other="999999").text
    assert said in page
    assert f'action="/posts/{number}/same"' in page


def test_two_approved_posts_that_are_the_same_ask_about_each_other(curator: Curator) -> None:
    curator.decide("feature-stores", "approve")
    curator.decide("continuous-batching", "approve")
    first, second = curator.numbers["feature-stores"], curator.numbers["continuous-batching"]
    say(curator.app, first, second, Sameness.SAME, 1.6)
    assert "Perhaps the same as" in curator.read_post("feature-stores")


def test_the_page_lists_what_waits_and_what_was_joined(curator: Curator) -> None:
    assert "1 pair of posts may be the same" in curator.read(QUEUE)
    page = curator.read("/copies")
    waiting, joined = page.split("Recently joined")
    assert "What Three Years of Feature Stores Taught Me" in waiting
    assert "배차 도착" in joined
    first, second = (str(curator.numbers[name]) for name in ("feature-stores", "continuous-batching"))
    answer = curator.send(f"/posts/{first}/different", other=second, next="https://evil.example/")
    assert answer.headers["location"] == "/copies"
    assert "feature stores" not in curator.read("/copies").split("Recently joined")[0].lower()
    assert "Perhaps the same" not in curator.read_post("feature-stores")


def test_a_copy_is_found_and_says_whose_it_is(curator: Curator) -> None:
    page = curator.read("/search?q=배차+도착")
    number = curator.numbers["실시간-추천"]
    assert 'Copy of <a href="/queue/2022-12' in page
    assert f"#post-{number}" in page
    assert "장바구니 추천을 실시간으로" in page


@pytest.mark.parametrize("path", ["same", "different"])
def test_only_forms_of_the_curator_are_taken(curator: Curator, path: str) -> None:
    first, second = (str(curator.numbers[name]) for name in ("feature-stores", "continuous-batching"))
    answer = curator.client.post(f"/posts/{first}/{path}", data={"other": second, "token": "x"})
    assert answer.status_code == 403
    for other in ("x", "999999"):
        assert curator.send(f"/posts/{first}/{path}", other=other).status_code == (422 if path == "same" else 404)
    assert curator.send(f"/posts/{first}/same", other=first).status_code == 422


def test_it_is_for_the_curator_alone(make_app: Callable[..., App]) -> None:
    assert visit_page(make_app(FEEDS)).client.get("/copies").status_code == 401
