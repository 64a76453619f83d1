"""The page History: everything that the curators did, newest first, and the forms to undo or redo any of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import RedirectResponse, Response

from aggregator.locales import mark
from aggregator.pipeline import history
from aggregator.pipeline.history import Change
from aggregator.storage import actions
from aggregator.storage.candidates import get_candidate
from aggregator.storage.database import Connection
from aggregator.storage.numbers import LAST_ID
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.history.view import build_days
from aggregator.web.site import OfSite, Site, read_number
from aggregator.words import sentence
from aggregator.words.actions import say_taken_back

router = APIRouter(dependencies=[Depends(require_session)])

#: Actions on a page.
_SHOWN = 100


@router.get("/history")
def show_history(
    site: OfSite,
    session: OfSession,
    before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
    done: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None,
) -> Response:
    with site.app.reading() as connection:
        past = actions.list_past(connection, limit=_SHOWN + 1, before=before)
        told = _say_done(connection, done) if done else None
    shown = past[:_SHOWN]
    return site.page(
        "history/history.html",
        days=build_days(shown, site.app.zone),
        older=shown[-1][0].id if len(past) > _SHOWN else None,
        before=before,
        told=told,
        token=session.token,
    )


@router.post("/history/{number}/undo", dependencies=[OwnForm])
def undo(site: OfSite, number: str) -> Response:
    return _take_back(site, number, history.undo)


@router.post("/history/{number}/redo", dependencies=[OwnForm])
def redo(site: OfSite, number: str) -> Response:
    return _take_back(site, number, history.redo)


def _take_back(site: Site, number: str, act: Callable[..., Change]) -> Response:
    action = read_number(mark("there is no action {number}"), number)
    site.app.judge.take_up(act(site.app, action))
    return RedirectResponse(f"/history?done={action}", 303)


def _say_done(connection: Connection, number: int) -> str:
    """What has just been undone or redone. Raises NotFoundError."""
    action = actions.get_action(connection, number)
    batch = actions.list_batch(connection, action)
    first = batch[-1]
    candidate = get_candidate(connection, first.post_id) if first.post_id else None
    name = actions.name_subject(connection, first)
    return sentence(say_taken_back(batch, name, candidate, is_undo=action.is_undone))
