"""URL → bytes, and for webhooks bytes → URL. The only file that knows the HTTP client.

Redirects are followed here, because each hop needs decisions: what is sent there, and whether the response is worth
reading. Credentials are sent only to their origin (RFC 9110, 11.6.2 and 15.4). Validators are sent on every hop: they
belong to the document at the end, and a server that redirects has to ignore them (RFC 9110, 13.2.1).
"""

from __future__ import annotations

import asyncio
import io
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2

from aggregator import __version__
from aggregator.addresses.urls import drop_userinfo, hide_credentials, host_of
from aggregator.exceptions import RetrieveError
from aggregator.fetch.packing import Unpacker
from aggregator.fetch.secrecy import hide, list_secrets
from aggregator.fetch.vetting import Unreachable, VettingBackend
from aggregator.fetch.walls import find_wall
from aggregator.text.html import excerpt_of, shorten
from aggregator.types import Credentials, Hop, NotModified, Retrieved

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_MAX_REDIRECTS = 5
# A host that has not accepted a connection by then will not, and holds up other feeds.
_CONNECT_SECONDS = 10.0
# Only the beginning of a response without a document is read, in bytes and seconds.
_START_BYTES = 4096
_START_SECONDS = 2.0
# Servers reject requests with long header fields: a longer validator would lock the feed out.
_LONGEST_VALIDATOR = 1000
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
_ANYWHERE = ("0.0.0.0/0", "::/0")
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
        limits = httpx2.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds), pool=None)
        self._limits = {"timeout": limits.as_dict()}
        self._connections = connections
        self._transport = _VettingTransport(backend or VettingBackend(allowed_networks), connections)
        #: By the address of the proxy.
        self._proxied: dict[str, _VettingTransport] = {}

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
        *proxy* is the address of an HTTP proxy; which hosts are reached is then for the proxy to decide.
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
        answer = await self.post(url, body, headers=headers, max_bytes=_START_BYTES)
        if not 200 <= answer.status < 300:
            raise RetrieveError(url, f"{_say_status(answer.status)} (HTTP {answer.status})", status=answer.status)

    async def probe(self, url: str, *, accept: str = _ACCEPT) -> Retrieved:
        """Learn where an address leads, without its document (HEAD). Raises RetrieveError, also where a server answers
        HEAD otherwise than GET.
        """
        way = _Way(drop_userinfo(url), [], None, _START_BYTES, accept, method="HEAD")
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
            # Nobody learns from a proxy that a host is gone.
            is_deserted = way.proxy is None and _is_deserted(error)
            raise way.fail(self._in_words(way, error), is_deserted=is_deserted) from error

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
            fields = _read_fields(response)
            body = await _read_body(response, Unpacker(_read_coding(fields), way.max_bytes), way.max_bytes)
        finally:
            await response.aclose()
        return Retrieved(str(url), response.status_code, body.data, _first(fields, "content-type"), is_cut=body.is_cut)

    async def _follow(self, way: _Way) -> Retrieved | NotModified:
        url = _without_userinfo(httpx2.URL(way.url))
        while True:
            request = self._make_request(url, way)
            response = await self._find_transport(way).send(request)
            try:
                fields = _read_fields(response)
                if not response.has_redirect_location:
                    return await self._read(way, url, response, fields)
                way.keep_cookies(request, response)
                await _read_start(response, fields)
            finally:
                await response.aclose()
            url = _find_target(way, url, fields["location"][0])
            way.hops.append(Hop(response.status_code, str(url)))
            if len(way.hops) > _MAX_REDIRECTS:
                raise way.fail(f"more than {_MAX_REDIRECTS} redirects")

    def _find_transport(self, way: _Way) -> _VettingTransport:
        if way.proxy is None:
            return self._transport
        if way.proxy not in self._proxied:
            self._proxied[way.proxy] = _ProxyTransport(way.proxy, self._connections)
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
        self, way: _Way, url: httpx2.URL, response: httpx2.Response, fields: _Fields
    ) -> Retrieved | NotModified:
        status = response.status_code
        told = _Told.read(fields)
        if status == 304 and way.conditions:
            return NotModified(str(url), **told._asdict(), hops=tuple(way.hops))
        if status == 304:
            raise way.fail("the server answers 304 to a request without validators", status=304)
        if not response.is_success:
            raise await _refuse(way, response, fields)
        body = await _read_body(response, Unpacker(_read_coding(fields), way.max_bytes), way.max_bytes)
        if wall := find_wall(status, fields, body.data):
            raise _name_wall(way, wall, status, fields, body.data)
        if body.is_broken:
            # With its validators, the next visit would never get the rest of the document.
            told = told._replace(etag=None, last_modified=None)
        return Retrieved(
            str(url),
            status,
            body.data,
            _first(fields, "content-type"),
            **told._asdict(),
            hops=tuple(way.hops),
            is_cut=body.is_cut,
            link=", ".join(fields.get("link", ())) or None,
            robots_tag=", ".join(fields.get("x-robots-tag", ())) or None,
        )

    def _in_words(self, way: _Way, error: Exception) -> str:
        causes = _chain(error)
        said = shorten(hide_credentials(str(error)), 200)
        if any(isinstance(cause, Unreachable) for cause in causes):
            return said
        if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
            return f"{way.say_place()} cannot be visited: {said}"
        if isinstance(error, httpx2.ProxyError):
            return f"the proxy of this feed refuses: {said}"
        if way.proxy is not None and isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return "no connection through the proxy of this feed"
        host = host_of(way.place)
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return f"no secure connection to {host}: {said}"
        if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return f"{host} refuses the connection"
        if isinstance(error, httpx2.ConnectTimeout):
            return f"no connection to {host} within {min(_CONNECT_SECONDS, self._timeout):g} seconds"
        if isinstance(error, httpx2.TimeoutException):
            return f"no complete answer within {self._timeout:g} seconds"
        if isinstance(error, httpx2.RemoteProtocolError):
            return f"the answer of {host} is not valid HTTP: {said}"
        if isinstance(error, httpx2.ReadError | httpx2.WriteError):
            return f"{host} closed the connection before it answered"
        return f"no connection to {host}: {said or type(error).__name__}"


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

    def say_place(self) -> str:
        return f"the server redirects to {shorten(self.place, 200)}, which" if self.hops else "the address"

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


