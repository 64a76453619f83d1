"""The page on which a page without a feed is made one: it proposes recipes, previews one, and follows the page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.config import check_feed
from aggregator.exceptions import ConfigError, FeedError, NotFoundError
from aggregator.locales import t
from aggregator.pipeline.recipes import follow_page
from aggregator.pipeline.sessions import OwnSession
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed
from aggregator.web.feed.form import explain_refusal
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.recipe.view import EMPTY, RecipeView, Typed, build_preview, build_proposals, fill_form, read_table
from aggregator.web.site import OfSite, OfTyped, Site
from aggregator.words.feeds import list_kinds
from aggregator.words.reasons import say_reason

router = APIRouter(prefix="/recipe", dependencies=[Depends(require_session)])


@router.get("")
def show_recipe(site: OfSite, session: OfSession, url: str = "", feed: str = "") -> Response:
    """Show the form; *url* is the address of a page, *feed* the key of a feed whose recipe fills it."""
    values = {**EMPTY, "url": url}
    if feed:
        with site.app.reading() as connection:
            (state,) = list_feed_states(connection, [feed])
        # Of what feeds.toml says, because that is what is changed.
        values |= fill_form(state.listed or state.feed)
    return _show(site, session, RecipeView(Typed(values)))


@router.post("/find", dependencies=[OwnForm])
async def find(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Propose recipes for a page; nothing is stored."""
    values = {**EMPTY, **typed}
    try:
        found = await site.app.recipe_finder.propose(values["url"], values["example"])
    except (FeedError, NotFoundError) as error:
        return _show(site, session, RecipeView(Typed(values, "url", _say(error))), status=422)
    if not found.found:
        said = t("No list of posts was found. Give the address of one post on the page.")
        return _show(site, session, RecipeView(Typed(values, "example", said)))
    return _show(site, session, build_proposals(found, values["example"]))


@router.post("/preview", dependencies=[OwnForm])
async def preview(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Show what the typed recipe reads of the page now; nothing is stored."""
    values = {**EMPTY, **typed}
    try:
        feed = _read(values)
        found = await site.app.recipe_finder.preview(replace(feed, key="preview"))
    except (ConfigError, FeedError) as error:
        return _refuse(site, session, values, error)
    return _show(site, session, build_preview(Typed(values), found))


@router.post("", dependencies=[OwnForm])
async def follow(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Write the feed into feeds.toml and follow it."""
    values = {**EMPTY, **typed}
    try:
        _read(values)
        app = site.app
        written = await asyncio.to_thread(follow_page, app, app.feeds_file, values["key"], read_table(values))
    except (ConfigError, FeedError) as error:
        return _refuse(site, session, values, error)
    return RedirectResponse(f"/feeds/{written.keys[0]}", 303)


def _read(values: Mapping[str, str]) -> Feed:
    """Raises ConfigError."""
    return check_feed(values["key"] or "preview", read_table(values), file=t("the change"))


def _refuse(site: Site, session: OwnSession, values: dict[str, str], error: ConfigError | FeedError) -> Response:
    refused = explain_refusal(error, values)
    said = refused.message if isinstance(error, ConfigError) else _say(error)
    return _show(site, session, RecipeView(Typed(values, refused.field or "item", said)), status=422)


def _say(error: FeedError | NotFoundError) -> str:
    return words.sentence(say_reason(error.reason) if isinstance(error, FeedError) else str(error))


def _show(site: Site, session: OwnSession, view: RecipeView, *, status: int = 200) -> Response:
    kinds = list_kinds(site.app.taxonomy, view.typed.values["kind"])
    return site.page("recipe/recipe.html", view=view, kinds=kinds, token=session.token, status=status)
