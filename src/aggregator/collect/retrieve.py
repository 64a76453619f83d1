"""URL → bytes. The only file that knows the HTTP client."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from aggregator import __version__
from aggregator.collect.addresses import Unreachable, VettingBackend
from aggregator.exceptions import RetrieveError
from aggregator.types import NotModified, Retrieved
from aggregator.urls import hide_credentials, host_of

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_MAX_REDIRECTS = 5
# Header fields that an answer is remembered with.
_TOLD = ("etag", "last_modified", "cache_control", "expires")
_STATUS_WORDS = {
    401: "the server asks for a password",
    403: "the server refuses us",
    404: "there is no such document",
    410: "the document is gone for good",
    429: "the server asks us to come less often",
}


class Retriever:
    """Retrieves documents over connections that it keeps; use as an async context manager.

    Every retrieval ends within *timeout_seconds*, and reads at most *max_bytes* of unpacked body. Only public addresses
    are visited, and those inside *allowed_networks*; *backend* goes before these, for tests.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float,
        max_bytes: int,
        connections: int,
        contact: str = "",
        allowed_networks: Sequence[str] = (),
        backend: VettingBackend | None = None,
    ) -> None:
        # It tells every request with its whole address, password included.
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        comment = f"feed reader of one curator; {contact}" if contact else "feed reader of one curator"
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": f"aggregator/{__version__} ({comment})", "Accept": _ACCEPT},
            timeout=httpx2.Timeout(timeout_seconds),
            transport=_VettingTransport(backend or VettingBackend(allowed_networks), connections),
            # A proxy named in the environment would resolve the names itself and visit what we refuse.
            trust_env=False,
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
        told = {name: response.headers.get(name.replace("_", "-")) for name in _TOLD}
        if response.status_code == 304:
            return NotModified(hide_credentials(str(response.url)), **told)
        if not response.is_success:
            words = _STATUS_WORDS.get(response.status_code) or (
                "the server is in trouble" if response.status_code >= 500 else "the server answers with an error"
            )
            raise RetrieveError(
                url,
                f"{words} (HTTP {response.status_code})",
                status=response.status_code,
                retry_after=response.headers.get("retry-after"),
            )
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise RetrieveError(
                    url, f"the document is larger than {self._max_bytes / 1e6:g} MB", status=response.status_code
                )
        return Retrieved(
            hide_credentials(str(response.url)),
            response.status_code,
            bytes(body),
            response.headers.get("content-type"),
            **told,
        )

    def _in_words(self, url: str, error: Exception) -> str:
        causes = _chain(error)
        said = hide_credentials(str(error))
        if any(isinstance(cause, Unreachable) for cause in causes):
            return said
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return f"no secure connection to {host_of(url)}: {said}"
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return f"{host_of(url)} refuses the connection"
        if isinstance(error, httpx2.TimeoutException):
            return f"no complete answer within {self._timeout:g} seconds"
        if isinstance(error, httpx2.TooManyRedirects):
            return f"more than {_MAX_REDIRECTS} redirects"
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
            return f"the address cannot be visited: {said}"
        if isinstance(error, httpx2.DecodingError):
            return f"the answer cannot be unpacked: {said}"
        return f"no connection to {host_of(url)}: {said or type(error).__name__}"


class _VettingTransport(httpx2.AsyncHTTPTransport):
    """httpx2's transport over connections to vetted addresses."""

    def __init__(self, backend: VettingBackend, connections: int) -> None:
        # httpx2 takes no network backend. The initialiser of the base is left out on purpose: should the pool be called
        # something else one day, there is none and every request fails, instead of going out unvetted.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=connections,
            keepalive_expiry=httpx2.Limits().keepalive_expiry,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        # Asked here because every redirect comes by; the pool would take ws and wss as well.
        if request.url.scheme not in {"http", "https"}:
            raise httpx2.UnsupportedProtocol("only http and https are visited", request=request)
        return await super().handle_async_request(request)


def _chain(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        # anyio gathers the failures of all addresses of a host in a group.
        chain += list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
        error = error.__cause__ or error.__context__
    return chain
