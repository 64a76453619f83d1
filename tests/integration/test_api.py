"""The API: a program with a token does what the page does, and is answered in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.pipeline import months, tokens
from aggregator.storage.actions import list_past
from aggregator.storage.posts import find_post_id
from aggregator.types import EditionFormat
from aggregator.web.server import create_server
from clock import Clock
from world import FEEDS, Curator, fill, make_draft, make_update, store, text_of, visit_page

FIRST, SECOND, THIRD = "continuous-batching", "feature-stores", "sparse-experts"
ROOT = Path(__file__).parents[2]


@dataclass
class Program:
    """A program that has a token."""

    app: App
    client: TestClient
    numbers: dict[str, int]
    secret: str

    def ask(self, method: str, path: str, status: int = 200, **sent: Any) -> Any:
        """Ask below /api/v1, with posts by name; returns the JSON of the answer."""
        # A body that would be empty is left out.
        answer = self.request(method, path, **{"params" if method == "GET" else "json": sent or None})
        assert answer.status_code == status, answer.text
        wanted = "application/json" if status == 200 else "application/problem+json"
        assert answer.headers["content-type"] == wanted
        return answer.json()

    def request(self, method: str, path: str, *, secret: str | None = None, **more: Any) -> Response:
        headers = {"Authorization": f"Bearer {secret or self.secret}"} | more.pop("headers", {})
        return self.client.request(method, f"/api/v1{path.format(**self.numbers)}", headers=headers, **more)


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app(FEEDS)


@pytest.fixture
def program(app: App) -> Program:
    return _start(app)


@pytest.fixture
def unranked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spares a long table the ranking after each step, which ``test_rank_month.py`` is about."""
    monkeypatch.setattr("aggregator.pipeline.judge.Judge.rank", lambda *_, **__: None)


def _start(app: App) -> Program:
    numbers = fill(app)
    known = {name.replace("-", "_"): number for name, number in numbers.items()} | numbers
    return Program(app, TestClient(create_server(app)), known, tokens.add_token(app, "script")[1])


def list_done(app: App, *, by: str) -> list[dict[str, Any]]:
    """The actions of a curator, oldest first, without who and when."""
    with app.reading() as connection:
        past = [action for action, _ in list_past(connection, limit=100)]
    assert {action.by for action in past} <= {by}
    told = ("kind", "post_id", "feed_key", "month", "details", "changes", "undoes", "is_undone")
    return [{name: getattr(action, name) for name in told} for action in reversed(past)]


# --- what can be asked ---

