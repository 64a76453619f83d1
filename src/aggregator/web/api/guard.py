"""Who asks: a program with a token. Cookies do not count here, so that no page can send a request for its reader."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import BackgroundTasks, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.pipeline import tokens
from aggregator.pipeline.home import Home
from aggregator.types import Token
from aggregator.web.api.errors import ProblemError
from aggregator.web.attempts import Attempts
from aggregator.web.site import OfSite, Site

log = structlog.get_logger()

#: The token that a request carries.
bearer = HTTPBearer(auto_error=False, description="`aggregator token add NAME` makes a token.")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Caller:
    """The program that asks."""

    site: Site
    token: Token
    #: The home, for acts in the name of the token.
    home: Home

    @property
    def app(self) -> App:
        return self.site.app


def require_token(
    request: Request,
    site: OfSite,
    after: BackgroundTasks,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """Return who asks; raises 401 without a valid token, and 429 if the client has tried too many wrong ones."""
    if given is None:
        command = f"`{site.command} token add NAME`"
        raise ProblemError(401, f"Send a token as Authorization: Bearer; {command} makes one.", headers=_CHALLENGE)
    return _find_caller(request, site, after, given.credentials)


def require_reader(
    request: Request,
    site: OfSite,
    after: BackgroundTasks,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    token: Annotated[
        str | None, Query(max_length=200, description="A read-only token, for feed readers, which send no header.")
    ] = None,
) -> Caller:
    """Return who asks; a read-only token may also stand in the address. Raises as ``require_token`` does."""
    if token is None:
        return require_token(request, site, after, given)
    caller = _find_caller(request, site, after, token)
    if not caller.token.is_read_only:
        raise ProblemError(
            401, "Only a read-only token may stand in an address, where others can see it.", headers=_CHALLENGE
        )
    return caller


def require_writer(caller: Annotated[Caller, Depends(require_token)]) -> Caller:
    """Return who asks; raises 403 if their token may only read."""
    if caller.token.is_read_only:
        raise ProblemError(403, f"The token {caller.token.name} may only read.")
    return caller


Reading = Annotated[Caller, Depends(require_token)]
Changing = Annotated[Caller, Depends(require_writer)]
ReadingFeed = Annotated[Caller, Depends(require_reader)]


def _find_caller(request: Request, site: Site, after: BackgroundTasks, secret: str) -> Caller:
    # A valid token is accepted during a pause too: it cannot be guessed, and other clients may share its address.
    token = tokens.find_token(site.app, secret)
    if token is None:
        raise _refuse(request.app.state.attempts, request.client.host if request.client else "")
    if tokens.is_used_again(site.app, token):
        after.add_task(_note_use, site.app, token)
    return Caller(site, token, site.app.act_as(token.name))


def _refuse(attempts: Attempts, client: str) -> ProblemError:
    if pause := attempts.find_pause(client):
        said = f"Too many wrong tokens came from here. Wait for {pause} seconds."
        return ProblemError(429, said, headers={"Retry-After": str(pause)})
    if pause := attempts.add(client):
        log.warning("too many wrong tokens; the client has to wait", client=client, seconds=pause)
    return ProblemError(401, "This token is wrong, or was removed.", headers=_CHALLENGE)


def _note_use(home: Home, token: Token) -> None:
    with suppress(StorageError):  # The next request notes it.
        tokens.note_use(home, token)
