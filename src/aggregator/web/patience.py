"""Limits how long a page waits for the database."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.storage.patience import waiting_at_most

#: The limit for one statement: ten times what the slowest takes on a database of several years.
PAGE_SECONDS = 5.0


class Impatience:
    """Middleware that limits statements, so that a page soon says that the database does not answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with waiting_at_most(PAGE_SECONDS):
            await self._app(scope, receive, send)
