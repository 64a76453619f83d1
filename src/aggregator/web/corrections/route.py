"""Corrections: printed lines whose addresses do not lead to their pages any more, and what can be done about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from aggregator.digest.difference import list_difference
from aggregator.pipeline import corrections
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite
from aggregator.words.corrections import build_fault

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/corrections")
def show_corrections(site: OfSite, session: OfSession) -> Response:
    """Show the printed lines that wait for a correction."""
    rows = [build_fault(fault, site.app.zone) for fault in corrections.list_faults(site.app)]
    days = site.app.settings.digest.check_links
    return site.page("corrections/corrections.html", rows=rows, days=days, token=session.token)


@router.get("/corrections/change")
def show_change(site: OfSite, session: OfSession, url: str = "") -> Response:
    """Show what the proposed correction of a line changes in the files."""
    with site.app.reading() as connection:
        plan = corrections.plan_remedy(site.app, connection, url)
    files = [(change.file, tuple(list_difference(change.text, change.edits))) for change in plan.changes]
    row = build_fault(plan.fault, site.app.zone)
    return site.page("corrections/change.html", row=row, files=files, mark=plan.mark, token=session.token)


@router.post("/corrections/change", dependencies=[OwnForm])
def put_right(site: OfSite, url: Annotated[str, Form()] = "", mark: Annotated[str, Form()] = "") -> Response:
    """Change the files as it was shown, which *mark* names."""
    corrections.put_right(site.app, url, mark=mark)
    return RedirectResponse("/corrections", 303)


@router.post("/corrections/leave", dependencies=[OwnForm])
def leave(site: OfSite, url: Annotated[str, Form()] = "") -> Response:
    """Leave a line as it is."""
    corrections.leave(site.app, url)
    return RedirectResponse("/corrections", 303)
