"""Builds the web application: pages, static files, security headers and error pages."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.routing import Mount
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from aggregator.app import App
from aggregator.web import ready, telemetry
from aggregator.web.activity import route as activity
from aggregator.web.add import route as add
from aggregator.web.aftermath import route as aftermath
from aggregator.web.api.server import PREFIX, create_api
from aggregator.web.copies import route as copies
from aggregator.web.corrections import route as corrections
from aggregator.web.coverage import route as coverage
from aggregator.web.digest import route as digest
from aggregator.web.digests import route as digests
from aggregator.web.draft import route as draft
from aggregator.web.editor import route as editor
from aggregator.web.errors import add_error_pages
from aggregator.web.feed import route as feed
from aggregator.web.feeds import route as feeds
from aggregator.web.figures import route as figures
from aggregator.web.find import route as find
from aggregator.web.guard import KnownHosts, SecurityHeaders, keep_sent
from aggregator.web.history import route as history
from aggregator.web.language import route as language
from aggregator.web.language.route import SpokenLanguage
from aggregator.web.listed import route as listed
from aggregator.web.login import route as login
from aggregator.web.model import route as model
from aggregator.web.notices import route as notices
from aggregator.web.own_list import route as own_list
from aggregator.web.patience import Impatience
from aggregator.web.queue import many, verdicts
from aggregator.web.queue import route as queue
from aggregator.web.recipe import route as recipe
from aggregator.web.rules import route as rules
from aggregator.web.score import route as score
from aggregator.web.search import route as search
from aggregator.web.sessions import route as sessions
from aggregator.web.site import FOLDER, build_site
from aggregator.web.suggest import route as suggest
from aggregator.web.suggestions import route as suggestions
from aggregator.web.taught import route as taught
from aggregator.web.texts import route as texts
from aggregator.web.waiting import route as waiting
from aggregator.web.weights import route as weights
from aggregator.web.why import route as why

# Far more than any of our forms or requests needs.
_MAX_BODY_BYTES = 100_000
# The scripts of pages, by what is asked for below /static.
_SCRIPTS = {script.name: script for script in FOLDER.glob("*/*.js")}
# The style sheets are served as one, in this order: a page that asks for each of them is shown later.
_STYLED = (
    "queue",
    "pane",
    "feeds",
    "digest",
    "search",
    "copies",
    "model",
    "weights",
    "rules",
    "editor",
)
_SHEETS = (
    *(FOLDER / "static" / "style" / name for name in ("base.css", "parts.css")),
    *(FOLDER / page / "style.css" for page in _STYLED),
    FOLDER / "static" / "style" / "narrow.css",
)

# Each server has the same routes, so FastAPI builds them once.
_PAGES = APIRouter(dependencies=[Depends(keep_sent)])
_OF_CURATOR = (
    sessions,
    notices,
    activity,
    history,
    queue,
    verdicts,
    many,
    waiting,
    add,
    copies,
    feeds,
    listed,
    feed,
    recipe,
    digest,
    corrections,
    digests,
    suggestions,
    aftermath,
    texts,
    coverage,
    editor,
    search,
    find,
    model,
    why,
    weights,
    score,
    figures,
    own_list,
)
for _page in (login, language, suggest, draft, ready, telemetry, rules, taught, *_OF_CURATOR):
    _PAGES.include_router(_page.router)
for _uploads in (editor.uploads, listed.uploads):
    _PAGES.include_router(_uploads)


def create_server(
    app: App, watched: Mapping[str, Callable[[], str | None]] | None = None, *, command: str = "aggregator"
) -> FastAPI:
    """Create the ASGI application that serves an App. FastAPI's documentation pages are off: they load foreign scripts.

    *watched* are the checks of ``/readyz`` beside the App, by name: each returns at once what is wrong, or None.
    *command* is how to call this program for the same home.
    """
    # Pages use its services in threads.
    app.build()
    server = FastAPI(
        title="aggregator",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=_MAX_BODY_BYTES,
    )
    server.state.site = build_site(app, command)
    server.state.readiness = ready.Readiness(app, watched or {})
    server.add_middleware(KnownHosts, server=app.settings.server)
    server.add_middleware(SecurityHeaders)
    server.add_middleware(Impatience)
    server.add_middleware(SpokenLanguage, setting=app.settings.language, plain=PREFIX)
    server.router.routes.extend(_PAGES.routes)
    programs = create_api(server.state.site)
    server.state.attempts = programs.state.attempts
    api = Mount(PREFIX, programs)
    # As Starlette has it, but an address with a line break is the API's too, so that its errors are not pages.
    api.path_regex = re.compile(f"^{PREFIX}/(?P<path>.*)$", re.DOTALL)
    server.router.routes.append(api)
    server.mount("/static", _Static(directory=FOLDER / "static"))
    add_error_pages(server)
    return server


class _Static(StaticFiles):
    """Static files, which browsers check at each request; the answer is 304 if they have not changed.

    They are few and small, and are read without a thread, since pages that wait for the database may hold all threads.
    """

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find the script of a page in the folder of the page."""
        place = _SCRIPTS.get(path)
        return (str(place), place.stat()) if place else super().lookup_path(path)

    async def check_config(self) -> None:
        """Do not check the folder; it is part of the program."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "style.css":
            return self._join_sheets(scope)
        try:
            place, found = self.lookup_path(path)
        except (OSError, ValueError):
            found = None
        if found is None or not stat.S_ISREG(found.st_mode) or scope["method"] not in {"GET", "HEAD"}:
            return await super().get_response(path, scope)
        answer = self.file_response(place, found, scope)
        if isinstance(answer, FileResponse):
            headers = {name: answer.headers[name] for name in ("content-type", "etag", "last-modified")}
            answer = Response(Path(place).read_bytes(), headers=headers)
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    def _join_sheets(self, scope: Scope) -> Response:
        style = b"".join(sheet.read_bytes() for sheet in _SHEETS)
        answer = Response(style, media_type="text/css")
        answer.headers["ETag"] = f'"{blake2b(style, digest_size=16).hexdigest()}"'
        answer.headers["Cache-Control"] = "no-cache"
        if self.is_not_modified(answer.headers, Headers(scope=scope)):
            return NotModifiedResponse(answer.headers)
        return answer
