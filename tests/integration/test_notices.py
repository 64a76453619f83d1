"""The curator is told outside the page: a server on this machine receives each notice, once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog

from aggregator.app import App
from aggregator.cli import main
from aggregator.notices import send
from aggregator.notices.due import MOST_TRIES
from aggregator.scheduler import Daemon
from aggregator.storage.digests import save_digest
from aggregator.storage.models import save_model
from aggregator.storage.notices import add_notices
from aggregator.types import Acceptance, Digest, DigestState, FittedModel, Month, Notice, NoticeKind
from clock import Clock
from world import FEEDS, NOW, Curator, failed, fill, save_states, visit_page, visited

# Of the libraries that Apprise loads.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MONTH = Month(2022, 12)
JAN_4 = datetime(2023, 1, 4, 3, tzinfo=UTC)
SECRET = "T0kenT0ken"


class Receiver:
    """A service that keeps what it gets, by path; it refuses what goes to *refusing*, and does not answer /SLOW."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.refusing = ""
        self.answering = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                refused = receiver.refusing and receiver.refusing in self.path
                if "SLOW" in self.path:
                    receiver.answering.wait(10)
                if not refused:
                    receiver.got.append((self.path, body))
                self.send_response(503 if refused else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, name: str) -> str:
        return f"json://127.0.0.1:{self._server.server_port}/{name}/{SECRET}"

    def take(self) -> list[str]:
        """What came since it was last asked: service and message."""
        got, self.got = self.got, []
        return [f"{path.split('/')[1]}: {body['message']}" for path, body in sorted(got, key=lambda each: each[0])]

    def close(self) -> None:
        self.answering.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """It is sent to from this process, where Apprise is loaded once."""
    monkeypatch.setattr(send, "run_apart", lambda _stopping, function, *args: function(*args))
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def make_home(make_app: Callable[..., App], clock: Clock, receiver: Receiver) -> Callable[..., App]:
    """A home that tells these services, on the fourth of January at noon in Seoul."""

    def make(*names: str, **settings: Any) -> App:
        clock.now = JAN_4
        app = make_app(FEEDS, **settings)
        return replace(app, config=replace(app.config, notice_urls={name: receiver.url(name) for name in names}))

    return make


def _tell(app: App) -> list[tuple[str, str, str]]:
    """One minute of the daemon; returns what it logs: the event, where to, and the reason."""
    with structlog.testing.capture_logs() as logs:
        asyncio.run(Daemon(app).tell())
    assert SECRET not in repr(logs)
    return [(log["event"], log["to"], log.get("reason", "")) for log in logs]


def _draft(app: App) -> None:
    fill(app)
    _visit(app)
    with app.database.writing() as connection:
        save_digest(connection, MONTH, DigestState.DRAFT, Digest(app.settings.merge_texts(None), ()), [], app.now)


def _break_feed(app: App) -> None:
    since = JAN_4 - timedelta(days=9)
    broken = replace(failed(FEEDS[0], "there is no such document", at=JAN_4), failing_since=since)
    save_states(app, [broken, visited(FEEDS[1], at=JAN_4)])


def _break_all(app: App) -> None:
    since = app.now - timedelta(hours=3)
    save_states(app, [replace(failed(feed, "…", at=app.now), failing_since=since) for feed in FEEDS])


def _refuse(app: App) -> None:
    _visit(app)
    refused = FittedModel("sections-2", NOW, NOW, "r", "sections-1", {}, Acceptance.REFUSED, "It is worse.")
    with app.database.writing() as connection:
        save_model(connection, refused, [])


def _visit(app: App) -> None:
    save_states(app, [visited(FEEDS[1], at=app.now)])


@pytest.mark.parametrize(
    ("happen", "print_day", "said"),
    [
        (_draft, 0, "The draft of Dec 2022 is ready: 0 approved, 5 undecided."),
        (_draft, 5, "Dec 2022 is to be printed on 5 Jan 2023, and 5 posts are undecided."),
        (_break_feed, 5, "The feed Northwind TechBlog has been broken since 26 Dec 2022: There is no such document."),
        (_break_all, 5, "Nothing has succeeded for 3 hours: 6 feeds failed since 09:00."),
        (_refuse, 5, "A new model was not taken: It is worse."),
    ],
    ids=["draft", "closing", "feed", "alarm", "model"],
)
def test_a_notice_of_each_kind_arrives_once(
    make_home: Callable[..., App],
    receiver: Receiver,
    database_url: str,
    happen: Callable[[App], object],
    print_day: int,
    said: str,
) -> None:
    app = make_home("MAIL", digest={"print_day": print_day}, database_url=database_url)
    happen(app)
    _tell(app)
    assert said in "\n".join(receiver.take())
    # Another daemon on the same database.
    assert _tell(app) == []
    assert receiver.take() == []