# The values of each header field by its lower-case name, in latin-1, which keeps every byte.
_Fields = dict[str, list[str]]


class _Told(NamedTuple):
    """The header fields of a response that are kept."""

    etag: str | None
    last_modified: str | None
    cache_control: str | None
    expires: str | None

    @classmethod
    def read(cls, fields: _Fields) -> _Told:
        etag, last_modified = (
            value if value and len(value) <= _LONGEST_VALIDATOR else None
            for value in (_first(fields, "etag"), _first(fields, "last-modified"))
        )
        cache_control = ", ".join(fields.get("cache-control", ())) or None
        return cls(etag, last_modified, cache_control, _first(fields, "expires"))


class _Body(NamedTuple):
    """A body, unpacked, as far as it was read."""

    data: bytes
    is_cut: bool = False
    #: Whether the connection broke off, rather than we.
    is_broken: bool = False


class _VettingTransport(httpx2.AsyncHTTPTransport):
    """httpx2's transport over connections to vetted addresses.

    It is used without httpx2's client. The client reads the whole body of a redirect, however much that unpacks to,
    makes an Authorization from user and password in an address, and keeps the cookies of one feed for the next.
    """

    def __init__(self, backend: VettingBackend, connections: int) -> None:
        # httpx2 accepts no network backend. The initialiser of the base is not called on purpose: if a release renames
        # the pool, there is no pool and every request fails, instead of going out unvetted.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=_get_ssl_context(),
            max_connections=connections,
            # Each request searches the idle ones, and few feeds share a host.
            max_keepalive_connections=max(1, connections // 4),
            keepalive_expiry=httpx2.Limits().keepalive_expiry,
            network_backend=backend,
        )

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """The response; only its head has been read. The server may be closing a kept connection: then the request is
        retried (RFC 9112, 9.3.1) until it fails on a new one. What was sent is not sent twice: it may have arrived.
        """
        while True:
            is_kept = self._keeps_connection(request.url)
            try:
                return await self.handle_async_request(request)
            except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError):
                if not is_kept or request.method == "POST":
                    raise

    def _keeps_connection(self, url: httpx2.URL) -> bool:
        idle = [connection for connection in self._pool.connections if connection.is_idle()]
        if not idle:
            return False
        origin = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/").origin
        return any(connection.can_handle_request(origin) for connection in idle)


