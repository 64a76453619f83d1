"""Servers that are broken, slow or hostile, over real sockets: each is a feed beside a good one, and both are visited in
one round. What came of it is stored in words, and the good one is stored in any case.
"""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.exceptions import RetrieveError
from aggregator.feeds.health import Health, judge_health
from aggregator.fetch.retrieve import Retriever
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.health import list_newest_titles
from aggregator.types import Feed, FeedState, Kind, NotModified, Outcome, Retrieved, Visit
from clock import Clock
from feed_server import FeedServer

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
ITEM = (
    "<item><title>{0}</title><link>https://a.example/{0}</link><pubDate>Thu, 01 Dec 2022 00:00:00 GMT</pubDate></item>"
)
HEAD = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>'
RSS = HEAD + ITEM.format("one") + ITEM.format("two") + "</channel></rss>"
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "lol">{}]>
<rss version="2.0"><channel><title>t</title><item><title>&a9;</title><link>https://a.example/1</link></item></channel></rss>
""".format("".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9)))


def _deflate(data: bytes) -> bytes:
    """A piece of a gzip document that may be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


GZIP = OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\xff"
# A megabyte in a kilobyte.
NOTHING = _deflate(bytes(1 << 20))


def _feed(server: FeedServer, key: str) -> Feed:
    return Feed(key, key, f"{server.address}/{key}.xml", Kind.COMPANY, "en")


def _visit(app: App) -> tuple[Visit, FeedState]:
    """What became of the hostile feed, after a look at the good one."""
    with app.reading() as connection:
        states = list_feed_states(connection)
    visits = {visit.feed_key: visit for visit in asyncio.run(app.visitor.visit(states))}
    with app.reading() as connection:
        after = {state.feed.key: state for state in list_feed_states(connection)}
    assert visits["good"].outcome in {Outcome.RETRIEVED, Outcome.NOT_MODIFIED}
    assert after["good"].entries == 2
    return visits["hostile"], after["hostile"]


def _titles(app: App) -> list[str]:
    with app.reading() as connection:
        return sorted(title for title, _ in list_newest_titles(connection, "hostile", limit=100))


@pytest.fixture
def visit(feed_server: FeedServer, make_app: Callable[..., App]) -> Callable[..., tuple[App, Visit, FeedState]]:
    """Visits what is played at /hostile.xml beside a good feed."""

    def run(**visits: Any) -> tuple[App, Visit, FeedState]:
        feed_server.play("/good.xml", RSS)
        app = make_app([_feed(feed_server, "hostile"), _feed(feed_server, "good")], visits=visits)
        return app, *_visit(app)

    return run


Run = Callable[..., tuple[App, Visit, FeedState]]


# --- an answer, but no feed -------------------------------------------------------------------------------------------

CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


