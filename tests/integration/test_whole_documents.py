"""Servers that say for ever that nothing has changed lose no post."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from aggregator.app import App
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Feed, FeedState, Kind, Outcome, Visit
from clock import Clock
from feed_server import FeedServer
from world import visit_page

ITEM = "<item><title>글 {0}</title><guid>{0}</guid><link>https://stuck.example/{0}</link></item>"
TOLD = "found by asking for the whole document: 1 new entry, while the server calls it unchanged"


def _play_stuck(server: FeedServer, *, says_so_always: bool = False) -> tuple[Feed, list[int], list[bool]]:
    """A server whose Last-Modified stands still: the feed, the posts that are out, and whether each visit had
    conditions.
    """
    posts, conditions = [1], []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        conditions.append("If-Modified-Since" in handler.headers)
        if conditions[-1] or (says_so_always and len(conditions) > 1):
            handler.wfile.write(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
            return
        items = "".join(ITEM.format(number) for number in posts)
        body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
        head = f"HTTP/1.1 200 OK\r\nLast-Modified: Thu, 12 Jan 2017 00:12:01 GMT\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode() + body)

    server.answers["/stuck.xml"] = answer
    return Feed("stuck", "Stuck", server.address + "/stuck.xml", Kind.COMPANY, "en"), posts, conditions


def _visit(app: App, *, whole: bool = False) -> Visit:
    (visit,) = asyncio.run(app.visitor.visit_now(["stuck"], whole=whole))
    return visit


def _state(app: App) -> FeedState:
    with app.reading() as connection:
        (state,) = list_feed_states(connection)
    return state


def test_once_a_day_the_whole_document_is_asked_for(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    feed, posts, conditions = _play_stuck(feed_server)
    app = make_app([feed])
    _visit(app)
    posts.insert(0, 2)
    clock.advance(hours=6)
    assert _visit(app).outcome is Outcome.NOT_MODIFIED
    clock.advance(hours=19)
    found = _visit(app)
    assert (found.entries_new, found.reason) == (1, TOLD)
    assert conditions == [False, True, False]
    # It stands on the page of the feed until a document comes that says otherwise.
    clock.advance(hours=6)
    assert (_visit(app).reason, _state(app).last_reason) == (None, TOLD)


def test_it_is_asked_for_at_once_where_the_curator_says_so(
    feed_server: FeedServer, make_app: Callable[..., App]
) -> None:
    feed, posts, conditions = _play_stuck(feed_server)
    app = make_app([feed])
    _visit(app)
    posts.insert(0, 2)
    assert _visit(app, whole=True).entries_new == 1
    assert conditions == [False, False]


def test_a_server_that_calls_everything_unchanged_has_not_failed(
    feed_server: FeedServer, make_app: Callable[..., App], clock: Clock
) -> None:
    feed, _, conditions = _play_stuck(feed_server, says_so_always=True)
    app = make_app([feed])
    _visit(app)
    clock.advance(days=2)
    assert _visit(app).outcome is Outcome.NOT_MODIFIED
    assert (_state(app).failures, conditions) == (0, [False, False])


def test_the_page_of_the_feed_asks_for_it_and_says_what_came(
    feed_server: FeedServer, make_app: Callable[..., App]
) -> None:
    feed, posts, conditions = _play_stuck(feed_server)
    app = make_app([feed])
    _visit(app)
    posts.insert(0, 2)
    curator = visit_page(app).log_in()
    curator.send("/feeds/stuck/visit")
    assert TOLD not in curator.read("/feeds/stuck")
    curator.send("/feeds/stuck/visit", full="yes")
    assert TOLD in curator.read("/feeds/stuck")
    assert conditions == [False, True, False]
