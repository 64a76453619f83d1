"""A print in all its forms, as files and for programs; and what is told of it to a command and to a server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
import structlog

from aggregator.app import App
from aggregator.exceptions import DigestError, StoppedError
from aggregator.pipeline import after_print, deliver, editions, history, publish, review
from aggregator.scheduler import Daemon
from aggregator.storage import deliveries
from aggregator.types import Correction, Decision, DigestState, EditionFormat
from clock import Clock
from feed_server import FeedServer
from world import FEEDS, MONTH, Curator, fill, text_of, visit_page

SECRET = "0123456789abcdef"
#: Writes down what it is given, then ends as the file says, if there is one.
SCRIPT = """
import json, os, pathlib, sys
told = json.load(sys.stdin)
kept = [os.environ["AGGREGATOR_MONTH"], os.environ["AGGREGATOR_FILES"].split("\\n"), told, "NOTICE" in os.environ, os.getcwd()]
pathlib.Path("told.json").write_text(json.dumps(kept))
print("pushed" if not pathlib.Path("broken").exists() else "no such remote")
sys.exit(3 if pathlib.Path("broken").exists() else 0)
"""


class Desk:
    """A curator whose prints are told."""

    def __init__(self, app: App) -> None:
        secrets = {"print_secret": SECRET, "plain_environment": {"PATH": "/usr/bin:/bin"}}
        self.app = replace(app, config=replace(app.config, **secrets))
        self.numbers = fill(app)
        self.approve("continuous-batching")

    def approve(self, path: str, **fields: str) -> None:
        number = self.numbers[path]
        correction = Correction(number, "", self.app.now, **fields) if fields else None
        review.decide(self.app, number, Decision.APPROVE, correction=correction)

    def print_month(self, *, again: bool = False) -> Path:
        return publish.make_digest(self.app, MONTH, DigestState.PRINTED, again=again)

    def tick(self) -> list[str]:
        """One minute of the daemon; returns why what was told was not taken."""
        with structlog.testing.capture_logs() as logs:
            asyncio.run(Daemon(self.app).deliver())
        assert SECRET not in repr(logs)
        return [log["reason"] for log in logs if "reason" in log]

    def say(self) -> list[tuple[str, str]]:
        with self.app.reading() as connection:
            found = deliveries.list_last(connection, MONTH)
        return [(each.kind, "done" if each.done_at else each.failure or "waits") for each in found]


@pytest.fixture
def make_desk(make_app: Callable[..., App], tmp_path: Path) -> Callable[..., Desk]:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    def make(*, url: str = "", command: bool = False, **settings: Any) -> Desk:
        digest = {
            "formats": ["html", "atom"],
            "after_print": [sys.executable, str(script)] if command else [],
            "after_print_url": url,
            "after_print_secret": "PRINT_SECRET" if url else "",
        }
        return Desk(make_app(FEEDS, digest=digest, visits={"allowed_networks": ["127.0.0.0/8"]}, **settings))

    return make


def test_a_print_is_written_in_all_forms_and_taken_back_with_them(make_app: Callable[..., App]) -> None:
    digest = {"formats": list(EditionFormat), "site": "https://d.example/"}
    desk = Desk(make_app(FEEDS, digest=digest, language="ko"))
    desk.approve("실시간-추천", note="클릭률이 6.2% 올랐습니다")
    file = desk.print_month()
    folder = desk.app.digest_folder

    files = {f"{MONTH}{form.suffix}" for form in EditionFormat if form is not EditionFormat.ATOM}
    assert {each.name for each in folder.glob("2022-12.*")} == {f"{MONTH}.md", f"{MONTH}.receipts.json", *files}
    for form in EditionFormat:
        written = publish.choose_digest(desk.app, MONTH)[0]
        if form is not EditionFormat.ATOM:
            shown = editions.show_edition(desk.app, MONTH, written, form)
            assert (folder / f"{MONTH}{form.suffix}").read_text("utf-8") == shown
    (entry,) = feedparser.parse((folder / "digests.atom").read_bytes()).entries
    assert (entry.title, entry.link) == ("2022년 12월 다이제스트", "https://d.example/2022-12.html")
    (line,) = feedparser.parse((folder / "sections/business-recsys.atom").read_bytes()).entries
    assert (line.link, line.content[0].language) == ("https://haneul.example/실시간-추천", "ko")
    assert len(list((folder / "sections").iterdir())) == 12

    history.undo(desk.app)
    assert not [each for each in folder.glob("2022-12.*") if each.name != f"{MONTH}.draft.md"]
    assert feedparser.parse((folder / "digests.atom").read_bytes()).entries == []
    history.redo(desk.app)
    assert file.with_suffix(".html").exists()


def test_a_command_is_run_once_with_the_files_and_the_difference(make_desk: Callable[..., Desk], clock: Clock) -> None:
    desk = make_desk(command=True)
    file = desk.print_month()
    assert desk.say() == [("command", "waits")]
    assert desk.tick() == []
    assert desk.say() == [("command", "done")]
    month, files, told, has_secret, folder = json.loads((file.parent / "told.json").read_text())
    assert (month, has_secret, folder) == ("2022-12", False, str(file.parent))
    assert [Path(each).name for each in files][:3] == ["2022-12.md", "2022-12.html", "digests.atom"]
    assert told["files"] == files
    assert [len(told["difference"][name]) for name in ("added", "removed")] == [1, 0]

    (file.parent / "told.json").unlink()
    clock.advance(hours=1)
    assert desk.tick() == []
    assert not (file.parent / "told.json").exists()

    desk.approve("continuous-batching", title="Cutting Serving Cost")
    desk.print_month(again=True)
    desk.tick()
    told = json.loads((file.parent / "told.json").read_text())[2]
    assert told["again"] is True
    (added,), (removed,) = told["difference"]["added"], told["difference"]["removed"]
    assert "[Cutting Serving Cost (" in added
    assert "[Cutting Serving Cost by 60%" in removed


def test_a_command_that_fails_leaves_the_print_and_is_run_again_by_the_curator(
    make_desk: Callable[..., Desk], clock: Clock
) -> None:
    desk = make_desk(command=True)
    file = desk.print_month()
    (file.parent / "broken").touch()
    assert desk.tick() == ["it ended with exit code 3: no such remote"]
    clock.advance(hours=5)
    assert desk.tick() == [], "it waits for the curator"
    curator: Curator = visit_page(desk.app).log_in()
    page = text_of(curator.read("/digest/2022-12"))
    assert "It is printed, but what follows the print failed" in page
    assert "It ended with exit code 3: no such remote." in page
    assert "Run again" in page

    (file.parent / "broken").unlink()
    curator.send("/digest/2022-12/deliver")
    assert desk.tick() == []
    assert desk.say() == [("command", "done")]
    assert "Run again" not in curator.read("/digest/2022-12")
    with pytest.raises(DigestError, match="nothing has failed"):
        after_print.begin_again(desk.app, MONTH)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/no/such/program"], "it cannot be started: No such file or directory"),
        (["/bin/sh", "-c", "kill -TERM $$"], "it was ended by signal 15"),
        (["/bin/sh", "-c", "sleep 60 & sleep 60"], "it took more than 0.1 seconds"),
        (["/bin/sh", "-c", "yes | head -c 3000000; exit 1"], "it ended with exit code 1: " + " ".join(["y"] * 150)),
    ],
    ids=["missing", "killed", "slow", "loud"],
)
def test_what_a_command_may_do_has_an_end(
    make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch, command: list[str], said: str
) -> None:
    if "took" in said:
        monkeypatch.setattr(deliver, "COMMAND_SECONDS", 0.1)
    desk = Desk(make_app(FEEDS, digest={"after_print": command}))
    desk.print_month()
    assert desk.tick() == [said]


def test_a_webhook_is_told_with_a_signature_and_tried_for_a_day(
    make_desk: Callable[..., Desk], feed_server: FeedServer, clock: Clock, database_url: str
) -> None:
    def answer(status: int, **headers: str) -> str:
        return feed_server.play("/hook", b"", status=status, headers=headers, validators=False)

    desk = make_desk(url=answer(503), database_url=database_url)
    desk.print_month()
    assert desk.tick() == ["the server is in trouble (HTTP 503)"]
    assert desk.tick() == []
    clock.advance(minutes=1)
    answer(302, Location="/elsewhere")
    assert desk.tick() == ["the server redirects, and what is sent is not sent elsewhere"]
    clock.advance(minutes=2)
    answer(204)
    assert desk.tick() == []
    assert desk.say() == [("webhook", "done")]
    clock.advance(days=1)
    assert desk.tick() == []

    assert len(feed_server.bodies) == 3
    assert len(set(feed_server.bodies)) == 1, "it is signed anew, and says the same"
    body, headers = feed_server.bodies[-1], feed_server.requests[-1][1]
    stamp = headers["x-aggregator-timestamp"]
    code = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["x-aggregator-signature-256"] == f"sha256={code}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["month"] == "2022-12"


def test_a_webhook_that_never_answers_well_fails_at_last(
    make_desk: Callable[..., Desk], feed_server: FeedServer, clock: Clock
) -> None:
    desk = make_desk(url=f"{feed_server.address}/hook")
    desk.print_month()
    began, tries = clock.now, 0
    while clock.now - began < timedelta(days=2):
        tries += len(desk.tick())
        clock.advance(minutes=59)
    assert 5 <= tries <= 12
    assert "The webhook was not told, last tried" in visit_page(desk.app).log_in().read("/digest/2022-12")


def test_what_was_begun_and_never_ended_is_told_again_and_an_undone_print_is_not(
    make_desk: Callable[..., Desk], clock: Clock
) -> None:
    desk = make_desk(command=True)
    desk.print_month()
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(StoppedError):
        asyncio.run(deliver.deliver_due(desk.app, desk.app.config, stopping))
    assert desk.tick() == []
    assert desk.say() == [("command", "waits")]
    clock.advance(minutes=4)
    desk.tick()
    assert desk.say() == [("command", "done")]

    desk.approve("sparse-experts")
    history.undo(desk.app)
    history.undo(desk.app)
    history.redo(desk.app)
    history.undo(desk.app)
    (desk.app.digest_folder / "told.json").unlink()
    desk.tick()
    assert not (desk.app.digest_folder / "told.json").exists()


def test_the_address_of_a_page_is_one_with_any_name_of_its_file(make_app: Callable[..., App]) -> None:
    digest = {"site": "https://d.example/", "month_file": "digests/My {year}/{month:02}.md"}
    app = make_app(digest=digest | {"formats": ["html"]})
    assert editions.find_page(app, MONTH) == "https://d.example/My%202022/12.html"
    assert editions.find_page(make_app(digest=digest), MONTH) is None, "no page is written"


def test_who_prints_changes_no_name_in_a_feed(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.print_month()
    feed = desk.app.digest_folder / "digests.atom"
    first = feed.read_text("utf-8")
    publish.make_digest(desk.app.act_as("a script"), MONTH, DigestState.PRINTED, again=True)
    assert feed.read_text("utf-8") == first


def test_of_a_further_print_that_is_undone_only_what_stands_now_is_told(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(command=True)
    desk.print_month()
    desk.tick()
    desk.approve("sparse-experts")
    desk.print_month(again=True)
    history.undo(desk.app)
    with desk.app.reading() as connection:
        (waiting,) = deliveries.list_open(connection)
    assert json.loads(waiting.body)["lines"] == 1


def test_commands_tell_what_came_of_it_and_run_it_again(
    make_desk: Callable[..., Desk],
    monkeypatch: pytest.MonkeyPatch,
    call_console: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    desk = make_desk(command=True)
    folder = desk.app.folder
    script = " ".join(desk.app.settings.digest.after_print)
    monkeypatch.setenv("AGGREGATOR_DIGEST_AFTER_PRINT", script)
    (folder / "feeds.toml").write_text("")
    desk.app.digest_folder.mkdir(exist_ok=True)
    broken = desk.app.digest_folder / "broken"
    broken.touch()

    def run(*arguments: str) -> tuple[int, str]:
        ended = call_console("--home", str(folder), "digest", *arguments)
        return ended.returncode, ended.stdout

    status, said = run("print", "2022-12")
    assert (status, "It ended with exit code 3: no such remote." in said) == (0, True)
    assert "After the print of Dec 2022: The command failed" in run("list")[1]
    (told,) = json.loads(run("list", "--json")[1])
    assert [(each["kind"], each["state"]) for each in told["after_print"]] == [("command", "failed")]
    assert run("deliver", "2022-12")[0] == 1
    broken.unlink()
    status, said = run("deliver", "2022-12")
    assert (status, "The command ended well" in said) == (0, True)
    assert run("show", "2022-12", "--format", "text")[1].startswith("AI & ML")
