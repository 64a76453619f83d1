"""The page as a whole: pages, static files, security headers and error pages, put together for one App."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

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
    ready,
    rules,
    score,
    search,
    taught,
    waiting,
    weights,
    why,
)
from aggregator.web.errors import add_error_pages
from aggregator.web.guard import KnownHosts, SecurityHeaders, keep_sent
from aggregator.web.patience import Impatience
from aggregator.web.site import FOLDER, build_site

# No form of ours comes near.
_MAX_FORM_BYTES = 100_000


def create_server(app: App, watched: Mapping[str, Callable[[], str | None]] | None = None) -> FastAPI:
    """The ASGI application that serves an App. Its documentation pages are off: they need scripts from elsewhere.

    *watched* is what ``/readyz`` asks beside the App, by name: each says at once what is wrong with it, if anything.
    """
    # The pages ask for its parts in threads.
    app.build()
    server = FastAPI(
        title="aggregator",
        dependencies=[Depends(keep_sent)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=_MAX_FORM_BYTES,
    )
    server.state.site = build_site(app)
    server.state.readiness = ready.Readiness(app, watched or {})
    server.add_middleware(KnownHosts, server=app.settings.server)
    server.add_middleware(SecurityHeaders)
    server.add_middleware(Impatience)
    of_curator = (logins, queue, waiting, copies, feeds, feed, digest, search, model, why, weights, score, figures)
    for page in (login, ready, rules, taught, *of_curator):
        server.include_router(page.router)
    server.mount("/static", _Static(directory=FOLDER / "static"))
    add_error_pages(server)
    return server


class _Static(StaticFiles):
    """Static files, asked for again each time and answered with 304 when they are the same.

    They are few and small, and need no thread: pages that wait for the database may hold all of them.
    """

    async def check_config(self) -> None:
        """The folder is a part of the program."""

    async def get_response(self, path: str, scope: Scope) -> Response:
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
