"""Why a post has its score: a page of its own, and a panel that the queue shows under a card."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.web.card import name_sections
from aggregator.web.guard import OfSession, require_session
from aggregator.web.score_view import build_score
from aggregator.web.site import OfSite, read_post_id

router = APIRouter(dependencies=[Depends(require_session)])

# Posts of each kind that are shown as evidence.
_SHOWN = 3


@router.get("/posts/{post}/score")
def show_score(request: Request, site: OfSite, session: OfSession, post: str) -> Response:
    """The script asks for the panel alone (``?panel``)."""
    found = site.app.judge.find_neighbours(read_post_id(post), most=_SHOWN)
    view = build_score(found, name_sections(site.app.get_texts()), site.app.settings.zone)
    if "panel" in request.query_params:
        return HTMLResponse(site.render("_score.html", view=view))
    return site.page("score.html", view=view, month=found.candidate.post.month, token=session.token)
