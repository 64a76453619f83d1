"""The links that the curator gave out, as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from aggregator import words
from aggregator.pipeline import invitations
from aggregator.types import Month
from aggregator.web.site import Site
from aggregator.words.readers import say_invitation


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link that was given out."""

    number: int
    name: str
    said: str
    #: Empty if it cannot be shown.
    url: str


def build_links(site: Site, request: Request, month: Month | None = None) -> list[LinkView]:
    """Build the links to the draft of a month, or those to suggest posts; those that are over are left out."""
    app, base = site.app, site.find_base(request)
    links = []
    for each in invitations.list_invitations(app):
        if each.month == month and each.is_open(app.now):
            said = words.capitalise(say_invitation(each, app.now, app.zone))
            path = invitations.show_path(each, app.login_key)
            links.append(LinkView(each.id, each.name, said, base + path if path else ""))
    return links
