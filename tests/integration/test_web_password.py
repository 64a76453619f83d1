"""Logging in with the password: where it is asked for, what is refused, and what it costs to guess."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from unicodedata import normalize

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx2 import Response

from aggregator.app import App
from aggregator.cli.serve import configure
from aggregator.exceptions import PasswordError, StorageError
from aggregator.pipeline import passwords
from aggregator.pipeline.sessions import Sessions
from aggregator.storage.database import Database
from aggregator.storage.passwords import find_password, put_password
from aggregator.web.attempts import FREE_TRIES
from aggregator.web.server import create_server
from clock import Clock
from world import FEEDS, Curator, text_of, visit_page

RIGHT = "맞는 말 배터리 호치키스"
WRONG = "틀린 말 배터리 호치키스"
OPEN = {"host": "0.0.0.0"}

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def make(make_app: Callable[..., App]) -> Callable[..., Curator]:
    """A stranger before a page with a password."""

    def make(**server: object) -> Curator:
        app = make_app(FEEDS, server=server)
        passwords.set_password(app.database, RIGHT)
        return visit_page(app)

    return make


def _type(stranger: Curator, password: str, **headers: str) -> Response:
    headers = {"Origin": "http://testserver", **headers}
    return stranger.client.post("/login", data={"password": password}, headers=headers, follow_redirects=False)


# The server's settings, whether there is a password; whether the page asks for it, and the command that it names.
PAGES: dict[str, tuple[dict[str, str], bool, bool, str]] = {
    "this machine": ({}, False, False, "login-link"),
    "this machine, with a password": ({}, True, True, "login-link"),
    "the network": (OPEN, True, True, "password"),
    "the network, its password removed": (OPEN, False, False, "password"),
}


@pytest.mark.parametrize("case", PAGES)
def test_the_page_says_by_which_ways_one_logs_in(make: Callable[..., Curator], case: str) -> None:
    server, has, asks, command = PAGES[case]
    stranger = make(**server)
    if not has:
        passwords.remove_password(stranger.app.database)

    page = stranger.read("/login")
    assert stranger.read("/feeds", status=401) == page
    said = stranger.client.get("/feeds", headers={"Accept": "application/json"}).json()["error"]

    assert re.findall(r"aggregator [a-z-]+", page) == [f"aggregator {command}"]
    assert ("login-link" in said) is (command == "login-link" and not has)
    field = re.search(r"<input [^>]*type=\"password\"[^>]*>", page)
    assert (field is not None) is asks
    if field:
        assert 'autocomplete="current-password"' in field[0]
        assert 'id="password"' in field[0]
        assert '<label for="password">Password</label>' in page
        assert "aria-invalid" not in field[0]


@pytest.mark.parametrize("server", [{}, OPEN])
def test_the_right_password_leads_to_the_page_that_was_asked_for(make: Callable[..., Curator], server: object) -> None:
    stranger = make(**server)
    stranger.read("/queue/2022-12?show=all", status=401)
    assert _type(stranger, WRONG).status_code == 403, "the place is kept"

    answer = _type(stranger, RIGHT, **{"User-Agent": "Firefox/145.0"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/queue/2022-12?show=all")
    cookie = answer.headers.get_list("set-cookie")[0]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Max-Age=2592000"))
    assert "Firefox this one" in text_of(stranger.read("/sessions"))


def test_a_wrong_password_is_said_beside_its_field(make: Callable[..., Curator]) -> None:
    answer = _type(make(), WRONG)

    assert answer.status_code == 403
    assert re.search(r'<p class="mistake" id="wrong" role="alert">This password is wrong\.</p>', answer.text)
    assert 'aria-invalid="true" aria-describedby="wrong"' in answer.text
    assert "<title>Mistake: Log in" in answer.text
    assert WRONG not in answer.text
    assert "set-cookie" not in answer.headers


def test_what_is_not_the_password_is_wrong(make: Callable[..., Curator]) -> None:
    stranger = make()
    for password in ("", "\0", RIGHT + " ", RIGHT[:-1], "x" * 90_000):
        assert _type(stranger, password).status_code == 403


@pytest.mark.parametrize("charset", ["utf-7", "raw_unicode_escape"])
def test_a_form_in_an_odd_charset_is_only_wrong(make: Callable[..., Curator], charset: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n+2AA- \\ud800\r\n--b--\r\n'
    kind = f"multipart/form-data; boundary=b; charset={charset}"

    answer = make().client.post("/login", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 403


def test_it_is_the_same_password_however_the_system_writes_it(make: Callable[..., Curator]) -> None:
    stranger = make()
    for form in ("NFC", "NFD"):
        assert _type(stranger, normalize(form, RIGHT)).status_code == 303


def test_links_do_not_log_in_where_other_machines_reach_the_page(make: Callable[..., Curator]) -> None:
    stranger = make(**OPEN)
    for key in (stranger.app.login_key, "wrong", ""):
        answer = stranger.client.get("/login", params={"key": key}, follow_redirects=False)
        assert answer.status_code == 403
        assert "Login links do not work here" in answer.text
        assert "set-cookie" not in answer.headers


def test_a_link_still_logs_in_on_this_machine(make: Callable[..., Curator]) -> None:
    assert "Feeds" in make().log_in().read("/feeds")


def test_wrong_links_do_not_delay_the_password(make: Callable[..., Curator]) -> None:
    stranger = make()
    tries = [stranger.client.get("/login", params={"key": "wrong"}).status_code for _ in range(FREE_TRIES + 1)]

    assert tries == [403] * FREE_TRIES + [429]
    assert _type(stranger, RIGHT).status_code == 303, "another site may have let the browser open them"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_cannot_try_passwords_through_the_browser(make: Callable[..., Curator], origin: str) -> None:
    stranger = make()
    for _ in range(FREE_TRIES + 1):
        answer = _type(stranger, RIGHT, Origin=origin)
        assert (answer.status_code, "another site" in answer.text) == (403, True)

    assert _type(stranger, RIGHT).status_code == 303, "and they do not count"


def test_after_some_wrong_passwords_even_the_right_one_has_to_wait(make: Callable[..., Curator], clock: Clock) -> None:
    stranger = make()
    for _ in range(FREE_TRIES):
        assert _type(stranger, WRONG).status_code == 403

    answer = _type(stranger, RIGHT)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert "too many failed logins. Wait for 2 seconds" in answer.text
    clock.advance(seconds=2)
    assert _type(stranger, RIGHT).status_code == 303
    assert _type(stranger, WRONG).status_code == 403, "they are forgotten"


def test_passwords_are_compared_one_at_a_time_and_many_at_once_count_as_many(
    make: Callable[..., Curator], monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = make()
    beside, most, lock = 0, 0, threading.Lock()

    def check(hash: str, password: str) -> bool:
        nonlocal beside, most
        with lock:
            beside += 1
            most = max(most, beside)
        threading.Event().wait(0.01)
        with lock:
            beside -= 1
        return False

    monkeypatch.setattr(passwords, "_is_right", check)
    answers: list[int] = []
    with stranger.client:  # One event loop for all.
        tries = [
            threading.Thread(target=lambda: answers.append(_type(stranger, WRONG).status_code))
            for _ in range(3 * FREE_TRIES)
        ]
        for each in tries:
            each.start()
        for each in tries:
            each.join()

    assert most == 1
    assert sorted(answers) == [403] * FREE_TRIES + [429] * 2 * FREE_TRIES


def test_the_password_is_not_kept_with_a_form(make: Callable[..., Curator]) -> None:
    answer = make().client.post(
        "/undo", data={"password": RIGHT, "note": "kept"}, headers={"Origin": "http://testserver"}
    )

    assert 'name="note" value="kept"' in answer.text
    assert RIGHT not in answer.text
    assert '<form class="log-in fields" method="post" action="/login" target="_blank">' in answer.text


def test_a_session_ends_ninety_days_after_it_began(make: Callable[..., Curator], clock: Clock) -> None:
    stranger = make()
    _type(stranger, RIGHT)
    for _ in range(3):
        clock.advance(days=29)
        stranger.read("/feeds")
    clock.advance(days=4)

    stranger.read("/feeds", status=401)
    assert Sessions(stranger.app.login_key, stranger.app.database, clock).list() == []


# --- what is stored ---


def _open(database: Database, clock: Clock) -> Sessions:
    return Sessions("k" * 40, database, clock)


def test_another_password_ends_all_sessions_as_does_none(database: Database, clock: Clock) -> None:
    sessions = _open(database, clock)
    assert passwords.set_password(database, RIGHT) == 0
    cookies = [passwords.log_in(database, sessions, RIGHT, ""), sessions.begin("")]
    assert passwords.set_password(database, RIGHT) is None, "it is the same"
    assert all(sessions.find(cookie) for cookie in cookies)

    assert passwords.set_password(database, WRONG) == 2

    assert not any(sessions.find(cookie) for cookie in cookies)
    assert passwords.log_in(database, sessions, RIGHT, "") is None
    assert passwords.log_in(database, sessions, WRONG, "") is not None
    assert [passwords.remove_password(database), passwords.remove_password(database)] == [1, None]
    assert passwords.log_in(database, sessions, WRONG, "") is None


def test_only_a_hash_is_stored_and_old_parameters_are_renewed_at_a_login(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = _open(database, clock)
    passwords.set_password(database, RIGHT)
    before = _read(database)
    cookie = passwords.log_in(database, sessions, RIGHT, "")
    assert before.startswith("$argon2id$")
    assert _read(database) == before
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))

    assert passwords.log_in(database, sessions, WRONG, "") is None
    assert _read(database) == before
    assert passwords.log_in(database, sessions, RIGHT, "") is not None

    assert ",t=2," in _read(database)
    assert sessions.find(cookie), "the sessions go on"


def test_a_login_that_began_with_the_old_password_is_refused(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, cheap_passwords: PasswordHasher
) -> None:
    sessions = _open(database, clock)
    passwords.set_password(database, RIGHT)
    is_right = passwords._is_right

    def check(hash: str, password: str) -> bool:
        right = is_right(hash, password)
        with database.writing() as connection:
            put_password(connection, cheap_passwords.hash(WRONG))
        return right

    monkeypatch.setattr(passwords, "_is_right", check)

    assert passwords.log_in(database, sessions, RIGHT, "") is None
    assert sessions.list() == []


def _read(database: Database) -> str:
    with database.reading() as connection:
        found = find_password(connection)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "too short: it has 0 characters and needs between 12 and 1000"),
        ("elf letters", "too short: it has 11"),
        ("x" * 1001, "too long: it has 1001"),
        ("correct horse\nbattery", "cannot be typed"),
        ("correct horse \udcff", "cannot be typed"),
    ],
)
def test_a_password_that_cannot_be_used_is_refused_in_a_sentence(database: Database, password: str, why: str) -> None:
    with pytest.raises(PasswordError, match=why):
        passwords.set_password(database, password)


def test_a_damaged_hash_is_a_sentence(database: Database, clock: Clock) -> None:
    with database.writing() as connection:
        put_password(connection, "damaged")
    with pytest.raises(StorageError, match="cannot be compared with the stored one"):
        passwords.log_in(database, _open(database, clock), RIGHT, "")


# --- behind a proxy ---

FORGED = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


@pytest.mark.parametrize(
    ("proxies", "peer", "believed"),
    [
        ([], "127.0.0.1", False),
        (["127.0.0.1"], "127.0.0.1", True),
        (["10.1.0.0/16"], "10.1.2.3", True),
        (["10.1.0.0/16"], "127.0.0.1", False),
        (["10.1.0.0/16"], "10.2.0.1", False),
    ],
)
def test_only_the_proxies_of_the_settings_say_who_comes(
    make: Callable[..., Curator], monkeypatch: pytest.MonkeyPatch, proxies: list[str], peer: str, believed: bool
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    app = make(proxies=proxies).app
    page = create_server(app)
    config = configure(page, app.settings.server)
    config.load()
    client = TestClient(config.loaded_app, client=(peer, 1), headers=FORGED, follow_redirects=False)

    answer = client.post("/login", data={"password": RIGHT})
    client.post("/login", data={"password": WRONG})

    assert answer.status_code == 303
    assert ("Secure" in answer.headers["set-cookie"]) is believed
    assert list(page.state.site.attempts._records) == ["198.51.100.7" if believed else peer]


def test_the_newest_sign_of_a_client_counts_not_what_it_says_itself(make: Callable[..., Curator]) -> None:
    app = make(proxies=["127.0.0.1"]).app
    page = create_server(app)
    config = configure(page, app.settings.server)
    config.load()
    client = TestClient(config.loaded_app, client=("127.0.0.1", 1))
    for forged in ("203.0.113.1", "127.0.0.1", "anything"):
        client.post("/login", data={"password": WRONG}, headers={"X-Forwarded-For": f"{forged}, 198.51.100.7"})

    assert list(page.state.site.attempts._records) == ["198.51.100.7"]