class _ProxyTransport(_VettingTransport):
    """The same through a proxy. The operator named it, so that it may be anywhere; where it connects to is not vetted
    here.
    """

    def __init__(self, proxy: str, connections: int) -> None:
        parts = urlsplit(proxy)
        auth = (unquote(parts.username).encode(), unquote(parts.password or "").encode()) if parts.username else None
        self._pool = httpcore2.AsyncHTTPProxy(
            proxy_url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/",
            proxy_auth=auth,
            ssl_context=_get_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=max(1, connections // 4),
            keepalive_expiry=httpx2.Limits().keepalive_expiry,
            network_backend=VettingBackend(_ANYWHERE),
        )


@cache
def _get_ssl_context() -> ssl.SSLContext:
    # Reading the certificates takes 20 ms, and a round of visits begins every minute.
    return httpx2.create_ssl_context()


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


def _read_fields(response: httpx2.Response) -> _Fields:
    fields: _Fields = {}
    for name, value in response.headers.raw:
        fields.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return fields


def _first(fields: _Fields, name: str) -> str | None:
    """A field that may occur once; of several, the first counts."""
    return fields[name][0] if name in fields else None


def _read_coding(fields: _Fields) -> str:
    return ",".join(fields.get("content-encoding", ()))


async def _read_body(response: httpx2.Response, unpacker: Unpacker, max_bytes: int) -> _Body:
    body, is_broken = io.BytesIO(), False
    try:
        async with aclosing(_unpack(response, unpacker)) as pieces:
            async for piece in pieces:
                body.write(piece)
    except (httpx2.ReadError, httpx2.RemoteProtocolError, zlib.error):
        if not body.tell():
            raise
        is_broken = True
    body.truncate(max_bytes)
    return _Body(body.getvalue(), is_cut=is_broken or unpacker.is_full, is_broken=is_broken)


async def _unpack(response: httpx2.Response, unpacker: Unpacker) -> AsyncGenerator[bytes]:
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            for piece in unpacker.feed(chunk):
                yield piece
            if unpacker.is_full:
                return
    for piece in unpacker.finish():
        yield piece


async def _read_start(response: httpx2.Response, fields: _Fields) -> bytes:
    """The first bytes of a body that come soon. A short body is read whole, so that its connection can be kept."""
    start = bytearray()
    with suppress(httpx2.HTTPError, TimeoutError, zlib.error):
        unpacker = Unpacker(_read_coding(fields), _START_BYTES)
        async with asyncio.timeout(_START_SECONDS), aclosing(_unpack(response, unpacker)) as pieces:
            async for piece in pieces:
                start += piece[:_START_BYTES]
                if len(start) >= _START_BYTES:
                    break
    return bytes(start[:_START_BYTES])


async def _refuse(way: _Way, response: httpx2.Response, fields: _Fields) -> RetrieveError:
    """Why the server gives no document."""
    status = response.status_code
    start = await _read_start(response, fields)
    if wall := find_wall(status, fields, start):
        return _name_wall(way, wall, status, fields, start)
    return way.fail(
        f"{_say_status(status)} (HTTP {status})",
        status=status,
        retry_after=_first(fields, "retry-after"),
        excerpt=excerpt_of(start),
    )


def _name_wall(way: _Way, wall: str, status: int, fields: _Fields, start: bytes) -> RetrieveError:
    return way.fail(
        f"{wall} answers in place of the site, and asks to check the browser (HTTP {status})",
        status=status,
        retry_after=_first(fields, "retry-after"),
        excerpt=excerpt_of(start[:_START_BYTES]),
        wall=wall,
    )


def _say_status(status: int) -> str:
    return _STATUS_WORDS.get(status) or (
        "the server is in trouble" if status >= 500 else "the server answers with an error"
    )


def _is_deserted(error: Exception) -> bool:
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
