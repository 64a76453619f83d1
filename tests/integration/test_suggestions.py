"""Readers suggest posts by a link, without a session; the daemon reads them, and the verdict answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
from httpx2 import Response

from aggregator.app import App
from aggregator.pipeline import history, review, suggesting
from aggregator.pipeline.invitations import invite, show_path
from aggregator.pipeline.issues import IssueReader
from aggregator.storage.posts import find_post_id
from aggregator.talk.github_issues import ask_for_issues
from aggregator.types import Credentials, Decision, InvitationKind
from aggregator.web.attempts import MOST_SENT
from aggregator.words.readers import write_reply
from clock import Clock
from feed_server import FeedServer
from world import FEED, Curator, make_draft, make_update, store, text_of, visit_page

TEXT = "<p>We moved the experts of a sparse model onto one machine and kept its latency flat.</p>" * 8
PAGE = f"""<html lang="en"><head><title>Serving experts</title>
<meta property="article:published_time" content="2022-12-06T09:00:00Z"></head>
<body><article><h1>Serving experts</h1>{TEXT}</article></body></html>"""


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app([FEED])


@pytest.fixture
def link(app: App) -> str:
    return show_path(invite(app, app.login_key, InvitationKind.SUGGEST, name="README"), app.login_key)


def send(reader: Curator, path: str, data: dict[str, str], **headers: str) -> Response:
    return reader.client.post(path, data=data, headers=headers, follow_redirects=False)


def _read(app: App) -> int:
    return asyncio.run(app.suggestion_reader.read_due())


def test_a_reader_suggests_and_is_answered_by_the_verdict(app: App, link: str, feed_server: FeedServer) -> None:
    page = feed_server.play("/experts", PAGE, content_type="text/html")
    reader, curator = visit_page(app), visit_page(app).log_in()
    form = reader.client.get(link)
    assert form.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert reader.client.get("/suggestions").status_code == 401
    sent = send(reader, link, {"url": page, "why": "It has figures.", "contact": "kim@mail.example"})
    assert sent.status_code == 303
    state = sent.headers["location"]
    assert not feed_server.requests, "nothing is asked before its turn"
    assert "Waiting: the curator has not decided yet." in text_of(reader.client.get(state).text)

    assert _read(app) == 1
    with app.reading() as connection:
        number = find_post_id(connection, page)
    assert number
    app.judge.judge_new()
    shown = text_of(curator.read(f"/queue/2022-12?show=all&suggested=yes&open={number}"))
    assert "suggested by a reader" in shown
    assert "Suggested by a reader: It has figures." in shown
    curator.send(f"/posts/{number}/reject", reason="no real use")
    assert "Not this time: no real use." in text_of(reader.client.get(state).text)
    listed = curator.read("/suggestions")
    assert "Thank you for suggesting “Serving experts”. Not this time: no real use." in text_of(listed)
    assert "kim@mail.example" in listed
    curator.send("/suggestions/1/answered")
    assert "Answered the suggestion of" in text_of(curator.read("/history"))
    assert "kim@mail.example" not in reader.client.get(state).text


def test_a_known_post_gets_the_mark_without_a_request(app: App, link: str, feed_server: FeedServer) -> None:
    store(app.database, make_update(make_draft(1)))
    reader = visit_page(app)
    for _ in range(2):
        send(reader, link, {"url": "https://tech.haneul.example/1?utm_source=mail"})
    assert _read(app) == 2
    (told, other) = suggesting.list_told(app)
    assert other.candidate == told.candidate
    assert told.candidate
    assert (told.candidate.post.title, told.candidate.suggested) == ("피처 스토어 도입기 1", 2)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": "javascript:alert(1)"}, "This is not an http or https address."),
        ({"url": "https://blog.example/a", "why": "x" * 1001}, "At most 1,000 characters fit here."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(app: App, link: str, typed: dict[str, str], said: str) -> None:
    answer = send(visit_page(app), link, typed)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert "aria-invalid" in answer.text
    assert not suggesting.list_told(app)


def test_programs_and_other_sites_store_nothing(app: App, link: str) -> None:
    reader = visit_page(app)
    data = {"url": "https://blog.example/a"}
    assert send(reader, link, data | {"website": "https://spam.example"}).status_code == 200
    assert send(reader, link, data, Origin="https://elsewhere.example").status_code == 403
    assert send(reader, "/suggest/guessed", data).status_code == 404
    assert not suggesting.list_told(app)


def test_one_client_can_send_only_so_many(app: App, link: str) -> None:
    reader = visit_page(app)
    for number in range(MOST_SENT):
        send(reader, link, {"url": f"https://blog.example/{number}"})
    refused = send(reader, link, {"url": "https://blog.example/more"})
    assert refused.status_code == 429
    assert len(suggesting.list_told(app)) == MOST_SENT


def test_a_full_list_says_so(make_app: Callable[..., App]) -> None:
    app = make_app([FEED], suggestions={"most_waiting": 1})
    link = show_path(invite(app, app.login_key, InvitationKind.SUGGEST), app.login_key)
    reader = visit_page(app)
    assert send(reader, link, {"url": "https://blog.example/1"}).status_code == 303
    refused = send(reader, link, {"url": "https://blog.example/2"})
    assert (refused.status_code, "Many suggestions wait already" in text_of(refused.text)) == (429, True)


def test_a_page_that_cannot_be_read_is_tried_again_and_left_to_the_curator(
    app: App, link: str, feed_server: FeedServer, clock: Clock
) -> None:
    page = feed_server.play("/down", "", status=503)
    reader = visit_page(app)
    state = send(reader, link, {"url": page}).headers["location"]
    for _ in range(4):
        assert _read(app) == 0
        clock.advance(hours=7)
    assert "so the curator looks at it" in text_of(reader.client.get(state).text)
    curator = visit_page(app).log_in()
    assert "/add?url=" in curator.read("/suggestions")
    curator.send("/suggestions/1/decline", reason="it is behind a wall")
    assert "Not this time: it is behind a wall." in text_of(reader.client.get(state).text)
    history.undo(app)
    assert "so the curator looks at it" in text_of(reader.client.get(state).text)


def test_a_link_that_ended_lets_nobody_in_until_that_is_undone(app: App, link: str) -> None:
    curator = visit_page(app).log_in()
    assert link in curator.read("/suggestions")
    curator.send("/invitations/1/end")
    assert visit_page(app).client.get(link).status_code == 404
    history.undo(app)
    assert visit_page(app).client.get(link).status_code == 200


def test_what_is_over_is_deleted_with_its_contact(app: App, link: str, clock: Clock) -> None:
    reader = visit_page(app)
    for number in (1, 2):
        send(reader, link, {"url": f"https://blog.example/{number}", "contact": "kim@mail.example"})
    suggesting.decline(app, 1, "off topic")
    suggesting.note_answer(app, 1)
    clock.advance(days=8)
    suggesting.forget_old(app)
    assert [each.suggestion.contact for each in suggesting.list_told(app)] == ["kim@mail.example", ""]
    clock.advance(days=90)
    assert suggesting.forget_old(app) == 1
    assert [each.suggestion.id for each in suggesting.list_told(app)] == [2], "what waits stays"
    clock.advance(days=400)
    assert suggesting.forget_old(app) == 1


def make_issue(number: int, body: str, **changes: object) -> dict[str, object]:
    """An issue as GitHub's API lists it."""
    page, opened = f"https://github.com/mina/digest/issues/{number}", "2022-12-05T08:00:00Z"
    said = {"number": number, "html_url": page, "title": "A post", "body": body, "created_at": opened}
    return said | {"closed_at": None} | changes


