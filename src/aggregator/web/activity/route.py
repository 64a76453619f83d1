"""What the daemon is doing now, for pages that wait for it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from aggregator.app import App
from aggregator.web.guard import require_session
from aggregator.web.site import OfSite
from aggregator.words.activity import say_activity

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/activity")
async def tell_activity(site: OfSite) -> Response:
    activity = site.app.activity
    return JSONResponse({"said": say_activity(activity), "is_awaited": activity.is_awaited})


def say_awaited(app: App) -> str:
    """Say what the daemon does until the shortlists of this round are there; empty if it does not work on them."""
    return say_activity(app.activity) if app.activity.is_awaited else ""
