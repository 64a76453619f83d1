"""What became of it: a page a quarter, reached from the figures and the digests."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator.evaluate.aftermath import Quarter
from aggregator.pipeline import publish
from aggregator.pipeline.aftermath import find_aftermath, list_quarters
from aggregator.types import Month
from aggregator.web.guard import OfSession, require_session
from aggregator.web.site import OfSite
from aggregator.words import aftermath

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/aftermath")
def choose_quarter(site: OfSite) -> Response:
    """Lead to the newest quarter of which something is known, or else to the quarter of ninety days ago."""
    with site.app.reading() as connection:
        quarters = list_quarters(site.app, connection)
    newest = quarters[0] if quarters else Quarter.of(Month.of(site.app.now, site.app.zone).shift(-4))
    return RedirectResponse(f"/aftermath/{newest}", 303)


@router.get("/aftermath/{quarter}")
def show_aftermath(site: OfSite, session: OfSession, quarter: str) -> Response:
    wanted = Quarter.parse(quarter)
    with site.app.reading() as connection:
        found = find_aftermath(site.app, connection, wanted)
        quarters = list_quarters(site.app, connection)
    return site.page(
        "aftermath/aftermath.html",
        view=aftermath.build_aftermath(found, publish.get_texts(site.app), site.app.zone),
        quarters=aftermath.list_quarters([each for each in quarters if each != wanted]),
        token=session.token,
    )
