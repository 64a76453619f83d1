"""The page History: everything that the curators did, newest first, and the forms to undo or redo any of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import RedirectResponse, Response

from aggregator.locales import mark
from aggregator.pipeline import history
from aggregator.pipeline.history import Change
from aggregator.storage import actions
from aggregator.storage.candidates import get_candidate, list_candidates_by_id
from aggregator.storage.corrections import list_texts
from aggregator.storage.database import Connection
from aggregator.storage.numbers import LAST_ID
from aggregator.types import Action
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.history.view import Told, build_days, list_kinds, list_tabs, read_shown, write_path
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
    show: str = "",
) -> Response:
    chosen = read_shown(show)
    with site.app.reading() as connection:
        past = actions.list_past(connection, limit=_SHOWN + 1, before=before, kinds=list_kinds(chosen))
        shown = past[:_SHOWN]
        told = _read_told(connection, [action for action, _ in shown])
        said = _say_done(connection, done) if done else None
    return site.page(
        "history/history.html",
        days=build_days(shown, told, site.app.zone),
        tabs=list_tabs(chosen),
        path=write_path(chosen),
        shown=chosen,
        older=shown[-1][0].id if len(past) > _SHOWN else None,
        before=before,
        said=said,
        token=session.token,
    )


@router.post("/history/{number}/undo", dependencies=[OwnForm])
def undo(site: OfSite, number: str, show: Annotated[str, Form()] = "") -> Response:
    return _take_back(site, number, history.undo, show)


@router.post("/history/{number}/redo", dependencies=[OwnForm])
def redo(site: OfSite, number: str, show: Annotated[str, Form()] = "") -> Response:
    return _take_back(site, number, history.redo, show)


def _take_back(site: Site, number: str, act: Callable[..., Change], show: str) -> Response:
    action = read_number(mark("there is no action {number}"), number)
    site.app.judge.take_up(act(site.app, action))
    path = write_path(read_shown(show))
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={action}", 303)


def _read_told(connection: Connection, shown: Sequence[Action]) -> Told:
    numbers = list(dict.fromkeys(action.post_id for action in shown if action.post_id))
    found = list_candidates_by_id(connection, numbers, is_whole=False)
    texts = list_texts(connection, [action.id for action in shown])
    return Told({candidate.post.id: candidate for candidate in found}, texts)


def _say_done(connection: Connection, number: int) -> str:
    """What has just been undone or redone. Raises NotFoundError."""
    action = actions.get_action(connection, number)
    batch = actions.list_batch(connection, action)
    first = batch[-1]
    candidate = get_candidate(connection, first.post_id) if first.post_id else None
    name = actions.name_subject(connection, first)
    return sentence(say_taken_back(batch, name, candidate, is_undo=action.is_undone))
