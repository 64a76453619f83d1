"""Many posts at once: one act, one row of the history, one undo; whatever cannot be done is named."""

from __future__ import annotations

import re

import pytest

from aggregator.app import App
from aggregator.exceptions import MeanwhileError
from aggregator.pipeline import history, review, rules
from aggregator.review.verdicts import NOT_A_POST
from aggregator.shipped import SHIPPED
from aggregator.storage import actions
from aggregator.storage.candidates import (
    count_waiting,
    get_candidate,
    list_undecided,
    list_waiting,
    list_waiting_of,
)
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.search import find_posts
from aggregator.text.terms import parse_query
from aggregator.types import Act, Batch, Correction, Decision, Month, Rule, State, Trait, Wait
from aggregator.words.actions import say_action, say_batch
from world import FEEDS, MONTH, NOW, make_draft, make_update, store, text_of, visit_page

FIRST, SECOND, UNJUDGED = "continuous-batching", "feature-stores", "unjudged"


def tell(batch: Batch) -> tuple[list[int], list[int], list[tuple[int, str]]]:
    done, unchanged = ([one.post.id for one in each] for each in (batch.done, batch.unchanged))
    return done, unchanged, [tuple(one) for one in batch.refused]


def state_of(app: App, post_id: int) -> State:
    with app.reading() as connection:
        return get_candidate(connection, post_id).state


def test_posts_that_are_so_already_stay_and_posts_that_cannot_be_are_named(
    filled_home: tuple[App, dict[str, int]],
) -> None:
    app, numbers = filled_home
    first, second, unjudged = (numbers[post] for post in (FIRST, SECOND, UNJUDGED))
    review.decide(app, first, Decision.APPROVE)
    batch = review.decide_many(app, [first, 999, unjudged, second, second], Decision.APPROVE)
    why = "“A Post That Nothing Was Thought of Yet” has no section yet; give one, such as 2.4"
    assert tell(batch) == ([second], [first], [(999, "there is no post 999"), (unjudged, why)])
    assert say_batch(batch, "approved") == "1 post approved, 1 was so already, 2 left out"
    assert [state_of(app, number) for number in (first, second, unjudged)] == ["approved", "approved", "undecided"]
    with app.reading() as connection:
        assert find_posts(connection, parse_query(""), Narrowing(verdict="approved")) == [first, second]


