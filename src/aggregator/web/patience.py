"""What is different while a person waits: the database has to answer soon, and work in the background gives way."""

from __future__ import annotations

from contextlib import nullcontext

from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.precedence import PAGES
from aggregator.storage.patience import waiting_at_most

#: The limit for one statement: ten times what the slowest takes on a database of several years.
PAGE_SECONDS = 5.0


class Impatience:
    """Middleware that limits statements, so that a page soon says that the database does not answer, and lets what is
    only looked at go before work in the background. What writes may have to wait for that work to store something.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_looking = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        with waiting_at_most(PAGE_SECONDS), PAGES.making_page() if is_looking else nullcontext():
            await self._app(scope, receive, send)
