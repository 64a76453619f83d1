"""The page of sessions: the browsers that are logged in, and ending their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.locales import mark
from aggregator.pipeline.sessions import OwnSession
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, Site, read_number
from aggregator.words.feeds import When, say_when
from aggregator.words.sessions import say_browser

router = APIRouter(dependencies=[Depends(require_session)])


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    browser: str
    began: When | None
    used: When | None
    is_own: bool


@router.get("/sessions")
def show_sessions(
    site: OfSite, session: OfSession, ended: Annotated[int | None, Query(ge=0, le=1_000_000)] = None
) -> Response:
    return site.page("sessions/sessions.html", rows=_list_rows(site, session), ended=ended, token=session.token)


@router.post("/sessions/end", dependencies=[OwnForm])
def end_others(site: OfSite, session: OfSession) -> Response:
    return RedirectResponse(f"/sessions?ended={site.sessions.end_all(but=session.id)}", 303)


@router.post("/sessions/{number}/end", dependencies=[OwnForm])
def end_one(number: str, site: OfSite) -> Response:
    site.sessions.end(read_number(mark("there is no session {number}"), number))
    return RedirectResponse("/sessions?ended=1", 303)


def _list_rows(site: Site, own: OwnSession) -> list[_Row]:
    now, zone = site.app.now, site.app.zone
    return [
        _Row(
            session.id,
            words.capitalise(say_browser(session.browser)),
            say_when(session.began_at, now, zone),
            say_when(session.used_at, now, zone),
            session.id == own.id,
        )
        for session in site.sessions.list()
    ]
