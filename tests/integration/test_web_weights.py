"""The pages of weights, figures and scores, and what the queue says of the shortlist."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.app import App
from aggregator.pipeline import metrics, publish, review, weights
from aggregator.storage import samples
from aggregator.storage.outlines import list_outlines
from aggregator.types import Decision, DigestState, Month, Sampled
from aggregator.web.figures.view import say_looks
from clock import Clock
from world import FEEDS, MONTH, NOW, SAMPLES, Curator, fill, text_of, visit_page

NOVEMBER = Month(2022, 11)


@pytest.fixture
def enter(make_app: Callable[..., App]) -> Callable[..., Curator]:
    def open_page(**settings: object) -> Curator:
        app = make_app(FEEDS, **settings)
        curator = visit_page(app, fill(app)).log_in()
        app.judge.rank([NOVEMBER, MONTH])
        return curator

    return open_page


def list_fields(page: str) -> dict[str, str]:
    """What the form would send, as it stands."""
    fields = dict(re.findall(r'<input name="([^"]+)" value="([^"]*)"', page))
    assert "weights.depth" in fields
    return {**fields, "month": "2022-12", "source": ""}


# --- weights ---


def test_the_form_shows_weights_and_quotas_with_what_was_learned(enter: Callable[..., Curator]) -> None:
    curator = enter(shortlist={"sections": {"2.4": 3}})
    page = curator.read("/weights?month=2022-12")
    fields = list_fields(page)
    assert (fields["weights.depth"], fields["shortlist.size"], fields["shortlist.floor"]) == ("1", "40", "-1")
    assert fields["shortlist.sections.2.4"] == "3"
    assert fields["shortlist.sections.2.1"] == ""
    assert re.search(r'name="shortlist.sections.2.1" value=""[^>]*placeholder="\d+"', page)
    assert "하늘상점 기술 블로그 2 posts in Dec 2022" in text_of(page)
    assert "Reset to feeds.toml" not in page


def test_a_preview_shows_who_would_move_and_why_and_stores_nothing(enter: Callable[..., Curator]) -> None:
    curator = enter(shortlist={"size": 3})
    fields = list_fields(curator.read("/weights?month=2022-12"))
    page = curator.send("/weights/preview", **fields | {"weights.business_case": "8", "weights.open_code": "0"}).text
    said = text_of(page)
    assert "Nothing is stored yet." in said
    assert "would enter the shortlist" in said
    assert re.search(r"use in practice \+\d\.\d\d → \+\d\.\d\d", said)
    assert 'name="weights.business_case" value="8"' in page
    assert weights.get_settings_in_force(curator.app) == curator.app.settings
    same = text_of(curator.send("/weights/preview", **fields).text)
    assert "Nothing would move in Dec 2022." in same


def test_taking_ranks_the_month_and_is_remembered(enter: Callable[..., Curator]) -> None:
    curator = enter()
    before = curator.get("feature-stores").score
    fields = list_fields(curator.read("/weights?month=2022-12"))
    answer = curator.send("/weights", **fields | {"weights.business_case": "2", "source": "mina", "most": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/weights?month=2022-12&done=take")
    page = curator.read("/weights?month=2022-12&done=take")
    said = text_of(page)
    assert "These weights are in use." in said
    assert "feeds.toml says 1" in said
    assert "feeds.toml says nothing" in said
    taught = text_of(curator.read("/taught"))
    assert "Use in practice: 2 31 Dec 2022, 21:00, by curator" in taught
    assert "Mina Halloran: 1" in taught
    after = curator.get("feature-stores").score
    assert before is not None
    assert after is not None
    shares = [{reason.name: reason.share for reason in score.reasons} for score in (before, after)]
    assert shares[1]["business case"] == pytest.approx(2 * shares[0]["business case"], abs=0.002)
    assert curator.send("/weights", **list_fields(page)).headers["location"].endswith("done=same")

    answer = curator.send("/weights/reset", month="2022-12")
    assert answer.headers["location"] == "/weights?month=2022-12&done=reset"
    assert weights.get_settings_in_force(curator.app) == curator.app.settings
    assert curator.get("feature-stores").score == before


@pytest.mark.parametrize("path", ["/weights", "/weights/preview"])
def test_what_cannot_be_taken_is_said_at_its_field(enter: Callable[..., Curator], path: str) -> None:
    curator = enter()
    fields = list_fields(curator.read("/weights?month=2022-12"))
    answer = curator.send(path, **fields | {"weights.depth": "99", "weights.words": "2"})
    assert answer.status_code == 422
    assert re.search(r'name="weights.depth" value="99"[^>]*aria-invalid="true"', answer.text)
    assert "Should be less than or equal to 10" in text_of(answer.text) or "less than or equal to 10" in answer.text
    assert 'name="weights.words" value="2"' in answer.text
    assert weights.get_settings_in_force(curator.app) == curator.app.settings
    other = curator.send(path, **fields | {"source": "nowhere", "most": "2"})
    assert other.status_code == 422
    assert "no feed has the key" in text_of(other.text).lower()


def test_forms_of_others_change_nothing(enter: Callable[..., Curator]) -> None:
    curator = enter()
    for path in ("/weights", "/weights/preview", "/weights/reset"):
        answer = curator.client.post(path, data={"token": "x" * 32, "weights.depth": "5"})
        assert answer.status_code == 403
    assert weights.get_settings_in_force(curator.app) == curator.app.settings
    assert visit_page(curator.app).client.get("/weights").status_code == 401
    assert visit_page(curator.app).client.get("/figures").status_code == 401


def test_months_that_are_none_are_not_found(enter: Callable[..., Curator]) -> None:
    enter().read("/weights?month=2022-13", 404)


# --- the queue ---


def test_a_post_says_which_quota_kept_it_back(enter: Callable[..., Curator]) -> None:
    curator = enter(shortlist={"per_source": 1})
    panes = [text_of(curator.read_post(post)) for post in ("실시간-추천", "이미지-중복")]
    assert sum("Not on the shortlist: 2nd of 하늘상점 기술 블로그, 1 fits" in pane for pane in panes) == 1


def test_a_thin_month_says_so(enter: Callable[..., Curator]) -> None:
    curator = enter(shortlist={"floor": 0.0})
    page = text_of(curator.read("/queue/2022-12"))
    assert re.search(r"A thin month: \d proposed, 40 would fit; \d others? (is|are) below the floor of 0.00", page)
    assert "A thin month" not in curator.read("/queue/2022-11")


def test_a_month_that_scope_keeps_thin_says_so(enter: Callable[..., Curator]) -> None:
    curator = enter(shortlist={"floor": -9.0, "out_of_scope": 0.05})
    page = text_of(curator.read("/queue/2022-12"))
    assert re.search(
        r"A thin month: \d proposed, 40 would fit; \d others? (is|are) more than 5% likely to be out", page
    )
    assert re.search(r"Not on the shortlist: out of scope \d+%", text_of(curator.read_post("hiring")))


def test_a_burst_is_one_row_until_one_of_it_is_looked_at(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, shortlist={"size": 10, "floor": -20.0})
    few = [replace(SAMPLES[0], path=f"few-{n}", title=f"Feature stores {n}", day=n, shortlisted=False) for n in (1, 2)]
    many = [replace(SAMPLES[0], path=f"burst-{n}", title=f"Archive {n}", day=9, shortlisted=False) for n in range(30)]
    curator = visit_page(app, fill(app, [*few, *many])).log_in()
    app.judge.rank([MONTH])
    row = "30 posts of Northwind TechBlog on 2022-12-09</a> (usually 1): they are not proposed"
    page = curator.read("/queue/2022-12")
    assert row in page
    assert 'href="/queue/2022-12?show=all&amp;source=northwind"' in page
    assert "Feature stores" in page
    assert "Archive" not in page
    said = "Not on the shortlist: one of 30 posts of its source on 2022-12-09"
    assert said in text_of(curator.read_post("burst-3"))
    curator.decide("burst-3", "hold")
    app.judge.rank([MONTH])
    page = curator.read("/queue/2022-12")
    assert row not in page
    assert "Archive" in page


def test_the_random_look_stands_in_the_queue_marked(enter: Callable[..., Curator], clock: Clock) -> None:
    curator = enter(shortlist={"size": 3, "sample": 2})
    clock.now = datetime(2023, 1, 1, 12, tzinfo=UTC)
    curator.app.judge.rank([MONTH])
    with curator.app.reading() as connection:
        drawn = {each.post_id for each in samples.list_sample(connection, MONTH)}
    page = curator.read("/queue/2022-12")
    rows = {
        int(number): row
        for number, row in re.findall(r'<li class="row" id="post-(\d+)"(.*?</h2>.*?</p>)', page, re.DOTALL)
    }
    assert len(rows) == 5
    assert {number for number, row in rows.items() if "<span>spot check</span>" in row} == drawn
    assert "Shortlist 5" in text_of(page)
    post = next(iter(drawn))
    curator.send(f"/posts/{post}/reject", reason="off topic")
    assert "Shortlist 4" in text_of(curator.read("/queue/2022-12"))
    assert "A spot check below the shortlist" in curator.read(f"/queue/2022-12?show=rejected&done={post}")
    # It is never printed unless it is approved.
    other = next(number for number in curator.numbers.values() if number not in drawn)
    curator.decide(_path(curator, other), "approve")
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    with curator.app.reading() as connection:
        assert len({each.post_id for each in samples.list_sample(connection, MONTH)}) == 2
    printed = {one for one in curator.numbers.values() if curator.get(_path(curator, one)).printed_in}
    assert printed == {other}


def _path(curator: Curator, number: int) -> str:
    return next(path for path, each in curator.numbers.items() if each == number)


# --- what a score rests on ---


def test_the_nearest_decided_posts_are_shown_on_demand(enter: Callable[..., Curator]) -> None:
    curator = enter()
    curator.app.learner.get()
    number = curator.numbers["실시간-추천"]
    assert f'href="/posts/{number}/score"' in curator.read_post("실시간-추천")
    assert "No approved post is similar." in text_of(curator.read(f"/posts/{number}/score"))
    curator.decide("색인-없이", "approve")
    curator.decide("eta-transformer", "reject", reason="off topic")
    whole = curator.read(f"/posts/{number}/score")
    assert "11월의 글: 색인 없이 검색하기" in whole
    assert "rejected: off topic" in whole
    assert "twice as likely" in whole
    panel = curator.read(f"/posts/{number}/score?panel")
    assert panel.lstrip().startswith('<div class="clues">')
    assert "<html" not in panel
    curator.read("/posts/999999/score", 404)
    curator.read("/posts/x/score", 404)


def test_near_posts_say_what_became_of_them(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    twins = [
        replace(SAMPLES[0], path="one", title="Continuous Batching in Production"),
        replace(SAMPLES[0], path="two", title="Continuous Batching in Production Again"),
        replace(SAMPLES[0], path="three", title="Continuous Batching: Join Us"),
    ]
    curator = visit_page(app, fill(app, twins)).log_in()
    app.learner.get()
    curator.decide("two", "approve")
    curator.decide("three", "reject", reason="off <b>topic</b>")
    page = curator.read(f"/posts/{curator.numbers['one']}/score?panel")
    assert "It is more similar to what you approved than to what you rejected." in page
    assert "rejected: off &lt;b&gt;topic&lt;/b&gt;" in page
    assert re.search(r"[1-9]\d%", page)


# --- figures ---


def test_figures_of_published_months(enter: Callable[..., Curator], clock: Clock) -> None:
    curator = enter(shortlist={"size": 3, "sample": 2})
    assert "No digest is published yet." in curator.read("/figures")
    clock.now = datetime(2023, 1, 1, 12, tzinfo=UTC)
    curator.app.judge.rank([MONTH])
    with curator.app.reading() as connection:
        first, second = samples.list_sample(connection, MONTH)
    curator.send(f"/posts/{first.post_id}/approve", section="2.4")
    curator.send(f"/posts/{second.post_id}/reject", reason="off topic")
    with curator.app.reading() as connection:
        listed = next(
            one.post_id for one in list_outlines(connection, MONTH) if one.is_shortlisted and not one.is_sampled
        )
    curator.send(f"/posts/{listed}/approve", section="2.4")
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    assert "Not measured yet: Dec 2022." in text_of(curator.read("/figures"))
    metrics.measure_closed(curator.app)
    page = curator.read("/figures")
    said = text_of(page)
    assert "Not measured yet" not in said
    assert "2 of 10 candidates printed." in said
    assert re.search(r"90 % of them you would have had to go down to rank \d+", said)
    assert "if one post takes 20 seconds (an assumption)" in said
    assert "Of 2 spot checks below the shortlist, 2 were decided and 1 approved." in said
    assert re.search(
        r"So few spot checks say little: you would have approved between \d+ and \d+ of the \d+ posts below it, with 95 % confidence",
        said,
    )
    for order in ("This ranking", "Newest first", "Source rate", "Linear SVM"):
        assert order in said
    assert page.count('<path class="curve') == 4
    assert "<style" not in page
    assert "style=" not in page


def test_enough_random_looks_tell_how_many_are_missed() -> None:
    looks = [
        (Sampled(number, MONTH, 20 + number, 60, NOW), Decision.APPROVE if number == 1 else Decision.REJECT)
        for number in range(6)
    ]
    assert say_looks(looks) == [
        "Of 6 spot checks below the shortlist, 6 were decided and 1 approved.",
        "So you would probably have approved about 10 of the 60 posts below it: with 95 % confidence between 2 and "
        "34. More months narrow this down.",
    ]
    assert "about" not in " ".join(say_looks(looks[:2]))


def test_a_month_of_which_only_the_lines_are_known_is_not_compared(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, fill(app, SAMPLES[:2])).log_in()
    for sample in SAMPLES[:2]:
        review.decide(app, curator.numbers[sample.path], Decision.APPROVE)
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    metrics.measure_closed(app)
    said = text_of(curator.read("/figures"))
    assert "2 of 2 candidates printed. The month has no other posts, so there is nothing to compare." in said
