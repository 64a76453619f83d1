"""The reasons for a score: a separate page, and a panel under the card."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.pipeline import publish
from aggregator.storage import candidates
from aggregator.web.guard import OfSession, require_session
from aggregator.web.pane.view import PostView, build_post
from aggregator.web.site import OfSite, read_post_id
from aggregator.words.neighbours import NeighboursView, build_neighbours
from aggregator.words.sections import name_sections

router = APIRouter(dependencies=[Depends(require_session)])


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score with its reasons, and similar decided posts."""

    card: PostView
    near: NeighboursView


@router.get("/posts/{post}/score")
def show_score(request: Request, site: OfSite, session: OfSession, post: str) -> Response:
    """Show the page; the script asks for the panel alone (``?panel``)."""
    number = read_post_id(post)
    with site.app.reading() as connection:
        candidate = candidates.get_candidate(connection, number)
    near = site.app.judge.find_neighbours(candidate.post)
    names, zone = name_sections(publish.get_texts(site.app)), site.app.zone
    view = ScoreView(build_post(candidate, names, zone), build_neighbours(near, names, zone))
    if "panel" in request.query_params:
        return HTMLResponse(site.render("score/_score.html", view=view))
    return site.page("score/score.html", view=view, month=candidate.post.month, token=session.token)
