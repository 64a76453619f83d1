"""A held post comes back by itself: on its day, with its month, or when a further part of its series is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.app import App
from aggregator.exceptions import ReviewError
from aggregator.pipeline import duplicates, history, months, publish, review, search
from aggregator.posts.series import name_series
from aggregator.storage import actions, progress
from aggregator.storage.candidates import get_candidate
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.outlines import list_outlines
from aggregator.storage.search import find_posts
from aggregator.text.terms import parse_query
from aggregator.types import Candidate, Decision, DigestState, Month, Next, State, Until, read_until
from aggregator.web.queue.filter import Show, is_shown
from aggregator.words.dates import list_doubts
from aggregator.words.posts import say_outcome
from clock import Clock
from world import FEEDS, MONTH, fill, make_draft, make_update, store, text_of, visit_page

SEOUL = ZoneInfo("Asia/Seoul")
JANUARY, FEBRUARY = Month(2023, 1), Month(2023, 2)
FIFTH = date(2023, 1, 5)


@pytest.fixture
def app(make_app: Callable[..., App], database_url: str) -> App:
    return make_app(FEEDS, curator="mina", database_url=database_url)


@pytest.fixture
def one_app(make_app: Callable[..., App]) -> App:
    return make_app(FEEDS, curator="mina")


def hold(app: App, post_id: int, until: Until) -> Candidate:
    return review.decide(app, post_id, Decision.HOLD, until=until)


def wake(app: App, clock: Clock, *day: int) -> Candidate:
    """What became of post 1 at this time in Seoul, after a round of the daemon."""
    clock.now = datetime(*day, tzinfo=SEOUL)
    months.release_arrived(app)
    return look(app, 1)


def look(app: App, post_id: int) -> Candidate:
    with app.reading() as connection:
        return get_candidate(connection, post_id)


@pytest.mark.parametrize(
    ("until", "held", "back", "month", "said"),
    [
        (FIFTH, (2023, 1, 4, 23, 59), (2023, 1, 5), MONTH, "held until 5 Jan 2023"),
        (Next.MONTH, (2022, 12, 31, 23, 59), (2023, 1, 1), JANUARY, "held until Jan 2023"),
        (FEBRUARY, (2023, 1, 31, 23, 59), (2023, 2, 1), FEBRUARY, "held until Feb 2023"),
    ],
)
def test_a_held_post_is_back_when_its_time_has_come(
    app: App, clock: Clock, until: Until, held: tuple[int, ...], back: tuple[int, ...], month: Month, said: str
) -> None:
    fill(app)
    hold(app, 1, until)
    before, after = wake(app, clock, *held), wake(app, clock, *back)
    assert (before.state, before.post.month, say_outcome(before)) == ("held", month, said)
    assert (after.state, after.post.month, say_outcome(after)) == ("undecided", month, f"{said}, back now")
    assert after.post.own_month == MONTH, "its line names the month that it was published in"
    assert list_doubts(after.post, SEOUL) == (["Moved here from Dec 2022."] if month != MONTH else [])
    search.index_new(app.database)
    with app.reading() as connection:
        assert 1 in find_posts(connection, parse_query(""), Narrowing(verdict="undecided"))
    assert review.decide(app, 1, Decision.APPROVE, seen=before.said).returned is None, "who saw it held may decide"
    history.undo(app)
    assert look(app, 1).returned == after.returned
    history.undo(app)
    assert (look(app, 1).post.month, say_outcome(look(app, 1))) == (MONTH, "")


def test_it_is_on_top_of_the_queue_and_of_what_is_to_be_decided(app: App, clock: Clock) -> None:
    last = fill(app)["unjudged"]
    hold(app, last, FIFTH)
    seen = []
    for day in (4, 5):
        wake(app, clock, 2023, 1, day)
        with app.reading() as connection:
            outlines = list_outlines(connection, MONTH)
            (facts,) = [one for one in progress.list_month_facts(connection, JANUARY, SEOUL) if one.month == MONTH]
        shown = [one.post_id for one in outlines if is_shown(one, Show.SHORTLIST)]
        seen.append((outlines[0].post_id == last, shown[0] == last, facts.undecided))
    page = text_of(visit_page(app).log_in().read(f"/queue/{MONTH}"))
    assert "Held until 5 Jan 2023, back now." in page
    assert seen == [(False, False, 5), (True, True, 6)], "the month is printed when it is decided too"


def test_it_waits_for_a_further_part_of_its_series(app: App, clock: Clock) -> None:
    def collect(number: int, title: str) -> State:
        at = datetime(2023, 1, number, tzinfo=SEOUL)
        draft = make_draft(number, title=title, series=name_series(title), published_at=at, first_seen_at=at)
        store(app.database, make_update(draft))
        return wake(app, clock, 2023, 1, number + 1).state

    collect(1, "추천 구축기 2편")
    hold(app, 1, Next.PART)
    assert collect(2, "추천 구축기 1편") == "held", "an earlier part"
    assert collect(3, "다른 이야기 3편") == "held"
    assert collect(4, "추천 구축기 3편") == "undecided"
    assert say_outcome(look(app, 1)) == "held until the next part of its series, back now"


def test_it_joins_the_next_digest_if_that_of_its_month_is_printed_meanwhile(one_app: App, clock: Clock) -> None:
    second = fill(one_app)["feature-stores"]
    hold(one_app, 1, FIFTH)
    review.decide(one_app, second, Decision.APPROVE)
    publish.make_digest(one_app, MONTH, DigestState.PRINTED)
    back = wake(one_app, clock, 2023, 1, 5)
    assert (back.post.month, back.post.own_month) == (JANUARY, MONTH)


def test_held_until_a_month_that_has_begun_it_is_back_there_at_once(one_app: App, clock: Clock) -> None:
    fill(one_app)
    clock.now = datetime(2023, 1, 3, tzinfo=SEOUL)
    held = hold(one_app, 1, Next.MONTH)
    assert (held.state, held.post.month, say_outcome(held)) == ("undecided", JANUARY, "held until Jan 2023, back now")


def test_a_post_that_is_back_does_not_hide_behind_its_copy(one_app: App, clock: Clock) -> None:
    second = fill(one_app)["feature-stores"]
    hold(one_app, 1, FIFTH)
    duplicates.merge_posts(one_app, [1, second])
    assert wake(one_app, clock, 2023, 1, 5).returned
    with one_app.database.writing() as connection:
        duplicates.settle_clusters(connection, [1])
    assert (look(one_app, 1).post.copy_of, look(one_app, second).post.copy_of) == (None, 1)


def test_held_again_until_next_month_it_stays_there(one_app: App) -> None:
    fill(one_app)
    assert hold(one_app, 1, Next.MONTH) == hold(one_app, 1, Next.MONTH)


def test_holds_are_undone_in_any_order(one_app: App) -> None:
    fill(one_app)
    before = look(one_app, 1)
    for order in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        holds = []
        for until in (Next.MONTH, FIFTH, FEBRUARY):
            hold(one_app, 1, until)
            with one_app.reading() as connection:
                holds.append(actions.find_last_number(connection))
        for place in order:
            history.undo(one_app, holds[place])
            held = look(one_app, 1).verdict
            if held and isinstance(held.until, Month):
                assert look(one_app, 1).post.month == held.until
        assert look(one_app, 1) == before


@pytest.mark.parametrize(
    ("decision", "until", "said"),
    [
        (Decision.HOLD, date(2022, 12, 31), "2022-12-31 has come already"),
        (Decision.HOLD, MONTH, "is in 2022-12 already"),
        (Decision.REJECT, FIFTH, "only a hold has an end"),
    ],
)
def test_what_a_post_cannot_be_held_until(one_app: App, decision: Decision, until: Until, said: str) -> None:
    fill(one_app)
    with pytest.raises(ReviewError, match=said):
        review.decide(one_app, 1, decision, reason="shallow", until=until)


@pytest.mark.parametrize("text", ["tomorrow", "2022-13", "2022-02-30", "2022"])
def test_an_end_that_cannot_be_read_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be held until '{text}'; give next-month, next-part"):
        read_until(text)


def test_posts_of_a_printed_month_can_be_decided_still(one_app: App) -> None:
    numbers = fill(one_app)
    review.decide(one_app, numbers["feature-stores"], Decision.APPROVE)
    path = publish.make_digest(one_app, MONTH, DigestState.PRINTED)
    page = path.read_bytes()
    assert review.decide(one_app, 1, Decision.APPROVE).state == "approved"
    assert path.read_bytes() == page, "what was printed stays"
    publish.make_digest(one_app, MONTH, DigestState.PRINTED, again=True)
    assert path.read_bytes() != page
