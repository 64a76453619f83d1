"""Drafts of notes: an endpoint on this machine that plays a language model, on the page, in the API and in the terminal."""

from __future__ import annotations

import asyncio
import html
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aggregator.app import App
from aggregator.config import Settings
from aggregator.digest.drafting.kept import find_share
from aggregator.exceptions import DraftingError
from aggregator.fetch.chat import ask
from aggregator.pipeline import review, tokens
from aggregator.pipeline.drafting import Drafter
from aggregator.pipeline.network import open_endpoint
from aggregator.storage import actions
from aggregator.storage.receipts import find_traces
from aggregator.types import Correction, Credentials, Prompt
from aggregator.words.drafting import say_trouble
from feed_server import FeedServer
from world import FEEDS, NOW, Curator, fill, text_of, visit_page

POST = "continuous-batching"
PATH = "/v1/chat/completions"
SECRET = "sk-T0kenT0kenT0ken"
NOTE = "요청을 모아 처리하는 연속 배칭 → 비용 절감, [스케줄러](https://github.com/lumen/sparse)"
SAID = "**continuous batching**으로 이전 → tail latency 42 ms, Kubernetes 사용, [코드](https://evil.example/x) <b>!</b>"


def answer(text: str, **more: Any) -> str:
    message = {"role": "assistant", "content": text}
    return json.dumps({"model": "tiny", "choices": [{"index": 0, "message": message, "finish_reason": "stop"} | more]})


@pytest.fixture
def curator(make_app: Callable[..., App], feed_server: FeedServer) -> Curator:
    """A curator with one note so far, and an endpoint that drafts."""
    feed_server.play(PATH, answer(SAID), content_type="application/json", validators=False)
    # The rules for feeds do not allow the endpoint's network: the curator named it.
    drafting = {"endpoint": f"{feed_server.address}/v1/", "model": "tiny", "timeout_seconds": 5}
    app = make_app(FEEDS, drafting=drafting, visits={"allowed_networks": []})
    origin = feed_server.address
    app = replace(app, config=replace(app.config, drafting_key=Credentials(origin, f"Bearer {SECRET}")))
    numbers = fill(app)
    review.correct(app, numbers["sparse-experts"], Correction(numbers["sparse-experts"], "", NOW, note=NOTE))
    return visit_page(app, numbers).log_in()


def path_of(curator: Curator, what: str = "draft") -> str:
    return f"/posts/{curator.numbers[POST]}/{what}"


def find_mark(page: str) -> str:
    """What the button of a shown prompt sends."""
    found = re.search(r'name="draft" value="(\w+)"', page)
    assert found
    return found[1]


