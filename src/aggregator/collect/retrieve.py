"""URL → bytes. The only file that knows the HTTP client."""

from __future__ import annotations

import asyncio
import socket
import ssl
from types import TracebackType
from typing import Self

import httpx2

from aggregator import __version__
from aggregator.exceptions import RetrieveError
from aggregator.types import NotModified, Retrieved
from aggregator.urls import host_of

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_MAX_REDIRECTS = 5
_STATUS_WORDS = {
    401: "the server asks for a password",
    403: "the server refuses us",
    404: "there is no such document",
    410: "the document is gone for good",
    429: "the server asks us to come less often",
}


class Retriever:
    """Retrieves documents over connections that it keeps; use as an async context manager.

    Every retrieval ends within *timeout_seconds*, and reads at most *max_bytes* of unpacked body.
    """

    def __init__(self, *, timeout_seconds: float, max_bytes: int, connections: int, contact: str = "") -> None:
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        comment = f"feed reader of one curator; {contact}" if contact else "feed reader of one curator"
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": f"aggregator/{__version__} ({comment})", "Accept": _ACCEPT},
            timeout=httpx2.Timeout(timeout_seconds),
            limits=httpx2.Limits(max_connections=connections),
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def retrieve(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Retrieved | NotModified:
        """Get a document, or learn that it is still the one these validators belong to.

        Raises RetrieveError with the reason in words.
        """
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        try:
            async with asyncio.timeout(self._timeout), self._client.stream("GET", url, headers=headers) as response:
                return await self._read(url, response)
        except TimeoutError as error:
            raise RetrieveError(url, f"no complete answer within {self._timeout:g} seconds") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise RetrieveError(url, self._in_words(url, error)) from error

    async def retrieve_whole(self, url: str) -> Retrieved:
        """Get a document in any case. Raises RetrieveError."""
        answer = await self.retrieve(url)
        if isinstance(answer, NotModified):
            raise RetrieveError(url, "the server answers 304 to a first question", status=304)
        return answer

    async def _read(self, url: str, response: httpx2.Response) -> Retrieved | NotModified:
        validators = (response.headers.get("etag"), response.headers.get("last-modified"))
        if response.status_code == 304:
            return NotModified(str(response.url), *validators)
        if not response.is_success:
            words = _STATUS_WORDS.get(response.status_code) or (
                "the server is in trouble" if response.status_code >= 500 else "the server answers with an error"
            )
            raise RetrieveError(url, f"{words} (HTTP {response.status_code})", status=response.status_code)
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise RetrieveError(
                    url, f"the document is larger than {self._max_bytes / 1e6:g} MB", status=response.status_code
                )
        return Retrieved(
            str(response.url), response.status_code, bytes(body), response.headers.get("content-type"), *validators
        )

    def _in_words(self, url: str, error: Exception) -> str:
        causes = _chain(error)
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return f"the name {host_of(url)} cannot be resolved"
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return f"no secure connection to {host_of(url)}: {error}"
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return f"{host_of(url)} refuses the connection"
        if isinstance(error, httpx2.TimeoutException):
            return f"no complete answer within {self._timeout:g} seconds"
        if isinstance(error, httpx2.TooManyRedirects):
            return f"more than {_MAX_REDIRECTS} redirects"
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
            return f"the address cannot be visited: {error}"
        if isinstance(error, httpx2.DecodingError):
            return f"the answer cannot be unpacked: {error}"
        return f"no connection to {host_of(url)}: {error or type(error).__name__}"


def _chain(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        # anyio gathers the failures of all addresses of a host in a group.
        chain += list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
        error = error.__cause__ or error.__context__
    return chain
