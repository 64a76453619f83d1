"""Checks requests before they are answered, and adds the security headers to every response."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated
from urllib.parse import quote, unquote, urlsplit

from fastapi import BackgroundTasks, Depends, Form, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.config.settings import ServerSettings
from aggregator.config.values import is_every_address, read_ip
from aggregator.exceptions import StorageError
from aggregator.locales import t
from aggregator.pipeline.sessions import OwnSession, Sessions
from aggregator.types import SESSION_LIFETIME
from aggregator.web.paths import find_local_path
from aggregator.web.site import OfSite, Site

# With no-referrer, browsers send "Origin: null" with the forms of our own pages (Fetch, "append a request Origin
# header"), as foreign pages may do too. same-origin tells other sites just as little.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    # On pages without TLS, Chromium asks for the addresses of all hosts that they link to.
    "X-DNS-Prefetch-Control": "off",
}

#: For the answer that shows the pictures of an article because the curator asked for them.
PICTURES_FROM_ELSEWHERE = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "img-src 'self' data:", "img-src 'self' data: https: http:"
    )
}


class SecurityHeaders:
    """Adds the headers to every response, and the cookie of a session that goes on. Headers that a page sets stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if cookie := scope.get("state", {}).get("cookie"):
                    headers.setdefault("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class KnownHosts:
    """Refuses requests for unknown host names with 421. If the name of a foreign page suddenly resolves to this machine
    (DNS rebinding), its requests carry that name, and would otherwise pass as those of our own pages.
    """

    def __init__(self, app: ASGIApp, server: ServerSettings) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope).get("host", "") if scope["type"] == "http" else None
        app = self._app if asked is None or is_known_host(asked, self._server) else _refuse_host(asked)
        await app(scope, receive, send)


def _refuse_host(asked: str) -> ASGIApp:
    return PlainTextResponse(
        t(
            "The page is not served under the name {name}. If it should be, "
            "set server.hosts or server.public_url in feeds.toml.",
            name=repr(asked[:100]),
        )
        + "\n",
        421,
    )


def is_known_host(asked: str, server: ServerSettings) -> bool:
    """Whether a Host header names this machine, the address that the page listens on, or a host of the settings. Ports
    do not matter, since a tunnel has its own. IP addresses cannot be rebound, so all are known if the page listens on
    all.
    """
    try:
        parts = urlsplit(f"//{asked}")
        name = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.netloc != asked or "@" in asked or not name:
        return False
    ours = {"localhost", server.host.lower(), urlsplit(server.public_url).hostname, *server.hosts}
    address = read_ip(name)
    return name in ours or (address is not None and (address.is_loopback or is_every_address(server.host)))


def find_session(request: Request, site: OfSite) -> OwnSession | None:
    return site.sessions.find(request.cookies.get(site.sessions.cookie))


def require_session(
    request: Request,
    session: Annotated[OwnSession | None, Depends(find_session)],
    site: OfSite,
    after: BackgroundTasks,
) -> OwnSession:
    """Return the session of the request; raises 401 if there is none. Its use is noted after the response, which
    therefore does not wait for a writer; session and cookie are then valid for longer.
    """
    if session is None:
        raise HTTPException(401)
    if site.sessions.is_used_again(session):
        request.state.cookie = write_cookie(request, site, request.cookies[site.sessions.cookie])
        after.add_task(_note_use, site.sessions, session)
    return session


def write_cookie(request: Request, site: Site, value: str) -> str:
    """Write the value of ``Set-Cookie`` that makes the browser keep a session."""
    answer = Response()
    answer.set_cookie(
        site.sessions.cookie,
        value,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request, site.app.settings.server.public_url),
    )
    return answer.headers["Set-Cookie"]


def _note_use(sessions: Sessions, session: OwnSession) -> None:
    with suppress(StorageError):  # The next request notes it.
        sessions.note_use(session)


# For so many seconds, and up to so many characters, the page that somebody wanted is kept until they log in.
_PLACE_SECONDS = 1800
_PLACE_LENGTH = 2000


def keep_place(request: Request, site: Site, answer: Response) -> Response:
    """Let the browser keep the address that it asked for in a cookie, which only the login gets."""
    path = quote(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    value = quote(path, safe="")
    if request.method == "GET" and find_local_path(path) and len(value) <= _PLACE_LENGTH:
        answer.set_cookie(
            _name_place(site),
            value,
            max_age=_PLACE_SECONDS,
            path="/login",
            httponly=True,
            samesite="lax",
            secure=is_secure(request, site.app.settings.server.public_url),
        )
    return answer


def take_place(request: Request, site: Site) -> str:
    """Return the address that the browser asked for before the login; ``/`` if there is none on this site."""
    return find_local_path(unquote(request.cookies.get(_name_place(site), ""))) or "/"


def forget_place(request: Request, site: Site, answer: Response) -> None:
    if _name_place(site) in request.cookies:
        answer.delete_cookie(_name_place(site), path="/login", httponly=True, samesite="lax")


def _name_place(site: Site) -> str:
    return f"{site.sessions.cookie}-place"


OfSession = Annotated[OwnSession, Depends(require_session)]


class OldFormError(HTTPException):
    """One of our pages sent a form with the token of an earlier session; *token* is that of the present session.

    It is safe to hand it out: the request has the session's cookie, and our pages carry the token anyway.
    """

    def __init__(self, token: str) -> None:
        super().__init__(403, t("This form belongs to an older session, so nothing was done."))
        self.token = token


_UNKEPT = {"token", "password"}


async def keep_sent(request: Request) -> None:
    """Keep the fields of a form, to offer them again if it is refused."""
    if request.method == "POST":
        sent = (await request.form()).multi_items()
        request.state.sent = [(name, value) for name, value in sent if name not in _UNKEPT and isinstance(value, str)]


def refuse_other_site(request: Request, site: Site) -> None:
    """Raise 403 if another site sent the form."""
    if is_from_us(request, site) is False:
        raise HTTPException(
            403,
            t(
                "This request came from another site ({site}), so nothing was done. "
                "If the page should be served there, set server.public_url in feeds.toml.",
                site=str(_find_source(request))[:100],
            ),
        )


def is_from_us(request: Request, site: Site) -> bool | None:
    """Whether one of our pages sent a form, by its Origin, else its Referer; None if it has neither."""
    source = _find_source(request)
    return None if source is None else _is_ours(source, request, site.app.settings.server.public_url)


def _find_source(request: Request) -> str | None:
    return request.headers.get("origin") or request.headers.get("referer")


def require_own_form(request: Request, site: OfSite, session: OfSession, token: Annotated[str, Form()] = "") -> None:
    """Raise 403 unless one of our pages sent the form: by its Origin (else Referer), and by the session's token."""
    refuse_other_site(request, site)
    if site.sessions.is_token(session, token):
        return
    if is_from_us(request, site):
        raise OldFormError(session.token)
    raise HTTPException(403, t("This form belongs to an older session, so nothing was done. Reload the page first."))


def _is_ours(source: str, request: Request, public_url: str) -> bool:
    ours = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    return urlsplit(source).netloc.lower() in {host.lower() for host in ours}


OwnForm = Depends(require_own_form)


def is_secure(request: Request, public_url: str) -> bool:
    """Whether the browser came by https, directly or through the proxy that ``public_url`` names."""
    public = urlsplit(public_url)
    behind_proxy = public.scheme == "https" and public.netloc == request.headers.get("host", "")
    return request.url.scheme == "https" or behind_proxy
