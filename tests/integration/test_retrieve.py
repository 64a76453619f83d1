"""Real answers over real sockets: what arrives, and in which words a failure is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from aggregator.collect.retrieve import Retriever
from aggregator.exceptions import RetrieveError
from aggregator.types import NotModified, Retrieved
from feed_server import FeedServer


def _retrieve(url: str, *, timeout_seconds: float = 20, max_bytes: int = 1_000_000, **validators: str) -> object:
    async def run() -> object:
        async with Retriever(
            timeout_seconds=timeout_seconds,
            max_bytes=max_bytes,
            connections=4,
            contact="curator@a.example",
            allowed_networks=["127.0.0.0/8"],
        ) as retriever:
            return await retriever.retrieve(url, **validators)

    return asyncio.run(run())


def _reason(url: str, **options: float) -> str:
    with pytest.raises(RetrieveError) as caught:
        _retrieve(url, **options)  # type: ignore[arg-type]
    assert caught.value.url == url
    return caught.value.reason


def test_a_document_comes_unpacked_with_its_validators(feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", "<rss/>" * 1000, gzipped=True)
    answer = _retrieve(url)
    assert isinstance(answer, Retrieved)
    assert answer.body == b"<rss/>" * 1000
    assert answer.etag
    assert answer.last_modified == "Thu, 01 Dec 2022 00:00:00 GMT"
    assert answer.content_type == "application/xml"


def test_validators_are_sent_and_304_is_an_answer(feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", "<rss/>")
    first = _retrieve(url)
    assert isinstance(first, Retrieved)
    assert first.etag
    second = _retrieve(url, etag=first.etag, last_modified="Thu, 01 Dec 2022 00:00:00 GMT")
    assert isinstance(second, NotModified)
    assert second.etag == first.etag
    _, headers = feed_server.requests[-1]
    assert headers["if-none-match"] == first.etag
    assert headers["if-modified-since"] == "Thu, 01 Dec 2022 00:00:00 GMT"


def test_we_say_who_we_are(feed_server: FeedServer) -> None:
    _retrieve(feed_server.play("/feed.xml", "<rss/>"))
    _, headers = feed_server.requests[-1]
    assert headers["user-agent"].startswith("aggregator/")
    assert "curator@a.example" in headers["user-agent"]


def test_a_redirect_is_followed_and_the_last_address_is_told(feed_server: FeedServer) -> None:
    target = feed_server.play("/new.xml", "<rss/>")
    url = feed_server.play("/old.xml", "", status=301, headers={"Location": "/new.xml"})
    answer = _retrieve(url)
    assert isinstance(answer, Retrieved)
    assert answer.url == target


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "the server refuses us (HTTP 403)"),
        (404, "there is no such document (HTTP 404)"),
        (410, "the document is gone for good (HTTP 410)"),
        (429, "the server asks us to come less often (HTTP 429)"),
        (500, "the server is in trouble (HTTP 500)"),
        (418, "the server answers with an error (HTTP 418)"),
    ],
)
def test_an_error_status_is_told_in_words(feed_server: FeedServer, status: int, words: str) -> None:
    assert _reason(feed_server.play("/feed.xml", "no", status=status)) == words


def test_a_document_over_the_limit_is_refused_while_it_arrives(feed_server: FeedServer) -> None:
    url = feed_server.play("/large.xml", b"x" * 300_000)
    assert _reason(url, max_bytes=100_000) == "the document is larger than 0.1 MB"


def test_a_small_packet_that_unpacks_to_much_is_refused(feed_server: FeedServer) -> None:
    url = feed_server.play("/bomb.xml", b"0" * 5_000_000, gzipped=True)
    assert _reason(url, max_bytes=1_000_000) == "the document is larger than 1 MB"


def test_redirects_in_a_circle_end(feed_server: FeedServer) -> None:
    url = feed_server.play("/circle.xml", "", status=302, headers={"Location": "/circle.xml"})
    assert _reason(url) == "more than 5 redirects"


@pytest.fixture
def held() -> Iterator[Callable[[BaseHTTPRequestHandler], None]]:
    """An answer that begins and then never goes on, until the test is over."""
    over = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"<rss")
        handler.wfile.flush()
        over.wait(30)

    yield answer
    over.set()


def test_an_answer_that_stops_half_way_ends_at_the_limit(
    feed_server: FeedServer, held: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    feed_server.answers["/slow.xml"] = held
    assert _reason(feed_server.address + "/slow.xml", timeout_seconds=0.3) == "no complete answer within 0.3 seconds"


def test_an_answer_that_is_cut_off_is_no_document(feed_server: FeedServer) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"<rss")

    feed_server.answers["/cut.xml"] = cut
    assert "no connection to 127.0.0.1" in _reason(feed_server.address + "/cut.xml")


def test_what_is_not_gzip_is_told(feed_server: FeedServer) -> None:
    url = feed_server.play("/x.xml", "plain", headers={"Content-Encoding": "gzip"})
    assert _reason(url).startswith("the answer cannot be unpacked")


def test_nobody_there() -> None:
    assert _reason("http://127.0.0.1:1/feed.xml") == "127.0.0.1 refuses the connection"


def test_an_unknown_name() -> None:
    assert _reason("http://no-such-host.invalid/feed.xml") == "the name no-such-host.invalid cannot be resolved"


def test_an_address_that_is_none() -> None:
    assert _reason("gopher://a.example/x").startswith("the address cannot be visited")