def test_a_trial_tells_the_same_and_stores_nothing(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    wanted = [numbers[FIRST], numbers[SECOND], 999]
    tried = review.decide_many(app, wanted, Decision.REJECT, reason="shallow", is_trial=True)
    assert [state_of(app, number) for number in wanted[:2]] == ["undecided"] * 2
    assert tell(tried) == tell(review.decide_many(app, wanted, Decision.REJECT, reason="shallow"))


def test_what_another_curator_said_meanwhile_is_not_overturned(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    first, second = numbers[FIRST], numbers[SECOND]
    with app.reading() as connection:
        seen = {number: get_candidate(connection, number).said for number in (first, second)}
    review.decide(app, first, Decision.HOLD)
    batch = review.decide_many(app, [first, second], Decision.REJECT, reason="shallow", seen=seen)
    assert ([one.post.id for one in batch.done], [one.post_id for one in batch.refused]) == ([second], [first])
    assert "was held meanwhile by mina" in batch.refused[0].why
    with pytest.raises(MeanwhileError):
        review.decide(app, first, Decision.REJECT, reason="shallow", seen=seen[first])


def test_nothing_is_half_done(one_home: tuple[App, dict[str, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    app, numbers = one_home

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("aggregator.storage.search.index_posts", fail)
    with pytest.raises(RuntimeError):
        review.decide_many(app, [numbers[FIRST], numbers[SECOND]], Decision.HOLD)
    assert {state_of(app, numbers[post]) for post in (FIRST, SECOND)} == {"undecided"}


def test_a_batch_is_one_row_of_the_history_and_its_rest_is_undone(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    asked = [numbers[FIRST], numbers[SECOND]]
    review.decide_many(app, asked, Decision.HOLD)
    history.undo_verdict(app, asked[0])
    history.undo(app)
    assert {state_of(app, number) for number in asked} == {"undecided"}
    history.redo(app)
    assert {state_of(app, number) for number in asked} == {"held"}, "whatever of it is undone"
    with app.reading() as connection:
        past = actions.list_past(connection, limit=10)
    assert [(say_action(action, name).split("“")[0], action.size, action.is_undone) for action, name in past] == [
        ("Redid: Held 2 posts", 2, False),
        ("Undid: Held ", 1, True),
        ("Undid: Held ", 1, True),
        ("Held 2 posts", 2, False),
    ]


def test_the_undecided_posts_of_a_source_are_rejected(filled_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = filled_home
    review.decide(app, numbers["이미지-중복"], Decision.APPROVE)
    with app.reading() as connection:
        asked = list_undecided(connection, MONTH, "haneul")
        assert list_undecided(connection, Month(2022, 11), "haneul") == [numbers["색인-없이"]]
        assert list_undecided(connection, MONTH, "-") == []
    rules.save_rule(app, Rule(trait=Trait.WORDS, sought="hiring", act=Act.MUTE))
    app.judge.rank({MONTH})
    with app.reading() as connection:
        assert list_undecided(connection, MONTH, "northwind") == [numbers[FIRST]], "what a rule hides is not decided"
    review.decide_many(app, asked, Decision.REJECT, reason="promotional")
    assert asked == [numbers["실시간-추천"]]
    with app.reading() as connection:
        assert list_undecided(connection, MONTH, "haneul") == []


def test_a_section_for_many(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    section = SHIPPED.parse_section("1.1")
    asked = [numbers[FIRST], numbers[UNJUDGED]]
    for expected in (asked, []):
        batch = review.correct_many(app, asked, Correction(0, "", NOW, section=section))
        assert [one.post.id for one in batch.done] == expected
    with app.reading() as connection:
        assert {get_candidate(connection, number).section for number in asked} == {section}


def test_pages_that_are_not_posts_leave_the_waiting_list_and_come_back(one_home: tuple[App, dict[str, int]]) -> None:
    app, _ = one_home
    northwind = next(feed for feed in FEEDS if feed.key == "northwind")
    drafts = [
        make_draft(number, feed_key=feed.key, url=url, canonical_url=url, waits_for=Wait.DATE)
        for number, feed in ((101, northwind), (102, northwind), (103, FEEDS[1]))
        for url in [f"https://pages.example/{number}"]
    ]
    store(app.database, make_update(*drafts[:2], feed=northwind), make_update(drafts[2], feed=FEEDS[1]))
    with app.reading() as connection:
        asked = list_waiting_of(connection, "northwind")
    review.decide_many(app, asked, Decision.REJECT, reason=NOT_A_POST)
    with app.reading() as connection:
        assert [one.post.feed_key for one in list_waiting(connection, limit=9)] == [FEEDS[1].key]
        assert (len(asked), count_waiting(connection), list_waiting_of(connection, "northwind")) == (2, 1, [])
    history.undo(app)
    with app.reading() as connection:
        assert (count_waiting(connection), list_waiting_of(connection, "northwind")) == (3, asked)


def test_the_page_history_has_one_row_for_a_batch(one_home: tuple[App, dict[str, int]]) -> None:
    app, numbers = one_home
    review.decide_many(app, [numbers[FIRST], numbers[SECOND]], Decision.HOLD)
    curator = visit_page(app, numbers).log_in()
    (number,) = re.findall(r'id="action-(\d+)"', curator.read("/history"))
    undone = curator.read(curator.send(f"/history/{number}/undo").headers["location"])
    assert "2 verdicts are taken back: “Cutting Serving Cost" in text_of(undone)
    assert len(re.findall(r'id="action-\d+"', undone)) == 2