# Method and path, what is sent, and what the answer contains.
ASKED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "a month": (
        "GET",
        "/months/2022-12",
        {},
        {"posts": 10, "is_open": True, "digest": None, "undecided": 10, "shortlisted": 5, "shortlisted_left": 5},
    ),
    "the queue": ("GET", "/months/2022-12/queue", {}, {"total": 5, "first": 1, "next": None}),
    "the queue by source, with code": ("GET", "/months/2022-12/queue", {"code": "yes", "order": "source"}, {"total": 3}),
    "the queue of a language": ("GET", "/months/2022-12/queue", {"show": "all", "language": "ko"}, {"total": 3}),
    "a search": ("GET", "/search", {"verdict": "undecided"}, {"has_more": False}),
    "a search of nothing": ("GET", "/search", {"q": "!!"}, {"total": 0, "posts": []}),
    "the history": ("GET", "/history", {}, {"actions": [], "next": None}),
    "a feed": ("GET", "/feeds/northwind", {}, {"name": "Northwind TechBlog", "state": "well", "changed": {}}),
    "a digest": ("GET", "/months/2022-12/digest", {}, {"state": None, "lines": 0}),
    "approve": ("POST", "/posts/{sparse_experts}/approve", {}, {"message": "Approved: Sparse Experts That Fit on One Card"}),
    "reject": ("POST", "/posts/{sparse_experts}/reject", {"reason": "shallow"}, {"is_new": True}),
    "correct": (
        "PATCH",
        "/posts/{sparse_experts}",
        {"title": "*Sparse* Experts"},
        {"message": "Changed: Sparse Experts That Fit on One Card"},
    ),
    "a month for a post": ("POST", "/posts/{sparse_experts}/month", {"month": "2022-11"}, {"is_new": True}),
    "merge": ("POST", "/posts/{sparse_experts}/merge", {"posts": [2]}, {"is_new": True}),
    "pause a feed": ("POST", "/feeds/northwind/pause", {}, {"message": "Paused: it is not visited until you resume it."}),
    "edit a feed": ("PATCH", "/feeds/northwind", {"tags": ["ml"], "weight": 0.5}, {"message": "Saved."}),
    "rank a month": ("POST", "/months/2022-12/rank", {}, {"month": "2022-12", "shortlisted": 5}),
    "quotas": ("GET", "/months/2022-12/quotas", {}, {"size": 40, "proposed": 5}),
    "a line with changes": (
        "POST",
        "/posts/{feature_stores}/preview",
        {"title": "*Stores*", "note": "Read.", "section": "1.1"},
        {"printed": "* [*Stores* (Dec 2022)](https://mina.example/feature-stores): Read."},
    ),
    "a section for many": (
        "POST",
        "/many",
        {"posts": [1, 999], "section": "2.2"},
        {"message": "1 post moved to 2.2, 1 left out", "left_out": [{"post": 999, "why": "there is no post 999"}]},
    ),
    "many for no reason": ("POST", "/many", {"posts": [1, 2], "verdict": "reject"}, {"message": "0 posts rejected, 2 left out"}),
    "a trial": ("POST", "/many", {"source": "dasan", "verdict": "hold", "dry_run": True}, {"dry_run": True, "left_out": []}),
    "a draft": ("POST", "/months/2022-12/digest", {"state": "draft"}, {"state": "draft"}),
    "a rule": ("POST", "/rules", {"trait": "words", "sought": "hiring", "act": "mute"}, {"number": 1, "state": "on", "by": "script"}),
}  # fmt: skip

REFUSED: dict[str, tuple[int, str, str, dict[str, Any], str]] = {
    "no post": (404, "GET", "/posts/999", {}, "There is no post 999."),
    "no address": (404, "GET", "/nowhere", {}, "Not Found."),
    "no method": (405, "PUT", "/undo", {}, "Method Not Allowed."),
    "no month": (422, "GET", "/months/2022-13", {}, "The request could not be read."),
    "no number": (422, "GET", "/posts/x", {}, "The request could not be read."),
    "no section": (422, "GET", "/months/2022-12/queue", {"section": "9.9"}, "'9.9' is not a section"),
    "no feed": (404, "POST", "/feeds/nobody/pause", {}, "nobody"),
    "no reason": (422, "POST", "/posts/{sparse_experts}/reject", {}, "A rejection needs a reason"),
    "a field that there is not": (422, "PATCH", "/posts/{sparse_experts}", {"titel": "x"}, "could not be read"),
    "a control character": (422, "PATCH", "/posts/{sparse_experts}", {"note": "a\0b"}, "could not be read"),
    "a title that breaks the line": (422, "PATCH", "/posts/{sparse_experts}", {"title": "[x"}, "its brackets do not pair"),
    "no such version": (422, "POST", "/posts/{sparse_experts}/hold", {"seen": "x"}, "does not name the verdicts"),
    "no verdict": (409, "POST", "/posts/{sparse_experts}/undo", {}, "There is no verdict to undo."),
    "nothing to undo": (409, "POST", "/undo", {}, "There is nothing to undo."),
    "nothing to print": (409, "POST", "/months/2022-12/digest", {}, "Nothing is approved for 2022-12"),
    "no weight": (422, "PATCH", "/weights", {"weights": {"weights.deptz": 1}}, "is not a known key"),
    "no pattern": (422, "POST", "/rules", {"trait": "pattern", "sought": "(", "act": "mute"}, "pattern"),
    "no feed with an address": (422, "PATCH", "/feeds/northwind", {"url": "ftp://x"}, "http"),
    "no act on many": (422, "POST", "/many", {"posts": [1]}, "Give a verdict or a section."),
    "neither posts nor a source": (422, "POST", "/many", {"verdict": "hold"}, "Give posts, or a source"),
    "a source that there is not": (404, "POST", "/many", {"verdict": "hold", "source": "nobody"}, "nobody"),
    "a hold of many until nothing": (422, "POST", "/many", {"posts": [1], "verdict": "hold", "until": "x"}, "cannot be held until"),
    "no version of many": (422, "POST", "/many", {"posts": [1], "verdict": "hold", "seen": {"1": "x"}}, "does not name"),
    "a line that cannot be printed": (422, "POST", "/posts/{sparse_experts}/preview", {"title": "[x"}, "its brackets do not pair"),
    "no model yet": (503, "GET", "/posts/{sparse_experts}/why", {}, "The first model is being fitted"),
    "no copy": (422, "POST", "/posts/{sparse_experts}/split", {}, "It is not a copy"),
}  # fmt: skip


