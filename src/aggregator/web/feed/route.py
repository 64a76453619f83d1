"""The page of one feed: its state, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import ConfigError, FeedError, NotFoundError
from aggregator.locales import t
from aggregator.pipeline import follow
from aggregator.pipeline.sessions import OwnSession
from aggregator.posts.pages import find_missing
from aggregator.storage import candidates, health, pages
from aggregator.storage.feeds import list_feed_states
from aggregator.web.feed.form import EDITED, Typed, explain_refusal, read_changes
from aggregator.web.feed.view import TITLES, VISITS, FeedFacts, build_feed, find_last_move
from aggregator.web.feeds.chart import list_months
from aggregator.web.feeds.done import Done, Notice, find_done, say_done
from aggregator.web.feeds.filter import find_list
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, OfTyped, Site

router = APIRouter(prefix="/feeds/{key}", dependencies=[Depends(require_session)])

Back = Annotated[str, Form(alias="next")]
Text = Annotated[str, Form(max_length=2000)]


@router.get("")
def show_feed(request: Request, site: OfSite, session: OfSession, key: str) -> Response:
    facts = _read_facts(site, key)
    done = find_done(request.query_params.get("done", ""))
    visit = facts.visits[0] if facts.visits else None
    notice = say_done(done, facts.state, visit, site.app.now, site.app.zone) if done else None
    return _show(site, session, facts, notice=notice)


@router.post("/visit", dependencies=[OwnForm])
async def visit(site: OfSite, key: str, back: Back = "", full: Annotated[bool, Form()] = False) -> Response:
    """Visit the feed now, and answer when the visit has ended, at the latest after its time limit."""
    made = await site.app.visitor.visit_now([key], whole=full)
    return _go_back(key, Done.VISIT if made else Done.BUSY, back)


@router.post("/pause", dependencies=[OwnForm])
def pause(site: OfSite, key: str, back: Back = "") -> Response:
    follow.pause_feed(site.app, key)
    return _go_back(key, Done.PAUSE, back)


@router.post("/resume", dependencies=[OwnForm])
def resume(site: OfSite, key: str, back: Back = "") -> Response:
    follow.resume_feed(site.app, key)
    return _go_back(key, Done.RESUME, back)


@router.post("/edit", dependencies=[OwnForm])
def edit(site: OfSite, session: OfSession, key: str, typed: OfTyped) -> Response:
    """Change the fields of the form; one that it lacks stays, for a page may be from before an upgrade."""
    return _change(site, session, key, {name: typed[name] for name in EDITED if name in typed}, Done.EDIT)


@router.post("/address", dependencies=[OwnForm])
def replace_address(site: OfSite, session: OfSession, key: str, url: Text = "") -> Response:
    def change() -> None:
        follow.change_feed(site.app, key, read_changes({"url": follow.read_address(site.app, key, url)}))

    return _try(site, session, key, change, Done.ADDRESS, {"url": url})


@router.post("/reset", dependencies=[OwnForm])
def reset(site: OfSite, session: OfSession, key: str) -> Response:
    return _try(site, session, key, lambda: follow.reset_feed(site.app, key), Done.RESET)


@router.post("/moves/{move}/undo", dependencies=[OwnForm])
def undo_move(site: OfSite, session: OfSession, key: str, move: str) -> Response:
    """Raises NotFoundError for a move that did not lead to the feed's present address."""
    with site.app.reading() as connection:
        (state,) = list_feed_states(connection, [key])
        last = find_last_move(health.list_moves(connection, key), state.feed)
    if last is None or str(last.id) != move:
        raise NotFoundError(t("move {number} is not the last move of this feed, so it cannot be undone", number=move))
    return _try(site, session, key, lambda: follow.change_feed(site.app, key, {"url": last.from_url}), Done.UNDO)


def _change(site: Site, session: OwnSession, key: str, typed: dict[str, str], done: Done) -> Response:
    changes = read_changes(typed)
    return _try(site, session, key, lambda: follow.change_feed(site.app, key, changes), done, typed)


def _try(
    site: Site,
    session: OwnSession,
    key: str,
    change: Callable[[], object],
    done: Done,
    typed: dict[str, str] | None = None,
) -> Response:
    """Change the feed and go back to it; if the change is refused, show its page with the reason and what was typed."""
    try:
        change()
    except (ConfigError, FeedError) as error:
        refused = explain_refusal(error, typed or {})
        notice = None if refused.field else Notice(refused.message, is_failure=True)
        return _show(site, session, _read_facts(site, key), status=422, typed=refused, notice=notice)
    return _go_back(key, done)


def _go_back(key: str, done: Done, back: str = "") -> Response:
    """Go back to the list of feeds if the form was there, else to the feed."""
    chosen = find_list(back)
    return RedirectResponse(chosen.path_to(key, done) if chosen else f"/feeds/{key}?done={done}", 303)


def _read_facts(site: Site, key: str) -> FeedFacts:
    """Read all about a feed. Raises NotFoundError."""
    months = list_months(site.app.current_month)
    with site.app.reading() as connection:
        (state,) = list_feed_states(connection, [key])
        counted = health.count_posts(connection, months, [key]).get(key, {})
        return FeedFacts(
            state=state,
            visits=health.list_visits(connection, key, limit=VISITS),
            moves=health.list_moves(connection, key),
            gaps=health.list_gaps(connection, key),
            posts=[(month, counted.get(month, 0)) for month in months],
            printed=health.count_printed(connection, [key]).get(key),
            withheld=candidates.list_withheld(connection, key, limit=TITLES),
            titles=health.list_newest_titles(connection, key, limit=TITLES),
            pages=pages.count_pages(connection, key),
            page_trouble=pages.find_last_trouble(connection, key),
            unread=str(find_missing() or ""),
        )


def _show(
    site: Site,
    session: OwnSession,
    facts: FeedFacts,
    *,
    status: int = 200,
    typed: Typed | None = None,
    notice: Notice | None = None,
) -> Response:
    settings = site.app.settings
    view = build_feed(
        facts,
        site.app.now,
        settings.zone,
        taxonomy=site.app.taxonomy,
        trial_days=settings.visits.move_trial_days,
        typed=typed,
    )
    return site.page("feed/feed.html", status=status, view=view, notice=notice, token=session.token)
