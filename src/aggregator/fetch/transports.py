"""The ways on which requests go out: directly, to vetted addresses, or through a proxy."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2
from socksio import SOCKSError

from aggregator.fetch.vetting import VettingBackend

_ANYWHERE = ("0.0.0.0/0", "::/0")


class VettingTransport(httpx2.AsyncHTTPTransport):
    """httpx2's transport over connections to vetted addresses.

    It is used without httpx2's client. The client reads the whole body of a redirect, however much that unpacks to,
    makes an Authorization from user and password in an address, and keeps the cookies of one feed for the next.
    """

    def __init__(self, backend: VettingBackend, connections: int) -> None:
        # httpx2 accepts no network backend. The initialiser of the base is not called on purpose: if a release renames
        # the pool, every request fails, instead of going out unvetted.
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


class ProxyTransport(VettingTransport):
    """The same through a proxy. The operator named it, so that it may be anywhere; where it connects to is not vetted
    here.
    """

    def __init__(self, proxy: str, connections: int) -> None:
        parts = urlsplit(proxy)
        auth = (unquote(parts.username).encode(), unquote(parts.password or "").encode()) if parts.username else None
        self._speaks_socks = parts.scheme.startswith("socks5")
        make = httpcore2.AsyncSOCKSProxy if self._speaks_socks else httpcore2.AsyncHTTPProxy
        self._pool = make(
            proxy_url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/",
            proxy_auth=auth,
            ssl_context=_get_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=max(1, connections // 4),
            keepalive_expiry=httpx2.Limits().keepalive_expiry,
            network_backend=VettingBackend(_ANYWHERE),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises httpx2.HTTPError."""
        if not self._speaks_socks:
            return await super().handle_async_request(request)
        request.extensions = {**request.extensions, "trace": _SocksTrace()}
        try:
            return await super().handle_async_request(request)
        except (SOCKSError, AssertionError, ValueError, IndexError) as error:
            # What the libraries for SOCKS let through.
            raise httpx2.ProxyError("it does not answer as SOCKS 5 says") from error


@dataclass
class _SocksTrace:
    """Told by httpcore2 how a connection is made; closes one that the proxy refuses, which httpcore2 leaves open."""

    _stream: httpcore2.AsyncNetworkStream | None = None

    async def __call__(self, event: str, told: Mapping[str, Any]) -> None:
        if event == "socks.connect_tcp.complete":
            self._stream = told["return_value"]
        elif event == "socks.setup_socks5_connection.failed" and self._stream is not None:
            await self._stream.aclose()


@cache
def _get_ssl_context() -> ssl.SSLContext:
    # Reading the certificates takes 20 ms, and a round of visits begins every minute.
    return httpx2.create_ssl_context()
