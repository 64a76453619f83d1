"""Secrets in addresses and credentials: used for visits, and shown nowhere."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import structlog

from aggregator.addresses.urls import hide_credentials
from aggregator.app import App
from aggregator.cli.base import set_up_logs
from aggregator.cli.options import LogFormat
from aggregator.config import load_config
from aggregator.exceptions import ConfigError, StorageError
from aggregator.fetch.secrecy import hide, list_secrets
from aggregator.pipeline import tokens
from aggregator.storage.database import Database
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Credentials
from feed_server import FeedServer
from growth import find_growth
from world import FEED, FEEDS, visit_page

SECRET = "gen-heim-7"
BASIC = "Basic " + base64.b64encode(f"leser:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.example/f?password=s3cret&page=2", "https://a.example/f?password=***&page=2"),
        ("https://a.example/f?page=2&token=s3cret#x", "https://a.example/f?page=2&token=***#x"),
        ("https://a.example/f?a=1&amp;api_key=s3cret", "https://a.example/f?a=1&amp;api_key=***"),
        ("see https://a.example/?Access_Token=s3cret, then", "see https://a.example/?Access_Token=*** then"),
        ("postgresql://host/db?user=me&password=s3cret", "postgresql://host/db?user=me&password=***"),
        ("https://me:pw@a.example/f?key=s3cret", "https://a.example/f?key=***"),
        ("https://a.example/f?X-Amz-Signature=s3cret", "https://a.example/f?X-Amz-Signature=***"),
        ("https://a.example/f?monkey=1&author=kim&tokens=3", "https://a.example/f?monkey=1&author=kim&tokens=3"),
        ("the password=yes setting", "the password=yes setting"),
    ],
)  # fmt: skip
def test_what_an_address_says_behind_password_and_its_like_is_hidden(text: str, shown: str) -> None:
    assert hide_credentials(text) == shown


@pytest.mark.parametrize(
    ("head", "pump"), [("?", "a"), ("?", "token"), ("", "?password"), ("", "&token="), ("?token=", "a"), ("//", "me:")]
)
def test_hiding_takes_linear_time(head: str, pump: str) -> None:
    assert find_growth(hide_credentials, head, pump, " ") is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (f"wrong password {SECRET}!", "wrong password ***!"),
        (f"wrong login leser:{SECRET}", "wrong login ***"),
        (f"not {BASIC}", "not ***"),
        (f"tried {base64.b64encode(f'leser:{SECRET}'.encode()).decode()}", "tried ***"),
        (f"cut off at {SECRET[:6]}", "cut off at ***"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_the_bare_password_is_hidden_where_a_server_quotes_it(answer: str, told: str) -> None:
    assert hide(answer, list_secrets("https://a.example/f", Credentials("https://a.example", BASIC))) == told


def test_a_secret_with_signs_is_hidden_in_the_forms_in_which_it_is_quoted() -> None:
    secrets = list_secrets("https://a.example/f?token=a%26b%3C9", None)

    assert hide("a&b<9 a&amp;b&lt;9 a%26b%3C9", secrets) == "*** *** ***"


@pytest.mark.parametrize("status", [401, 200])
def test_a_failed_visit_keeps_nothing_of_what_was_asked_with(
    make_app: Callable[..., App], feed_server: FeedServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    def quote(handler: BaseHTTPRequestHandler) -> None:
        body = f"<p>You came to {handler.path} as {handler.headers['Authorization']} with {SECRET}".encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    caplog.set_level(logging.DEBUG)
    feed_server.answers["/f?token=t0ken-of-mine"] = quote
    feed = replace(FEED, url=f"{feed_server.address}/f?token=t0ken-of-mine")
    app = make_app([feed])
    assert isinstance(app.config.credentials, dict)
    app.config.credentials[feed.key] = Credentials(feed_server.address, BASIC)

    asyncio.run(app.visitor.visit_due())

    with app.reading() as connection:
        (state,) = list_feed_states(connection, [feed.key])
    assert state.failures == 1
    assert state.last_excerpt is not None
    assert "You came to" in state.last_excerpt
    page = visit_page(app).log_in()
    shown = page.read(f"/feeds/{feed.key}") + page.read("/feeds")
    for text in (state.last_excerpt, state.last_reason or "", shown, caplog.text):
        assert SECRET not in text
        assert BASIC not in text
        assert "t0ken" not in text


def test_the_form_with_the_address_shows_no_secret_and_keeps_it(make_app: Callable[..., App]) -> None:
    feed = replace(FEED, url="https://tech.haneul.example/f?token=t0ken-of-mine")
    app = make_app([feed])
    page = visit_page(app).log_in()
    path = f"/feeds/{feed.key}"
    assert 'value="https://tech.haneul.example/f?token=***"' in page.read(path)

    page.send(f"{path}/address", url="https://tech.haneul.example/f?token=***")
    refused = page.send(f"{path}/address", url="https://tech.haneul.example/other?token=***")

    assert (refused.status_code, "type the whole address" in refused.text) == (422, True)
    with app.reading() as connection:
        (state,) = list_feed_states(connection, [feed.key])
    assert state.feed.url == feed.url


#: Commands that print the address of a feed, or what is known of it, as text and as JSON.
TOLD_BY_COMMANDS = (
    "feeds list", "feeds check", "feeds check haneul", "feeds edit haneul --site https://s.example/?token=t0ken-of-site",
    "feeds move haneul https://tech.haneul.example/old?token=t0ken-of-old", "feeds reset haneul", "feeds visit haneul",
    "feeds text haneul", "feeds move haneul https://lumen.example/feed?token=t0ken-of-lumen",
    "feeds preview https://127.0.0.1:1/f?token=t0ken-of-mine", "undo --list",
)  # fmt: skip
TOLD_BY_API = (
    ("GET", "/feeds", None),
    ("GET", "/feeds/haneul", None),
    ("PATCH", "/feeds/haneul", {"url": "https://tech.haneul.example/new?token=t0ken-of-new"}),
    ("PATCH", "/feeds/haneul", {"url": "https://lumen.example/feed?token=t0ken-of-lumen"}),
    ("PATCH", "/feeds/haneul", {"url": "ftp://lumen.example/feed?token=t0ken-of-lumen"}),
    ("POST", "/feeds/haneul/reset", {}),
    ("GET", "/history", None),
    ("POST", "/undo", {}),
)
TOLD_BY_PAGES = ("/feeds", "/feeds/haneul", "/history", "/find?words=token", "/activity")


def test_no_command_answer_or_page_tells_the_secret_of_an_address(
    make_app: Callable[..., App], call_console: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    feeds = [
        replace(FEED, url="https://leser:t0ken-of-me@127.0.0.1:1/f?token=t0ken-of-mine"),
        replace(FEEDS[3], url="https://lumen.example/feed?token=t0ken-of-lumen"),
    ]
    app = make_app(feeds)
    lines = [f'[feeds.{feed.key}]\nname = "x"\nkind = "company"\nurl = "{feed.url}"\n' for feed in feeds]
    (app.config.home / "feeds.toml").write_text("".join(lines), "utf-8")
    monkeypatch.setenv("AGGREGATOR_HOME", str(app.config.home))
    page = visit_page(app).log_in()
    secret = tokens.add_token(app, "script")[1]

    for command in TOLD_BY_COMMANDS:
        for more in ((), ("--json",)):
            done = call_console("--verbose", *command.split(), *more)
            assert done.stdout + done.stderr, command
            assert "t0ken" not in done.stdout + done.stderr, command
    for method, path, sent in TOLD_BY_API:
        answer = page.client.request(
            method, f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"}, **({"json": sent} if sent else {})
        )
        assert answer.status_code < 500, path
        assert "t0ken" not in answer.text, path
    for path in TOLD_BY_PAGES:
        assert "t0ken" not in page.read(path), path


def test_no_line_of_the_log_tells_the_secret_of_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    address = "https://leser:t0ken@a.example/f?token=t0ken"
    for log_format in LogFormat:
        set_up_logs(log_format, verbose=True)
        try:
            raise ValueError(f"{address} is no address")
        except ValueError as error:
            structlog.get_logger().error("a visit failed", url=address, exc_info=error)
        logging.getLogger("a.library").warning("GET %s", address)

    said = capsys.readouterr().err
    assert said.count("a.example/f?token=***") == 6
    assert "t0ken" not in said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://127.0.0.1:1/db?password=s3cret&connect_timeout=1",
        "postgresql://me:s3/cret@127.0.0.1:1/db?connect_timeout=1",
        "postgresql://me:s3#cret@127.0.0.1:x/db",
        "postgresql://me:s3?cret@127.0.0.1:1/db?connect_timeout=1",
        "mysql://me:s3cret@host/db?password=s3cret",
    ],
)
def test_no_password_stands_in_what_is_said_of_a_database(url: str) -> None:
    def use() -> None:
        database = Database(url)
        try:
            with database.reading():
                pass
        finally:
            database.close()

    with pytest.raises(StorageError) as refused:
        use()

    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


def test_a_mistake_in_feeds_toml_is_told_without_the_secret_beside_it(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(
        '[feeds.a]\nname = "A"\nkind = "company"\nurl = "ftp://a.example/f?token=t0ken-of-mine"\n'
    )

    with pytest.raises(ConfigError) as refused:
        load_config({}, home=tmp_path, file=tmp_path / "feeds.toml")

    assert "t0ken" not in str(refused.value)


def test_a_trace_in_the_log_tells_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(password: str) -> None:
        raise RuntimeError(len(password))

    set_up_logs(LogFormat.TEXT, verbose=True)
    try:
        fail(SECRET)
    except RuntimeError as error:
        structlog.get_logger().error("internal error", exc_info=error)

    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert SECRET not in said
