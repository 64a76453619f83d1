"""Why a post has its score: a page of its own, and a panel that the queue shows under a card."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.storage import candidates
from aggregator.web.guard import OfSession, require_session
from aggregator.web.score.view import build_score
from aggregator.web.site import OfSite, read_post_id
from aggregator.words.sections import name_sections

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/posts/{post}/score")
def show_score(request: Request, site: OfSite, session: OfSession, post: str) -> Response:
    """The script asks for the panel alone (``?panel``)."""
    number = read_post_id(post)
    with site.app.reading() as connection:
        candidate = candidates.get_candidate(connection, number)
    near = site.app.judge.find_neighbours(candidate.post)
    view = build_score(candidate, near, name_sections(site.app.get_texts()), site.app.settings.zone)
    if "panel" in request.query_params:
        return HTMLResponse(site.render("score/_score.html", view=view))
    return site.page("score/score.html", view=view, month=candidate.post.month, token=session.token)
