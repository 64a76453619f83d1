"""Logging in by link, and logging out."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

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