@pytest.mark.parametrize(
    ("body", "status", "reason", "excerpt"),
    [
        (CHALLENGE, 200, "Cloudflare answers in place of the site, and asks to check the browser (HTTP 200)", "<!DOCTYPE html><html><head><title>Just a moment...</title>"),
        (CHALLENGE, 202, "Cloudflare answers in place of the site, and asks to check the browser (HTTP 202)", "<!DOCTYPE html><html><head><title>Just a moment...</title>"),
        (CHALLENGE, 403, "Cloudflare answers in place of the site, and asks to check the browser (HTTP 403)", "<!DOCTYPE html><html><head><title>Just a moment...</title>"),
        (CHALLENGE, 503, "Cloudflare answers in place of the site, and asks to check the browser (HTTP 503)", "<!DOCTYPE html><html><head><title>Just a moment...</title>"),
        ("", 200, "the answer is empty", None),
        (" \r\n\t ", 200, "the answer is empty", None),
        ('{"error": "no such feed"}', 200, "JSON", '{"error": "no such feed"}'),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 200, "a PDF", "%PDF-1.7 %����"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 200, "not a feed", "�PNG · ··· IHDR"),
        ("점검 중입니다.", 200, "not a feed", "점검 중입니다."),
        (HEAD, 200, "first entry", HEAD[:60]),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told_and_shown(
    feed_server: FeedServer, visit: Run, body: str | bytes, status: int, reason: str, excerpt: str | None
) -> None:
    feed_server.play("/hostile.xml", body, status=status)
    _, made, state = visit()
    assert (made.outcome, made.status, state.last_outcome, state.last_status) == (
        Outcome.FAILED, status, Outcome.FAILED, status,
    )  # fmt: skip
    assert reason in (state.last_reason or "")
    assert made.reason == state.last_reason
    assert (state.last_excerpt or "").startswith(excerpt or "")
    assert bool(state.last_excerpt) == bool(excerpt)
    assert (state.failures, state.entries) == (1, 0)


# --- a feed, but damaged ----------------------------------------------------------------------------------------------


@dataclass
class Damaged:
    """An answer of which something can be read: the titles that come of it."""

    answer: bytes | Mapping[str, Any]
    titles: list[str] = field(default_factory=lambda: ["one", "two"])
    #: Whether something is told of it nevertheless; None where both are right.
    warning: bool | None = True
    reset: bool = False


def _cut(text: str) -> bytes:
    return text[: text.index("two")].encode()


DAMAGED = {
    "truncated": Damaged({"body": _cut(RSS)}, ["one"]),
    "truncated in gzip": Damaged({"body": _cut(RSS), "gzipped": True}, ["one"]),
    "broken off": Damaged(OK + b"Content-Length: 9999\r\n\r\n" + _cut(RSS), ["one"]),
    "reset": Damaged(OK + b"Content-Length: 9999\r\n\r\n" + _cut(RSS), ["one"], reset=True),
    "chunk cut": Damaged(OK + b"Transfer-Encoding: chunked\r\n\r\nfff\r\n" + _cut(RSS), ["one"]),
    # The length was wrong, and the document is whole.
    "Content-Length too long": Damaged(OK + b"Content-Length: 9999\r\n\r\n" + RSS.encode(), warning=None),
    "Content-Length too short": Damaged(OK + b"Content-Length: %d\r\n\r\n" % len(_cut(RSS)) + RSS.encode(), ["one"]),
    "no length, HTTP/1.0": Damaged(b"HTTP/1.0 200 OK\r\n\r\n" + RSS.encode(), warning=False),
    "no type": Damaged(b"HTTP/1.1 200 OK\r\n\r\n" + RSS.encode(), warning=False),
    "no reason phrase": Damaged(b"HTTP/1.1 200\r\n\r\n" + RSS.encode(), warning=False),
    "huge header field": Damaged({"body": RSS, "headers": {"X-Filler": "x" * 60_000}}, warning=False),
    "said to be HTML": Damaged({"body": RSS, "content_type": "text/html; charset=utf-8"}, warning=False),
    "control characters": Damaged({"body": RSS.replace("one", "o\x08n\x00e\x1b")}, warning=False),
    "wrong charset of the header": Damaged(
        {"body": RSS.replace("<title>one", "<title>하나"), "content_type": "application/xml; charset=iso-8859-1"},
        ["two", "하나"],
        warning=False,
    ),
    "wrong charset of the document": Damaged(
        {"body": RSS.replace("<title>one", "<title>하나").replace("utf-8", "us-ascii"), "content_type": "text/xml"},
        ["two", "하나"],
        warning=False,
    ),
    "right charset of the document": Damaged(
        {
            "body": RSS.replace("<title>one", "<title>하나").replace("utf-8", "euc-kr").encode("euc-kr"),
            "content_type": "application/xml",
        },
        ["two", "하나"],
        warning=False,
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_can_be_read_of_a_damaged_answer_is_stored(feed_server: FeedServer, visit: Run, case: str) -> None:
    damaged = DAMAGED[case]
    if isinstance(damaged.answer, bytes):
        feed_server.play_raw("/hostile.xml", damaged.answer, reset=damaged.reset)
    else:
        feed_server.play("/hostile.xml", **damaged.answer)
    app, made, state = visit()
    assert (made.outcome, made.status) == (Outcome.RETRIEVED, 200), made.reason
    assert _titles(app) == damaged.titles
    assert damaged.warning in {None, bool(state.last_reason)}, state.last_reason
    assert (state.failures, state.last_excerpt) == (0, None)


def test_the_rest_of_an_answer_that_broke_off_comes_with_the_next(
    feed_server: FeedServer, visit: Run, clock: Clock
) -> None:
    answer = OK + b'ETag: "1"\r\nContent-Length: 9999\r\n\r\n' + _cut(RSS)
    feed_server.play_raw("/hostile.xml", answer)
    app, _, state = visit()
    assert (state.etag, state.entries) == (None, 1)
    feed_server.play("/hostile.xml", RSS)
    clock.advance(days=1)
    _, state = _visit(app)
    assert state.entries == 2
    assert state.etag


# --- too much ---------------------------------------------------------------------------------------------------------


def test_of_a_document_over_the_limit_the_beginning_is_stored(feed_server: FeedServer, visit: Run) -> None:
    filler = "<description>" + "x" * 1000 + "</description></item>"
    items = "".join(ITEM.format(f"n{number:05}").replace("</item>", filler) for number in range(1000))
    feed_server.play("/hostile.xml", HEAD + items + "</channel></rss>")
    app, made, state = visit(max_megabytes=0.1)
    assert made.outcome is Outcome.RETRIEVED
    assert made.bytes == 100_000
    assert 50 < state.entries < 100
    assert _titles(app)[0] == "n00000"
    assert state.last_reason


def test_a_gzip_bomb_behind_good_items_is_cut(feed_server: FeedServer, visit: Run) -> None:
    start = HEAD + ITEM.format("one") + ITEM.format("two")
    feed_server.play_forever("/hostile.xml", GZIP + _deflate(start.encode()), _deflate(b" " * (1 << 20)))
    app, made, _ = visit(max_megabytes=2)
    assert (made.outcome, made.bytes) == (Outcome.RETRIEVED, 2_000_000)
    assert _titles(app) == ["one", "two"]


def test_an_entity_bomb_does_not_go_off(feed_server: FeedServer, visit: Run) -> None:
    feed_server.play("/hostile.xml", BOMB)
    tracemalloc.start()
    try:
        app, _, state = visit()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert state.last_reason
    assert not [title for title in _titles(app) if len(title) > 1000]
    assert peak < 100_000_000


@dataclass
class _Tried:
    """What one retrieval came to, and the most bytes of memory that Python held meanwhile."""

    answer: Retrieved | NotModified | None = None
    error: RetrieveError | None = None
    peak: int = 0


def _try(url: str, *, timeout_seconds: float = 20, max_bytes: int = 6_000_000) -> _Tried:
    tried = _Tried()

    async def run() -> None:
        async with Retriever(
            timeout_seconds=timeout_seconds, max_bytes=max_bytes, connections=4, allowed_networks=["127.0.0.0/8"]
        ) as retriever:
            tracemalloc.start()
            try:
                tried.answer = await retriever.retrieve(url)
            except RetrieveError as error:
                tried.error = error
            finally:
                tried.peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()

    asyncio.run(run())
    return tried


@pytest.mark.parametrize(
    ("head", "piece"), [(OK + b"\r\n", b"<item/>" * 10_000), (GZIP, NOTHING)], ids=["plain", "gzip bomb"]
)
def test_an_endless_document_takes_no_more_memory_than_its_limit(
    feed_server: FeedServer, head: bytes, piece: bytes
) -> None:
    tried = _try(feed_server.play_forever("/endless.xml", head, piece))
    assert isinstance(tried.answer, Retrieved)
    assert (len(tried.answer.body), tried.answer.is_cut) == (6_000_000, True)
    assert tried.peak < 9_000_000


@pytest.mark.parametrize("status", [301, 403, 503])
def test_a_bomb_in_an_answer_that_is_not_read_does_not_go_off(feed_server: FeedServer, status: int) -> None:
    feed_server.play("/feed.xml", RSS)
    head = GZIP.replace(b"200 OK", b"%d No\r\nLocation: /feed.xml" % status)
    tried = _try(feed_server.play_forever("/hostile.xml", head, NOTHING))
    assert isinstance(tried.answer, Retrieved) == (status == 301)
    assert tried.peak < 5_000_000


# --- no answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reset", "reason"),
    [
        (b"", False, "is not valid HTTP"),
        (b"", True, "127.0.0.1 closed the connection before it answered"),
        (b"220 mail.a.example ESMTP\r\n\r\n", False, "is not valid HTTP"),
        (b"\x15\x03\x01\0\x02\x02\x46" * 100, False, "is not valid HTTP"),
        (b"HTTP/1.1 ok\r\nno colon\r\n\r\n", False, "is not valid HTTP"),
        (OK + b"Content-Length: -5\r\n\r\n", False, "is not valid HTTP"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", False, "is not valid HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", False, "is not valid HTTP"),
        (OK + b"X: " + b"x" * 200_000 + b"\r\n\r\n", False, "is not valid HTTP"),
        (OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\xff not packed", False, "the answer cannot be unpacked"),
    ],
)
def test_garbage_instead_of_an_answer(
    feed_server: FeedServer, visit: Run, answer: bytes, reset: bool, reason: str
) -> None:
    feed_server.play_raw("/hostile.xml", answer, reset=reset)
    _, made, state = visit()
    assert (made.outcome, made.status, state.last_status) == (Outcome.FAILED, None, None)
    assert reason in (made.reason or "")
    assert len(made.reason or "") < 300


def test_endless_headers_end(feed_server: FeedServer, visit: Run) -> None:
    feed_server.play_forever("/hostile.xml", b"HTTP/1.1 200 OK\r\n", b"X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n")
    _, made, _ = visit()
    assert "is not valid HTTP" in (made.reason or "")


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        # A byte now and then: no read takes long, and the whole would take for ever.
        (OK + b"\r\n" + RSS.encode()[:-20], b" "),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        # Blocks that unpack to nothing.
        (GZIP, b"\0\0\0\xff\xff"),
    ],
    ids=["body", "headers", "early answers", "gzip of nothing"],
)
def test_a_slow_drip_ends_with_the_visit(feed_server: FeedServer, visit: Run, head: bytes, piece: bytes) -> None:
    feed_server.play_forever("/hostile.xml", head, piece, pause=0.02)
    _, made, state = visit(timeout_seconds=0.5)
    assert made.outcome is Outcome.FAILED
    assert state.last_reason == "no complete answer within 0.5 seconds"
    assert state.last_status is None


def test_a_flood_that_unpacks_to_nothing_ends_with_the_visit(feed_server: FeedServer, visit: Run) -> None:
    feed_server.play_forever("/hostile.xml", GZIP, b"\0\0\0\xff\xff" * 10_000)
    _, made, _ = visit(timeout_seconds=0.5)
    assert made.reason == "no complete answer within 0.5 seconds"


def test_who_accepts_and_says_nothing(feed_server: FeedServer, make_app: Callable[..., App]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        feed_server.play("/good.xml", RSS)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        hostile = Feed("hostile", "hostile", url, Kind.COMPANY, "en")
        app = make_app([hostile, _feed(feed_server, "good")], visits={"timeout_seconds": 0.5})
        made, _ = _visit(app)
    assert made.reason == "no complete answer within 0.5 seconds"


# --- elsewhere, later, never ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/hostile.xml", "more than 5 redirects"),
        ("file:///etc/passwd", "the server redirects to file:/etc/passwd, which cannot be visited"),
        ("ftp://a.example/feed.xml", "the server redirects to ftp://a.example/feed.xml, which cannot be visited"),
        ("http://10.0.0.1/", "10.0.0.1 is an address inside a private network, which is not visited"),
        ("http://169.254.169.254/latest/", "169.254.169.254 is an address of a cloud's metadata service"),
        ("http://0x0a000001/", "leads to 10.0.0.1, an address inside a private network"),
        ("http://[::ffff:10.0.0.1]/", "an address inside a private network"),
    ],
)
@pytest.mark.parametrize("status", [301, 302])
def test_redirects_that_are_not_followed(
    feed_server: FeedServer, visit: Run, status: int, location: str, reason: str
) -> None:
    url = feed_server.redirect("/hostile.xml", location, status)
    _, made, state = visit()
    assert made.outcome is Outcome.FAILED
    assert reason in (made.reason or "")
    assert state.feed.url == url
    assert state.trial is None


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retry_after", ["36000", "Sat, 31 Dec 2022 22:00:00 GMT"])
def test_who_asks_for_time_gets_it(
    feed_server: FeedServer, visit: Run, clock: Clock, status: int, retry_after: str
) -> None:
    feed_server.play("/hostile.xml", "busy", status=status, headers={"Retry-After": retry_after})
    app, made, state = visit()
    assert (made.status, state.last_status, state.last_excerpt) == (status, status, "busy")
    assert state.next_visit_at
    assert clock.now + timedelta(hours=10) <= state.next_visit_at <= clock.now + timedelta(hours=11.1)
    asked = len(feed_server.requests)
    clock.advance(hours=9.9)
    assert "hostile" not in {visit.feed_key for visit in asyncio.run(app.visitor.visit_due())}
    assert "/hostile.xml" not in [path for path, _ in feed_server.requests[asked:]]


def test_who_is_gone_is_known_as_gone(feed_server: FeedServer, visit: Run, clock: Clock) -> None:
    feed_server.play("/hostile.xml", "moved to the moon", status=410)
    _, made, state = visit()
    assert (made.status, state.last_excerpt) == (410, "moved to the moon")
    assert judge_health(state, clock.now) is Health.GONE
    assert state.next_visit_at


# --- anything at all --------------------------------------------------------------------------------------------------

_VALUE = st.one_of(
    st.sampled_from(
        [b"0", b"5", b"-1", b"chunked", b"gzip", b"gzip, deflate", b"/again", b"http://[", b"\xff", b"", b"identity"]
    ),
    st.binary(max_size=20),
)
_FIELD = st.tuples(
    st.sampled_from(
        [b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Location", b"ETag", b"Set-Cookie", b"\xffX"]
    ),
    _VALUE,
).map(lambda field: field[0] + b": " + field[1] + b"\r\n")
_ANSWER = st.builds(
    lambda status, fields, body: b"HTTP/1.1 %d X\r\n" % status + b"".join(fields) + b"\r\n" + body,
    st.sampled_from([100, 101, 200, 204, 206, 301, 304, 404, 503, 999]),
    st.lists(_FIELD, max_size=4),
    st.one_of(st.binary(max_size=60), st.sampled_from([b"5\r\n<rss>\r\n0\r\n\r\n", zlib.compress(b"<rss/>")])),
)


@given(answer=st.one_of(_ANSWER, st.binary(max_size=100)), reset=st.booleans())
def test_whatever_a_server_says_becomes_an_answer_or_a_reason(
    feed_server: FeedServer, answer: bytes, reset: bool
) -> None:
    tried = _try(feed_server.play_raw("/again", answer, reset=reset), timeout_seconds=5)
    if tried.error is None:
        assert isinstance(tried.answer, Retrieved)
    else:
        assert 0 < len(tried.error.reason) < 400
        assert "within 5 seconds" not in tried.error.reason
