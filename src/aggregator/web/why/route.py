"""The reasons for a guess: a separate page, and a panel under the card."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from aggregator.pipeline import publish
from aggregator.web.guard import OfSession, require_session
from aggregator.web.site import OfSite, read_post_id
from aggregator.words.sections import name_sections
from aggregator.words.why import build_why

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/posts/{post}/why")
def show_why(request: Request, site: OfSite, session: OfSession, post: str) -> Response:
    """Show the page; the script asks for the panel alone (``?panel``)."""
    why = site.app.judge.explain(read_post_id(post))
    view = build_why(why, name_sections(publish.get_texts(site.app)), site.app.zone)
    if "panel" in request.query_params:
        return HTMLResponse(site.render("why/_why.html", view=view))
    return site.page("why/why.html", view=view, month=why.candidate.post.month, token=session.token)
