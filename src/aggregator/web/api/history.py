"""The history of everything that the curators did, undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aggregator.pipeline import history
from aggregator.pipeline.history import Change
from aggregator.shapes.actions import ActionShape
from aggregator.shapes.changes import ChangeShape
from aggregator.storage import actions
from aggregator.web.api.fields import Body, Id
from aggregator.web.api.guard import Caller, Changing, Reading

router = APIRouter(tags=["history"])


class HistoryShape(BaseModel):
    """A page of the history, newest first."""

    actions: list[ActionShape]
    next: int | None = Field(description="Send it as `before` for older actions; null if there are none.")


class ActionBody(Body):
    action: Id | None = Field(
        default=None, description="The number of an action; without it, the newest of this token."
    )


# A request without a body.
_NO_ACTION = ActionBody()


@router.get("/history")
def show_history(
    caller: Reading,
    before: Annotated[Id | None, Query(description="Only actions before this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> HistoryShape:
    """List what the curators did, whoever they are."""
    with caller.app.reading() as connection:
        past = actions.list_past(connection, limit=limit + 1, before=before)
    shown = past[:limit]
    return HistoryShape(
        actions=[ActionShape.of(action, name) for action, name in shown],
        next=shown[-1][0].id if len(past) > limit else None,
    )


@router.post("/undo")
def undo(caller: Changing, body: ActionBody = _NO_ACTION) -> ChangeShape:
    """Take back an action, with those done together with it."""
    return _take_back(caller, body, history.undo)


@router.post("/redo")
def redo(caller: Changing, body: ActionBody = _NO_ACTION) -> ChangeShape:
    """Bring back an action that was undone."""
    return _take_back(caller, body, history.redo)


def _take_back(caller: Caller, body: ActionBody, act: Callable[..., Change]) -> ChangeShape:
    change = act(caller.home, body.action)
    caller.app.judge.take_up(change)
    return ChangeShape.of_history(change)