def test_what_does_not_arrive_is_sent_again_only_there(
    make_home: Callable[..., App], receiver: Receiver, clock: Clock, database_url: str
) -> None:
    app = make_home("CHAT", "MAIL", database_url=database_url)
    _refuse(app)
    receiver.refusing = "CHAT"
    refused = ("notices not sent", "CHAT", "the service answered with status 503")
    assert _tell(app) == [("notices sent", ["MAIL"], ""), refused]
    assert receiver.take() == ["MAIL: A new model was not taken: It is worse."]
    clock.advance(minutes=4)
    assert _tell(app) == []
    clock.advance(minutes=1)
    assert _tell(app) == [refused]
    receiver.refusing = ""
    clock.advance(minutes=10)
    assert _tell(app) == [("notices sent", ["CHAT"], "")]
    assert receiver.take() == ["CHAT: A new model was not taken: It is worse."]


def test_it_is_given_up_at_last(make_home: Callable[..., App], receiver: Receiver, clock: Clock) -> None:
    app = make_home("MAIL")
    _visit(app)
    notice = Notice(NoticeKind.MODEL, "sections-2", "…", app.now, ("MAIL",), MOST_TRIES - 1, app.now)
    with app.database.writing() as connection:
        add_notices(connection, [notice])
    receiver.refusing = "MAIL"
    for sent in (1, 0):
        clock.advance(days=1)
        _visit(app)
        assert len(_tell(app)) == sent


def test_what_falls_into_the_quiet_hours_is_sent_after_them(
    make_home: Callable[..., App], receiver: Receiver, clock: Clock
) -> None:
    app = make_home("MAIL", notices={"quiet_hours": "22:00-07:00"}, language="ko")
    clock.now = datetime(2023, 1, 3, 16, tzinfo=UTC)
    _break_all(app)
    assert _tell(app) == []
    # It has ended by the morning, but the curator may want to know.
    clock.now = datetime(2023, 1, 3, 21, 59, tzinfo=UTC)
    _visit(app)
    assert _tell(app) == []
    clock.advance(minutes=1)
    assert _tell(app) == [("notices sent", ["MAIL"], "")]
    (said,) = receiver.take()
    assert said.endswith("(2023년 1월 4일, 01:00에 발견)")


def test_a_url_that_cannot_be_used_is_told_without_telling_it() -> None:
    found = send.send_all({"MAIL": (f"nonsense://{SECRET}", "…"), "CHAT": (f"json://127.0.0.1:9/{SECRET}", "…")})
    assert found["MAIL"] == ("Apprise does not know such a URL", {})
    assert found["CHAT"] == ("the service could not be reached, or did not take it", {})


def test_a_service_that_does_not_answer_is_left_alone(receiver: Receiver) -> None:
    found = send.send_all({"SLOW": (receiver.url("SLOW"), "…")}, seconds=0.01)
    assert found == {"SLOW": ("it took more than {seconds} seconds", {"seconds": "0.01"})}


def test_it_is_sent_in_a_process_that_ends(by_night: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    urls = {"MAIL": receiver.url("MAIL"), "CHAT": "nonsense://"}
    assert send.send_apart(urls, dict.fromkeys(urls, "…"), threading.Event()) == {
        "MAIL": "",
        "CHAT": "Apprise does not know such a URL",
    }
    assert receiver.take() == ["MAIL: …"]


def test_without_apprise_the_daemon_says_so_once_and_goes_on(
    make_home: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_home("MAIL")
    _refuse(app)
    monkeypatch.setattr(send, "find_spec", lambda _name: None)
    daemon = Daemon(app)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            asyncio.run(daemon.tell())
    assert [log["reason"] for log in logs] == [
        "notices.urls needs apprise, which is not installed: pip install 'aggregator[notices]'"
    ]


def test_the_command_shows_what_is_set_and_sends_a_test(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "feeds.toml").write_text('[notices]\nurls = ["MAIL", "CHAT"]\nquiet_hours = "22:00-07:00"\n')
    for name in ("MAIL", "CHAT"):
        monkeypatch.setenv(name, receiver.url(name))
    receiver.refusing = "CHAT"

    def run(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["aggregator", "--home", str(tmp_path), "notices", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert bool(ended.value.code) is ("--test" in arguments)
        said = "".join(capsys.readouterr())
        assert SECRET not in said
        return said

    said = run()
    assert "json" in said
    assert "a feed has been broken for 7 days" in said
    assert "22:00–07:00" in said
    assert "not sent: the service answered with status 503" in run("--test")
    assert receiver.take() == ["MAIL: This is a test. Notices arrive here."]
    assert json.loads(run("--test", "--json"))["urls"] == [
        {"variable": "MAIL", "service": "json", "failure": ""},
        {"variable": "CHAT", "service": "json", "failure": "the service answered with status 503"},
    ]


def test_the_page_sends_a_test_and_shows_what_was_told(make_home: Callable[..., App], receiver: Receiver) -> None:
    app = make_home("CHAT", "MAIL")
    _refuse(app)
    _tell(app)
    receiver.take()
    receiver.refusing = "CHAT"
    curator: Curator = visit_page(app).log_in()
    page = curator.read("/notices")
    assert "A new model was not taken: It is worse." in page
    page = curator.send("/notices/test").text
    assert "not sent: the service answered with status 503" in page
    assert SECRET not in page
    assert receiver.take() == ["MAIL: This is a test. Notices arrive here."]
