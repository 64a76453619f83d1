"""What the pages have in common that are reached by a link of the curator, without a session."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse

from aggregator.locales import t
from aggregator.web.guard import refuse_other_site
from aggregator.web.site import Site

_UNFOUND = {"X-Robots-Tag": "noindex, nofollow"}


def accept_form(request: Request, site: Site) -> None:
    """Raise 403 if another site sent a form, and 429 if its client has sent too many in an hour."""
    refuse_other_site(request, site)
    if not site.guests.take(request.client.host if request.client else ""):
        raise HTTPException(429, t("That was much at once. Try it again in an hour."), {"Retry-After": "3600"})


def show_to_guest(site: Site, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page for somebody without a session, which search engines are to leave out."""
    answer = site.page(template, token="", status=status, **values)
    answer.headers.update(_UNFOUND)
    return answer
