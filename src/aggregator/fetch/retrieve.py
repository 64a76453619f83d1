"""URL → bytes, and for webhooks bytes → URL. With ``transports``, ``answers`` and ``failures`` the only file that
knows the HTTP client.

Redirects are followed here, because each hop needs decisions: what is sent there, and whether the response is worth
reading. Credentials are sent only to their origin (RFC 9110, 11.6.2 and 15.4). Validators are sent on every hop: they
belong to the document at the end, and a server that redirects has to ignore them (RFC 9110, 13.2.1).
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from aggregator import __version__
from aggregator.addresses.urls import drop_userinfo, hide_credentials
from aggregator.exceptions import RetrieveError
from aggregator.fetch.answers import START_BYTES, Fields, Told, first_of, read_body, read_fields, read_start
from aggregator.fetch.failures import CONNECT_SECONDS, is_deserted, say_failure, say_status
from aggregator.fetch.secrecy import hide, list_secrets
from aggregator.fetch.transports import ProxyTransport, VettingTransport
from aggregator.fetch.vetting import VettingBackend
from aggregator.fetch.walls import find_wall
from aggregator.text.html import excerpt_of, shorten
from aggregator.types import Credentials, Hop, NotModified, Retrieved

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_MAX_REDIRECTS = 5
_Answer = TypeVar("_Answer")


class Retriever:
    """Retrieves documents over kept connections; use as an async context manager.

    Every retrieval ends within *timeout_seconds* and reads at most *max_bytes* of unpacked body. *connections* is the
    limit of open ones, *contact* is put into the User-Agent. Only public addresses and those inside *allowed_networks*
    are visited; *backend* replaces these rules in tests.
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
        # At debug it logs every response header and its faults; some servers quote a password there.
        logging.getLogger("httpcore2").setLevel(logging.INFO)
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        comment = " ".join(f"feed reader of one curator; {contact}".split()).removesuffix(";")
        self._headers = [
            (b"User-Agent", f"aggregator/{__version__} ({comment})".encode()),
            (b"Accept-Encoding", b"gzip, deflate"),
        ]
        # No timeout for the pool: the whole visit has one.
        limits = httpx2.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds), pool=None)
        self._limits = {"timeout": limits.as_dict()}
        self._connections = connections
        self._transport = VettingTransport(backend or VettingBackend(allowed_networks), connections)
        #: By the address of the proxy.
        self._proxied: dict[str, VettingTransport] = {}

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for proxied in self._proxied.values():
            await proxied.aclose()
        await self._transport.__aexit__(kind, error, trace)

    async def retrieve(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        credentials: Credentials | None = None,
        max_bytes: int | None = None,
        accept: str = _ACCEPT,
        proxy: str | None = None,
    ) -> Retrieved | NotModified:
        """Get a document, or learn that it is still the one that the validators *etag* and *last_modified* belong to.

        *max_bytes* overrides the limit for what has to be smaller than a feed, *accept* is for what is not a feed.
        *proxy* is the address of a proxy (HTTP or SOCKS 5); which hosts are reached is then for the proxy to decide.
        A document that is too long, or breaks off, is returned as far as it was read, and marked as cut. User and
        password in *url* are not sent. Raises RetrieveError with the reason in words.
        """
        conditions = [(b"If-None-Match", etag), (b"If-Modified-Since", last_modified)]
        way = _Way(
            drop_userinfo(url),
            [(name, value.encode("latin-1", "replace")) for name, value in conditions if value],
            credentials,
            min(max_bytes or self._max_bytes, self._max_bytes),
            accept,
            proxy=proxy,
        )
        return await self._limit(way, self._follow(way))

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        max_bytes: int | None = None,
    ) -> Retrieved:
        """Send JSON, and read the answer with any status.

        A redirect is not followed: what is sent is meant for *url* alone. An answer that is too long, or breaks off, is
        marked as cut. Raises RetrieveError with the reason in words.
        """
        added = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        limit = min(max_bytes or self._max_bytes, self._max_bytes)
        way = _Way(drop_userinfo(url), added, credentials, limit, "application/json", "POST", body)
        return await self._limit(way, self._send(way))

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send JSON as ``post`` does. Raises RetrieveError unless it was accepted."""
        answer = await self.post(url, body, headers=headers, max_bytes=START_BYTES)
        if not 200 <= answer.status < 300:
            raise RetrieveError(url, f"{say_status(answer.status)} (HTTP {answer.status})", status=answer.status)

    async def probe(self, url: str, *, accept: str = _ACCEPT) -> Retrieved:
        """Learn where an address leads, without its document (HEAD). Raises RetrieveError, also where a server answers
        HEAD otherwise than GET.
        """
        way = _Way(drop_userinfo(url), [], None, START_BYTES, accept, method="HEAD")
        answer = await self._limit(way, self._follow(way))
        if isinstance(answer, NotModified):
            raise AssertionError("nothing was asked that 304 could answer")
        return answer

    async def _limit(self, way: _Way, answer: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Wait for an answer as long as the time limit allows, and say in words why it did not come."""
        try:
            async with asyncio.timeout(self._timeout):
                return await answer
        except TimeoutError as error:
            raise way.fail(f"no complete answer within {self._timeout:g} seconds") from error
        except zlib.error as error:
            raise way.fail(f"the answer cannot be unpacked: {error}") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            reason = say_failure(
                error,
                way.place,
                seconds=self._timeout,
                was_redirected=bool(way.hops),
                is_proxied=way.proxy is not None,
            )
            # Nobody learns from a proxy that a host is gone.
            raise way.fail(reason, is_deserted=way.proxy is None and is_deserted(error)) from error

    async def retrieve_whole(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        max_bytes: int | None = None,
        accept: str = _ACCEPT,
        proxy: str | None = None,
    ) -> Retrieved:
        """Get a document without validators. Raises RetrieveError."""
        answer = await self.retrieve(url, credentials=credentials, max_bytes=max_bytes, accept=accept, proxy=proxy)
        if isinstance(answer, NotModified):
            raise AssertionError("nothing was asked that 304 could answer")
        return answer

    async def _send(self, way: _Way) -> Retrieved:
        url = _without_userinfo(httpx2.URL(way.url))
        response = await self._transport.send(self._make_request(url, way))
        try:
            if response.has_redirect_location:
                raise way.fail("the server redirects, and what is sent is not sent elsewhere")
            fields = read_fields(response)
            body = await read_body(response, fields, way.max_bytes)
        finally:
            await response.aclose()
        return Retrieved(
            str(url), response.status_code, body.data, first_of(fields, "content-type"), is_cut=body.is_cut
        )

    async def _follow(self, way: _Way) -> Retrieved | NotModified:
        url = _without_userinfo(httpx2.URL(way.url))
        while True:
            request = self._make_request(url, way)
            response = await self._find_transport(way).send(request)
            try:
                fields = read_fields(response)
                if not response.has_redirect_location:
                    return await self._read(way, url, response, fields)
                way.keep_cookies(request, response)
                await read_start(response, fields)
            finally:
                await response.aclose()
            url = _find_target(way, url, fields["location"][0])
            way.hops.append(Hop(response.status_code, str(url)))
            if len(way.hops) > _MAX_REDIRECTS:
                raise way.fail(f"more than {_MAX_REDIRECTS} redirects")

    def _find_transport(self, way: _Way) -> VettingTransport:
        if way.proxy is None:
            return self._transport
        if way.proxy not in self._proxied:
            self._proxied[way.proxy] = ProxyTransport(way.proxy, self._connections)
        return self._proxied[way.proxy]

    def _make_request(self, url: httpx2.URL, way: _Way) -> httpx2.Request:
        # Checked here because every redirect passes here; the pool would also accept ws and wss.
        if url.scheme not in {"http", "https"}:
            raise httpx2.UnsupportedProtocol("only http and https are visited")
        if not url.raw_host:
            raise httpx2.InvalidURL("it names no host")
        headers = [(b"Host", url.netloc), *self._headers, (b"Accept", way.accept.encode()), *way.conditions]
        if way.credentials and httpx2.URL(way.credentials.origin).origin == url.origin:
            if not way.credentials.authorization.isprintable():
                # The library would quote them in its error.
                raise way.fail("the credentials of this feed have characters that HTTP does not allow")
            headers.append((b"Authorization", way.credentials.authorization.encode("latin-1", "replace")))
        # With a stream, httpx2 adds no header fields of its own.
        if way.body is not None:
            headers += [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(way.body))]
        request = httpx2.Request(
            way.method,
            url,
            headers=headers,
            stream=httpx2.ByteStream(way.body or b""),
            extensions=self._limits,
        )
        if way.cookies is not None:
            # A cookie that cannot be written into a header field is not sent back.
            with suppress(UnicodeEncodeError):
                way.cookies.set_cookie_header(request)
        return request

    async def _read(
        self, way: _Way, url: httpx2.URL, response: httpx2.Response, fields: Fields
    ) -> Retrieved | NotModified:
        status = response.status_code
        told = Told.read(fields)
        if status == 304 and way.conditions:
            return NotModified(str(url), **told._asdict(), hops=tuple(way.hops))
        if status == 304:
            raise way.fail("the server answers 304 to a request without validators", status=304)
        if not response.is_success:
            raise await _refuse(way, response, fields)
        body = await read_body(response, fields, way.max_bytes)
        if wall := find_wall(status, fields, body.data):
            raise _name_wall(way, wall, status, fields, body.data)
        if body.is_broken:
            # With its validators, the next visit would never get the rest of the document.
            told = told._replace(etag=None, last_modified=None)
        return Retrieved(
            str(url),
            status,
            body.data,
            first_of(fields, "content-type"),
            **told._asdict(),
            hops=tuple(way.hops),
            is_cut=body.is_cut,
            link=", ".join(fields.get("link", ())) or None,
            robots_tag=", ".join(fields.get("x-robots-tag", ())) or None,
        )


