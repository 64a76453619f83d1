"""The language of the page: as chosen in this browser, else by the setting, else as the browser asks."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.locales import ENGLISH, LANGUAGES, find_accepted, speaking
from aggregator.web.guard import is_secure, refuse_other_site
from aggregator.web.paths import find_local_path
from aggregator.web.site import OfSite

router = APIRouter()

_COOKIE = "language"
_YEAR = 365 * 24 * 60 * 60


class SpokenLanguage:
    """Answers each request in the language of its reader. *setting* is the one of feeds.toml; if it is empty, the
    browser decides. Addresses below *plain* are answered in English, since programs read them.
    """

    def __init__(self, app: ASGIApp, setting: str, plain: str) -> None:
        self._app = app
        self._setting = setting
        self._plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_plain = scope["type"] != "http" or scope["path"].startswith(self._plain)
        with speaking(ENGLISH if is_plain else choose_language(HTTPConnection(scope), self._setting)):
            await self._app(scope, receive, send)


def choose_language(request: HTTPConnection, setting: str) -> str:
    """Choose the language of an answer."""
    chosen = request.cookies.get(_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return setting or find_accepted(request.headers.get("accept-language", "")) or ENGLISH


@router.post("/language")
def keep_language(request: Request, site: OfSite, language: Annotated[str, Form()] = "") -> Response:
    """Let the browser keep a language, and show the page that the reader came from in it."""
    refuse_other_site(request, site)
    before = urlsplit(request.headers.get("referer", ""))
    path = before.path + (f"?{before.query}" if before.query else "")
    answer = RedirectResponse(find_local_path(path) or "/", 303)
    if language in LANGUAGES:
        secure = is_secure(request, site.app.settings.server.public_url)
        answer.set_cookie(_COOKIE, language, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
    return answer
