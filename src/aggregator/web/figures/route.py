"""The page of figures: how the ranking did in past months, and what the spot checks found."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from aggregator.storage import metrics, samples
from aggregator.web.figures.view import COLUMNS, build_figures
from aggregator.web.guard import OfSession, require_session
from aggregator.web.site import OfSite

router = APIRouter(dependencies=[Depends(require_session)])

# How many months are shown; older ones stay stored.
_SHOWN = 24


@router.get("/figures")
def show_figures(site: OfSite, session: OfSession) -> Response:
    with site.app.reading() as connection:
        stored = metrics.list_metrics(connection, limit=_SHOWN)
        unmeasured = list(metrics.list_unmeasured(connection))
        looks = samples.list_looks(connection)
    view = build_figures(stored, unmeasured, looks, site.app.zone)
    return site.page("figures/figures.html", view=view, columns=COLUMNS, token=session.token)
