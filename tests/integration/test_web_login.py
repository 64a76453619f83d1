"""Who may see and change what: login by link, sessions, forged forms, and what every answer tells the browser."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.pipeline.sessions import Sessions
from aggregator.web.server import create_server
from clock import Clock
from world import FEEDS, Curator, fill, visit_page

PAGES = ("/", "/queue/2022-12", "/feeds", "/digest", "/digest/2022-12", "/digest/2022-12.md")


def _open_sessions(app: App) -> Sessions:
    return Sessions(app.login_key, app.database, app.clock)


@pytest.fixture
def stranger(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app))


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_a_page_says_where_the_login_link_is(stranger: Curator, path: str) -> None:
    page = stranger.read(path, status=401)

    assert "aggregator login-link" in page
    assert "Log out" not in page


def test_a_script_without_a_session_is_told_so_in_a_sentence(stranger: Curator) -> None:
    answer = stranger.client.post("/undo", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert "aggregator login-link" in answer.json()["error"]


def test_the_login_link_opens_the_queue_and_sets_a_careful_cookie(stranger: Curator) -> None:
    answer = stranger.client.get("/login", params={"key": stranger.app.login_key}, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=2592000" in cookie
    assert "Secure" not in cookie
    assert stranger.app.login_key not in cookie
    assert stranger.client.get("/").url.path == "/queue/2022-12"


@pytest.mark.parametrize("path", ["/queue/2022-12?show=all", "/search?q=%EC%B6%94%EC%B2%9C+model"])
def test_the_login_leads_back_to_the_page_that_was_asked_for(stranger: Curator, path: str) -> None:
    asked = stranger.client.get(path)
    cookie = asked.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Max-Age=1800", "Path=/login"))

    link = f"/login?key={stranger.app.login_key}"
    assert stranger.client.get(link, follow_redirects=False).headers["location"] == path
    assert stranger.client.get(link, follow_redirects=False).headers["location"] == "/", "once"


def test_the_login_leads_nowhere_else(stranger: Curator) -> None:
    name = str(stranger.client.get("/feeds").headers["set-cookie"]).partition("=")[0]
    link = f"/login?key={stranger.app.login_key}"
    places = {"/feeds": "/feeds"} | dict.fromkeys(
        ("https://evil.example", "%2F%2Fevil.example", "/%5Cevil.example"), "/"
    )
    for place, led in places.items():
        stranger.client.cookies.clear()
        answer = stranger.client.get(link, headers={"Cookie": f"{name}={place}"}, follow_redirects=False)
        assert answer.headers["location"] == led


def test_the_page_names_the_command_by_which_the_daemon_was_called(stranger: Curator) -> None:
    command = ".venv/bin/aggregator --home '/srv/my digest'"
    with TestClient(create_server(stranger.app, command=command)) as client:
        for answer in (client.get("/feeds"), client.get("/feeds", headers={"Accept": "application/json"})):
            assert f"{command} login-link" in html.unescape(answer.text)


def test_over_https_the_cookie_is_secure(stranger: Curator) -> None:
    with TestClient(create_server(stranger.app), base_url="https://testserver") as client:
        answer = client.get("/login", params={"key": stranger.app.login_key}, follow_redirects=False)

    assert "Secure" in answer.headers["set-cookie"]


def test_behind_the_proxy_that_public_url_names_the_cookie_is_secure(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, server={"public_url": "https://digest.example"})
    client = TestClient(create_server(app), base_url="http://digest.example")

    answer = client.get("/login", params={"key": app.login_key}, follow_redirects=False)

    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("key", ["", "wrong", "열쇠"])
def test_a_wrong_key_is_refused_in_words(stranger: Curator, key: str) -> None:
    answer = stranger.client.get("/login", params={"key": key})

    assert answer.status_code == 403
    assert "This login link is wrong" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["", "forged", "x.y.z", "세션"])
def test_a_forged_cookie_is_no_session(stranger: Curator, cookie: str) -> None:
    sessions = _open_sessions(stranger.app)

    assert sessions.find(cookie) is None
    assert sessions.find(sessions.begin("") + "x") is None


def test_a_session_ends_thirty_days_after_it_was_used(stranger: Curator, clock: Clock) -> None:
    curator = stranger.log_in()
    (cookie,) = curator.client.cookies.items()
    for _ in range(3):
        clock.now += timedelta(days=29)
        answer = curator.client.get("/feeds")
        assert answer.status_code == 200
        assert answer.headers["set-cookie"].startswith("{}={}; ".format(*cookie))
        assert "Max-Age=2592000" in answer.headers["set-cookie"]
        assert "HttpOnly" in answer.headers["set-cookie"]
        # Once in some minutes is enough.
        assert "set-cookie" not in curator.client.get("/feeds").headers

    clock.now += timedelta(days=31)

    curator.read("/feeds", status=401)


def test_a_session_of_another_login_key_is_none(stranger: Curator, make_app: Callable[..., App]) -> None:
    other = make_app(FEEDS, home=stranger.app.config.home.parent / "other")
    cookie = Sessions(other.login_key, stranger.app.database, other.clock).begin("")

    assert _open_sessions(stranger.app).find(cookie) is None
    assert _open_sessions(stranger.app).list() == []


def test_two_daemons_on_one_host_keep_their_cookies_apart(stranger: Curator) -> None:
    one, two = (Sessions(key, stranger.app.database, stranger.app.clock) for key in ("one", "two"))
    assert one.cookie != two.cookie


def test_logging_out_ends_the_session(stranger: Curator) -> None:
    curator = stranger.log_in()
    cookies = dict(curator.client.cookies)

    assert curator.send("/logout").status_code == 303

    curator.read("/feeds", status=401)
    curator.client.cookies.update(cookies)
    curator.read("/feeds", status=401)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Origin": "https://evil.example"}, "another site"),
        ({"Origin": "null"}, "another site"),
        ({"Origin": "http://testserver.evil.example"}, "another site"),
        ({"Origin": "http://testserver:8080"}, "another site"),
        ({"Referer": "https://evil.example/queue"}, "another site"),
    ],
)
def test_a_form_of_another_site_is_refused(stranger: Curator, headers: dict[str, str], why: str) -> None:
    curator = stranger.log_in()
    number = curator.numbers["sparse-experts"]

    answer = curator.client.post(f"/posts/{number}/approve", data={"token": curator.token}, headers=headers)

    assert answer.status_code == 403
    assert why in answer.text
    assert curator.get("sparse-experts").verdict is None


@pytest.mark.parametrize("token", ["", "0" * 64, "토큰"])
def test_a_form_without_the_token_of_the_session_is_refused(stranger: Curator, token: str) -> None:
    curator = stranger.log_in()
    number = curator.numbers["sparse-experts"]

    answer = curator.client.post(
        f"/posts/{number}/approve", data={"token": token}, headers={"Origin": "http://testserver"}
    )

    assert answer.status_code == 403
    assert "older session" in answer.text
    assert curator.get("sparse-experts").verdict is None


def test_the_token_of_another_session_is_refused(stranger: Curator) -> None:
    first = stranger.log_in().token
    stranger.client.cookies.clear()
    stranger.log_in()

    answer = stranger.client.post("/undo", data={"token": first})

    assert answer.status_code == 403


# What the form says, from where it comes, whether its answer hands out the token.
FORMS_OF_OLD = {
    "ours": ({"Origin": "http://testserver"}, True),
    "ours, by referer": ({"Referer": "http://testserver/queue/2022-12"}, True),
    "another site": ({"Origin": "https://evil.example"}, False),
    "another site by our referer": ({"Origin": "https://evil.example", "Referer": "http://testserver/"}, False),
    "another port": ({"Origin": "http://testserver:81"}, False),
    "no site": ({"Origin": "null"}, False),
    "unknown": ({}, False),
}


@pytest.mark.parametrize("case", FORMS_OF_OLD)
def test_a_form_of_an_older_session_is_handed_back_to_our_own_pages_alone(stranger: Curator, case: str) -> None:
    headers, is_handed = FORMS_OF_OLD[case]
    path = f"/posts/{stranger.numbers['sparse-experts']}/reject"
    old = {"token": stranger.log_in().token, "reason": '<b>"홍보"&', "next": "/queue/2022-12"}
    stranger.client.cookies.clear()

    ended = stranger.client.post(path, data=old, headers=headers)
    curator = stranger.log_in()
    token = curator.token
    page = curator.client.post(path, data=old, headers=headers)
    script = curator.client.post(path, data=old, headers={**headers, "Accept": "application/json"})

    assert (ended.status_code, page.status_code, script.status_code) == (401, 403, 403)
    kept = 'name="reason" value="&lt;b&gt;&#34;홍보&#34;&amp;"'
    for answer in (ended, page):
        assert (kept in answer.text) == is_handed
        assert ("Send it again" in answer.text) == is_handed
        assert old["token"] not in answer.text
    assert script.json().get("token") == (token if is_handed else None)
    assert curator.get("sparse-experts").verdict is None
    if is_handed:
        assert page.text.count(f'name="token" value="{token}"') == 2  # To send it again, and to log out.


@pytest.mark.parametrize("path", ["/undo", "/logout", "/digest/2022-12/print"])
def test_every_form_asks_for_the_token(stranger: Curator, path: str) -> None:
    curator = stranger.log_in()

    assert curator.client.post(path, data={}).status_code == 403


def test_the_origin_of_the_public_address_is_ours(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS, server={"public_url": "https://digest.example"})
    curator = visit_page(app, fill(app)).log_in()

    answer = curator.client.post(
        f"/posts/{curator.numbers['sparse-experts']}/approve",
        data={"token": curator.token},
        headers={"Origin": "https://digest.example"},
        follow_redirects=False,
    )

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "path", [*PAGES, "/login", "/login?key=wrong", "/nowhere", "/static/style.css", "/healthz", "/readyz"]
)
def test_every_answer_carries_the_security_headers(stranger: Curator, path: str) -> None:
    for curator in (stranger, stranger.log_in()):
        headers = curator.client.get(path, follow_redirects=False).headers

        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "manifest-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


@pytest.mark.parametrize("path", ["/queue/2022-12?show=all", "/feeds", "/digest/2022-12", "/login"])
def test_pages_need_nothing_inline_and_nothing_from_elsewhere(stranger: Curator, path: str) -> None:
    page = stranger.log_in().read(path)

    assert " style=" not in page
    assert "<style" not in page
    assert re.findall(r"\son\w+=", re.sub(r"&lt;.*?&gt;", "", page)) == []
    assert re.findall(r"<script[^>]*>(?!</script>)", page) == []
    needed = set(re.findall(r'<(?:script|link|img|source|iframe)[^>]* (?:src|href)="([^"]*)"', page))
    assert "/static/style.css" in needed
    assert all(address.startswith("/static/") for address in needed)
    assert [stranger.client.get(address).status_code for address in needed] == [200] * len(needed)


def test_the_manifest_names_icons_that_are_served(stranger: Curator) -> None:
    answer = stranger.client.get("/static/manifest.webmanifest")

    icons = {icon["src"]: icon["type"] for icon in answer.json()["icons"]}
    assert {path: stranger.client.get(path).headers["content-type"] for path in icons} == icons
    assert answer.headers["content-type"] == "application/manifest+json"


@pytest.mark.parametrize(("path", "kind"), [("queue.js", "text/javascript"), ("style.css", "text/css")])
def test_static_files_are_asked_for_again_and_answered_with_304(stranger: Curator, path: str, kind: str) -> None:
    first = stranger.client.get(f"/static/{path}")

    again = stranger.client.get(f"/static/{path}", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-type"].startswith(kind)
    assert again.status_code == 304


def test_health_is_open_and_needs_no_database(stranger: Curator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(App, "reading", _fail)
    assert stranger.read("/healthz") == "ok"


def test_a_database_that_fails_is_a_sentence(stranger: Curator, monkeypatch: pytest.MonkeyPatch) -> None:
    curator = stranger.log_in()
    monkeypatch.setattr(App, "reading", _fail)

    with capture_logs() as logs:
        answer = curator.client.get("/feeds")

    assert logs[0]["error"] == "the disk is gone"
    assert answer.status_code == 503
    assert "The disk is gone." in answer.text


def _fail(_: App) -> None:
    raise StorageError("the disk is gone")


def test_a_bug_is_said_without_a_traceback(stranger: Curator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: App) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("aggregator.pipeline.months.find_open_month", fail)
    client = TestClient(create_server(stranger.app), raise_server_exceptions=False)
    client.get("/login", params={"key": stranger.app.login_key}, follow_redirects=False)

    with capture_logs() as logs:
        answer = client.get("/")

    assert [(entry["log_level"], entry["path"]) for entry in logs] == [("error", "/")]
    assert answer.status_code == 500
    assert "Internal error" in answer.text
    assert "secret detail" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_form_too_large_is_refused(stranger: Curator) -> None:
    curator = stranger.log_in()

    answer = curator.client.post("/undo", data={"token": curator.token, "reason": "x" * 200_000})

    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_there_are_no_documentation_pages_of_the_framework(stranger: Curator, path: str) -> None:
    stranger.log_in().read(path, status=404)