def test_what_is_asked_is_answered(program: Program, unranked: None) -> None:
    for case, (method, path, sent, wanted) in ASKED.items():
        answer = program.ask(method, path, **sent)
        assert {name: answer[name] for name in wanted} == wanted, case


def test_what_is_refused_is_a_problem_with_its_reason(program: Program) -> None:
    for case, (status, method, path, sent, said) in REFUSED.items():
        answer = program.ask(method, path, status, **sent)
        assert answer["status"] == status, case
        assert said in answer["detail"], case
    assert list_done(program.app, by="script") == []


def test_what_is_too_large_or_no_json_is_a_problem(program: Program) -> None:
    headers = {"Content-Type": "application/json"}
    large = b'{"note": "' + b"x" * 200_000 + b'"}'
    for status, body in ((413, iter([large])), (422, b"{"), (400, b"\xff")):
        answer = program.request("PATCH", "/posts/{sparse_experts}", content=body, headers=headers)
        assert answer.status_code == answer.json()["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
    # What says beforehand that it is too large is not even read.
    with capture_logs() as logs:
        assert program.request("PATCH", "/posts/{sparse_experts}", content=large, headers=headers).status_code == 413
    assert logs == []


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(StorageError("the disk is full"), 503, "The disk is full."), (KeyError(), 500, "log")],
)
def test_what_breaks_is_a_problem_too(
    program: Program, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("aggregator.web.api.feeds.list_feed_states", fail)
    program.client = TestClient(program.client.app, raise_server_exceptions=False)
    with capture_logs() as logs:
        answer = program.ask("GET", "/feeds", status)
    assert said in answer["detail"]
    assert len(logs) == 1, "said once"


def test_a_queue_is_read_page_by_page(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.web.queue.view.PAGE", 4)
    seen, after = [], {}
    while after is not None:
        page = program.ask("GET", "/months/2022-12/queue", show="all", **after)
        seen += [post["post"] for post in page["posts"]]
        after = {"after": page["next"]} if page["next"] else None
    assert len(seen) == len(set(seen)) == page["total"] == 10


def test_a_post_says_its_text_its_line_and_its_version(program: Program) -> None:
    before = program.ask("GET", "/posts/{sparse_experts}")
    program.ask("POST", "/posts/{sparse_experts}/approve", note="Read *it*.", seen=before["version"])
    after = program.ask("GET", "/posts/{sparse_experts}")

    assert before["text"].startswith("When traffic tripled")
    assert (before["version"], before["line"]["note"]) == ("0.0", "")
    assert (before["proposed"]["month"], before["proposed"]["organisation"]) == ("2022-12", "Lumen Research")
    assert [hint["kind"] for hint in before["hints"]] == ["idea"]
    assert after["version"] != before["version"]
    assert after["printed"].endswith("(Dec 2022, Lumen Research)](https://lumen.example/sparse-experts): Read *it*.")
    assert after["verdict"]["by"] == "script"


def test_a_conflict_keeps_both_texts(program: Program) -> None:
    curator = visit_page(program.app, program.numbers).log_in()
    version = program.ask("GET", "/posts/{sparse_experts}")["version"]
    curator.send(f"/posts/{program.numbers[THIRD]}/edit", note="Mine.")

    refused = program.ask("PATCH", "/posts/{sparse_experts}", 409, note="Theirs.", seen=version)

    assert "was changed meanwhile" in refused["detail"]
    assert (refused["post"]["line"]["note"], refused["sent"]) == ("Mine.", {"note": "Theirs.", "seen": version})
    program.ask("PATCH", "/posts/{sparse_experts}", note="Both.", seen=refused["post"]["version"])
    assert program.ask("GET", "/posts/{sparse_experts}")["line"]["note"] == "Both."


# --- the same as the page ---

# What the form of the page sends, and what the program sends.
_Form = tuple[str, dict[str, str]]
SAME: dict[str, list[tuple[_Form, tuple[str, str, dict[str, Any]]]]] = {
    "approve": [(("/posts/{1}/approve", {"section": "1.4"}), ("POST", "/posts/{1}/approve", {"section": "1.4"}))],
    "reject": [(("/posts/{1}/reject", {"reason": "shallow"}), ("POST", "/posts/{1}/reject", {"reason": "shallow"}))],
    "hold, undo, redo": [
        (("/posts/{1}/hold", {}), ("POST", "/posts/{1}/hold", {})),
        (("/undo", {}), ("POST", "/undo", {})),
        (("/redo", {}), ("POST", "/redo", {})),
        (("/history/1/undo", {}), ("POST", "/undo", {"action": 1})),
    ],
    "edit": [(("/posts/{1}/edit", {"note": "a\n  * b", "title": "T"}), ("PATCH", "/posts/{1}", {"note": "a\n  * b", "title": "T"}))],
    "edit and approve": [(("/posts/{1}/edit", {"note": "n", "then": "approve"}), ("POST", "/posts/{1}/approve", {"note": "n"}))],
    "verdict undone": [
        (("/posts/{1}/approve", {}), ("POST", "/posts/{1}/approve", {})),
        (("/posts/{1}/undo", {}), ("POST", "/posts/{1}/undo", {})),
    ],
    "month": [(("/posts/{1}/month", {"month": "2022-11"}), ("POST", "/posts/{1}/month", {"month": "2022-11"}))],
    "merge and split": [
        (("/posts/{1}/same", {"other": "{2}"}), ("POST", "/posts/{1}/merge", {"posts": [2]})),
        (("/posts/{1}/different", {"other": "{2}"}), ("POST", "/posts/{2}/split", {"other": 1})),
    ],
    "feed": [
        (("/feeds/northwind/pause", {}), ("POST", "/feeds/northwind/pause", {})),
        (("/feeds/northwind/resume", {}), ("POST", "/feeds/northwind/resume", {})),
        (("/feeds/northwind/address", {"url": "https://n.example/f"}), ("PATCH", "/feeds/northwind", {"url": "https://n.example/f"})),
        (("/feeds/northwind/reset", {}), ("POST", "/feeds/northwind/reset", {})),
    ],
    "print": [
        (("/posts/{1}/approve", {}), ("POST", "/posts/{1}/approve", {})),
        (("/digest/2022-12/print", {}), ("POST", "/months/2022-12/digest", {})),
    ],
    "weights": [(("/weights", {"weights.depth": "1.5"}), ("PATCH", "/weights", {"weights": {"weights.depth": 1.5}}))],
    "texts": [
        (("/texts", {"digest.topics.cv": "Vision"}), ("PATCH", "/texts", {"texts": {"digest.topics.cv": "Vision"}})),
    ],
    "rule": [
        (("/rules", {"trait": "words", "sought": "hiring", "act": "mute"}), ("POST", "/rules", {"trait": "words", "sought": "hiring", "act": "mute"})),
        (("/rules/1/off", {}), ("POST", "/rules/1/off", {})),
    ],
}  # fmt: skip


def test_page_and_program_do_the_same(make_app: Callable[..., App], tmp_path: Path, unranked: None) -> None:
    first, second = make_app(FEEDS, home=tmp_path / "page"), make_app(FEEDS, home=tmp_path / "program")
    curator, program = visit_page(first, fill(first)).log_in(), _start(second)
    one, two = (program.numbers[name] for name in (FIRST, SECOND))
    assert (curator.numbers[FIRST], curator.numbers[SECOND]) == (one, two)
    for case, steps in SAME.items():
        for (path, fields), (method, address, sent) in steps:
            _send(curator, path, fields)
            known = {"posts": [two]} if "posts" in sent else {"other": one} if "other" in sent else sent
            program.ask(method, address.replace("{1}", str(one)).replace("{2}", str(two)), **known)
        done = list_done(first, by="curator")
        assert done, case
        assert list_done(second, by="script") == done, case


def test_a_printed_month_is_printed_again_or_goes_on_in_the_next(program: Program, unranked: None) -> None:
    address = "/months/2022-12/digest"
    first, second, third = (program.numbers[name] for name in (FIRST, SECOND, THIRD))
    program.ask("POST", f"/posts/{first}/approve")
    assert program.ask("POST", address)["since"] is None
    program.ask("POST", f"/posts/{second}/approve")
    program.ask("PATCH", f"/posts/{first}", note="Read it.")
    since = program.ask("GET", address)["since"]
    assert (since["approved"], since["corrected"], since["gone"]) == ([second], [first], [])
    (file,) = since["files"]
    assert sorted(line[0] for line in file["difference"].splitlines() if line[0] in "+-") == ["+", "+", "-"]

    program.ask("POST", f"/posts/{third}/approve")
    program.ask("POST", address, status=409, again=True, mark=since["mark"])
    mark = program.ask("GET", address)["since"]["mark"]
    program.ask("POST", address, status=422, mark=mark)
    assert program.ask("POST", f"{address}/next") == {"month": "2023-01", "posts": [third, second]}
    since = program.ask("GET", address)["since"]
    assert (since["approved"], since["corrected"]) == ([], [first])
    assert program.ask("POST", address, again=True, mark=since["mark"])["since"] is None


def test_many_posts_are_one_act_as_on_the_page(make_app: Callable[..., App], tmp_path: Path, unranked: None) -> None:
    first, second = make_app(FEEDS, home=tmp_path / "page"), make_app(FEEDS, home=tmp_path / "program")
    curator, program = visit_page(first, fill(first)).log_in(), _start(second)
    both = [program.numbers[name] for name in (FIRST, SECOND)]

    curator.ask("/queue/2022-12/many", act="hold", post=[f"{post} 0.0" for post in both])  # type: ignore[arg-type]
    curator.ask(f"/posts/{program.numbers[THIRD]}/source/reject", reason="shallow")
    held = program.ask("POST", "/many", posts=both, verdict="hold", seen={str(post): "0.0" for post in both})
    program.ask("POST", "/many", source="lumen", month="2022-12", verdict="reject", reason="shallow")

    assert held["message"] == "2 posts held"
    assert [change["post"]["verdict"]["decision"] for change in held["changes"]] == ["held", "held"]
    assert list_done(first, by="curator") == list_done(second, by="script") != []
    late = program.ask("POST", "/many", posts=both, verdict="approve", seen={str(both[0]): "0.0"})
    assert [one["post"] for one in late["left_out"]] == both[:1]
    assert program.ask("POST", "/undo")["post"]["post"] == both[1]
    assert len(program.ask("POST", "/undo")["actions"]) > 1


def test_a_program_sees_copies_and_merges_them(program: Program) -> None:
    first, second = program.numbers[FIRST], program.numbers[SECOND]
    merged = program.ask("POST", f"/posts/{first}/merge", posts=[second])
    for post in (first, second):
        (pair,) = program.ask("GET", f"/posts/{post}/copies")
        assert ({pair["post"], pair["other"]}, pair["said"], pair["by"]) == ({first, second}, "same", "script")
        assert merged["post"]["post"] == pair["post"], "the one that is shown"
    assert program.ask("GET", "/copies") == []


def test_quotas_are_counted_for_the_api_and_the_command(
    program: Program, call_console: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_HOME", str(program.app.config.home))
    program.ask("POST", "/posts/{sparse_experts}/approve", section="1.1")
    told = program.ask("GET", "/months/2022-12/quotas")
    month = program.ask("GET", "/months/2022-12")

    filled = {quota["name"]: quota for quota in told["sections"]}
    assert filled["1.1"]["approved"] == 1
    assert sum(quota["proposed"] for quota in told["sections"]) == told["proposed"] == month["shortlisted"]
    assert all(quota["most"] > 0 for quota in told["sections"] + told["sources"])
    assert "lumen.example" in [quota["name"] for quota in told["sources"]]
    done = call_console("weights", "quotas", "2022-12", "--json")
    assert json.loads(done.stdout) == told
    assert f"{told['proposed']} of at most {told['size']} posts" in call_console("weights", "quotas", "2022-12").stdout


def _send(curator: Curator, path: str, fields: dict[str, str]) -> None:
    one, two = (str(curator.numbers[name]) for name in (FIRST, SECOND))
    sent = {name: value.replace("{2}", two) for name, value in fields.items()}
    assert curator.send(path.replace("{1}", one), **sent).status_code == 303, path


#: Posts whose line could not be printed, and the field that says why.
UNPRINTABLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "no title": ({"title": ""}, "it has no title", "title"),
    "signs that nobody sees": ({"title": "\u200b\u2060"}, "it has no title", "title"),
    "no address of a page": ({"url": "javascript:alert(1)"}, "http", ""),
}


def test_what_could_not_be_printed_is_approved_nowhere(
    program: Program, call_console: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = program.app
    monkeypatch.setenv("AGGREGATOR_HOME", str(app.config.home))
    curator = visit_page(app, program.numbers).log_in()
    drafts = [make_draft(100 + number, **post) for number, (post, _, _) in enumerate(UNPRINTABLE.values())]
    store(app.database, make_update(*drafts, feed=FEEDS[1]))
    for draft, (case, (_, why, field)) in zip(drafts, UNPRINTABLE.items(), strict=True):
        with app.reading() as connection:
            post = find_post_id(connection, draft.canonical_url)
        # A section may be given in any case.
        program.ask("PATCH", f"/posts/{post}", section="2.4")
        refused = program.ask("POST", f"/posts/{post}/approve", 422 if field else 409, section="2.4")
        on_page = curator.ask(f"/posts/{post}/approve", section="2.4")
        many = curator.ask("/queue/2022-12/many", act="approve", post=f"{post} ")
        typed = call_console("approve", str(post), "--section", "2.4")
        assert [fault["field"] for fault in refused.get("errors", [])] == [field] * bool(field), case
        assert on_page.status_code == (422 if field else 409), case
        assert typed.returncode == 1, case
        for said in (refused["detail"], on_page.json()["error"], many.json()["error"], typed.stderr):
            assert "cannot be printed" in said, case
            assert why in said, case
        if field:
            assert program.ask("POST", f"/posts/{post}/approve", title="A *Title*")["is_new"], case


def test_each_undoes_what_it_did_itself(program: Program) -> None:
    curator = visit_page(program.app, program.numbers).log_in()
    program.ask("POST", "/posts/{sparse_experts}/hold")
    curator.decide(FIRST, "approve")

    assert program.ask("POST", "/undo")["message"] == "“Sparse Experts That Fit on One Card” is undecided again"
    assert curator.get(FIRST).verdict is not None
    assert [each["by"] for each in program.ask("GET", "/history")["actions"]] == ["script", "curator", "script"]


# --- who may ask ---


def test_only_a_token_lets_in(program: Program) -> None:
    curator = visit_page(program.app, program.numbers).log_in()
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": f"Bearer {program.app.login_key}"}):
        for client in (program.client, curator.client):
            answer = client.post(f"/api/v1/posts/{program.numbers[THIRD]}/hold", headers=headers, json={})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    assert program.client.get(f"/api/v1/months?token={program.secret}").status_code == 401
    assert program.request("GET", "/months", headers={"Host": "evil.example"}).status_code == 421
    tokens.remove_token(program.app, "script")
    program.ask("GET", "/months", 401)
    assert list_done(program.app, by="") == []


def test_a_read_only_token_changes_nothing(program: Program) -> None:
    _, secret = tokens.add_token(program.app, "reader", is_read_only=True)

    assert program.request("GET", "/history", secret=secret).status_code == 200
    for path in ("/posts/{sparse_experts}/hold", "/undo", "/feeds/northwind/pause", "/rules/1/off"):
        answer = program.request("POST", path, secret=secret, json={})
        assert (answer.status_code, answer.json()["detail"]) == (403, "The token reader may only read.")


def test_wrong_tokens_have_to_wait_and_right_ones_do_not(program: Program, clock: Clock) -> None:
    answers = [program.request("GET", "/months", secret="aggregator_wrong").status_code for _ in range(7)]

    assert answers == [401] * 5 + [429, 429]
    waiting = program.request("GET", "/months", secret="aggregator_wrong")
    assert int(waiting.headers["retry-after"]) > 0
    program.ask("GET", "/months")
    # Whoever types the login key is not made to wait for it.
    assert program.client.get("/login?key=wrong").status_code == 403


def test_the_use_of_a_token_is_noted_once_an_hour(program: Program, clock: Clock) -> None:
    def used_at() -> datetime | None:
        (token,) = tokens.list_tokens(program.app)
        return token.used_at

    assert used_at() is None
    program.ask("GET", "/months")
    first = used_at()
    clock.advance(minutes=59)
    program.ask("GET", "/months")
    assert used_at() == first
    clock.advance(minutes=1)
    program.ask("GET", "/months")
    assert used_at() == clock.now


# --- feed readers ---


@pytest.fixture
def reader(program: Program) -> str:
    """The end of an address with the token of a feed reader."""
    return f"?token={tokens.add_token(program.app, 'reader', is_read_only=True)[1]}"


def _check_atom(document: bytes) -> ET.Element:
    """What RFC 4287 asks of a feed and its entries."""
    names = {"a": "http://www.w3.org/2005/Atom"}
    root = ET.fromstring(document)
    for part in (root, *root.findall("a:entry", names)):
        for name in ("id", "title", "updated"):
            (found,) = part.findall(f"a:{name}", names)
            assert found.text
        assert datetime.fromisoformat(part.findtext("a:updated", namespaces=names) or "").tzinfo
        assert part.findtext("a:author/a:name", namespaces=names)
        assert part.find("a:link[@rel='alternate']", names) is not None
    assert len(root.findall("a:link[@rel='self']", names)) == 1
    ids = [found.text for found in root.findall(".//a:id", names)]
    assert len(ids) == len(set(ids))
    return root


def test_feed_readers_get_the_shortlist(program: Program, reader: str) -> None:
    program.ask("POST", "/posts/{continuous_batching}/reject", reason="shallow")
    month = str(months.find_open_month(program.app))
    queue = program.ask("GET", f"/months/{month}/queue", show="shortlist")

    atom = program.client.get(f"/api/v1/shortlist.atom{reader}")
    _check_atom(atom.content)
    read = feedparser.parse(atom.content)
    told = json.loads(program.client.get(f"/api/v1/shortlist.json{reader}").content)

    assert not read.bozo
    assert read.version == "atom10"
    titles = [post["title"] for post in queue["posts"]]
    assert [entry.title for entry in read.entries] == [item["title"] for item in told["items"]] == titles
    assert [entry.id for entry in read.entries] == [item["id"] for item in told["items"]]
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    for entry, item in zip(read.entries, told["items"], strict=True):
        assert item["url"] == entry.link
        assert "topic fit" in item["content_html"]
    assert reader.removeprefix("?token=") not in atom.text + json.dumps(told)


def test_feed_readers_get_the_digest_as_its_page_shows_it(program: Program, reader: str) -> None:
    program.ask("POST", "/posts/{injections}/approve", note="a <b>bold</b> note & *more*\n  * below")
    program.ask("POST", "/months/2022-12/digest")
    page = visit_page(program.app).log_in().read("/digest/2022-12")
    _heading, _, shown = page.partition('<article class="paper">')[2].partition("</article>")[0].partition("</h2>")

    atom = program.client.get(f"/api/v1/digests.atom{reader}").content
    told = json.loads(program.client.get(f"/api/v1/digests.json{reader}").content)
    (entry,) = _check_atom(atom).findall("{http://www.w3.org/2005/Atom}entry")

    assert told["items"][0]["title"] == "Digest of Dec 2022"
    for html in (told["items"][0]["content_html"], entry.findtext("{http://www.w3.org/2005/Atom}content")):
        assert "&lt;script&gt;" in html
        assert text_of(html) == text_of(shown)
        assert re.findall(' id="([^"]*)"', html) == re.findall(' id="([^"]*)"', shown)
    told = json.loads(program.client.get(f"/api/v1/sections/research/nlp.json{reader}").content)
    (line,) = _check_atom(program.client.get(f"/api/v1/sections/research/nlp.atom{reader}").content).findall(
        "{http://www.w3.org/2005/Atom}entry"
    )
    assert told["title"] == "Research · NLP"
    assert [item["url"] for item in told["items"]] == ["https://mina.example/injections"]
    assert line.findtext("{http://www.w3.org/2005/Atom}id") == told["items"][0]["id"]
    assert program.client.get(f"/api/v1/sections/research/art.atom{reader}").status_code == 404
    program.ask("POST", "/undo")
    assert json.loads(program.client.get(f"/api/v1/digests.json{reader}").content)["items"] == []


def test_a_digest_is_asked_for_in_every_form(program: Program) -> None:
    program.ask("POST", "/posts/{injections}/approve")
    assert program.ask("GET", "/months/2022-12/digest")["after_print"] == []
    for form in EditionFormat:
        answer = program.request("GET", f"/months/2022-12/digest/{form}")
        assert answer.headers["content-type"].startswith(form.media_type.partition(";")[0])
        assert "Injections" in answer.text
    assert program.request("GET", "/months/2022-12/digest/pdf").status_code == 422
    assert program.request("POST", "/months/2022-12/digest/deliver").status_code == 409


def test_a_feed_that_has_not_changed_is_not_sent_again(program: Program, reader: str, clock: Clock) -> None:
    def ask() -> list[tuple[int, bytes]]:
        answers = [program.client.get(address, headers=headers) for address, headers in known]
        return [(answer.status_code, answer.content) for answer in answers]

    program.ask("POST", "/posts/{sparse_experts}/approve")
    known: list[tuple[str, dict[str, str]]] = []
    for name in ("shortlist.atom", "shortlist.json", "digests.atom", "digests.json"):
        address = f"/api/v1/{name}{reader}"
        sent = program.client.get(address).headers
        known += [(address, {"If-None-Match": tag}) for tag in (sent["etag"], f'"other", W/{sent["etag"]}')]
        known.append((address, {"If-Modified-Since": sent["last-modified"]}))
    assert ask() == [(304, b"")] * 12

    clock.advance(seconds=5)
    program.ask("POST", "/posts/{eta_transformer}/reject", reason="shallow")
    program.ask("POST", "/months/2022-12/digest")
    assert [status for status, _ in ask()] == [200] * 12


def test_only_a_read_only_token_may_stand_in_the_address_of_a_feed(program: Program, reader: str) -> None:
    assert program.client.get(f"/api/v1/shortlist.atom?token={program.secret}").status_code == 401
    assert program.client.get("/api/v1/shortlist.atom?token=wrong").status_code == 401
    assert program.client.get("/api/v1/shortlist.atom").status_code == 401
    assert program.request("GET", "/shortlist.atom").status_code == 200
    assert program.client.get(f"/api/v1/months{reader}").status_code == 401


# --- what is written about it ---


def test_the_openapi_is_of_the_api_alone_open_and_documented(program: Program) -> None:
    schema = program.client.get("/api/v1/openapi.json").json()

    assert schema["servers"] == [{"url": "/api/v1"}]
    assert not any("login" in path or "static" in path for path in schema["paths"])
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
            assert operation["security"]
            assert {"200", "4XX", "5XX"} <= operation["responses"].keys()
    for path in ("/openapi.json", "/docs", "/api/v1/docs"):
        assert program.client.get(path).status_code == 404

    # The document lists every address.
    document = (ROOT / "docs" / "api.md").read_text("utf-8")
    listed = {f"{method.upper()} {path}" for path, found in schema["paths"].items() for method in found}
    for address in listed:
        assert f"`{address}`" in document, address
    assert document.count("| `") == len(listed)
