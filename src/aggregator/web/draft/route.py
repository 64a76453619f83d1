"""The draft of a month for a colleague: by a link, without a session; all that can be sent are remarks."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import DigestError
from aggregator.locales import mark
from aggregator.pipeline import invitations, remarks
from aggregator.storage import readers
from aggregator.types import Invitation, InvitationKind
from aggregator.web.draft.view import group_by_line
from aggregator.web.guard import OwnForm, require_session
from aggregator.web.guests import accept_form, show_to_guest
from aggregator.web.site import OfSite, OfTyped, Site, read_number

router = APIRouter()


@router.get("/draft/{secret}")
def show_draft(site: OfSite, secret: str, sent: int = 0) -> Response:
    """Show a draft with the remarks that came by the same link; *sent* is how many just did."""
    return _show(site, invitations.find_invitation(site.app, secret, InvitationKind.DRAFT), sent=sent)


@router.post("/draft/{secret}")
def send_remarks(request: Request, site: OfSite, secret: str, typed: OfTyped) -> Response:
    invitation = invitations.find_invitation(site.app, secret, InvitationKind.DRAFT)
    accept_form(request, site)
    try:
        number = remarks.add_remarks(site.app, invitation, typed)
    except DigestError as error:
        return _show(site, invitation, typed=typed, error=error)
    return RedirectResponse(f"/draft/{secret}?sent={number}", 303)


@router.post("/remarks/{number}/done", dependencies=[Depends(require_session), OwnForm])
def mark_done(site: OfSite, number: str) -> Response:
    """Mark a remark as done, and go back to its digest."""
    done = remarks.mark_done(site.app, read_number(mark("remark {number} is not known"), number))
    with site.app.reading() as connection:
        month = readers.get_invitation(connection, done.invitation_id).month
    return RedirectResponse(f"/digest/{month}#remarks", 303)


def _show(
    site: Site,
    invitation: Invitation,
    *,
    sent: int = 0,
    typed: Mapping[str, str] | None = None,
    error: DigestError | None = None,
) -> Response:
    problem, draft = "", None
    try:
        draft = remarks.find_draft(site.app, invitation)
    except DigestError as reason:
        problem = words.sentence(str(reason))
    with site.app.reading() as connection:
        said = readers.list_remarks_by(connection, invitation.id)
    return show_to_guest(
        site,
        "draft/draft.html",
        status=422 if error else 200,
        invitation=invitation,
        draft=draft,
        problem=problem,
        said=group_by_line(said),
        sent=sent,
        typed=dict(typed or {}),
        wrong=words.sentence(str(error)) if error else "",
        field=error.field if error else "",
        until=words.day(invitation.expires_at, site.app.zone) if invitation.expires_at else "",
        longest=remarks.LONGEST,
        longest_name=remarks.LONGEST_NAME,
    )
