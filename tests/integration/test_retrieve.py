"""Real answers over real sockets: what is asked, what arrives, and in which words a failure is told."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exceptions import RetrieveError
from aggregator.fetch import answers
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.vetting import Resolve, VettingBackend
from aggregator.types import Credentials, Hop, NotModified, Retrieved
from feed_server import FeedServer, serve_feeds

DECEMBER = "Thu, 01 Dec 2022 00:00:00 GMT"
LOOPBACK = ("127.0.0.0/8",)


def _ask(
    url: str,
    *,
    timeout_seconds: float = 20,
    max_bytes: int = 1_000_000,
    contact: str = "curator@a.example",
    resolve: Resolve | None = None,
    times: int = 1,
    **told: object,
) -> list[Retrieved | NotModified]:
    """The answers to the same question, asked by one Retriever."""

    async def run() -> list[Retrieved | NotModified]:
        async with Retriever(
            timeout_seconds=timeout_seconds,
            max_bytes=max_bytes,
            connections=4,
            contact=contact,
            allowed_networks=LOOPBACK,
            backend=VettingBackend(LOOPBACK, resolve=resolve) if resolve else None,
        ) as retriever:
            return [await retriever.retrieve(url, **told) for _ in range(times)]  # type: ignore[arg-type]

    return asyncio.run(run())


def _retrieve(url: str, **options: object) -> Retrieved:
    (answer,) = _ask(url, **options)  # type: ignore[arg-type]
    assert isinstance(answer, Retrieved)
    return answer


def _fail(url: str, **options: object) -> RetrieveError:
    with pytest.raises(RetrieveError) as caught:
        _ask(url, **options)  # type: ignore[arg-type]
    assert caught.value.url == url
    return caught.value


def _reason(url: str, **options: object) -> str:
    return _fail(url, **options).reason


@pytest.fixture
def other_server() -> Iterator[FeedServer]:
    """A second server: another port, and so another origin."""
    with serve_feeds() as server:
        yield server


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_we_say_who_we_are_and_what_we_read(feed_server: FeedServer) -> None:
    _retrieve(feed_server.play("/feed.xml", "<rss/>"))
    _, headers = feed_server.requests[-1]
    assert headers["user-agent"].startswith("aggregator/")
    assert headers["user-agent"].endswith("(feed reader of one curator; curator@a.example)")
    assert "application/rss+xml" in headers["accept"]
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["host"] == feed_server.address.removeprefix("http://")
    assert not headers.keys() & {"if-none-match", "if-modified-since", "authorization", "cookie"}


@pytest.mark.parametrize(
    ("contact", "comment"),
    [("", "feed reader of one curator"), ("편집자\n<c@a.example>", "feed reader of one curator; 편집자 <c@a.example>")],
)
def test_any_contact_can_be_sent(feed_server: FeedServer, contact: str, comment: str) -> None:
    _retrieve(feed_server.play("/feed.xml", "<rss/>"), contact=contact)
    _, headers = feed_server.requests[-1]
    assert headers["user-agent"].encode("latin-1").decode().endswith(f"({comment})")


def test_validators_are_sent_and_304_is_an_answer(feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", "<rss/>")
    first = _retrieve(url)
    (second,) = _ask(url, etag=first.etag, last_modified=DECEMBER)
    assert isinstance(second, NotModified)
    assert (second.url, second.etag, second.hops) == (url, first.etag, ())
    _, headers = feed_server.requests[-1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == (first.etag, DECEMBER)


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        (b'W/"5a-gzip"', b"Thu, 01 Dec 2022 09:00:00 +0900"),
        (b"no quotes; at all", b"yesterday"),
        (b'"\xed\x94\xbc\xeb\x93\x9c"', b"\xff\xfe"),
        (b'"caf\xe9"', b"0"),
    ],
)
def test_validators_come_back_exactly_as_they_came(feed_server: FeedServer, etag: bytes, last_modified: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nETag: " + etag + b"\r\nLast-Modified: " + last_modified
    first = _retrieve(feed_server.play_raw("/feed.xml", head + b"\r\n\r\n<rss/>"))
    _retrieve(feed_server.address + "/feed.xml", etag=first.etag, last_modified=first.last_modified)
    _, headers = feed_server.requests[-1]
    assert headers["if-none-match"].encode("latin-1") == etag
    assert headers["if-modified-since"].encode("latin-1") == last_modified


def test_validators_that_no_server_would_take_back_are_forgotten(feed_server: FeedServer) -> None:
    headers = {"ETag": f'"{"x" * 50_000}"', "Last-Modified": "", "Cache-Control": "max-age=60"}
    answer = _retrieve(feed_server.play("/feed.xml", "<rss/>", validators=False, headers=headers))
    assert (answer.etag, answer.last_modified, answer.cache_control) == (None, None, "max-age=60")


def test_304_to_a_first_question_is_an_error(feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", "", status=304, validators=False)
    assert _fail(url).status == 304
    assert _reason(url) == "the server answers 304 to a request without validators"


# --- redirects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_told(feed_server: FeedServer, status: int) -> None:
    target = feed_server.play("/new.xml", "<rss/>")
    answer = _retrieve(feed_server.redirect("/old.xml", "/new.xml", status))
    assert (answer.url, answer.status, answer.body) == (target, 200, b"<rss/>")
    assert answer.hops == (Hop(status, target),)


@pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
def test_other_answers_of_the_three_hundreds_are_not_followed(feed_server: FeedServer, status: int) -> None:
    feed_server.play("/new.xml", "<rss/>")
    error = _fail(feed_server.redirect("/old.xml", "/new.xml", status))
    assert error.status == status
    assert "without saying where" not in error.reason
    assert len(feed_server.requests) == 1


def test_a_redirect_without_a_target(feed_server: FeedServer) -> None:
    url = feed_server.play("/old.xml", "", status=301)
    assert _reason(url) == "the server redirects without saying where (HTTP 301)"


def test_every_hop_is_told_in_order(feed_server: FeedServer, other_server: FeedServer) -> None:
    last = other_server.play("/c/feed.xml", "<rss/>")
    feed_server.redirect("/b", other_server.address + "/c/", 302)
    other_server.redirect("/c/", "feed.xml?x=1#top", 307)
    other_server.answers["/c/feed.xml?x=1"] = other_server.answers["/c/feed.xml"]
    url = feed_server.redirect("/a", "/b", 308)
    hops = (
        Hop(308, feed_server.address + "/b"),
        Hop(302, other_server.address + "/c/"),
        Hop(307, last + "?x=1"),
    )
    first = _retrieve(url)
    assert (first.url, first.hops) == (last + "?x=1", hops)
    (second,) = _ask(url, etag=first.etag)
    assert isinstance(second, NotModified)
    assert (second.url, second.hops) == (last + "?x=1", hops)
    # Validators belong to the document at the end and go along the whole way.
    assert [headers.get("if-none-match") for _, headers in feed_server.requests] == [None, None, first.etag, first.etag]
    del other_server.answers["/c/feed.xml?x=1"]
    error = _fail(url)
    assert (error.status, error.hops) == (404, hops)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"?page=1", "/dir/old.xml?page=1"),
        (b"../x y.xml", "/x%20y.xml"),
        ("/피드.xml".encode(), "/%ED%94%BC%EB%93%9C.xml"),
        # Neither UTF-8 nor an address, but its bytes are what the server wants to see again.
        ("/피드.xml".encode("euc-kr"), "/%C7%C7%B5%E5.xml"),
        (b"/%c7%c7.xml", "/%c7%c7.xml"),
        (b"#fragment", "/dir/old.xml"),
    ],
)
def test_targets_of_any_spelling(feed_server: FeedServer, location: bytes, path: str) -> None:
    answer = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    url = feed_server.play_raw("/dir/old.xml", answer)
    error = _fail(url)
    assert error.hops[0] == Hop(301, feed_server.address + path)
    assert feed_server.requests[1][0] == path


@pytest.mark.parametrize("location", ["http://a.example:port/", "//[::1", "http://a.example/\x7f"])
def test_a_target_that_is_no_address(feed_server: FeedServer, location: str) -> None:
    error = _fail(feed_server.redirect("/old.xml", location))
    assert error.reason.startswith("the server redirects to '")
    assert error.reason.endswith("', which is not an address")
    assert error.hops == ()


@pytest.mark.parametrize(
    ("location", "shown", "words"),
    [
        ("file:///etc/passwd", "file:/etc/passwd", "only http and https are visited"),
        ("ftp://a.example/feed", "ftp://a.example/feed", "only http and https are visited"),
        ("javascript:alert(1)", "javascript:alert(1)", "only http and https are visited"),
        ("https:feed", "https:feed", "it names no host"),
    ],
)
def test_a_target_that_is_not_visited(feed_server: FeedServer, location: str, shown: str, words: str) -> None:
    error = _fail(feed_server.redirect("/old.xml", location))
    assert error.reason == f"the server redirects to {shown}, which cannot be visited: {words}"
    assert error.hops == (Hop(301, shown),)


def test_a_failure_behind_a_redirect_names_the_place_where_it_failed(feed_server: FeedServer) -> None:
    error = _fail(feed_server.redirect("/old.xml", "http://127.0.0.9:1/"))
    assert error.reason == "127.0.0.9 refuses the connection"
    error = _fail(feed_server.redirect("/old.xml", "http://10.0.0.5/"))
    assert error.reason.startswith("10.0.0.5 is an address inside a private network, which is not visited")
    assert error.hops == (Hop(301, "http://10.0.0.5/"),)


def test_redirects_in_a_circle_end(feed_server: FeedServer) -> None:
    error = _fail(feed_server.redirect("/circle.xml", "/circle.xml", 302))
    assert error.reason == "more than 5 redirects"
    assert error.hops == (Hop(302, feed_server.address + "/circle.xml"),) * 6
    assert len(feed_server.requests) == 6


def test_a_cookie_is_kept_for_the_visit_that_got_it(feed_server: FeedServer) -> None:
    def ask_for_a_cookie(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("Cookie") == "seen=1"
        handler.send_response(200 if known else 302)
        if not known:
            handler.send_header("Location", "/feed.xml")
            handler.send_header("Set-Cookie", "seen=1; Path=/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    feed_server.answers["/feed.xml"] = ask_for_a_cookie
    _ask(feed_server.address + "/feed.xml", times=2)
    assert [headers.get("cookie") for _, headers in feed_server.requests] == [None, "seen=1", None, "seen=1"]


def test_the_connection_is_kept_over_a_redirect(feed_server: FeedServer) -> None:
    ports: list[int] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        handler.close_connection = False
        handler.send_response(301 if handler.path == "/old.xml" else 200)
        handler.send_header("Location", "/new.xml")
        handler.send_header("Content-Length", "5")
        handler.end_headers()
        handler.wfile.write(b"moved")

    feed_server.answers = {"/old.xml": note, "/new.xml": note}
    _retrieve(feed_server.address + "/old.xml")
    assert len(ports) == 2
    assert len(set(ports)) == 1


@pytest.mark.parametrize("reset", [True, False])
def test_a_kept_connection_that_its_server_has_closed_is_no_failure(feed_server: FeedServer, reset: bool) -> None:
    """What a server closes without a word looks open until the next request is under way."""
    feed_server.play("/new.xml", "<rss/>")
    answer = b"HTTP/1.1 301 Moved\r\nLocation: /new.xml\r\nContent-Length: 0\r\n\r\n"
    answers = _ask(feed_server.play_raw("/old.xml", answer, reset=reset), times=20)
    assert {answer.url for answer in answers} == {feed_server.address + "/new.xml"}


def test_what_is_sent_over_a_kept_connection_is_not_sent_twice(feed_server: FeedServer) -> None:
    feed = feed_server.play("/feed.xml", "<rss/>")
    hook = feed_server.play_raw("/hook", b"", reset=True)

    async def run() -> None:
        async with Retriever(timeout_seconds=20, max_bytes=1000, connections=1, allowed_networks=LOOPBACK) as retriever:
            await retriever.retrieve(feed)
            await retriever.post(hook, b"{}")

    with pytest.raises(RetrieveError, match="closed the connection"):
        asyncio.run(run())
    assert feed_server.bodies == [b"{}"]


def test_an_answer_that_breaks_off_on_a_new_connection_is_not_asked_for_again(feed_server: FeedServer) -> None:
    for reset in (True, False):
        _reason(feed_server.play_raw("/feed.xml", b"HTTP/1.1 2", reset=reset))
    assert len(feed_server.requests) == 2


def test_what_a_redirect_says_beside_its_target_is_not_read(feed_server: FeedServer) -> None:
    head = b"HTTP/1.1 301 Moved\r\nLocation: /new.xml\r\n\r\n"
    url = feed_server.play_forever("/old.xml", head, b"moved " * 1000)
    feed_server.play("/new.xml", "<rss/>")
    assert _retrieve(url).body == b"<rss/>"


# --- credentials ------------------------------------------------------------------------------------------------------

SECRET = "Bearer very-secret"


def _sent(server: FeedServer) -> list[str | None]:
    return [headers.get("authorization") for _, headers in server.requests]


def test_credentials_go_to_their_origin(feed_server: FeedServer) -> None:
    feed_server.play("/new.xml", "<rss/>")
    url = feed_server.redirect("/feed.xml", "/new.xml")
    _retrieve(url, credentials=Credentials(feed_server.address, SECRET))
    assert _sent(feed_server) == [SECRET, SECRET]


def test_credentials_go_nowhere_else(feed_server: FeedServer, other_server: FeedServer) -> None:
    credentials = Credentials(feed_server.address, SECRET)
    feed_server.redirect("/feed.xml", other_server.address + "/away.xml")
    other_server.redirect("/away.xml", feed_server.address + "/back.xml")
    feed_server.play("/back.xml", "<rss/>")
    _retrieve(feed_server.address + "/feed.xml", credentials=credentials)
    assert _sent(other_server) == [None]
    # Back at home they are asked for again.
    assert _sent(feed_server) == [SECRET, SECRET]
    _retrieve(other_server.play("/feed.xml", "<rss/>"), credentials=credentials)
    assert _sent(other_server) == [None, None]


@pytest.mark.parametrize(
    "origin",
    [
        "https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1.:{port}",
        "http://127.0.0.2:{port}",
        "http://localhost:{port}",
    ],
)
def test_another_scheme_port_or_spelling_is_another_origin(feed_server: FeedServer, origin: str) -> None:
    port = feed_server.address.rpartition(":")[2]
    url = feed_server.play("/feed.xml", "<rss/>")
    _retrieve(url, credentials=Credentials(origin.format(port=port), SECRET))
    assert _sent(feed_server) == [None]


def test_user_and_password_of_an_address_are_sent_to_nobody(feed_server: FeedServer, other_server: FeedServer) -> None:
    place = feed_server.address.removeprefix("http://")
    other = other_server.address.removeprefix("http://")
    feed_server.redirect("/feed.xml", f"http://name:word@{other}/feed.xml")
    other_server.play("/feed.xml", "<rss/>")
    answer = _retrieve(f"http://user:secret@{place}/feed.xml")
    assert _sent(feed_server) == _sent(other_server) == [None]
    assert answer.url == f"http://{other}/feed.xml"
    assert answer.hops == (Hop(301, f"http://{other}/feed.xml"),)


def test_credentials_are_shown_nowhere(feed_server: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def quote(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(403)
        handler.end_headers()
        handler.wfile.write(f"{handler.headers['Authorization']} is wrong: very-secret".encode())

    feed_server.answers["/quoted.xml"] = quote
    error = _fail(feed_server.address + "/quoted.xml", credentials=Credentials(feed_server.address, SECRET))
    assert error.excerpt == "*** is wrong: ***"
    assert _sent(feed_server) == [SECRET]
    # A server that only repeats what it hears.
    feed_server.answers["/echo.xml"] = lambda handler: handler.wfile.write(
        b"%s\r\n\r\n" % handler.headers["Authorization"].encode()
    )
    echo = _fail(feed_server.address + "/echo.xml", credentials=Credentials(feed_server.address, SECRET))
    assert "illegal status line: bytearray(b'***')" in echo.reason
    # No header field may hold a line break; the HTTP library would tell which one did.
    broken = Credentials(feed_server.address, "Bearer very-secret\r\nX: y")
    url = feed_server.play("/feed.xml", "<rss/>")
    second = _fail(url, credentials=broken)
    assert second.reason == "the credentials of this feed have characters that HTTP does not allow"
    shown = [repr(broken), *(show(error) for error in (error, echo, second) for show in (repr, lambda e: str(vars(e))))]
    assert not [text for text in shown if "very-secret" in text]
    assert "very-secret" not in caplog.text


# --- what arrives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_document_comes_unpacked_with_what_was_told_of_it(feed_server: FeedServer, gzipped: bool) -> None:
    headers = {"Cache-Control": "max-age=60", "Expires": DECEMBER}
    url = feed_server.play("/feed.xml", "<rss/>" * 1000, gzipped=gzipped, headers=headers)
    answer = _retrieve(url)
    assert (answer.url, answer.status, answer.body) == (url, 200, b"<rss/>" * 1000)
    assert answer.etag
    assert (answer.last_modified, answer.content_type) == (DECEMBER, "application/xml")
    assert (answer.cache_control, answer.expires) == ("max-age=60", DECEMBER)
    assert (answer.hops, answer.is_cut) == ((), False)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "the server asks for a password (HTTP 401)"),
        (403, "the server denies access (HTTP 403)"),
        (404, "there is no such document (HTTP 404)"),
        (410, "the document is gone for good (HTTP 410)"),
        (429, "the server asks for fewer visits (HTTP 429)"),
        (500, "the server is in trouble (HTTP 500)"),
        (418, "the server answers with an error (HTTP 418)"),
    ],
)
def test_an_error_status_is_told_in_words(feed_server: FeedServer, status: int, words: str) -> None:
    error = _fail(feed_server.play("/feed.xml", "no", status=status, headers={"Retry-After": "120"}))
    assert (error.reason, error.status, error.retry_after, error.excerpt) == (words, status, "120", "no")


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        (b"", None),
        (
            b"\xef\xbb\xbf<html>\r\n\t <title>  Just\x00 a\x1b[31m moment\xe2\x80\xae",
            "<html> <title> Just· a·[31m moment·",
        ),
        ("<p>점검 중입니다".encode("utf-16"), "<p>점검 중입니다"),
        ("점검".encode("euc-kr"), "����"),
        (b"x" * 100_000, "x" * 200),
    ],
)
@pytest.mark.parametrize("gzipped", [True, False])
def test_the_beginning_of_an_error_page_is_shown(
    feed_server: FeedServer, body: bytes, excerpt: str | None, gzipped: bool
) -> None:
    assert _fail(feed_server.play("/feed.xml", body, status=503, gzipped=gzipped)).excerpt == excerpt


def test_an_error_page_that_never_ends_hides_no_status(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_START_SECONDS", 0.2)
    head = b"HTTP/1.1 503 Busy\r\nRetry-After: 900\r\n\r\nbusy"
    error = _fail(feed_server.play_forever("/feed.xml", head, b"", pause=0.05))
    assert (error.status, error.retry_after, error.excerpt) == (503, "900", "busy")


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_document_over_the_limit_is_cut_there(feed_server: FeedServer, gzipped: bool) -> None:
    url = feed_server.play("/large.xml", b"x" * 300_000, gzipped=gzipped)
    answer = _retrieve(url, max_bytes=100_000)
    assert (answer.body, answer.is_cut) == (b"x" * 100_000, True)
    # They belong to the whole document; so long as it is the same, its beginning is.
    assert answer.etag
    assert answer.last_modified


def test_a_document_of_just_the_limit_is_whole(feed_server: FeedServer) -> None:
    url = feed_server.play("/large.xml", b"x" * 100_000)
    assert not _retrieve(url, max_bytes=100_000).is_cut
    assert _retrieve(url, max_bytes=99_999).is_cut


def test_the_connection_of_a_cut_document_is_closed(feed_server: FeedServer) -> None:
    url = feed_server.play_forever("/endless.xml", b"HTTP/1.1 200 OK\r\n\r\n<rss>", b"<item/>" * 1000)
    first, second = _ask(url, max_bytes=50_000, times=2)
    assert isinstance(first, Retrieved)
    assert isinstance(second, Retrieved)
    assert first.body == second.body == b"<rss>" + (b"<item/>" * 10_000)[:49_995]


PACKED = gzip.compress(b"<rss><item>" + bytes(range(256)) * 400)
HEAD = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nLast-Modified: x\r\nCache-Control: max-age=60\r\n'


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 1000\r\n\r\n<rss><item>",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nb\r\n<rss><item>\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nb\r\n<rss><item>\r\nff\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nb\r\n<rss><item>\r\nzz\r\nrubbish",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n" + PACKED[:-50],
    ],
)
def test_what_came_of_an_answer_that_broke_off_is_kept(feed_server: FeedServer, answer: bytes, reset: bool) -> None:
    cut = _retrieve(feed_server.play_raw("/cut.xml", answer, reset=reset))
    assert cut.body.startswith(b"<rss><item>")
    assert cut.is_cut
    # With its validators the next visit would never see the rest.
    assert (cut.etag, cut.last_modified, cut.cache_control) == (None, None, "max-age=60")


@pytest.mark.parametrize(
    ("answer", "reset", "words"),
    [
        (b"", False, "the answer of 127.0.0.1 is not valid HTTP: Server disconnected without sending a response."),
        (b"", True, "127.0.0.1 closed the connection before it answered"),
        (HEAD, True, "127.0.0.1 closed the connection before it answered"),
        (HEAD + b"Content-Length: 9\r\n\r\n", True, "127.0.0.1 closed the connection before it answered"),
        (HEAD + b"Content-Length: 9\r\n\r\n", False, "the answer of 127.0.0.1 is not valid HTTP: peer closed "),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", False, "the answer of 127.0.0.1 is not valid HTTP: illegal status line"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\xff\xff rubbish", False, "the answer cannot be unpacked: "),
    ],
)  # fmt: skip
def test_an_answer_that_is_none(feed_server: FeedServer, answer: bytes, reset: bool, words: str) -> None:
    reason = _reason(feed_server.play_raw("/feed.xml", answer, reset=reset))
    assert reason.startswith(words)
    assert len(reason) < 300


FEED_TEXT = b"<rss><item>" + bytes(range(256)) * 400


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        *((coding, FEED_TEXT) for coding in ("identity", "utf-8", "none", "")),
        # By another name, with another beside it, and in two parts.
        *((coding, PACKED) for coding in ("gzip", "x-gzip", "GZIP", "identity, gzip")),
        ("gzip", gzip.compress(FEED_TEXT[:1000]) + gzip.compress(FEED_TEXT[1000:])),
        ("gzip", PACKED + b"\0\0 behind the end"),
        # Unsaid, and said wrongly.
        ("", PACKED),
        ("identity", PACKED),
        ("gzip", FEED_TEXT),
        ("deflate", FEED_TEXT),
        ("br", FEED_TEXT),
        ("gzip", zlib.compress(FEED_TEXT)),
        ("deflate", PACKED),
        # Both that are meant by deflate.
        ("deflate", zlib.compress(FEED_TEXT)),
        ("deflate", zlib.compress(FEED_TEXT, 1)),
        ("deflate", _deflate(FEED_TEXT)),
        # Twice, of which one is said or both.
        ("gzip", gzip.compress(PACKED)),
        ("gzip, gzip", gzip.compress(PACKED)),
        ("gzip, deflate", _deflate(PACKED)),
        ("deflate, gzip", gzip.compress(_deflate(FEED_TEXT))),
    ],
)  # fmt: skip
def test_a_body_is_unpacked_as_its_bytes_say(feed_server: FeedServer, coding: str, body: bytes) -> None:
    url = feed_server.play("/feed.xml", body, headers={"Content-Encoding": coding} if coding else {})
    answer = _retrieve(url)
    assert (answer.body, answer.is_cut) == (FEED_TEXT, False)


def test_what_is_packed_twice_keeps_to_the_limit(feed_server: FeedServer) -> None:
    url = feed_server.play("/feed.xml", gzip.compress(gzip.compress(b"<rss>" + b" " * 300_000)))
    (answer,) = _ask(url, max_bytes=50_000)
    assert isinstance(answer, Retrieved)
    assert (len(answer.body), answer.is_cut) == (50_000, True)


FEED_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


@pytest.mark.parametrize(
    "head",
    [
        FEED_HEAD + b'"X-XSS-Protection: 0"\r\n',
        FEED_HEAD + b"no colon at all\r\n",
        FEED_HEAD + b"no colon\r\n folded\r\n",
        FEED_HEAD + b"X Frame Options: DENY\r\n",
        FEED_HEAD + b": no name\r\n",
        FEED_HEAD + "이름: x\r\n".encode(),
        FEED_HEAD + "X-Title: 제목\r\n".encode("euc-kr"),
        FEED_HEAD + b"X-Null: a\x00b\x0bc\r\n",
        FEED_HEAD + b"HTTP/1.1 200 OK\r\n",
        FEED_HEAD + b"Connection: close\r\r\n",
        FEED_HEAD + b" folded onto the type\r\nX: y\r\n\t z\r\n",
        FEED_HEAD + b"Transfer-Encoding: identity\r\n",
        FEED_HEAD + b"Content-Length:\r\n",
        b"HTTP/1.1 200 OK\r\n folded onto nothing\r\nContent-Type : application/rss+xml\r\n",
        b"HTTP/1.1 200 OK\nContent-Type:application/rss+xml\n",
        b"\r\nHTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n",
        b"HTTP/1.1 200\r\nContent-Type: application/rss+xml\r\n",
        b"HTTP/1.1  200  OK\r\nContent-Type: application/rss+xml\r\n",
        b"http/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Type: application/rss+xml\r\n",
        b"HTTP/1.1 103 Early Hints\r\nno colon\r\n\r\nHTTP/1.1 200 OK\r\nno colon\r\nContent-Type: application/rss+xml\r\n",
    ],
)  # fmt: skip
def test_a_line_of_the_head_that_cannot_be_read_is_passed_over(feed_server: FeedServer, head: bytes) -> None:
    answer = _retrieve(feed_server.play_raw("/feed.xml", head + b"Content-Length: 6\r\n\r\n<rss/>behind"))
    assert (answer.body, answer.is_cut) == (b"<rss/>", False)
    assert (answer.content_type or "").startswith("application/rss+xml")


def test_chunks_that_are_announced_twice_are_read(feed_server: FeedServer) -> None:
    head = FEED_HEAD + b"Transfer-Encoding: chunked\r\nX: y\r\ntransfer-encoding: Chunked\r\n\r\n"
    assert _retrieve(feed_server.play_raw("/feed.xml", head + b"6\r\n<rss/>\r\n0\r\n\r\n")).body == b"<rss/>"


def test_an_answer_without_fields_is_read_to_its_end(feed_server: FeedServer) -> None:
    assert _retrieve(feed_server.play_raw("/feed.xml", b"HTTP/1.0 200 OK\r\n\r\n<rss/>")).body == b"<rss/>"


def test_the_pieces_of_a_head_may_come_one_by_one(feed_server: FeedServer) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for byte in FEED_HEAD + b"no colon\r\n\r\n<rss/>":
            handler.wfile.write(bytes([byte]))

    feed_server.answers["/feed.xml"] = drip
    assert _retrieve(feed_server.address + "/feed.xml").body == b"<rss/>"


# --- time and place ---------------------------------------------------------------------------------------------------


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
    url = feed_server.redirect("/old.xml", "/slow.xml")
    error = _fail(url, timeout_seconds=0.3)
    assert error.reason == "no complete answer within 0.3 seconds"
    assert error.status is None
    assert error.hops == (Hop(301, feed_server.address + "/slow.xml"),)


def test_nobody_there() -> None:
    error = _fail("http://127.0.0.1:1/feed.xml")
    assert error.reason == "127.0.0.1 refuses the connection"
    assert error.is_deserted


class _Deaf(httpcore2.AsyncNetworkBackend):
    """A network from which no answer comes."""

    def __init__(self) -> None:
        self.waited: list[float | None] = []

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, *_: object) -> Any:
        self.waited.append(timeout)
        raise httpcore2.ConnectTimeout


@pytest.mark.parametrize(("timeout_seconds", "waits"), [(30, 10), (5, 5)])
def test_who_does_not_answer_is_given_up_before_the_whole_time(timeout_seconds: float, waits: float) -> None:
    network = _Deaf()

    async def run() -> None:
        backend = VettingBackend(LOOPBACK, network=network)
        async with Retriever(
            timeout_seconds=timeout_seconds, max_bytes=1000, connections=1, backend=backend
        ) as retriever:
            await retriever.retrieve("http://127.0.0.1/")

    with pytest.raises(RetrieveError, match=rf"^no connection to 127.0.0.1 within {waits} seconds$"):
        asyncio.run(run())
    assert network.waited == [pytest.approx(waits, abs=0.5)]


def test_a_server_without_tls_behind_https(feed_server: FeedServer) -> None:
    reason = _reason(feed_server.address.replace("http:", "https:") + "/")
    assert reason.startswith("no secure connection to 127.0.0.1: ")


def _resolver(error: OSError) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise error

    return resolve


def test_a_name_of_nobody() -> None:
    error = _fail("http://a.example/", resolve=_resolver(socket.gaierror(socket.EAI_NONAME, "unknown")))
    assert error.reason == "the name a.example cannot be resolved"
    assert error.is_deserted
    # Our own network may be down, and every name with it.
    error = _fail("http://a.example/", resolve=_resolver(socket.gaierror(socket.EAI_AGAIN, "later")))
    assert error.reason == "the name a.example cannot be resolved"
    assert not error.is_deserted


@given(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "http://", "https://", "http://user:word@", "http://[", "//"]),
        st.one_of(st.text(max_size=20), st.sampled_from(["::1]", "a.example", "xn--a", "1.2.3.4:99999", "%00"])),
        st.one_of(st.just("/"), st.text(max_size=20)),
    )
)
def test_whatever_is_asked_for_becomes_a_reason(url: str) -> None:
    with pytest.raises(RetrieveError):
        _ask(url, resolve=_resolver(OSError()))


@pytest.mark.parametrize(
    "url", ["gopher://a.example/x", "/feed.xml", "http:///feed.xml", "http://a.example:port/", "feed", ""]
)
def test_an_address_that_is_none(url: str) -> None:
    assert _reason(url).startswith("the address cannot be visited: ")


def test_other_failures_are_of_nobody_who_left(feed_server: FeedServer) -> None:
    for status in (404, 500):
        assert not _fail(feed_server.play("/feed.xml", "", status=status)).is_deserted


def test_a_feed_behind_a_proxy_is_asked_of_it_alone(feed_server: FeedServer, other_server: FeedServer) -> None:
    direct = other_server.play("/direct.xml", "<rss/>")
    feed_server.play("http://blog.example/feed.xml", "<rss/>")
    proxy = feed_server.address.replace("//", "//mina:a%20secret@")
    assert _retrieve("http://blog.example/feed.xml", proxy=proxy, times=1).body == b"<rss/>"
    ((path, fields),) = feed_server.requests
    assert path == "http://blog.example/feed.xml"
    assert fields["proxy-authorization"] == "Basic bWluYTphIHNlY3JldA=="
    assert fields["host"] == "blog.example"
    _retrieve(direct)
    assert len(feed_server.requests) == 1
    assert "proxy-authorization" not in other_server.requests[0][1]


def test_a_proxy_that_fails_is_not_told_as_a_failure_of_the_site(feed_server: FeedServer) -> None:
    refused = _fail("https://blog.example/feed.xml", proxy=feed_server.address.replace("//", "//mina:secret@"))
    assert refused.reason.startswith("the proxy of this feed refuses: 501")
    closed = _fail("http://blog.example/feed.xml", proxy="http://mina:secret@127.0.0.1:9")
    assert (closed.reason, closed.is_deserted) == ("no connection through the proxy of this feed", False)


@pytest.mark.parametrize("status", [200, 403])
def test_a_challenge_is_told_as_one_and_not_answered(feed_server: FeedServer, status: int) -> None:
    page = "<html><head><title>Just a moment...</title></head></html>"
    url = feed_server.play("/feed.xml", page, status=status, content_type="text/html", validators=False)
    refused = _fail(url)
    said = f"Cloudflare answers in place of the site, and asks to check the browser (HTTP {status})"
    assert (refused.reason, refused.wall, refused.status) == (said, "Cloudflare", status)
    assert len(feed_server.requests) == 1
