"""Verdicts given on the page: by plain forms and by the script, taken back, refused."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from aggregator.app import App
from aggregator.review.verdicts import list_reasons
from aggregator.shipped import SHIPPED
from aggregator.storage.judgements import list_verdicts
from aggregator.types import Decision
from world import FEEDS, Curator, fill, text_of, visit_page

POST = "sparse-experts"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app)).log_in()


# --- plain forms ---


def test_approving_opens_the_next_post_with_this_one_in_sight(curator: Curator) -> None:
    number, after = curator.numbers[POST], curator.numbers["feature-stores"]

    answer = curator.decide(POST, "approve", section="1.2", next="/queue/2022-12?show=all&language=en")

    assert answer.status_code == 303
    path = f"/queue/2022-12?show=all&language=en&done={number}&open={after}"
    assert answer.headers["location"] == f"{path}#post-{after}"
    verdict = curator.get(POST).verdict
    assert verdict
    assert (verdict.decision, verdict.by) == (Decision.APPROVE, "curator")
    assert curator.find_open(path) == "feature-stores"
    page = curator.read(f"/queue/2022-12?done={number}&open={after}")
    assert f'<li class="row decided" id="post-{number}" data-id="{number}" data-state="approved"' in page


# The view, what is decided in it, and the post that is open after that.
NEXT = {
    "below, past what is decided": ("", "tensor-parallelism", "eta-transformer"),
    "of the language": ("?language=ko", "실시간-추천", "eta-transformer"),
    "nothing else is listed": ("?show=all&section=3.4", "tensor-parallelism", None),
    "not of the view": ("?language=ko", "continuous-batching", "실시간-추천"),
    "held ones in the view of held": ("?show=held", "sparse-experts", "feature-stores"),
}


@pytest.mark.parametrize("case", NEXT)
def test_a_verdict_opens_the_next_post_to_decide(curator: Curator, case: str) -> None:
    query, decided, opened = NEXT[case]
    for held in ("sparse-experts", "feature-stores"):
        curator.decide(held, "hold")

    answer = curator.decide(decided, "reject", reason="shallow", next=f"/queue/2022-12{query}")

    path, _, at = answer.headers["location"].partition("#")
    assert f"done={curator.numbers[decided]}" in path
    assert at == f"post-{curator.numbers[opened or decided]}"
    assert curator.find_open(path) == (opened or decided)
    assert decided in curator.list_shown(path)


@pytest.mark.parametrize("path", ["undo", "section", "hold"])
def test_what_is_no_new_verdict_leaves_the_post_open(curator: Curator, path: str) -> None:
    number = curator.numbers[POST]
    curator.decide(POST, "hold")

    answer = curator.decide(POST, path, section="2.2", next="/queue/2022-12")

    assert answer.headers["location"] == f"/queue/2022-12?done={number}#post-{number}"
    assert curator.find_open(f"/queue/2022-12?done={number}") == POST


def test_the_section_is_corrected_only_where_it_differs(curator: Curator) -> None:
    curator.decide(POST, "approve", section="1.2")
    assert curator.get(POST).correction is None

    curator.decide(POST, "approve", section="1.4")

    corrected = curator.get(POST)
    assert corrected.section == SHIPPED.parse_section("1.4")
    assert corrected.correction
    assert corrected.correction.by == "curator"


def test_a_changed_section_stays_when_the_guess_would_say_otherwise(curator: Curator) -> None:
    curator.decide(POST, "hold", section="2.2")

    curator.decide(POST, "approve", section="2.2")

    assert curator.get(POST).section == SHIPPED.parse_section("2.2")
    assert "Approved for 2.2 NLP" in text_of(curator.read_post(POST))


@pytest.mark.parametrize("reason", [*list_reasons(SHIPPED), "이미 다른 글에서 다룸"])
def test_rejecting_keeps_the_reason(curator: Curator, reason: str) -> None:
    curator.decide(POST, "reject", reason=reason)

    verdict = curator.get(POST).verdict
    assert verdict
    assert (verdict.decision, verdict.reason) == (Decision.REJECT, reason)
    page = text_of(curator.read("/queue/2022-12?show=rejected"))
    assert page.count(f"Rejected: {reason}") == 1, "in its row"
    assert f"Rejected : {reason} by curator, 31 Dec 2022" in page, "in its pane"


def test_all_reasons_are_one_click_away(curator: Curator) -> None:
    page = curator.read_post(POST)

    assert all(f'name="reason" value="{reason}"' in page for reason in list_reasons(SHIPPED))


def test_a_held_post_can_be_decided_later(curator: Curator) -> None:
    curator.decide(POST, "hold")
    assert "Held" in curator.read("/queue/2022-12?show=held")

    curator.decide(POST, "reject", reason="shallow")

    verdict = curator.get(POST).verdict
    assert verdict
    assert verdict.decision is Decision.REJECT


def test_undo_brings_back_what_was_before(curator: Curator) -> None:
    curator.decide(POST, "hold")
    curator.decide(POST, "approve")

    curator.decide(POST, "undo")
    verdict = curator.get(POST).verdict
    assert verdict
    assert verdict.decision is Decision.HOLD

    curator.decide(POST, "undo")
    assert curator.get(POST).verdict is None
    with curator.app.reading() as connection:
        assert len(list_verdicts(connection, curator.numbers[POST])) == 2, "what was undone stays in the history"


def test_undo_last_takes_back_the_newest_verdict_and_shows_its_post(curator: Curator) -> None:
    curator.decide("continuous-batching", "approve")
    curator.decide("색인-없이", "approve")

    answer = curator.send("/undo", next="/queue/2022-12")

    number = curator.numbers["색인-없이"]
    assert answer.headers["location"] == f"/queue/2022-11?show=all&done={number}#post-{number}"
    assert curator.get("색인-없이").verdict is None
    assert curator.get("continuous-batching").verdict


# --- the way back ---


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/queue/2022-12\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_the_way_back_never_leaves_this_site(curator: Curator, path: str) -> None:
    number = curator.numbers[POST]

    answer = curator.decide(POST, "approve", next=path)

    after = curator.numbers["eta-transformer"]
    assert answer.headers["location"] == f"/queue/2022-12?show=all&done={number}&open={after}#post-{after}"


def test_the_way_back_may_be_another_page_of_ours(curator: Curator) -> None:
    assert curator.decide(POST, "approve", next="/feeds").headers["location"] == "/feeds"


# --- what is refused ---


@pytest.mark.parametrize("number", ["999999", "abc", "-1", "9" * 19, "9" * 40, "١"])
@pytest.mark.parametrize("verdict", ["approve", "hold", "reject", "undo"])
def test_an_unknown_post_is_not_found(curator: Curator, number: str, verdict: str) -> None:
    answer = curator.send(f"/posts/{number}/{verdict}", reason="off topic")

    assert answer.status_code == 404
    assert "There is no post" in answer.text


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("reject", {}, 422, "A rejection needs a reason"),
        ("reject", {"reason": "   "}, 422, "A rejection needs a reason"),
        ("approve", {"section": "5.5"}, 422, "is not a section"),
        ("undo", {}, 409, "There is no verdict to undo."),
        ("hold", {"reason": "x" * 501}, 422, "could not be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    curator: Curator, path: str, fields: dict[str, str], status: int, said: str
) -> None:
    page = curator.decide(POST, path, **fields)
    script = curator.ask(f"/posts/{curator.numbers[POST]}/{path}", **fields)

    assert page.status_code == script.status_code == status
    assert said in page.text
    assert said in script.json()["error"]
    assert curator.get(POST).verdict is None


def test_a_post_without_a_section_is_not_approved(curator: Curator) -> None:
    refused = curator.decide("unjudged", "approve", section="")
    assert refused.status_code == 422
    assert "has no section yet" in refused.text

    curator.decide("unjudged", "approve", section="1.1")

    assert curator.get("unjudged").section == SHIPPED.parse_section("1.1")


def test_undo_last_without_any_verdict_is_said_in_words(curator: Curator) -> None:
    answer = curator.send("/undo")

    assert answer.status_code == 409
    assert "There is nothing to undo." in answer.text


def test_a_verdict_cannot_be_given_by_a_link(curator: Curator) -> None:
    curator.read(f"/posts/{curator.numbers[POST]}/approve", status=405)


# --- what was said meanwhile ---


def see(curator: Curator, post: str) -> str:
    """What row and forms of a post carry of what was said of it."""
    number = curator.numbers[post]
    page = curator.read(f"/queue/{curator.get(post).post.month}?show=all&done={number}")
    (row,) = re.findall(rf'id="post-{number}"[^>]* data-seen="([^"]*)"', page)
    assert set(re.findall(r'name="seen" value="([^"]*)"', page)) == {row}
    return row


# What the form has seen, what is said meanwhile, what the form says, and what is answered.
MEANWHILE = {
    "approved": ([], ["approve"], ("hold", ""), "was approved meanwhile by curator"),
    "approved, reject": ([], ["approve"], ("reject", "광고성 글"), "was approved meanwhile by curator"),
    "rejected": ([], ["reject"], ("approve", "1.2"), "was rejected meanwhile as “shallow” by curator"),
    "held": ([], ["hold"], ("reject", "promotional"), "was held meanwhile"),
    "for another reason": (["reject"], ["undo", "hold"], ("undo", ""), "was held meanwhile"),
    "taken back": (["approve"], ["undo"], ("undo", ""), "was taken back meanwhile"),
    "taken back, moved": (["approve"], ["undo"], ("approve", "2.2"), "was taken back meanwhile"),
    "moved": (["approve"], ["approve 2.2"], ("approve", "1.2"), "was changed meanwhile, and is in 2.2"),
    "moved, undo": (["approve"], ["approve 2.2"], ("undo", ""), "was changed meanwhile, and is in 2.2"),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_nothing_is_overturned_that_the_form_has_not_seen(curator: Curator, case: str) -> None:
    first, meanwhile, (verdict, text), said = MEANWHILE[case]
    path = f"/posts/{curator.numbers[POST]}/{verdict}"
    form = {"reason" if verdict == "reject" else "section": text}

    def decide(steps: list[str]) -> None:
        for step in steps:
            decision, _, section = step.partition(" ")
            curator.decide(POST, decision, section=section, reason="shallow" if decision == "reject" else "")

    decide(first)
    seen = see(curator, POST)
    decide(meanwhile)
    before = curator.get(POST)

    page = curator.send(path, seen=seen, next="/queue/2022-12?show=held", **form)
    script = curator.ask(path, seen=seen, **form)

    assert page.status_code == script.status_code == 409
    assert curator.get(POST) == before
    told = script.json()
    for told_in in (page.text, told["error"]):
        assert said in told_in
    # The post is shown anew, and what was typed stands in its pane; the script keeps that itself.
    number = before.post.id
    assert f'id="pane" data-id="{number}" data-state="{before.state}"' in page.text
    assert f'id="post-{number}" data-id="{number}" data-state="{before.state}"' in told["row"]
    assert verdict == "undo" or f'value="{text}"' in page.text
    assert 'name="next" value="/queue/2022-12?show=held"' in page.text

    if verdict != "undo" or before.verdict:
        knowing = re.findall(r'name="seen" value="([^"]*)"', page.text)[0]
        assert re.findall(r'data-seen="([^"]*)"', told["row"]) == [knowing]
        assert curator.send(path, seen=knowing, **form).status_code == 303
        assert curator.get(POST) != before


def test_a_post_with_pictures_is_shown_anew_like_any_other(curator: Curator) -> None:
    curator.decide("injections", "approve")

    page = curator.decide("injections", "hold", seen="0.0")

    assert page.status_code == 409
    assert "was approved meanwhile" in page.text


def test_what_is_in_force_already_overturns_nothing(curator: Curator) -> None:
    seen = see(curator, POST)
    curator.decide(POST, "approve")

    said = curator.ask(f"/posts/{curator.numbers[POST]}/approve", seen=seen, section="1.2").json()

    assert said["message"].startswith("Approved already")


def test_what_was_taken_back_again_is_as_it_was_seen(curator: Curator) -> None:
    seen = see(curator, POST)
    curator.decide(POST, "approve")
    curator.decide(POST, "undo")

    assert curator.decide(POST, "hold", seen=seen).status_code == 303


@pytest.mark.parametrize("seen", ["x", "1", "1.2.3", "-1.0", "1.x", "9" * 30 + ".0"])
def test_what_no_form_of_ours_has_seen_is_refused(curator: Curator, seen: str) -> None:
    assert curator.decide(POST, "hold", seen=seen).status_code == 422
    assert curator.get(POST).verdict is None


# --- the script ---


def test_the_script_gets_the_row_the_month_and_the_views_anew(curator: Curator) -> None:
    number = curator.numbers[POST]

    answer = curator.ask(f"/posts/{number}/approve", section="1.2", next="/queue/2022-12?language=en")

    assert answer.status_code == 200
    said = answer.json()
    assert said["id"] == number
    assert said["is_new"] is True
    assert said["message"] == "Approved: Sparse Experts That Fit on One Card"
    row = f'<li class="row decided" id="post-{number}" data-id="{number}" data-state="approved"'
    assert said["row"].lstrip().startswith(row)
    assert '<div id="standing"' in said["standing"]
    assert "Review 1 of 5 decided" in text_of(said["standing"])
    assert '<nav id="views"' in said["views"]
    assert 'href="/queue/2022-12?language=en" aria-current="page">Shortlist <span>2</span>' in said["views"]
    assert said["others"] == []
    assert "<html" not in said["row"] + said["standing"] + said["views"]


def test_the_script_is_told_where_the_post_of_undo_last_is(curator: Curator) -> None:
    curator.decide("색인-없이", "approve")

    said = curator.ask("/undo", next="/queue/2022-12").json()

    number = curator.numbers["색인-없이"]
    assert said["path"] == f"/queue/2022-11?show=all&done={number}#post-{number}"
    assert said["is_new"] is False


@pytest.mark.parametrize(
    ("section", "message"), [("2.2", "Moved to 2.2: Sparse Experts"), ("1.2", "Approved already: Sparse Experts")]
)
def test_a_section_changed_later_is_no_new_verdict(curator: Curator, section: str, message: str) -> None:
    curator.decide(POST, "approve")
    before = curator.get(POST).verdict

    said = curator.ask(f"/posts/{curator.numbers[POST]}/approve", section=section).json()

    assert said["message"].startswith(message)
    assert said["is_new"] is False
    assert curator.get(POST).verdict == before
    assert curator.get(POST).section == SHIPPED.parse_section(section)


def test_the_row_for_the_script_is_escaped(curator: Curator) -> None:
    said = curator.ask(f"/posts/{curator.numbers['injections']}/hold").json()

    assert "<script>" not in said["row"]
    assert "&lt;script&gt;alert(1)" in said["row"]
