"""How the feeds are: the page that says what came of the visits."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from aggregator.storage.feeds import list_feed_states
from aggregator.web.feeds_view import build_feeds
from aggregator.web.guard import OfSession
from aggregator.web.site import OfSite

router = APIRouter()


@router.get("/feeds")
def show_feeds(site: OfSite, session: OfSession) -> Response:
    with site.app.reading() as connection:
        states = list_feed_states(connection)
    view = build_feeds(states, site.app.clock(), site.app.settings.zone)
    return site.page("feeds.html", view=view, token=session.token)
