"""Logging in by link, and logging out."""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import NotFoundError
from aggregator.web.guard import OfSession, OwnForm, forget_place, take_place, write_cookie
from aggregator.web.site import OfSite, Site

log = structlog.get_logger()

router = APIRouter()


@router.get("/login")
def log_in(request: Request, site: OfSite, key: str = "") -> Response:
    # The right key is accepted during a wait too: it cannot be guessed, and a stranger who tries through the curator's
    # own browser or proxy must not lock them out.
    if not site.sessions.is_login_key(key):
        refuse_try(site, request.client.host if request.client else "")
    answer = RedirectResponse(take_place(request, site), 303)
    cookie = site.sessions.begin(request.headers.get("user-agent", ""))
    answer.headers["Set-Cookie"] = write_cookie(request, site, cookie)
    forget_place(request, site, answer)
    return answer


def refuse_try(site: Site, client: str) -> NoReturn:
    """Raise 403 for a failed login, or 429 if the client has to wait."""
    if pause := site.attempts.find_pause(client):
        raise HTTPException(
            429,
            f"Too many failed logins came from here. Wait for {words.count(pause, 'second')}, "
            f"or run `{site.command} login-link` for the right link.",
            {"Retry-After": str(pause)},
        )
    if pause := site.attempts.add(client):
        log.warning("too many failed logins; the client has to wait", client=client, seconds=pause)
    raise HTTPException(403, "This login link is wrong. It may be cut off, or from another daemon.")


@router.post("/logout", dependencies=[OwnForm])
def log_out(site: OfSite, session: OfSession) -> Response:
    with suppress(NotFoundError):  # It was ended elsewhere meanwhile.
        site.sessions.end(session.id)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(site.sessions.cookie, httponly=True, samesite="lax")
    return answer
