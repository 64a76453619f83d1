"""A colleague reads the draft by a link, without a session, and remarks on its lines; the curator sees it there."""

from __future__ import annotations

import re

import pytest
from httpx2 import Response

from aggregator.app import App
from aggregator.pipeline import history, publish, remarks
from aggregator.pipeline.invitations import invite, show_path
from aggregator.types import DigestState, InvitationKind, Month
from clock import Clock
from world import MONTH, Curator, text_of, visit_page


@pytest.fixture
def curator(filled_home: tuple[App, dict[str, int]]) -> Curator:
    app, numbers = filled_home
    curator = visit_page(app, numbers).log_in()
    for post in sorted(numbers)[:2]:
        curator.decide(post, "approve", section="2.4")
    return curator


@pytest.fixture
def link(curator: Curator) -> str:
    sent = curator.send("/invitations", kind="draft", month=str(MONTH), days="3", name="for Jun")
    assert sent.headers["location"] == f"/digest/{MONTH}#links"
    found = re.search(r"/draft/\w+", curator.read(f"/digest/{MONTH}"))
    assert found
    return found[0]


def send(reader: Curator, path: str, **fields: str) -> Response:
    return reader.client.post(path, data=fields, follow_redirects=False)


def test_a_colleague_remarks_on_a_line_and_the_curator_sees_it_there(curator: Curator, link: str) -> None:
    reader = visit_page(curator.app)
    page = reader.client.get(link)
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    field = re.search(r'name="(text-[\w-]+)"', page.text)
    assert field
    nameless = send(reader, link, **{field[1]: "Is this new?", "name": " "})
    assert nameless.status_code == 422
    assert "Is this new?" in nameless.text, "what was typed stays"
    sent = send(reader, link, **{field[1]: "Is this <new>?", "text": "Short and good.", "name": "Jun"})
    assert "2 remarks are sent." in text_of(reader.client.get(sent.headers["location"]).text)

    digest = curator.read(f"/digest/{MONTH}")
    assert digest.count("Is this &lt;new&gt;?") == 2, "beside the line, and in the list"
    (_, on_line) = sorted(remarks.list_remarks(curator.app, MONTH), key=lambda each: each.line is not None)
    assert on_line.post_id
    assert "Is this" in curator.read(f"/posts/{on_line.post_id}/pane")
    curator.send(f"/remarks/{on_line.id}/done")
    assert curator.read(f"/digest/{MONTH}").count("Is this &lt;new&gt;?") == 1
    assert "Marked a remark of Jun as done" in text_of(curator.read("/history"))
    history.undo(curator.app)
    assert remarks.list_remarks(curator.app, MONTH)[0].done_at is None


def test_a_remark_on_a_line_that_is_gone_meanwhile_is_kept(curator: Curator, link: str) -> None:
    reader = visit_page(curator.app)
    field = re.search(r'name="(text-[\w-]+)"', reader.client.get(link).text)
    assert field
    for post in sorted(curator.numbers)[:2]:
        curator.decide(post, "reject", reason="shallow")
    assert send(reader, link, **{field[1]: "Is this new?", "name": "Jun"}).status_code == 303
    (remark,) = remarks.list_remarks(curator.app, MONTH)
    assert (remark.text, remark.line) == ("Is this new?", None)


def test_the_link_lets_nothing_else_be_done_and_ends(curator: Curator, link: str, clock: Clock) -> None:
    reader = visit_page(curator.app)
    assert reader.client.get(f"/digest/{MONTH}").status_code == 401
    assert send(reader, f"/digest/{MONTH}/print").status_code == 401
    assert send(reader, "/remarks/1/done").status_code == 401
    assert reader.client.get(link.replace("/draft/", "/suggest/")).status_code == 404
    refused = reader.client.post(link, data={"name": "Jun", "text": "x"}, headers={"Origin": "https://else.example"})
    assert refused.status_code == 403
    clock.advance(days=3)
    assert reader.client.get(link).status_code == 404


def test_after_the_print_the_link_shows_what_is_printed(curator: Curator, link: str) -> None:
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    reader = visit_page(curator.app)
    page = text_of(reader.client.get(link).text)
    assert "It is printed. This is what is printed; remarks are closed." in page
    assert "Send the remarks" not in page
    assert send(reader, link, name="Jun", text="Late.").status_code == 422
    assert not remarks.list_remarks(curator.app, MONTH)


def test_a_draft_that_cannot_be_shown_says_why(curator: Curator) -> None:
    empty = show_path(
        invite(curator.app, curator.app.login_key, InvitationKind.DRAFT, month=Month(2022, 10)), curator.app.login_key
    )
    assert "Nothing is approved yet." in text_of(visit_page(curator.app).client.get(empty).text)
