"""The page of all feeds, those that need the curator first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import ConfigError
from aggregator.feeds.health import Health
from aggregator.locales import t
from aggregator.pipeline import care
from aggregator.pipeline.sessions import OwnSession
from aggregator.places import is_shipped
from aggregator.storage import health
from aggregator.storage.feeds import find_left, list_brief_states
from aggregator.storage.talk import list_states
from aggregator.web.activity.route import say_awaited
from aggregator.web.feeds.care import build_care
from aggregator.web.feeds.chart import list_months
from aggregator.web.feeds.done import Cared, Done, Notice, find_cared, say_done
from aggregator.web.feeds.filter import FeedsFilter, cut_window, judge_feeds, read_filter
from aggregator.web.feeds.view import Yields, build_feeds
from aggregator.web.guard import OfSession, OwnForm
from aggregator.web.site import OfSite, Site
from aggregator.words.feeds import RECENT
from aggregator.words.talk import build_places

router = APIRouter()

_Name = Annotated[str, Form(max_length=300)]
_Act = Annotated[Cared, Form()]


@router.get("/feeds")
def show_feeds(request: Request, site: OfSite, session: OfSession) -> Response:
    return _show(site, session, read_filter(request.query_params), find_cared(request.query_params.get("cared", "")))


@router.post("/feeds/care", dependencies=[OwnForm])
def take_care(site: OfSite, session: OfSession, name: _Name, act: _Act) -> Response:
    """Write a proposal into feeds.toml and apply it, dismiss it, or propose it again. Raises NotFoundError if it is not
    made any more.
    """
    try:
        if act is Cared.TAKEN:
            care.take(site.app, site.app.feeds_file, name)
        elif act is Cared.AGAIN:
            care.propose_again(site.app, name)
        else:
            care.dismiss(site.app, name)
    except ConfigError as error:
        return _show(site, session, read_filter({}), Notice(str(error), is_failure=True), status=422)
    return RedirectResponse(f"/feeds?cared={act}", 303)


def _show(
    site: Site, session: OwnSession, chosen: FeedsFilter, notice: Notice | None = None, *, status: int = 200
) -> Response:
    app, now, zone = site.app, site.app.now, site.app.zone
    months, is_own = list_months(app.current_month), not is_shipped(app.feeds_file.file)
    with app.reading() as connection:
        feeds = judge_feeds(list_brief_states(connection), health.list_gaps(connection, since=now - RECENT), now)
        window = cut_window(feeds, chosen)
        proposals = care.find_proposals(app, connection, [feed.state for feed in feeds])
        keys = [feed.key for feed in window.feeds]
        yields = Yields(months, health.count_posts(connection, months, keys), health.count_printed(connection, keys))
        changed = next((feed.state for feed in window.feeds if feed.key == chosen.feed), None)
        visits = health.list_visits(connection, chosen.feed, limit=1) if changed else []
        left = find_left(connection) if chosen.done is Done.REMOVE else {}
        asked = app.settings.talk.asked
        talk = build_places(asked, list_states(connection), now, zone) if asked else []
    if chosen.feed in left:
        notice = Notice(t("The feed {key} is not visited any more; its posts stay", key=chosen.feed))
    if changed and chosen.done:
        notice = say_done(chosen.done, changed, visits[0] if visits else None, now, zone)
    return site.page(
        "feeds/feeds.html",
        status=status,
        view=build_feeds(feeds, window, yields, chosen, now, zone),
        care=build_care(proposals, zone, is_own_file=is_own),
        notice=notice,
        talk=talk,
        awaited=say_awaited(app),
        # Only while feeds are visited for the first time does the page load itself again without a script.
        next=chosen.path if any(feed.health is Health.NEW for feed in feeds) else "",
        # The feed of the notice.
        name=changed.feed.name if changed else "",
        token=session.token,
    )