def test_issues_at_github_are_suggestions_and_are_answered_once(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    app = make_app([FEED], suggestions={"github": "mina/digest", "github_token": "TOKEN", "comment": True})
    token = Credentials(feed_server.address, "Bearer secret")
    reader = IssueReader(app, app.page_reader.network, token, feed_server.address)
    store(app.database, make_update(make_draft(1)))
    path = ask_for_issues("", "mina/digest", "suggestion", 1)
    closed = make_issue(2, "https://blog.lumen.example/2", closed_at="2022-12-06T08:00:00Z")
    feed_server.play(path, json.dumps([make_issue(1, "https://tech.haneul.example/1"), closed]))
    assert asyncio.run(reader.read()) == 1, "one that was closed unseen is left out"
    assert feed_server.requests[-1][1]["authorization"] == "Bearer secret"
    assert _read(app) == 1
    (told,) = suggesting.list_told(app)
    assert told.candidate
    assert asyncio.run(reader.answer(write_reply)) == 0, "nothing is decided"

    review.decide(app, told.candidate.post.id, Decision.REJECT, reason="no real use")
    comments = "/repos/mina/digest/issues/1/comments"
    feed_server.play(comments, "", status=403, validators=False)
    assert asyncio.run(reader.answer(write_reply)) == 0, "a token without the right says so, and the next hour tries"
    feed_server.play(comments, "{}", status=201, validators=False)
    assert [asyncio.run(reader.answer(write_reply)) for _ in range(2)] == [1, 0]
    said = json.loads(feed_server.bodies[-1])["body"]
    assert said == "Thank you for suggesting “피처 스토어 도입기 1”. Not this time: no real use."
