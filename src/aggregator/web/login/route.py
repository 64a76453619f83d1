"""Logging in by link, and logging out."""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import NotFoundError
from aggregator.web.guard import OfSession, OwnForm, write_cookie
from aggregator.web.site import OfSite, Site

log = structlog.get_logger()

router = APIRouter()


@router.get("/login")
def log_in(request: Request, site: OfSite, key: str = "") -> Response:
    # The right key is let in during a pause too: it cannot be guessed, and a stranger who tries through the curator's
    # own browser or proxy must not lock them out.
    if not site.sessions.is_login_key(key):
        refuse_try(site, request.client.host if request.client else "")
    answer = RedirectResponse("/", 303)
    cookie = site.sessions.begin(request.headers.get("user-agent", ""))
    answer.headers["Set-Cookie"] = write_cookie(request, site, cookie)
    return answer


def refuse_try(site: Site, client: str) -> NoReturn:
    """Raises 403 for a wrong try to log in, and 429 while the client has to pause."""
    if pause := site.attempts.find_pause(client):
        raise HTTPException(
            429,
            f"Too many wrong tries to log in came from here. Wait for {words.count(pause, 'second')}, "
            "or run `aggregator login-link` for the right link.",
            {"Retry-After": str(pause)},
        )
    if pause := site.attempts.add(client):
        log.warning("wrong tries to log in lead to a pause", client=client, seconds=pause)
    raise HTTPException(403, "This login link is not the right one. It may be cut off, or from another daemon.")


@router.post("/logout", dependencies=[OwnForm])
def log_out(site: OfSite, session: OfSession) -> Response:
    with suppress(NotFoundError):  # Ended elsewhere meanwhile.
        site.sessions.end(session.id)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(site.sessions.cookie, httponly=True, samesite="lax")
    return answer