@dataclass(frozen=True, slots=True)
class RetrieverSettings:
    """How documents are retrieved, as for ``Retriever``."""

    timeout_seconds: float
    max_bytes: int
    connections: int
    contact: str = ""
    allowed_networks: tuple[str, ...] = ()

    def open(self) -> Retriever:
        return Retriever(
            timeout_seconds=self.timeout_seconds,
            max_bytes=self.max_bytes,
            connections=self.connections,
            contact=self.contact,
            allowed_networks=self.allowed_networks,
        )


@dataclass(slots=True)
class _Way:
    """One retrieval in progress."""

    #: The requested address, without user and password.
    url: str
    conditions: list[tuple[bytes, bytes]]
    credentials: Credentials | None
    max_bytes: int
    accept: str = _ACCEPT
    method: str = "GET"
    #: What is sent; None if only a document is asked for.
    body: bytes | None = None
    hops: list[Hop] = field(default_factory=list)
    #: The address of the proxy.
    proxy: str | None = None
    #: Set by redirects; forgotten after the visit.
    cookies: httpx2.Cookies | None = None

    @property
    def place(self) -> str:
        """The address reached so far."""
        return self.hops[-1].url if self.hops else self.url

    def keep_cookies(self, request: httpx2.Request, response: httpx2.Response) -> None:
        """Some sites set a cookie and redirect to the same address until the cookie comes back."""
        if "set-cookie" in response.headers:
            response.request = request
            self.cookies = self.cookies or httpx2.Cookies()
            self.cookies.extract_cookies(response)

    def fail(self, reason: str, *, excerpt: str = "", **told: Any) -> RetrieveError:
        """The error, without our credentials, which some servers quote when they reject them."""
        secrets = list_secrets(self.url, self.credentials)
        reason, excerpt = hide(reason, secrets), hide(excerpt, secrets)
        return RetrieveError(self.url, reason, excerpt=excerpt or None, hops=tuple(self.hops), **told)


