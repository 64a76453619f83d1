"""The page of all feeds, those that need the curator first."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from aggregator.feeds.health import Health
from aggregator.storage import health
from aggregator.storage.feeds import list_brief_states
from aggregator.storage.talk import list_states
from aggregator.web.activity.route import say_awaited
from aggregator.web.feeds.chart import list_months
from aggregator.web.feeds.done import say_done
from aggregator.web.feeds.filter import cut_window, judge_feeds, read_filter
from aggregator.web.feeds.view import Yields, build_feeds
from aggregator.web.guard import OfSession
from aggregator.web.site import OfSite
from aggregator.words.feeds import RECENT
from aggregator.words.talk import build_places

router = APIRouter()


@router.get("/feeds")
def show_feeds(request: Request, site: OfSite, session: OfSession) -> Response:
    app, now, zone = site.app, site.app.now, site.app.zone
    chosen = read_filter(request.query_params)
    months = list_months(app.current_month)
    with app.reading() as connection:
        feeds = judge_feeds(list_brief_states(connection), health.list_gaps(connection, since=now - RECENT), now)
        window = cut_window(feeds, chosen)
        keys = [feed.key for feed in window.feeds]
        yields = Yields(months, health.count_posts(connection, months, keys), health.count_printed(connection, keys))
        changed = next((feed.state for feed in window.feeds if feed.key == chosen.feed), None)
        visits = health.list_visits(connection, chosen.feed, limit=1) if changed else []
        asked = app.settings.talk.asked
        talk = build_places(asked, list_states(connection), now, zone) if asked else []
    notice = None
    if changed and chosen.done:
        notice = say_done(chosen.done, changed, visits[0] if visits else None, now, zone)
    return site.page(
        "feeds/feeds.html",
        view=build_feeds(feeds, window, yields, chosen, now, zone),
        notice=notice,
        talk=talk,
        awaited=say_awaited(app),
        # Only while feeds are visited for the first time does the page load itself again without a script.
        next=chosen.path if any(feed.health is Health.NEW for feed in feeds) else "",
        # The feed of the notice.
        name=changed.feed.name if changed else "",
        token=session.token,
    )
