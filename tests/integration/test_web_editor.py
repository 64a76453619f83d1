"""The editor of a line, by plain forms and as the script asks: stored, refused, changed meanwhile, outliving a session."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.pipeline import history, publish, review
from aggregator.shipped import SHIPPED
from aggregator.storage import actions
from aggregator.storage.tables import guesses, posts
from aggregator.types import ActionKind, Correction, Decision, DigestState
from world import FEEDS, MONTH, NOW, Curator, fill, text_of, visit_page

POST = "continuous-batching"
TITLE = "Cutting Serving Cost by 60% with Continuous Batching"
NOTE = "요청을 모아 처리한다\r\n  * **60%** 절감"


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app)).log_in()


def path_of(curator: Curator, post: str = POST) -> str:
    return f"/posts/{curator.numbers[post]}/edit"


def read_form(page: str) -> dict[str, str]:
    """What the form of a page sends if nothing is typed."""
    form = re.search(r'<form class="editor".*?</form>', page, re.DOTALL)
    assert form
    tags = re.findall(r"<input [^>]*>", form[0])
    pairs = [(re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    fields = {name[1]: html.unescape(value[1]) for name, value in pairs if name and value and name[1] != "token"}
    section = re.search(r'<option value="([^"]*)" selected', form[0])
    # Browsers leave out the first line end.
    note = re.search(r"<textarea [^>]*>\n(.*?)</textarea>", form[0], re.DOTALL)
    return fields | {"section": section[1] if section else "", "note": html.unescape(note[1]) if note else ""}


def count_corrections(curator: Curator) -> int:
    with curator.app.reading() as connection:
        return sum(action.kind is ActionKind.CORRECT for action, *_ in actions.list_past(connection, limit=50))


def test_the_form_shows_the_line_as_it_will_be_printed(curator: Curator) -> None:
    page = curator.read(path_of(curator))

    assert read_form(page) | {"next": "", "seen": "", "editor": ""} == {
        "next": "", "seen": "", "editor": "", "title": TITLE, "organisation": "Northwind", "section": "2.4", "month": "2022-12",
        "note": "",
    }  # fmt: skip
    assert f"* [{TITLE} (Dec 2022, Northwind)](https://northwind.example/continuous-batching)" in html.unescape(page)
    assert "The site says" not in page


def test_saving_stores_what_differs_and_goes_back(curator: Curator) -> None:
    sent = read_form(curator.read(f"{path_of(curator)}?next=/queue/2022-12%3Flanguage%3Den"))

    answer = curator.send(path_of(curator), **sent | {"title": "Cheap **Serving**", "note": NOTE})

    number = curator.numbers[POST]
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/queue/2022-12?language=en&done={number}#post-{number}"
    after = curator.get(POST)
    assert after.verdict is None
    assert after.correction
    assert (after.correction.title, after.correction.note) == ("Cheap **Serving**", NOTE.replace("\r\n", "\n"))
    assert (after.correction.section, after.correction.month, after.correction.organisation) == (None, None, None)
    assert f"The site says: {TITLE}" in text_of(curator.read(path_of(curator)))


def test_a_title_in_house_style_is_offered_with_its_reasons_and_taking_it_stores_nothing(curator: Curator) -> None:
    post = "hiring"
    offer = re.search(r'<div class="offer".*?</div>', page := curator.read(path_of(curator, post)), re.DOTALL)
    assert offer
    said = "House style: “Machine Learning” is written ML. Title Case."
    assert said in text_of(offer[0])
    proposed = "We are Hiring: ML Engineers in Three Cities"
    assert f'<button name="take" value="{proposed}">' in offer[0]
    sent = read_form(page) | {"note": "Mine."}

    taken = curator.send(path_of(curator, post), **sent | {"take": proposed}).text

    assert read_form(taken) | {"editor": ""} == sent | {"title": proposed, "editor": ""}
    assert said not in text_of(taken)
    assert count_corrections(curator) == 0


def test_an_organisation_and_a_month_are_offered_with_why_and_taking_them_stores_nothing(curator: Curator) -> None:
    other = curator.numbers["이미지-중복"]
    with curator.app.database.writing() as connection:
        address = "https://northwind.example/2022/10/batching"
        connection.execute(sa.update(posts).where(posts.c.id == curator.numbers[POST]).values(url=address))
        connection.execute(sa.update(posts).where(posts.c.id == other).values(url="https://northwind.example/images"))
    review.correct(curator.app, other, Correction(other, "", NOW, title="이미지", organisation="노스윈드"))
    page = curator.read(path_of(curator))
    assert "Proposed: 노스윈드 Take it Alt O As in 1 printed line." in text_of(page)
    assert "Proposed: 2022-10 Take it Alt M The address says so." in text_of(page)
    sent = read_form(page)

    taken = curator.send(path_of(curator), **sent | {"take-organisation": "노스윈드"}).text

    assert read_form(taken) | {"editor": ""} == sent | {"organisation": "노스윈드", "editor": ""}
    assert "take-organisation" not in taken
    assert 'name="take-month" value="2022-10"' in taken
    assert curator.get(POST).correction is None


def test_what_the_post_says_is_offered_for_the_note_and_taking_it_stores_nothing(curator: Curator) -> None:
    page = curator.read(path_of(curator))
    offered = re.findall(r'<p lang="en" id="hint-\d-\d+">(.*?)</p>\s*<button name="hint" value="(.*?)"', page)
    assert [html.unescape(shown) for shown, _ in offered] == [html.unescape(value) for _, value in offered]
    first = html.unescape(offered[0][0])
    assert first == "When traffic tripled in October, the serving bill tripled with it."
    assert "Says what it is about: “This post”." in text_of(page)
    sent = read_form(page) | {"note": "Mine."}

    taken = curator.send(path_of(curator), **sent | {"hint": first}).text

    assert read_form(taken) | {"editor": ""} == sent | {"note": f"Mine. {first}", "editor": ""}
    assert count_corrections(curator) == 0


def test_an_emptied_title_goes_back_to_the_sites_and_an_emptied_note_goes(curator: Curator) -> None:
    curator.send(path_of(curator), title="Cheap", note="a note")

    curator.send(path_of(curator), title="", note="")

    assert read_form(curator.read(path_of(curator)))["title"] == TITLE
    assert "a note" not in curator.read(path_of(curator))


def test_nothing_changed_is_nothing_stored(curator: Curator) -> None:
    curator.send(path_of(curator), **read_form(curator.read(path_of(curator))))

    assert count_corrections(curator) == 0


def test_saving_and_approving_is_one_action(curator: Curator) -> None:
    sent = read_form(curator.read(f"{path_of(curator)}?next=/digest/2022-12"))

    answer = curator.send(path_of(curator), **sent | {"note": NOTE, "section": "1.4", "then": "approve"})

    assert answer.headers["location"] == "/digest/2022-12"
    after = curator.get(POST)
    assert (after.state, after.section) == ("approved", SHIPPED.parse_section("1.4"))
    history.undo(curator.app)
    assert curator.get(POST).correction is None


def test_what_one_editor_saves_is_undone_and_redone_as_one_action(curator: Curator) -> None:
    form = read_form(curator.read(path_of(curator)))

    def save(**typed: str) -> None:
        curator.send(path_of(curator), **{**form, **typed, "seen": str(curator.get(POST).said)})

    save(title="Cheap")
    save(title="Cheap", note="half a")
    save(title="Cheap", note="half a sentence")

    assert count_corrections(curator) == 1
    assert f"Changed the title and note of “{TITLE}”" in text_of(curator.read("/history"))
    assert curator.read_post(POST).count("Changed the title and note of it") == 1
    told = curator.ask("/undo").json()
    assert told["message"] == f"The title and note of “{TITLE}” are back"
    assert curator.get(POST).correction is None
    assert curator.ask("/redo").json()["message"] == f"Done again: Changed the title and note of “{TITLE}”"
    # What comes after something else is an action of its own, as is what another editor saves.
    save(title="Cheap", note="a whole sentence")
    form = read_form(curator.read(path_of(curator)))
    save(note="another one")
    assert count_corrections(curator) == 3
    history.undo(curator.app)
    history.undo(curator.app)
    correction = curator.get(POST).correction
    assert correction
    assert (correction.title, correction.note) == ("Cheap", "half a sentence")


def test_a_note_does_not_wait_for_a_section(curator: Curator) -> None:
    number = curator.numbers[POST]
    with curator.app.database.writing() as connection:
        connection.execute(guesses.delete().where(guesses.c.post_id == number))
    assert curator.get(POST).section is None

    assert curator.send(path_of(curator), section="", note="for later").status_code == 303
    assert curator.send(path_of(curator), section="", note="x\r\n## heading").status_code == 422
    assert curator.send(path_of(curator), section="", then="approve").status_code == 422

    after = curator.get(POST)
    assert (after.state, after.correction and after.correction.note) == ("undecided", "for later")


def test_approved_posts_and_the_digest_show_what_is_printed(curator: Curator) -> None:
    curator.send(path_of(curator), title="Cheap **Serving**", note=NOTE, then="approve")

    for path in ("/queue/2022-12?show=approved", "/digest/2022-12"):
        page = curator.read(path)
        assert "Cheap <strong>Serving</strong>" in page
        assert "<li><strong>60%</strong> 절감</li>" in page
        assert f'href="/posts/{curator.numbers[POST]}/edit?next=' in page


def test_lines_that_are_printed_are_not_offered_for_editing(curator: Curator) -> None:
    curator.decide(POST, "approve")
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)

    assert "/edit?next=" not in curator.read("/digest/2022-12")
    assert "It was printed in 2022-12" in curator.read(path_of(curator))


@pytest.mark.parametrize("then", ["", "approve"])
@pytest.mark.parametrize(
    ("typed", "field", "reason"),
    [
        ({"title": "broken [title"}, "title", "its brackets do not pair"),
        ({"note": "x\r\n## heading"}, "note", "which would end the section"),
        ({"month": "soon"}, "month", "is not a month"),
    ],
)
def test_a_line_that_would_break_the_page_is_refused_at_its_field(
    curator: Curator, typed: dict[str, str], field: str, reason: str, then: str
) -> None:
    answer = curator.send(path_of(curator), then=then, **typed)

    assert answer.status_code == 422
    fault = re.search(rf'id="fault-{field}-\d+" data-part>([^<]*)', answer.text)
    assert fault
    assert reason in html.unescape(fault[1])
    assert read_form(answer.text)[field] == typed[field].replace("\r\n", "\n")
    assert curator.get(POST).correction is None


def test_a_post_that_cannot_be_approved_keeps_what_was_typed(curator: Curator) -> None:
    with curator.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE posts SET waits_for = 'its day' WHERE id = ?", (curator.numbers[POST],))

    answer = curator.send(path_of(curator), note="kept", then="approve")

    assert answer.status_code == 422
    assert "give it its month" in answer.text
    assert read_form(answer.text)["note"] == "kept"


# --- two tabs ---


def test_two_tabs_overwrite_nothing_in_silence_and_both_texts_are_shown(curator: Curator) -> None:
    first = second = read_form(curator.read(path_of(curator)))
    curator.send(path_of(curator), **first | {"note": "the first"})

    answer = curator.send(path_of(curator), **second | {"note": "the second"})

    assert answer.status_code == 409
    again = read_form(answer.text)
    assert again["note"] == "the second"
    assert "Stored now: the first" in text_of(answer.text)
    assert answer.text.count("Stored now:") == 1
    assert curator.get(POST).correction.note == "the first"  # type: ignore[union-attr]

    assert curator.send(path_of(curator), **again).status_code == 303
    assert curator.get(POST).correction.note == "the second"  # type: ignore[union-attr]


def test_a_verdict_meanwhile_is_told_to_the_script(curator: Curator) -> None:
    sent = read_form(curator.read(path_of(curator)))
    review.decide(curator.app, curator.numbers[POST], Decision.HOLD)

    answer = curator.ask(path_of(curator), **sent | {"note": "mine"})

    assert answer.status_code == 409
    assert "was held meanwhile" in answer.json()["error"]
    again = read_form(answer.json()["editor"])
    assert curator.ask(path_of(curator), **again).json()["message"].startswith("Saved ")


# --- a session that has ended ---


def test_what_was_typed_outlives_its_session(curator: Curator) -> None:
    sent = read_form(curator.read(path_of(curator))) | {"note": NOTE, "then": "approve"}
    cookies = dict(curator.client.cookies)
    curator.client.cookies.clear()
    old = {"token": "of the old session", **sent}
    headers = {"Origin": "http://testserver"}

    refused = curator.client.post(path_of(curator), data=old, headers=headers)
    assert refused.status_code == 401
    assert html.escape(NOTE, quote=False) in refused.text.replace("\n", "\r\n").replace("\r\r", "\r")
    curator.client.cookies.update(cookies)
    again = curator.client.post(path_of(curator), data=old, headers=headers)

    assert again.status_code == 403
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', again.text))
    assert curator.send(
        path_of(curator), **{name: value for name, value in kept.items() if name != "token"}
    ).is_redirect
    assert curator.get(POST).state == "approved"
    assert curator.get(POST).correction.note == NOTE.replace("\r\n", "\n")  # type: ignore[union-attr]


# --- the script ---


def test_the_preview_stores_nothing(curator: Curator) -> None:
    path = f"/posts/{curator.numbers[POST]}/line"

    said = curator.ask(path, title="Cheap *Serving*", month="2022-11").json()
    broken = curator.ask(path, title="Cheap [Serving").json()

    assert said["line"] == "* [Cheap *Serving* (Nov 2022, Northwind)](https://northwind.example/continuous-batching)"
    assert "<em>Serving</em>" in said["html"]
    assert (said["faults"], broken["line"], list(broken["faults"])) == ({}, "", ["title"])
    assert curator.get(POST).correction is None
    assert curator.client.post(path, data={"title": "x"}).status_code == 403


def test_the_script_gets_the_row_and_the_form_anew(curator: Curator) -> None:
    said = curator.ask(path_of(curator), note=NOTE, then="approve").json()

    assert said["message"] == f"Approved: {TITLE}"
    assert said["is_new"] is True
    assert f'id="post-{curator.numbers[POST]}" data-id="{curator.numbers[POST]}" data-state="approved"' in said["row"]
    assert read_form(said["editor"])["note"] == NOTE.replace("\r\n", "\n")


@pytest.mark.parametrize("path", ["/posts/999/edit", "/posts/x/edit"])
def test_an_unknown_post_is_said(curator: Curator, path: str) -> None:
    curator.read(path, status=404)
