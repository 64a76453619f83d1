"""Feeds behind proxies: SOCKS 5 and tunnels for HTTPS, over real sockets."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.exceptions import RetrieveError
from aggregator.fetch import transports
from aggregator.fetch.retrieve import Retriever
from feed_server import FeedServer, serve_feeds
from proxy_server import serve_proxy


def _retrieve(url: str, proxy: str, times: int = 1) -> bytes:
    async def run() -> bytes:
        # No network is allowed: a proxy may be anywhere, and what it reaches is its own to decide.
        async with Retriever(timeout_seconds=10, max_bytes=100_000, connections=4) as retriever:
            for _ in range(times):
                body = (await retriever.retrieve_whole(url, proxy=proxy)).body
            return body

    return asyncio.run(run())


def _fail(url: str, proxy: str) -> str:
    with pytest.raises(RetrieveError) as caught:
        _retrieve(url, proxy)
    assert not caught.value.is_deserted
    return caught.value.reason


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_told_the_name_of_the_host(feed_server: FeedServer, scheme: str) -> None:
    feed_server.play("/feed.xml", "<rss/>")
    with serve_proxy(feed_server.address, password="mina:a secret") as proxy:
        address = f"{scheme}://mina:a%20secret@127.0.0.1:{proxy.port}"
        assert _retrieve("http://blog.example/feed.xml", address, times=2) == b"<rss/>"
        assert proxy.asked == ["blog.example:80"]  # one connection, kept
    assert [fields["host"] for _, fields in feed_server.requests] == ["blog.example", "blog.example"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"password": "mina:another"}, "Invalid username/password"),
        ({"reply": 2}, "Proxy Server could not connect: Connection not allowed by ruleset."),
        ({"reply": 77}, "it does not answer as SOCKS 5 says"),
    ],
)
def test_a_socks_proxy_that_refuses_is_said(feed_server: FeedServer, options: dict[str, object], said: str) -> None:
    with serve_proxy(feed_server.address, **options) as proxy:
        name = "mina:secret@" if "password" in options else ""
        reason = _fail("http://blog.example/feed.xml", f"socks5://{name}127.0.0.1:{proxy.port}")
    assert reason == f"the proxy of this feed refuses: {said}"


@pytest.fixture
def https_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """A server of https://blog.example with a certificate that is trusted here."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate, and is not here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=blog.example", "-addext", "subjectAltName=DNS:blog.example"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *curve, *names, *files], check=True, capture_output=True, timeout=30)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    theirs = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(transports, "_get_ssl_context", lambda: theirs)
    with serve_feeds(ours) as server:
        yield server


@pytest.mark.parametrize(("scheme", "asked"), [("http", "CONNECT blog.example:443 HTTP/1.1"), ("socks5", None)])
def test_https_goes_through_a_tunnel_of_the_proxy(https_server: FeedServer, scheme: str, asked: str | None) -> None:
    https_server.play("/feed.xml", "<rss/>")
    with serve_proxy(https_server.address) as proxy:
        address = f"{scheme}://127.0.0.1:{proxy.port}"
        assert _retrieve("https://blog.example/feed.xml", address, times=2) == b"<rss/>"
        assert proxy.asked == [asked or "blog.example:443"]
        # The certificate is that of the host that was asked for, or nothing is read.
        reason = _fail("https://other.example/feed.xml", address)
    assert reason.startswith("no connection through the proxy of this feed: ")
    assert "certificate verify failed" in reason
    assert len(https_server.requests) == 2
