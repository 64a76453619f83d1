"""Why no document came, in words."""

from __future__ import annotations

import socket
import ssl

import httpx2

from aggregator.addresses.urls import hide_credentials, host_of
from aggregator.fetch.vetting import Unreachable
from aggregator.text.html import shorten

# A host that has not accepted a connection by then will not, and holds up other feeds.
CONNECT_SECONDS = 10.0
# The name does not exist. (An unreachable resolver says nothing about the name.) Not every system has the second.
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_STATUS_WORDS = {
    **dict.fromkeys((301, 302, 303, 307, 308), "the server redirects without saying where"),
    401: "the server asks for a password",
    403: "the server denies access",
    404: "there is no such document",
    410: "the document is gone for good",
    429: "the server asks for fewer visits",
}


def say_failure(error: Exception, url: str, *, seconds: float, was_redirected: bool, is_proxied: bool) -> str:
    """Say why a request to *url* failed, which may have been given *seconds*."""
    causes = _chain(error)
    said = shorten(hide_credentials(str(error)), 200)
    is_insecure = any(isinstance(cause, ssl.SSLError) for cause in causes)
    if any(isinstance(cause, Unreachable) for cause in causes):
        return said
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return f"{_say_place(url) if was_redirected else 'the address'} cannot be visited: {said}"
    if isinstance(error, httpx2.ProxyError):
        return f"the proxy of this feed refuses: {said}"
    if is_proxied and isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return f"no connection through the proxy of this feed{f': {said}' if is_insecure else ''}"
    host = host_of(url)
    if is_insecure:
        return f"no secure connection to {host}: {said}"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"{host} refuses the connection"
    if isinstance(error, httpx2.ConnectTimeout):
        return f"no connection to {host} within {min(CONNECT_SECONDS, seconds):g} seconds"
    if isinstance(error, httpx2.TimeoutException):
        return f"no complete answer within {seconds:g} seconds"
    if isinstance(error, httpx2.RemoteProtocolError):
        return f"the answer of {host} is not valid HTTP: {said}"
    if isinstance(error, httpx2.ReadError | httpx2.WriteError):
        return f"{host} closed the connection before it answered"
    return f"no connection to {host}: {said or type(error).__name__}"


def _say_place(url: str) -> str:
    return f"the server redirects to {shorten(url, 200)}, which"


def say_status(status: int) -> str:
    """Say what a status means that comes without a document."""
    return _STATUS_WORDS.get(status) or (
        "the server is in trouble" if status >= 500 else "the server answers with an error"
    )


def is_deserted(error: Exception) -> bool:
    """Whether nobody is at the address: no such name, or nothing that listens."""
    return any(
        isinstance(cause, ConnectionRefusedError)
        or (isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME)
        for cause in _chain(error)
    )


def _chain(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        # anyio groups the failures of all addresses of a host.
        chain += list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
        error = error.__cause__ or error.__context__
    return chain
