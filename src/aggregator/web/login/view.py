"""The login page: by which ways somebody can log in here, and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import HTMLResponse

from aggregator.exceptions import StorageError
from aggregator.pipeline.passwords import LONGEST, has_password
from aggregator.web.site import Site


@dataclass(frozen=True, slots=True)
class Ways:
    """By which ways somebody can log in."""

    password: bool
    #: Only where no other machine reaches the page: the link stays the same, and proxies and browsers keep addresses.
    link: bool


def find_ways(site: Site) -> Ways:
    try:
        has = has_password(site.app.database)
    except StorageError:
        has = True  # Whoever sends the form is told what is wrong with the database.
    return Ways(has, not site.app.settings.server.listens_to_network)


def show_login(
    site: Site, *, status: int = 200, wrong: str = "", path: str = "", sent: Sequence[tuple[str, str]] = ()
) -> HTMLResponse:
    """Render the login page. With *sent*, it keeps a form that was sent to *path* without a session."""
    return site.page(
        "login/login.html",
        status=status,
        token="",
        ways=find_ways(site),
        wrong=wrong,
        most=LONGEST,
        path=path,
        sent=sent,
        command=site.command,
    )
