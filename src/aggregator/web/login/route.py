"""Logging in by link or by password, and logging out."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import NotFoundError
from aggregator.locales import t, tn
from aggregator.pipeline import passwords
from aggregator.web.guard import (
    OfSession,
    OwnForm,
    forget_place,
    refuse_other_site,
    take_place,
    write_cookie,
)
from aggregator.web.login.view import find_ways, show_login
from aggregator.web.site import OfSite, Site

router = APIRouter()


@router.get("/login")
def log_in(request: Request, site: OfSite, key: str | None = None) -> Response:
    if key is None:
        return show_login(site)
    if not find_ways(site).link:
        wrong = t("Login links do not work here, because other machines can reach the page. Log in with the password.")
        return show_login(site, status=403, wrong=wrong)
    # The right key is accepted during a wait too: it cannot be guessed, and a stranger who tries through the curator's
    # own browser or proxy must not lock them out.
    if not site.sessions.is_login_key(key):
        if pause := site.link_attempts.take(_name_client(request)):
            sentence = tn(
                "There were too many failed logins. Wait for {number} second, or run `{command} login-link` for the "
                "right link.",
                "There were too many failed logins. Wait for {number} seconds, or run `{command} login-link` for the "
                "right link.",
                pause,
                command=site.command,
            )
            raise HTTPException(429, sentence, {"Retry-After": str(pause)})
        raise HTTPException(403, t("This login link is wrong. It may be cut off, or from another daemon."))
    return _let_in(request, site, site.sessions.begin(_name_agent(request)))


@router.post("/login")
async def log_in_by_password(request: Request, site: OfSite, password: Annotated[str, Form()] = "") -> Response:
    # Each wrong try from another site would count against the curator's own browser.
    refuse_other_site(request, site)
    pause = site.attempts.take(_name_client(request))
    # Whoever has to wait is told so without waiting for the passwords of others.
    limiter = None if pause else site.checking
    return await to_thread.run_sync(partial(_try, request, site, password, pause), limiter=limiter)


def _try(request: Request, site: Site, password: str, pause: int) -> Response:
    if pause:
        answer = show_login(site, status=429, wrong=_ask_to_wait(pause))
        answer.headers["Retry-After"] = str(pause)
        return answer
    cookie = passwords.log_in(site.app.database, site.sessions, password, _name_agent(request))
    if cookie is None:
        return show_login(site, status=403, wrong=t("This password is wrong."))
    site.attempts.forgive(_name_client(request))
    return _let_in(request, site, cookie)


def _let_in(request: Request, site: Site, cookie: str) -> Response:
    answer = RedirectResponse(take_place(request, site), 303)
    answer.headers["Set-Cookie"] = write_cookie(request, site, cookie)
    forget_place(request, site, answer)
    return answer


def _ask_to_wait(pause: int) -> str:
    return tn(
        "There were too many failed logins. Wait for {number} second.",
        "There were too many failed logins. Wait for {number} seconds.",
        pause,
    )


def _name_client(request: Request) -> str:
    return request.client.host if request.client else ""


def _name_agent(request: Request) -> str:
    return request.headers.get("user-agent", "")


@router.post("/logout", dependencies=[OwnForm])
def log_out(site: OfSite, session: OfSession) -> Response:
    with suppress(NotFoundError):  # It was ended elsewhere meanwhile.
        site.sessions.end(session.id)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(site.sessions.cookie, httponly=True, samesite="lax")
    return answer
