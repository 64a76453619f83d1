"""What the curator sees of readers: the links that were given out, what was suggested, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.addresses.urls import readable_url
from aggregator.locales import mark, t
from aggregator.pipeline import invitations, suggesting
from aggregator.pipeline.suggesting import Told
from aggregator.types import InvitationKind, Stand, State
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.paths import find_local_path, path_in_queue
from aggregator.web.site import OfSite, Site, read_month, read_number
from aggregator.web.suggestions.links import build_links
from aggregator.words.feeds import When, say_when
from aggregator.words.readers import name_suggested, say_standing, write_reply
from aggregator.words.reasons import say_reason

router = APIRouter(dependencies=[Depends(require_session)])

_MOST_DAYS = 366
_NO_INVITATION = mark("invitation {number} is not known")
_NO_SUGGESTION = mark("suggestion {number} is not known")


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A suggestion as the curator sees it."""

    number: int
    title: str
    language: str
    #: Where it is in the queue, or where it can be added by hand.
    path: str
    is_post: bool
    url: str
    address: str
    said: str
    trouble: str
    why: str
    credit: str
    contact: str
    sent: When | None
    #: What to answer, in the reader's language; empty while nothing is decided.
    reply: str
    reply_language: str
    is_answered: bool
    can_decline: bool


@router.get("/suggestions")
def show_suggestions(request: Request, site: OfSite, session: OfSession) -> Response:
    """Show what readers have suggested, the newest first."""
    told = suggesting.list_told(site.app)
    return site.page(
        "suggestions/suggestions.html",
        links=build_links(site, request),
        suggestions=[_build(site, each) for each in told],
        token=session.token,
    )


@router.post("/suggestions/{number}/decline", dependencies=[OwnForm])
def decline(site: OfSite, number: str, reason: Annotated[str, Form()] = "") -> Response:
    suggesting.decline(site.app, read_number(_NO_SUGGESTION, number), reason)
    return RedirectResponse(f"/suggestions#suggestion-{number}", 303)


@router.post("/suggestions/{number}/answered", dependencies=[OwnForm])
def note_answer(site: OfSite, number: str) -> Response:
    suggesting.note_answer(site.app, read_number(_NO_SUGGESTION, number))
    return RedirectResponse(f"/suggestions#suggestion-{number}", 303)


@router.post("/invitations", dependencies=[OwnForm])
def invite(
    site: OfSite,
    kind: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    month: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a link, and show it where it was asked for."""
    if kind not in set(InvitationKind):
        raise HTTPException(422, t("The form could not be read."))
    if days and not (days.isascii() and days.isdecimal() and 1 <= int(days) <= _MOST_DAYS):
        raise HTTPException(422, t("Give a number of days from 1 to {most}.", most=_MOST_DAYS))
    wanted = read_month(month) if month else None
    if (wanted is None) is (kind == InvitationKind.DRAFT):
        raise HTTPException(422, t("The form could not be read."))
    made = InvitationKind(kind)
    invitations.invite(site.app, site.app.login_key, made, name=name, month=wanted, days=int(days) if days else None)
    return RedirectResponse(f"/digest/{wanted}#links" if wanted else "/suggestions", 303)


@router.post("/invitations/{number}/end", dependencies=[OwnForm])
def end_invitation(site: OfSite, number: str, next: Annotated[str, Form()] = "") -> Response:
    invitations.end_invitation(site.app, read_number(_NO_INVITATION, number))
    return RedirectResponse(find_local_path(next) or "/suggestions", 303)


def _build(site: Site, told: Told) -> SuggestionView:
    suggestion, candidate = told.suggestion, told.candidate
    post = candidate.post if candidate else None
    is_open = suggestion.declined is None and (candidate is None or candidate.state is State.UNDECIDED)
    return SuggestionView(
        suggestion.id,
        name_suggested(told),
        post.language if post else "",
        path_in_queue(post.month, post.id) if post else "",
        post is not None,
        suggestion.url,
        readable_url(suggestion.url),
        words.capitalise(say_standing(told.standing)),
        words.sentence(say_reason(suggestion.trouble)) if suggestion.trouble else "",
        suggestion.why,
        suggestion.credit,
        suggestion.contact,
        say_when(suggestion.sent_at, site.app.now, site.app.zone),
        write_reply(told),
        suggestion.language,
        suggestion.answered_at is not None,
        is_open and told.standing.stand is not Stand.PRINTED,
    )
