"""The page of the curator's own rules: showing, previewing and changing them."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import RuleError
from aggregator.locales import mark, t
from aggregator.pipeline import months, publish, rules
from aggregator.pipeline.rules import NO_RULE, get_rule
from aggregator.pipeline.sessions import OwnSession
from aggregator.storage.feeds import list_names
from aggregator.storage.rules import list_rules
from aggregator.types import RuleState
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.rules.form import EMPTY, read_rule
from aggregator.web.rules.view import PreviewView, TypedRule, build_preview, build_rules, fill_form
from aggregator.web.site import OfSite, OfTyped, Site, read_number
from aggregator.words.sections import name_sections

router = APIRouter(prefix="/rules", dependencies=[Depends(require_session)])

_SAID = {
    "saved": mark("The rule is saved. The months under review are ranked again with it."),
    "on": mark("The rule is switched on."),
    "off": mark("The rule is switched off. Its effect on the months under review is undone."),
    "removed": mark("The rule is removed. Its effect on the months under review is undone. You can restore it below."),
}


@router.get("")
def show_rules(site: OfSite, session: OfSession, edit: str = "", done: str = "") -> Response:
    """Show all rules; *edit* is the number of the one in the form."""
    typed = TypedRule()
    if edit:
        with site.app.reading() as connection:
            typed = fill_form(get_rule(connection, read_number(NO_RULE, edit)))
    return _show(site, session, typed, said=t(_SAID.get(done, "")))


@router.post("/preview", dependencies=[OwnForm])
def preview_rule(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Show the posts that the typed rule would have touched; nothing is stored."""
    try:
        rule = read_rule(typed, site.app.taxonomy)
        found = rules.preview_rule(site.app, rule)
    except RuleError as error:
        return _refuse(site, session, typed, error)
    preview = build_preview(rule, found, name_sections(publish.get_texts(site.app)), site.app.zone)
    return _show(site, session, TypedRule(EMPTY | typed), preview=preview)


@router.post("", dependencies=[OwnForm])
def save_rule(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    try:
        rules.save_rule(site.app, read_rule(typed, site.app.taxonomy))
    except RuleError as error:
        return _refuse(site, session, typed, error)
    site.app.judge.rank_reviewed(months.find_open_month(site.app))
    return RedirectResponse("/rules?done=saved", 303)


@router.post("/{number}/{state}", dependencies=[OwnForm])
def turn_rule(site: OfSite, number: str, state: RuleState) -> Response:
    rules.turn_rule(site.app, read_number(NO_RULE, number), state)
    site.app.judge.rank_reviewed(months.find_open_month(site.app))
    return RedirectResponse(f"/rules?done={state}", 303)


def _refuse(site: Site, session: OwnSession, typed: dict[str, str], error: RuleError) -> Response:
    return _show(site, session, TypedRule(EMPTY | typed, error.field, words.sentence(str(error))), status=422)


def _show(
    site: Site,
    session: OwnSession,
    typed: TypedRule,
    *,
    preview: PreviewView | None = None,
    said: str | None = None,
    status: int = 200,
) -> Response:
    with site.app.reading() as connection:
        known, tags = list_rules(connection), rules.list_tags(connection)
        feeds = dict(list_names(connection))
    names = name_sections(publish.get_texts(site.app))
    view = build_rules(known, typed, feeds, tags, names, site.app.zone)
    return site.page(
        "rules/rules.html", view=view, names=names, preview=preview, said=said, token=session.token, status=status
    )
