"""What readers see: the form by which they suggest a post, and what became of it. By a link, without a session."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import DigestError
from aggregator.pipeline import invitations, suggesting
from aggregator.pipeline.suggesting import TooManyError
from aggregator.types import InvitationKind
from aggregator.web.guests import accept_form, show_to_guest
from aggregator.web.site import OfSite, OfTyped, Site
from aggregator.words.readers import name_suggested, say_standing

router = APIRouter()

# People do not see this field, so whoever fills it in is a program.
_TRAP = "website"


@router.get("/suggest/{secret}")
def show_form(site: OfSite, secret: str) -> Response:
    invitations.find_invitation(site.app, secret, InvitationKind.SUGGEST)
    return _show(site)


@router.post("/suggest/{secret}")
def send_form(request: Request, site: OfSite, secret: str, typed: OfTyped) -> Response:
    """Take a suggestion, and lead to the page that tells what becomes of it."""
    invitation = invitations.find_invitation(site.app, secret, InvitationKind.SUGGEST)
    accept_form(request, site)
    if typed.get(_TRAP):
        return show_to_guest(site, "suggest/suggested.html", told=None)
    try:
        found = suggesting.suggest(site.app, invitation, typed)
    except DigestError as error:
        wrong = words.sentence(str(error))
        return _show(site, typed=typed, wrong=wrong, field=error.field, status=422)
    except TooManyError as error:
        return _show(site, typed=typed, wrong=words.sentence(str(error)), status=429)
    return RedirectResponse(f"/suggested/{found}", 303)


@router.get("/suggested/{secret}")
def show_suggested(request: Request, site: OfSite, secret: str) -> Response:
    """Show a reader what became of their suggestion, and nothing of others."""
    told = suggesting.find_told(site.app, secret)
    return show_to_guest(
        site,
        "suggest/suggested.html",
        told=told,
        title=name_suggested(told),
        said=words.sentence(say_standing(told.standing)),
        link=site.find_base(request) + request.url.path,
        sent=words.day(told.suggestion.sent_at, site.app.zone),
        keep_days=site.app.settings.suggestions.keep_days,
    )


def _show(
    site: Site,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    field: str = "",
    status: int = 200,
) -> Response:
    return show_to_guest(
        site,
        "suggest/suggest.html",
        status=status,
        typed=dict.fromkeys([*suggesting.FIELDS, "credit"], "") | dict(typed or {}),
        wrong=wrong,
        field=field,
        most=suggesting.FIELDS,
        trap=_TRAP,
        credits=site.app.settings.suggestions.credit,
        keep_days=site.app.settings.suggestions.keep_days,
    )
