"""The account of a month: how completely its feeds were visited, and what became of its posts."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from aggregator.pipeline import account
from aggregator.web.coverage.view import build_coverage
from aggregator.web.guard import OfSession, require_session
from aggregator.web.site import OfSite, read_month

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/coverage/{month}")
def show_coverage(site: OfSite, session: OfSession, month: str) -> Response:
    """Show the account that was kept with the print of the month, else the one of now."""
    wanted = read_month(month)
    with site.app.reading() as connection:
        found, is_kept = account.find_account(site.app, connection, wanted)
    view = build_coverage(found, site.app.zone, is_kept=is_kept)
    return site.page("coverage/coverage.html", view=view, month=wanted, token=session.token)
