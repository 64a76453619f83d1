"""The language of a page: by the switch, else the setting, else the browser. Programs are answered in English."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from httpx2 import Response

from aggregator.app import App
from aggregator.pipeline import tokens
from world import Curator, visit_page


def _come(app: App, *, cookie: str = "", header: str = "") -> Curator:
    """Somebody whose browser keeps a language, and asks for some."""
    reader = visit_page(app)
    if cookie:
        reader.client.cookies["language"] = cookie
    reader.client.headers["Accept-Language"] = header
    return reader


def _find_language(reader: Curator, path: str = "/login", status: int = 200) -> str:
    found = re.search('<html lang="([a-z]+)">', reader.read(path, status))
    assert found, "not a page"
    return found[1]


def _switch(reader: Curator, language: str, referer: str) -> Response:
    headers = {"Referer": referer} if referer else {}
    return reader.client.post("/language", data={"language": language}, headers=headers, follow_redirects=False)


@pytest.mark.parametrize(
    ("setting", "cookie", "header", "language"),
    [
        ("", "", "", "en"),
        ("", "", "fr", "en"),
        ("", "", "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("ko", "", "en", "ko"),
        ("en", "", "ko", "en"),
        ("ko", "en", "ko", "en"),
        ("en", "ko", "en", "ko"),
        ("", "fr", "ko", "ko"),
        ("en", "../ko", "", "en"),
    ],
)
def test_a_page_is_in_the_language_of(
    make_app: Callable[..., App], setting: str, cookie: str, header: str, language: str
) -> None:
    reader = _come(make_app(language=setting), cookie=cookie, header=header)

    assert _find_language(reader) == language
    assert _find_language(reader, "/nothing", 404) == language


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("http://testserver/search?q=a%20b", "/search?q=a%20b"),
        ("", "/"),
        ("http://testserver//elsewhere.example/", "/"),
    ],
)
def test_the_switch_leads_back_and_is_kept(make_app: Callable[..., App], referer: str, path: str) -> None:
    reader = _come(make_app())

    answer = _switch(reader, "ko", referer)

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "max-age=31536000" in answer.headers["set-cookie"].lower()
    assert _find_language(reader) == "ko"
    assert _switch(reader, "en", referer).status_code == 303
    assert _find_language(reader) == "en"


def test_the_switch_keeps_no_unknown_language_and_takes_none_from_another_site(make_app: Callable[..., App]) -> None:
    reader = _come(make_app())

    assert "set-cookie" not in _switch(reader, "fr", "").headers
    assert _switch(reader, "ko", "https://elsewhere.example/").status_code == 403
    assert _find_language(reader) == "en"


def test_a_program_is_answered_in_english(make_app: Callable[..., App]) -> None:
    app = make_app(language="ko")
    _, secret = tokens.add_token(app, "script")
    reader = _come(app, cookie="ko", header="ko").log_in()
    path = "/posts/999"

    answer = reader.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no post 999.")
    assert "글 999번이 없습니다" in reader.read(f"{path}/pane", 404)
