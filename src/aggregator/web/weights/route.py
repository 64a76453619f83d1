"""The page of the curator's weights and quotas: showing, previewing and setting them."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import ConfigError
from aggregator.locales import mark, t
from aggregator.pipeline import months, publish, weights
from aggregator.pipeline.sessions import OwnSession
from aggregator.rank.record import name_place
from aggregator.storage import posts
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.feeds import list_names
from aggregator.storage.narrowing import NO_FEED
from aggregator.storage.outlines import list_outlines
from aggregator.storage.quotas import find_quotas
from aggregator.types import Month
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, OfTyped, Site, read_month
from aggregator.web.weights.form import Typed, explain_refusal, list_changes
from aggregator.web.weights.view import EffectView, WeightFacts, build_effect, build_weights
from aggregator.words.sections import name_sections

router = APIRouter(prefix="/weights", dependencies=[Depends(require_session)])

# How many posts that stay on or off the shortlist are shown, and how many sources.
_MOVED, _SOURCES = 10, 8
_SAID = {
    "take": mark("These weights are in use. The months under review are ranked again with them."),
    "same": mark("Nothing changed."),
    "reset": mark("The weights and quotas are those of feeds.toml again."),
}


@router.get("")
def show_weights(site: OfSite, session: OfSession, month: str = "", done: str = "") -> Response:
    return _show(site, session, _choose_month(site, month), said=t(_SAID.get(done, "")))


@router.post("/preview", dependencies=[OwnForm])
def preview_weights(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Show what the typed weights would do; nothing is stored."""
    month = _choose_month(site, typed.get("month", ""))
    changes = list_changes(typed)
    try:
        overridden = weights.plan_overrides(site.app, changes)
    except ConfigError as error:
        return _show(site, session, month, typed=explain_refusal(error, typed), status=422)
    effect = site.app.judge.try_overrides(month, overridden, most=_MOVED)
    shown = [shift.post_id for each in (effect.entered, effect.left, effect.moved) for shift in each]
    with site.app.reading() as connection:
        candidates = {one.post.id: one for one in list_candidates_by_id(connection, shown)}
    view = build_effect(month, effect, candidates, publish.get_texts(site.app))
    return _show(site, session, month, typed=Typed(typed), effect=view)


@router.post("", dependencies=[OwnForm])
def take_weights(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    month = _choose_month(site, typed.get("month", ""))
    try:
        made = weights.set_overrides(site.app, list_changes(typed))
    except ConfigError as error:
        return _show(site, session, month, typed=explain_refusal(error, typed), status=422)
    if made:
        site.app.judge.rank_reviewed(month)
    return RedirectResponse(f"/weights?month={month}&done={'take' if made else 'same'}", 303)


@router.post("/reset", dependencies=[OwnForm])
def reset_weights(site: OfSite, typed: OfTyped) -> Response:
    month = _choose_month(site, typed.get("month", ""))
    if weights.reset_overrides(site.app):
        site.app.judge.rank_reviewed(month)
    return RedirectResponse(f"/weights?month={month}&done=reset", 303)


def _choose_month(site: Site, text: str) -> Month:
    return read_month(text) if text else months.find_open_month(site.app)


def _show(
    site: Site,
    session: OwnSession,
    month: Month,
    *,
    typed: Typed | None = None,
    effect: EffectView | None = None,
    said: str | None = None,
    status: int = 200,
) -> Response:
    with site.app.reading() as connection:
        counts = Counter(one.source for one in list_outlines(connection, month) if one.source != NO_FEED)
        facts = WeightFacts(
            listed=site.app.settings,
            overridden=weights.read_settings_in_force(connection, site.app.settings),
            limits=find_quotas(connection, month),
            places={
                key: name_place(url)
                for key, url in posts.list_source_urls(
                    connection, month, [key for key, _ in counts.most_common(_SOURCES)]
                ).items()
            },
            feeds=dict(list_names(connection)),
            counts=counts,
        )
        months = posts.list_months(connection)
    return site.page(
        "weights/weights.html",
        view=build_weights(month, facts, name_sections(publish.get_texts(site.app)), typed),
        months=months if month in months else [month, *months],
        effect=effect,
        said=said,
        month=month,
        token=session.token,
        status=status,
    )
