"""Acts on many posts at once, on the page: what is marked, and all of a source."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from httpx2 import Response

from aggregator.app import App
from aggregator.pipeline import review
from aggregator.types import Decision
from world import FEEDS, MONTH, Curator, fill, visit_page

MANY = "/queue/2022-12/many"
FIRST, SECOND = "continuous-batching", "실시간-추천"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app)).log_in()


def mark(curator: Curator, *posts: str) -> list[str]:
    """What the boxes of these rows send."""
    return [f"{curator.numbers[post]} {curator.get(post).said}" for post in posts]


def send(curator: Curator, marked: list[str], path: str = MANY, *, scripted: bool = True, **fields: str) -> Response:
    headers = {"Origin": "http://testserver", **({"Accept": "application/json"} if scripted else {})}
    form = {"token": curator.token, "post": marked, "next": "/queue/2022-12?language=ko", **fields}
    return curator.client.post(path, data=form, headers=headers, follow_redirects=False)


ACTS: dict[str, tuple[str, dict[str, str], str, list[str]]] = {
    "approve": (MANY, {"act": "approve"}, "2 posts approved", ["approved", "approved"]),
    "hold": (MANY, {"act": "hold"}, "2 posts held", ["held", "held"]),
    "reject": (f"{MANY}?act=reject", {"reason": "shallow"}, "2 posts rejected", ["rejected", "rejected"]),
    "section": (MANY, {"section": "2.2"}, "2 posts moved to 2.2", ["undecided", "undecided"]),
}


@pytest.mark.parametrize("case", ACTS)
def test_marked_posts_are_decided_as_one_act(curator: Curator, case: str) -> None:
    path, fields, said, states = ACTS[case]

    told = send(curator, mark(curator, FIRST, SECOND), path, **fields).json()

    assert (told["message"], told["gone"]) == (said, [])
    assert [str(curator.get(post).state) for post in (FIRST, SECOND)] == states
    assert [f'data-state="{state}"' in row for state, row in zip(states, told["rows"], strict=True)] == [True, True]
    assert "decided" in told["standing"]
    # Something newer in between is not what the notice of the batch takes back.
    review.decide(curator.app, curator.numbers["hiring"], Decision.HOLD)
    back = curator.ask(told["undo"], next="/queue/2022-12?show=all").json()
    assert "are taken back" in back["message"]
    assert [row.count('data-state="undecided"') for row in back["rows"]] == [1, 1]
    assert str(curator.get("hiring").state) == "held"
    assert [str(curator.get(post).state) for post in (FIRST, SECOND)] == ["undecided", "undecided"]


def test_held_until_next_month_they_leave_the_list(curator: Curator) -> None:
    told = send(curator, mark(curator, FIRST), f"{MANY}?act=hold", until="next-month").json()

    assert told["message"] == "1 post held until next month"
    assert told["gone"] == [curator.numbers[FIRST]]
    assert curator.get(FIRST).post.month == MONTH.shift(1)


def test_marked_posts_are_one_article(curator: Curator) -> None:
    told = send(curator, mark(curator, FIRST, SECOND), act="merge").json()

    assert told["message"] == "2 posts are the same article now"
    assert len(told["gone"]) == len(told["rows"]) == 1


def test_a_post_that_changed_meanwhile_is_left_out_and_named(curator: Curator) -> None:
    marked = mark(curator, FIRST, SECOND)
    review.decide(curator.app, curator.numbers[FIRST], Decision.HOLD)

    told = send(curator, marked, act="approve").json()

    assert told["message"].startswith("1 post approved, 1 left out. ")
    assert "was held meanwhile" in told["message"]
    assert [str(curator.get(post).state) for post in (FIRST, SECOND)] == ["held", "approved"]
    assert send(curator, marked[:1], act="approve").status_code == 409


@pytest.mark.parametrize(
    ("marked", "fields", "said"),
    [([], {"act": "approve"}, "Mark posts first"), (["1 0.0"], {"act": "burn"}, "is not a verdict"),
     (["1 x"], {"act": "hold"}, "does not name"), (["1 0.0"], {"act": "hold", "until": "June"}, "cannot be held until")],
)  # fmt: skip
def test_what_cannot_be_done_is_said(curator: Curator, marked: list[str], fields: dict[str, str], said: str) -> None:
    answer = send(curator, marked, **fields)

    assert answer.status_code == 422
    assert said in answer.text


def test_without_the_script_the_way_leads_back_to_the_list(curator: Curator) -> None:
    answer = send(curator, mark(curator, FIRST, SECOND), scripted=False, act="approve", next="/queue/2022-12")

    first, second = (curator.numbers[post] for post in (FIRST, SECOND))
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/queue/2022-12?done={first}.{second}#post-{first}",
    )
    # The list is shown, and what was decided stays at its place in it.
    page = curator.read(answer.headers["location"])
    assert 'class="fixed queue"' in page
    assert [
        page.count(f'id="post-{number}" data-id="{number}" data-state="approved"') for number in (first, second)
    ] == [1, 1]


def test_the_undecided_posts_of_a_source_are_rejected(curator: Curator) -> None:
    review.decide(curator.app, curator.numbers[FIRST], Decision.APPROVE)

    told = curator.ask(f"/posts/{curator.numbers['hiring']}/source/reject", reason="promotional").json()

    assert told["message"] == "1 post rejected"
    assert [str(curator.get(post).state) for post in (FIRST, "hiring")] == ["approved", "rejected"]