def test_the_first_press_shows_exactly_what_the_second_sends(curator: Curator, feed_server: FeedServer) -> None:
    page = curator.read(path_of(curator, "edit"))
    assert "Draft a note" in page
    assert "Goes to tiny at 127.0.0.1." in page

    shown = curator.send(path_of(curator), draft="", note="Mine.").text

    assert feed_server.bodies == []
    assert "What would be sent" in shown
    assert ">\nMine.</textarea>" in shown
    drafted = curator.send(path_of(curator), draft=find_mark(shown), note="Mine.").text
    (sent,) = feed_server.bodies
    body = json.loads(sent)
    assert {name: value for name, value in body.items() if name != "messages"} == {"model": "tiny", "stream": False}
    said = "\n\n".join(message["content"] for message in body["messages"])
    assert said in html.unescape(shown)
    assert f"Note: {NOTE}" in said
    assert "<<<\nTitle: Cutting Serving Cost by 60% with Continuous Batching\nSource: Northwind\n" in said
    assert feed_server.requests[-1][1]["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in shown + drafted
    assert ">\nMine.</textarea>" in drafted


def test_a_draft_is_marked_as_one_with_its_sources_and_what_the_post_does_not_have(curator: Curator) -> None:
    mark = find_mark(curator.ask(path_of(curator)).json()["drafting"])

    shown = curator.ask(path_of(curator), draft=mark).json()["drafting"]

    said = text_of(shown)
    assert "Draft by tiny. Check it; its text is not stored." in said
    assert "Names that are not in the post: Kubernetes. Numbers that are not in the post: 42." in said
    assert "the draft does not link to them: https://evil.example/x." in said
    assert "<mark>42</mark> ms, <mark>Kubernetes</mark> 사용, 코드 \\&lt;b&gt;" in shown
    assert "This post tells how we moved from one request per batch to continuous batching" in said
    written = (
        'value="continuous batching으로 이전 → tail latency 42 ms, Kubernetes 사용, 코드 \\&lt;b&gt;!\\&lt;/b&gt;"'
    )
    assert f'<button name="hint" {written}' in shown


def test_only_the_curator_takes_a_draft_and_nothing_is_stored_before(curator: Curator) -> None:
    mark = find_mark(curator.send(path_of(curator)).text)
    with curator.app.reading() as connection:
        before = len(actions.list_past(connection, limit=50))
    page = curator.send(path_of(curator), draft=mark).text
    hint = re.search(r'name="hint" value="(continuous [^"]*)"', page)
    assert hint

    taken = curator.send(path_of(curator, "edit"), note="Mine.", hint=html.unescape(hint[1])).text

    assert "Mine. continuous batching으로" in taken
    assert curator.get(POST).correction is None
    with curator.app.reading() as connection:
        assert len(actions.list_past(connection, limit=50)) == before
        (draft,) = find_traces(connection, [curator.numbers[POST]]).drafts[curator.numbers[POST]]
    # By which the receipt of the printed note says it.
    assert (draft.model, find_share(f"Mine. {html.unescape(hint[1])}", draft.marks)) == ("tiny", "some")


def test_what_has_changed_since_it_was_shown_is_shown_again(curator: Curator, feed_server: FeedServer) -> None:
    mark = find_mark(curator.send(path_of(curator)).text)
    number = curator.numbers["feature-stores"]
    review.correct(curator.app, number, Correction(number, "", NOW, note="새 노트"))

    page = curator.send(path_of(curator), draft=mark).text

    assert "What would be sent has changed meanwhile" in text_of(page)
    assert find_mark(page) != mark
    assert feed_server.bodies == []


def test_a_form_of_another_site_sends_nothing(curator: Curator, feed_server: FeedServer) -> None:
    mark = find_mark(curator.send(path_of(curator)).text)
    foreign = {"Origin": "https://evil.example"}
    answers = [
        curator.client.post(path_of(curator), data={"draft": mark, "token": "wrong"}),
        curator.client.post(path_of(curator), data={"draft": mark, "token": curator.token}, headers=foreign),
        curator.client.get(path_of(curator)),
    ]
    assert [each.status_code for each in answers] == [403, 403, 405]
    assert feed_server.bodies == []


OPENAI = '{"error": {"message": "no such thing: ' + SECRET + '", "type": "x"}}'
FAILING = {
    "a wrong key": ({"status": 401, "body": OPENAI}, "the endpoint does not accept the key (HTTP 401); see drafting.credentials"),
    "no such model": (
        {"status": 404, "body": OPENAI},
        "the endpoint does not know the model tiny, or the address is wrong (HTTP 404): no such thing: ***",
    ),
    "too many questions": ({"status": 429, "body": "slow down"}, "the endpoint asks to wait, or its quota is used up (HTTP 429)"),
    "a text that is too long": (
        {"status": 400, "body": '{"error": "the context is 4096 tokens"}'},
        "the endpoint does not take the question (HTTP 400): the context is 4096 tokens",
    ),
    "trouble": ({"status": 500, "body": "<h1>Oops</h1>"}, "the endpoint is in trouble (HTTP 500)"),
    "a page": ({"body": "<html>"}, "the answer is not one of a language model; is drafting.endpoint right?"),
    "other JSON": ({"body": "[[[1]]]"}, "the answer is not one of a language model; is drafting.endpoint right?"),
    "no choice": ({"body": '{"choices": []}'}, "the answer is not one of a language model; is drafting.endpoint right?"),
    "nothing": ({"body": answer(" \n ")}, "the answer is empty"),
    "a cut answer": (
        {"body": answer("It", finish_reason="length")},
        "the endpoint cut off the answer: its limit is too low for the text and the note",
    ),
    "a flood": ({"body": answer("x" * 1_000_001)}, "the answer is too long, or broke off"),
    "a redirect": (
        {"status": 307, "body": "", "headers": {"Location": "https://evil.example/"}},
        "the server redirects, and what is sent is not sent elsewhere",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("played", "reason"), FAILING.values(), ids=FAILING)
def test_why_there_is_no_draft_is_told_in_one_sentence(
    feed_server: FeedServer, played: dict[str, Any], reason: str
) -> None:
    feed_server.play(PATH, validators=False, **{"content_type": "application/json"} | played)
    key = Credentials(feed_server.address, f"Bearer {SECRET}")

    async def fail() -> str:
        async with open_endpoint(Settings()) as retriever:
            with pytest.raises(DraftingError) as failed:
                await ask(retriever, f"{feed_server.address}/v1", "tiny", Prompt("Draft.", "A post."), key)
        return str(failed.value)

    assert asyncio.run(fail()) == reason


def test_an_endpoint_that_hangs_is_given_up_and_asked_by_one_at_a_time(
    curator: Curator, feed_server: FeedServer
) -> None:
    feed_server.play_forever(PATH, b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" ", pause=0.01)
    settings = curator.app.settings.drafting.model_copy(update={"timeout_seconds": 0.1})
    home = replace(curator.app, settings=curator.app.settings.model_copy(update={"drafting": settings}))
    drafter = Drafter(home, None)
    material = drafter.gather(curator.numbers[POST])

    async def ask_twice() -> list[object]:
        return await asyncio.gather(drafter.draft(material), drafter.draft(material), return_exceptions=True)

    assert [str(each) for each in asyncio.run(ask_twice())] == [
        "no complete answer within 0.1 seconds",
        "another note is being drafted; ask again when it is there",
    ]


def test_the_page_says_why_and_keeps_what_was_typed(curator: Curator, feed_server: FeedServer) -> None:
    mark = find_mark(curator.send(path_of(curator)).text)
    feed_server.play(PATH, "", status=500, validators=False)

    page = curator.send(path_of(curator), draft=mark, note="Mine.").text

    assert "No draft: The endpoint is in trouble (HTTP 500)." in text_of(page)
    assert ">\nMine.</textarea>" in page
    assert (
        say_trouble(DraftingError("127.0.0.1 refuses the connection")) == "No draft: 127.0.0.1 refuses the connection."
    )


def test_without_an_endpoint_nothing_is_offered(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    curator = visit_page(app, fill(app)).log_in()
    assert "Draft a note" not in curator.read(path_of(curator, "edit"))
    assert curator.send(path_of(curator)).status_code == 404


def test_a_program_sees_the_prompt_and_asks_with_a_token_that_may_write(
    curator: Curator, feed_server: FeedServer
) -> None:
    secrets = {
        name: tokens.add_token(curator.app, name, is_read_only=name == "reader")[1] for name in ("reader", "writer")
    }

    def call(method: str, name: str) -> Any:
        headers = {"Authorization": f"Bearer {secrets[name]}"}
        return curator.client.request(method, f"/api/v1{path_of(curator)}", headers=headers)

    prompt = call("GET", "reader").json()
    assert (prompt["endpoint"], prompt["model"]) == ("127.0.0.1", "tiny")
    assert f"Note: {NOTE}" in prompt["user"]
    assert call("POST", "reader").status_code == 403
    assert feed_server.bodies == []
    made = call("POST", "writer").json()
    assert (made["model"], made["language"], made["draft"].split("으로")[0]) == ("tiny", "ko", "continuous batching")
    assert [claim["text"] for claim in made["claims"] if not claim["found"]] == [
        "42",
        "Kubernetes",
        "https://evil.example/x",
    ]
    feed_server.play(PATH, "", status=429, validators=False)
    failed = call("POST", "writer")
    assert (failed.status_code, failed.json()["detail"]) == (
        502, "The endpoint asks to wait, or its quota is used up (HTTP 429).",
    )  # fmt: skip


def test_the_terminal_shows_hints_the_prompt_and_a_draft(
    one_home: tuple[App, dict[str, int]],
    call_console: Callable[..., subprocess.CompletedProcess[str]],
    feed_server: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, numbers = one_home
    (app.folder / "feeds.toml").write_text(
        f'[drafting]\nendpoint = "{feed_server.address}/v1"\nmodel = "tiny"\ncredentials = "DRAFTING_LOGIN"\n', "utf-8"
    )
    monkeypatch.setenv("AGGREGATOR_HOME", str(app.folder))
    monkeypatch.setenv("DRAFTING_LOGIN", SECRET)
    feed_server.play(PATH, answer(SAID), validators=False)

    def call(*options: str) -> str:
        done = call_console("posts", "note", str(numbers[POST]), *options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert call().startswith("It has no note.\n\nWhen traffic tripled in October")
    assert json.loads(call("--json"))["hints"][0]["kind"] == "idea"
    assert "<<<\nTitle: Cutting Serving Cost" in call("--show-prompt")
    assert feed_server.bodies == []
    assert call("--draft").startswith("Draft by tiny. Check it; its text is not stored.\n\ncontinuous batching")
    assert json.loads(call("--draft", "--json"))["sources"]
    assert feed_server.requests[-1][1]["authorization"] == f"Bearer {SECRET}"