def _without_userinfo(url: httpx2.URL) -> httpx2.URL:
    return url.copy_with(userinfo=b"", fragment=None) if url.userinfo or url.fragment else url


def _find_target(way: _Way, base: httpx2.URL, location: str) -> httpx2.URL:
    """The target of a Location (RFC 9110, 10.2.2), without user, password and fragment."""
    raw = location.encode("latin-1")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in raw)
    try:
        return _without_userinfo(base.join(text))
    except (httpx2.InvalidURL, ValueError) as error:
        raise way.fail(
            f"the server redirects to {hide_credentials(shorten(text, 200))!r}, which is not an address"
        ) from error


async def _refuse(way: _Way, response: httpx2.Response, fields: Fields) -> RetrieveError:
    """Why the server gives no document."""
    status = response.status_code
    start = await read_start(response, fields)
    if wall := find_wall(status, fields, start):
        return _name_wall(way, wall, status, fields, start)
    return way.fail(
        f"{say_status(status)} (HTTP {status})",
        status=status,
        retry_after=first_of(fields, "retry-after"),
        excerpt=excerpt_of(start),
    )


def _name_wall(way: _Way, wall: str, status: int, fields: Fields, start: bytes) -> RetrieveError:
    return way.fail(
        f"{wall} answers in place of the site, and asks to check the browser (HTTP {status})",
        status=status,
        retry_after=first_of(fields, "retry-after"),
        excerpt=excerpt_of(start[:START_BYTES]),
        wall=wall,
    )
