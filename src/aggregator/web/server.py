"""The page as a whole: pages, static files, security headers and error pages, put together for one App."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from aggregator.app import App
from aggregator.web import (
    copies,
    digest,
    feed,
    feeds,
    figures,
    login,
    logins,
    model,
    queue,
    score,
    search,
    waiting,
    weights,
    why,
)
from aggregator.web.errors import add_error_pages
from aggregator.web.guard import KnownHosts, SecurityHeaders
from aggregator.web.site import FOLDER, build_site

# No form of ours comes near.
_MAX_FORM_BYTES = 100_000


def create_server(app: App) -> FastAPI:
    """The ASGI application that serves an App. Its documentation pages are off: they need scripts from elsewhere."""
    # The pages ask for its parts in threads.
    app.build()
    server = FastAPI(title="aggregator", docs_url=None, redoc_url=None, openapi_url=None, max_body_size=_MAX_FORM_BYTES)
    server.state.site = build_site(app)
    server.add_middleware(KnownHosts, server=app.settings.server)
    server.add_middleware(SecurityHeaders)
    for page in (
        login,
        logins,
        queue,
        waiting,
        copies,
        feeds,
        feed,
        digest,
        search,
        model,
        why,
        weights,
        score,
        figures,
    ):
        server.include_router(page.router)
    server.mount("/static", _Static(directory=FOLDER / "static"))
    add_error_pages(server)
    return server


class _Static(StaticFiles):
    """Static files, asked for again each time and answered with 304 when they are the same."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        answer = super().file_response(*arguments, **named)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
