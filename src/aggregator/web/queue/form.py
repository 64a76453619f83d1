"""The forms of the queue as received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request

from aggregator import words
from aggregator.locales import t
from aggregator.pipeline.sessions import OwnSession
from aggregator.types import Decision, Section, Seen, Until, read_until
from aggregator.web.guard import OfSession
from aggregator.web.pane.view import read_seen
from aggregator.web.paths import find_local_path
from aggregator.web.site import OfSite, Site, wants_json


@dataclass(frozen=True, slots=True)
class Again:
    """A verdict that was not stored because of another one meanwhile; the page offers it again."""

    decision: Decision
    section: Section | None
    reason: str

    @property
    def label(self) -> str:
        match self.decision:
            case Decision.APPROVE if self.section:
                return t("Approve for {section} anyway", section=self.section)
            case Decision.APPROVE:
                return t("Approve anyway")
            case Decision.REJECT:
                return t("Reject anyway: {reason}", reason=t(self.reason))
        return t("Hold anyway")


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form of the queue as received, with what is needed to answer it."""

    site: Site
    session: OwnSession
    #: The chosen section; None if the form has none.
    section: Section | None
    reason: str
    #: Of a hold: when the post is to come back by itself; None if it stays held.
    until: Until | None
    #: The verdicts on the post when the form was shown; None if the form does not say.
    seen: Seen | None
    #: Where to go back to; None for the queue of the post's month.
    back: str | None
    #: Whether the script asks, which wants the changes and not a page.
    is_scripted: bool


def read_form(
    request: Request,
    site: OfSite,
    session: OfSession,
    section: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    until: Annotated[str, Form(max_length=20)] = "",
    seen: Annotated[str, Form(max_length=50)] = "",
    next: Annotated[str, Form()] = "",
) -> SentForm:
    """Read a form of the queue. Raises 422 for an unknown section, and for a day that cannot be read."""
    try:
        chosen = site.app.taxonomy.parse_section(section) if section.strip() else None
        end = read_until(until) if until else None
        shown = read_seen(seen)
    except ValueError as error:
        raise HTTPException(422, words.sentence(str(error))) from error
    return SentForm(site, session, chosen, reason, end, shown, find_local_path(next), wants_json(request))


OfForm = Annotated[SentForm, Depends(read_form)]
