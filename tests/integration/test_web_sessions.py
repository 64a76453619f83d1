"""In which browsers the page is open: listed, noted without writing all the time, and ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.pipeline.sessions import Sessions, name_browser
from aggregator.storage.database import Database
from aggregator.storage.sessions import add_session, end_sessions, find_session, list_sessions, note_use
from aggregator.storage.tables import sessions
from clock import Clock
from world import FEEDS, NOW, Curator, text_of, visit_page

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app(FEEDS)


def _come(app: App, user_agent: str) -> Curator:
    curator = visit_page(app)
    curator.client.headers["User-Agent"] = user_agent
    return curator.log_in()


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Safari on an iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S931N) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Whale/4.35 Chrome/142.0.0.0 Safari/537.36",
            "Whale on macOS",
        ),
        ("curl/8.5.0", "an unknown program"),
        ("Gecko (Linux)", "a program on Linux"),
        ("", "an unknown program"),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, said: str) -> None:
    assert name_browser(user_agent) == said


def test_the_page_lists_every_session_and_says_which_is_this_one(app: App, clock: Clock) -> None:
    _come(app, PHONE)
    clock.now += timedelta(hours=3)
    curator = _come(app, FIREFOX)

    said = text_of(curator.read("/sessions"))

    assert "Firefox on Linux this one began just now last used just now" in said
    assert "Safari on an iPhone began 3 hours ago last used 3 hours ago" in said
    assert '<a href="/sessions">' in curator.read("/feeds")


def test_one_session_is_ended_from_another(app: App) -> None:
    phone, curator = _come(app, PHONE), _come(app, FIREFOX)
    number = next(session.id for session in _open_sessions(app).list() if "iPhone" in session.browser)

    assert curator.send(f"/sessions/{number}/end").status_code == 303

    phone.read("/feeds", status=401)
    assert "1 session ended" in curator.read("/sessions?ended=1")
    assert curator.send(f"/sessions/{number}/end").status_code == 404


def test_all_others_are_ended_at_once(app: App) -> None:
    others, curator = [_come(app, PHONE), _come(app, PHONE)], _come(app, FIREFOX)

    assert curator.send("/sessions/end").headers["location"] == "/sessions?ended=2"

    for other in others:
        other.read("/feeds", status=401)
    assert "Firefox" in curator.read("/sessions")


@pytest.mark.parametrize("path", ["/sessions/end", "/sessions/1/end"])
def test_no_other_site_ends_a_session(app: App, path: str) -> None:
    curator = _come(app, FIREFOX)

    assert curator.client.post(path, data={"token": "0" * 64}).status_code == 403
    assert visit_page(app).client.post(path).status_code == 401


@pytest.mark.parametrize("number", ["x", "0", "99999999999999999999", "-1"])
def test_a_session_that_there_is_none_of_is_not_found(app: App, number: str) -> None:
    assert _come(app, FIREFOX).send(f"/sessions/{number}/end").status_code == 404


def test_a_use_is_noted_once_in_some_minutes(app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    curator = _come(app, FIREFOX)
    written = []
    note = Sessions.note_use
    monkeypatch.setattr(Sessions, "note_use", lambda self, session: (written.append(session.id), note(self, session)))

    for minutes in (1, 1, 2, 1, 1, 3, 1, 1):
        clock.now += timedelta(minutes=minutes)
        curator.read("/feeds")

    assert len(written) == 2
    assert "last used 1 minute ago" in text_of(curator.read("/sessions"))


def test_a_page_is_answered_although_its_use_cannot_be_noted(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is full")

    curator = _come(app, FIREFOX)
    clock.now += timedelta(hours=1)
    monkeypatch.setattr(Sessions, "note_use", fail)

    assert "Feeds" in curator.read("/feeds")


def test_what_the_cookie_says_is_stored_nowhere(app: App) -> None:
    curator = _come(app, FIREFOX)
    (cookie,) = curator.client.cookies.values()

    with app.reading() as connection:
        rows = [str(value) for row in connection.execute(sa.select(sessions)) for value in row]

    assert len(rows) == 6
    assert not any(cookie in value or app.login_key in value for value in rows)


def test_sessions_are_kept_in_both_databases(database: Database) -> None:
    later = NOW + timedelta(days=29)
    with database.writing() as connection:
        add_session(connection, "a", "door", "Firefox", now=NOW)
        add_session(connection, "b", "door", "Edge", now=later)
    with database.writing() as connection:
        first = find_session(connection, "a", now=later)
        assert first is not None
        note_use(connection, first.id, now=later + timedelta(hours=1))
        assert [each.browser for each in list_sessions(connection, "door", now=later)] == ["Firefox", "Edge"]
        assert list_sessions(connection, "another", now=later) == []
        assert find_session(connection, "a", now=later + timedelta(days=30)) is not None
        assert find_session(connection, "a", now=later + timedelta(days=30, hours=1)) is None
        assert find_session(connection, "b", now=later + timedelta(days=30)) is None
        assert find_session(connection, "c", now=NOW) is None
        add_session(connection, "c", "door", "Opera", now=later + timedelta(days=30))
        assert [each.browser for each in list_sessions(connection, "door", now=NOW)] == ["Opera", "Firefox"]
        assert end_sessions(connection, but=first.id) == 1


def _open_sessions(app: App) -> Sessions:
    return Sessions(app.login_key, app.database, app.clock)


def test_a_session_that_began_under_a_clock_that_was_ahead_holds_no_longer_than_others(app: App, clock: Clock) -> None:
    clock.advance(days=1461)
    own = Sessions(app.login_key, app.database, app.clock)
    cookie = own.begin(FIREFOX)
    clock.now = NOW
    found = own.find(cookie)
    assert found is not None
    assert own.is_used_again(found)
    own.note_use(found)
    clock.advance(days=31)
    assert own.find(cookie) is None
