"""Readers suggest posts by a link, without a session; the daemon reads them, and the verdict answers."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx2 import Response
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.pipeline import duplicates, history, publish, review, suggesting
from aggregator.pipeline.invitations import invite, show_path
from aggregator.pipeline.issues import IssueReader
from aggregator.storage import readers
from aggregator.storage.posts import find_post_id
from aggregator.talk.github_issues import PER_PAGE, ask_for_issues
from aggregator.types import Credentials, Decision, DigestState, InvitationKind
from aggregator.web.attempts import MOST_SENT
from aggregator.words.readers import write_reply
from clock import Clock
from feed_server import FeedServer
from world import FEED, FEEDS, MONTH, Curator, fill, make_draft, make_update, store, text_of, visit_page

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


def test_a_copy_counts_with_the_post_that_is_shown_for_it(app: App, link: str) -> None:
    store(app.database, make_update(make_draft(1), make_draft(2)))
    duplicates.merge_posts(app, [1, 2])
    with app.reading() as connection:
        shown = duplicates.find_shown(connection, 1).post.id
    send(visit_page(app), link, {"url": f"https://tech.haneul.example/{3 - shown}"})
    assert _read(app) == 1
    review.decide(app, shown, Decision.REJECT, reason="no real use")
    (told,) = suggesting.list_told(app)
    assert told.standing.reason == "no real use"
    with app.reading() as connection:
        assert readers.count_open(connection) == 0


def test_readers_who_agreed_are_thanked_by_the_print(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, digest={"page": "README.md"}, suggestions={"credit": True})
    curator = visit_page(app, fill(app)).log_in()
    link = show_path(invite(app, app.login_key, InvitationKind.SUGGEST), app.login_key)
    post = next(iter(curator.numbers))
    url = curator.get(post).post.url
    for name, credit in (("Kim [x](y) <!--", "yes"), ("Lee", "")):
        send(visit_page(app), link, {"url": url, "name": name, "credit": credit})
    assert _read(app) == 2
    curator.decide(post, "approve", section="2.4")
    publish.make_digest(app, MONTH, DigestState.PRINTED)
    page = app.folder / "README.md"
    assert "\nSuggested by readers: Kim \\[x\\](y) \\<!--.\n" in page.read_text("utf-8")
    with app.database.writing() as connection:
        readers.forget_suggestions(connection, [1, 2])
    publish.make_digest(app, MONTH, DigestState.PRINTED, again=True)
    assert "Suggested by readers" not in page.read_text("utf-8"), "the page says it of its last issue alone"


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


def test_what_cannot_be_stored_does_not_hold_up_the_others(
    app: App, link: str, feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the row is too long")

    monkeypatch.setattr(suggesting, "add_new", fail)
    for path in ("/1", "/2"):
        send(visit_page(app), link, {"url": feed_server.play(path, PAGE, content_type="text/html")})
    assert _read(app) == 0
    told = [each.suggestion for each in suggesting.list_told(app)]
    assert [(each.trouble, each.attempts) for each in told] == [("the row is too long", 1)] * 2


def test_a_link_that_ended_lets_nobody_in_until_that_is_undone(app: App, link: str) -> None:
    curator = visit_page(app).log_in()
    assert link in curator.read("/suggestions")
    curator.send("/invitations/1/end")
    assert visit_page(app).client.get(link).status_code == 404
    history.undo(app)
    assert visit_page(app).client.get(link).status_code == 200


def test_a_link_of_an_earlier_login_key_works_and_is_not_shown(app: App) -> None:
    link = show_path(invite(app, "an earlier key", InvitationKind.SUGGEST), "an earlier key")
    listed = visit_page(app).log_in().read("/suggestions")
    assert "made with an earlier login key" in listed
    assert "/suggest/" not in listed
    assert visit_page(app).client.get(link).status_code == 200


@pytest.mark.parametrize("error", [StorageError("the database is locked"), RuntimeError("a mistake")])
def test_no_log_has_the_secret_of_a_link(
    app: App, link: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    reader = visit_page(app)
    monkeypatch.setattr(readers, "find_invitation", fail)
    reader.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    with capture_logs() as logs:
        assert reader.client.get(link).status_code >= 500
    assert [each["path"] for each in logs if "path" in each] == ["/suggest/…"]


def test_a_link_is_made_for_a_month_alone(app: App) -> None:
    curator = visit_page(app).log_in()
    assert curator.send("/invitations", kind="draft", month="soon").status_code == 404
    assert curator.send("/invitations", kind="draft").status_code == 422


def test_the_commands_do_the_same(
    app: App,
    link: str,
    monkeypatch: pytest.MonkeyPatch,
    call_console: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    monkeypatch.setenv("AGGREGATOR_HOME", str(app.folder))
    reader = visit_page(app)
    send(reader, link, {"url": "https://blog.example/a"})
    call_console("suggestions", "decline", "1", "off topic")
    call_console("suggestions", "answered", "1")
    (told,) = json.loads(call_console("suggestions", "list", "--json").stdout)
    assert (told["standing"]["stand"], told["answered_at"] is None) == ("turned down", False)
    assert "Not this time: off topic." in told["reply"]
    assert "blog.example/a" in call_console("suggestions", "list").stdout

    made = json.loads(call_console("invitations", "add", "draft", "--month", "2022-12", "--json").stdout)
    assert not {"salt", "hash"} & set(made)
    send(reader, made["path"], {"name": "Jun", "text": "Good."})
    call_console("invitations", "done", "1")
    (remark,) = json.loads(call_console("invitations", "remarks", "2022-12", "--json").stdout)
    assert (remark["text"], remark["done_at"] is None) == ("Good.", False)
    assert link in call_console("invitations", "list", "--json").stdout
    call_console("invitations", "end", "1")
    assert reader.client.get(link).status_code == 404


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


def read_from(make_app: Callable[..., App], feed_server: FeedServer, **settings: object) -> IssueReader:
    """A reader of issues, who asks the loopback server in place of GitHub."""
    app = make_app([FEED], suggestions={"github": "mina/digest", "github_token": "TOKEN", "comment": True} | settings)
    token = Credentials(feed_server.address, "Bearer secret")
    return IssueReader(app, app.page_reader.network, token, feed_server.address)


def play_issues(server: FeedServer, reader: IssueReader, *issues: dict[str, object], page: int = 1) -> None:
    """Answer a page of issues to a reader who knows none."""
    oldest = reader.home.now - timedelta(days=reader.home.settings.suggestions.keep_days)
    server.play(ask_for_issues("", "mina/digest", "suggestion", page, oldest), json.dumps(issues))


def test_issues_at_github_are_suggestions_and_are_answered_once(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    reader = read_from(make_app, feed_server)
    app = reader.home
    assert isinstance(app, App)
    store(app.database, make_update(make_draft(1)))
    closed = make_issue(2, "https://blog.lumen.example/2", closed_at="2022-12-06T08:00:00Z")
    # It may have been answered, and forgotten since.
    old = make_issue(3, "https://blog.lumen.example/3", created_at="2022-08-01T08:00:00Z")
    play_issues(feed_server, reader, make_issue(1, "https://tech.haneul.example/1"), closed, old)
    assert asyncio.run(reader.read()) == 1, "one that was closed unseen is left out"
    assert feed_server.requests[-1][1]["authorization"] == "Bearer secret"
    assert _read(app) == 1
    (told,) = suggesting.list_told(app)
    assert told.candidate
    assert asyncio.run(reader.answer(write_reply)) == 0, "nothing is decided"

    review.decide(app, told.candidate.post.id, Decision.REJECT, reason="like #1 of @lee")
    comments = "/repos/mina/digest/issues/1/comments"
    feed_server.play(comments, "", status=403, validators=False)
    assert asyncio.run(reader.answer(write_reply)) == 0, "a token without the right says so, and the next hour tries"
    feed_server.play(comments, "{}", status=201, validators=False)
    assert [asyncio.run(reader.answer(write_reply)) for _ in range(2)] == [1, 0]
    said = json.loads(feed_server.bodies[-1])["body"]
    assert (
        said
        == "Thank you for suggesting “피처 스토어 도입기 1”. Not this time: like <span>#</span>1 of <span>@</span>lee."
    )


def test_a_comment_that_may_have_been_taken_is_not_posted_again(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    reader = read_from(make_app, feed_server)
    play_issues(feed_server, reader, make_issue(1, "https://blog.lumen.example/1"))
    asyncio.run(reader.read())
    suggesting.decline(reader.home, 1, "off topic")
    comments = "/repos/mina/digest/issues/1/comments"
    feed_server.play(comments, "", status=502, validators=False)
    assert asyncio.run(reader.answer(write_reply)) == 0
    feed_server.play(comments, "{}", status=201, validators=False)
    assert asyncio.run(reader.answer(write_reply)) == 0


def test_all_pages_of_issues_are_read_as_far_as_the_list_has_room(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    reader = read_from(make_app, feed_server, most_waiting=PER_PAGE)
    issues = [make_issue(number, f"https://blog.lumen.example/{number}") for number in range(1, PER_PAGE + 2)]
    play_issues(feed_server, reader, *issues[:-1])
    play_issues(feed_server, reader, issues[-1], page=2)
    assert asyncio.run(reader.read()) == PER_PAGE
    suggesting.decline(reader.home, 1, "off topic")
    (known,) = suggesting.list_told(reader.home)[-1:]
    since = known.suggestion.sent_at
    feed_server.play(ask_for_issues("", "mina/digest", "suggestion", 1, since), json.dumps(issues[-1:]))
    assert asyncio.run(reader.read()) == 1, "what had no room came next time"
