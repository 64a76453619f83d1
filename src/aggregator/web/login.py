"""Logging in by link, logging out, and the answer for those who watch over the daemon."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from aggregator.storage.digests import list_digests
from aggregator.web.guard import OwnForm, is_secure
from aggregator.web.sessions import LIFETIME
from aggregator.web.site import OfSite

router = APIRouter()


@router.get("/login")
def log_in(request: Request, site: OfSite, key: str = "") -> Response:
    if not site.sessions.is_login_key(key):
        raise HTTPException(403, "This login link is not the right one. It may be cut off, or from another daemon.")
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        site.sessions.cookie,
        site.sessions.open(),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request, site.app.settings.server.public_url),
    )
    return answer


@router.post("/logout", dependencies=[OwnForm])
def log_out(site: OfSite) -> Response:
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(site.sessions.cookie, httponly=True, samesite="lax")
    return answer


@router.get("/healthz")
def check_health(site: OfSite) -> Response:
    """Open to all; "ok" after the database was read."""
    with site.app.reading() as connection:
        list_digests(connection)
    return PlainTextResponse("ok")
