"""Real connections on the loopback: what is refused without the allow-list, and reached with it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence

import pytest

from aggregator.exceptions import RetrieveError
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.vetting import Resolve, VettingBackend
from aggregator.types import Retrieved
from feed_server import FeedServer

LOOPBACK = ("127.0.0.0/8", "::1/128")


def _retrieve(url: str, allowed: Sequence[str] = (), resolve: Resolve | None = None) -> Retrieved:
    async def run() -> Retrieved:
        backend = VettingBackend(allowed, resolve=resolve) if resolve else None
        async with Retriever(
            timeout_seconds=10, max_bytes=1000, connections=2, allowed_networks=allowed, backend=backend
        ) as retriever:
            return await retriever.retrieve_whole(url)

    return asyncio.run(run())


def _reason(url: str, allowed: Sequence[str] = (), resolve: Resolve | None = None) -> str:
    with pytest.raises(RetrieveError) as caught:
        _retrieve(url, allowed, resolve)
    return caught.value.reason


def _port(server: FeedServer) -> int:
    return int(server.address.rpartition(":")[2])


def _resolver(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def test_the_loopback_is_refused_unless_it_is_allowed(feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", "<rss/>")
    assert _reason(url) == (
        "127.0.0.1 is an address of this machine itself, which is not visited; see visits.allowed_networks"
    )
    assert feed_server.requests == []
    assert _retrieve(url, LOOPBACK).body == b"<rss/>"


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "127.1", "017700000001", "0177.0.0.1", "[::ffff:127.0.0.1]",
             "[::ffff:7f00:1]", "[::127.0.0.1]", "[::1]", "[::]", "0.0.0.0", "0", "localhost", "LOCALHOST", "127。0。0。1",
             "[fe80::1%25lo]", "[::1%25lo]", "[2002:7f00:1::]", "[64:ff9b::127.0.0.1]"],
)  # fmt: skip
def test_no_spelling_leads_inside(feed_server: FeedServer, host: str) -> None:
    feed_server.play("/feed.xml", "<rss/>")
    reason = _reason(f"http://{host}:{_port(feed_server)}/feed.xml")
    assert any(words in reason for words in ("not visited", "cannot be resolved", "cannot be visited"))
    assert feed_server.requests == []


@pytest.mark.parametrize("host", ["2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_a_spelling_of_an_allowed_address_is_reached(feed_server: FeedServer, host: str) -> None:
    feed_server.play("/feed.xml", "<rss/>")
    assert _retrieve(f"http://{host}:{_port(feed_server)}/feed.xml", LOOPBACK).body == b"<rss/>"


@pytest.mark.parametrize("target", ["127.0.0.2", "[::1]", "169.254.169.254", "2130706434"])
def test_a_redirect_from_an_allowed_address_to_another_is_refused(feed_server: FeedServer, target: str) -> None:
    location = f"http://{target}:{_port(feed_server)}/inside.xml"
    url = feed_server.play("/feed.xml", "", status=302, headers={"Location": location})
    assert "not visited" in _reason(url, ["127.0.0.1/32"])
    assert [path for path, _ in feed_server.requests] == ["/feed.xml"]


def test_names_are_vetted_by_what_they_lead_to(feed_server: FeedServer) -> None:
    feed_server.play("/feed.xml", "<rss/>")
    url = f"http://tech.haneul.example:{_port(feed_server)}/feed.xml"
    assert "leads to 127.0.0.1" in _reason(url, resolve=_resolver("127.0.0.1"))
    assert feed_server.requests == []
    # Of the two only the allowed one is connected to, under its name.
    _retrieve(url, ["127.0.0.1"], _resolver("10.0.0.5", "127.0.0.1"))
    _, headers = feed_server.requests[-1]
    assert headers["host"] == f"tech.haneul.example:{_port(feed_server)}"


@pytest.mark.parametrize("host", ["localhost.", "127.0.0.1.", "a.localhost", "2130706433."])
def test_a_dot_at_the_end_changes_nothing(feed_server: FeedServer, host: str) -> None:
    # Systems resolve these differently, some by asking the network; so the answer is given here.
    url = f"http://{host}:{_port(feed_server)}/feed.xml"
    assert f"the name {host} leads to 127.0.0.1" in _reason(url, resolve=_resolver("127.0.0.1"))
    assert feed_server.requests == []


def test_the_next_address_is_tried_when_one_refuses(feed_server: FeedServer) -> None:
    feed_server.play("/feed.xml", "<rss/>")
    url = f"http://tech.haneul.example:{_port(feed_server)}/feed.xml"
    assert _retrieve(url, LOOPBACK, _resolver("127.0.0.3", "127.0.0.1")).body == b"<rss/>"


def test_proxies_of_the_environment_are_no_way_around(feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, feed_server.address)
    assert "not visited" in _reason("http://10.0.0.5/feed.xml", LOOPBACK)
    assert feed_server.requests == []


def test_user_and_password_stay_out_of_reasons_and_logs(
    feed_server: FeedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    feed_server.play("/feed.xml", "<rss/>")
    port = _port(feed_server)
    _retrieve(f"http://user:secret@127.0.0.1:{port}/feed.xml", LOOPBACK)
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        closed = unheard.getsockname()[1]
        reasons = [
            _reason(f"http://user:secret@{place}/feed.xml", ["127.0.0.1"])
            for place in (
                f"127.0.0.2:{port}",
                f"127.0.0.1:{closed}",
                "0177.0.0.1",
                "[::1]",
                "a..example",
                "[bad",
                "x:y",
            )
        ]
    reasons.append(_reason("gopher://user:secret@a.example/"))
    for place in ("user:secret@127.0.0.2", "user:secret@0177.0.0.1", "user:secret@x:y"):
        url = feed_server.play("/moved.xml", "", status=302, headers={"Location": f"http://{place}/"})
        reasons.append(_reason(url, ["127.0.0.1"]))
    assert not [text for text in (*reasons, caplog.text) if "secret" in text or "user" in text]
