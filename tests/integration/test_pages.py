"""Reading the pages of posts, over real connections: what is asked, what is taken, and what never harms a post."""

from __future__ import annotations

import asyncio
import html
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.exceptions import MissingExtraError, WorkerError
from aggregator.scheduler import Daemon
from aggregator.storage.articles import find_article
from aggregator.storage.candidates import get_candidate, list_candidates
from aggregator.storage.duplicates import list_pairs
from aggregator.storage.pages import count_pages
from aggregator.storage.tables import pages, posts
from aggregator.types import Candidate, Feed, Kind, Month, PageOutcome, PageReading, TextSource
from aggregator.web.reading.article import show_article
from clock import Clock
from feed_server import FeedServer
from world import text_of, visit_page

DECEMBER = Month(2022, 12)
SUMMARY = "실시간 추천을 위해 피처 스토어를 도입한 과정과 그 사이에 겪은 문제를 소개합니다. Feast 위에 지었습니다."
BODY = (
    f"<p>{SUMMARY}</p>"
    + "".join(
        f"<p>온라인 저장소를 {n}번 옮기면서 지연 시간이 얼마나 줄었는지, 어떤 피처가 문제였는지 자세히 적습니다.</p>"
        for n in range(40)
    )
    + '<p>코드는 <a href="https://github.com/haneul-example/store">저장소</a>에 있습니다.</p>'
    + '<p><img src="https://tech.haneul.example/figure.png"></p><pre><code>import feast\nprint(1)</code></pre>'
)
TITLE = "피처 스토어 도입기"


def make_page(body: str = BODY, *, title: str = TITLE, head: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang='ko'><head><meta charset='utf-8'><title>{title} | 하늘상점 기술 블로그</title>{head}</head>"
        f"<body><nav><a href='/'>홈</a></nav><main><article><h1>{title}</h1>{body}</article></main>"
        "<footer><p>구독하기</p></footer></body></html>"
    )


def make_rss(server: FeedServer, *paths: str, title: str = TITLE, summary: str = SUMMARY) -> str:
    items = "".join(
        f"<item><title>{title}{'' if len(paths) == 1 else n}</title><link>{server.address}{path}</link><guid>{path}</guid>"
        f"<pubDate>{20 - n} Dec 2022 09:00:00 +0900</pubDate><description>{html.escape(summary)}</description></item>"
        for n, path in enumerate(paths)
    )
    return f"<rss version='2.0'><channel><title>하늘</title><link>{server.address}/</link>{items}</channel></rss>"


def make_feed(server: FeedServer, *, full_text: bool = True, key: str = "haneul", path: str = "/feed") -> Feed:
    return Feed(key, "하늘상점", server.address + path, Kind.COMPANY, "ko", full_text=full_text)


@pytest.fixture
def read(make_app: Callable[..., App], feed_server: FeedServer) -> Callable[..., tuple[App, list[PageReading]]]:
    """Visits a feed of these paths, then reads the pages that are due."""

    def run(*paths: str, feed: Feed | None = None, **settings: Any) -> tuple[App, list[PageReading]]:
        feed_server.play("/feed", make_rss(feed_server, *(paths or ("/a",))))
        app = make_app([feed or make_feed(feed_server)], **settings)
        asyncio.run(app.visitor.visit_due())
        return app, asyncio.run(app.page_reader.read_due())

    return run


def _only(app: App) -> Candidate:
    with app.reading() as connection:
        (candidate,) = list_candidates(connection, DECEMBER)
    return candidate


def _asked(server: FeedServer) -> list[str]:
    return [path for path, _ in server.requests if path != "/feed"]


def test_the_text_of_a_page_takes_the_place_of_a_summary(read: Any, feed_server: FeedServer) -> None:
    feed_server.play("/a", make_page(), content_type="text/html; charset=utf-8")
    app, (found,) = read()
    post = _only(app).post
    assert (found.outcome, post.text_from) == (PageOutcome.TAKEN, TextSource.PAGE)
    assert post.text.startswith(SUMMARY)
    assert "구독하기" not in post.text
    assert "import feast" not in post.text
    assert post.words > 400
    assert "https://github.com/haneul-example/store" in post.links
    assert (post.images, post.code_blocks, post.code_lines) == (1, 1, 2)
    with app.reading() as connection:
        entry = connection.execute(sa.text("SELECT content FROM entries")).scalar_one()
        assert count_pages(connection, "haneul") == {PageOutcome.TAKEN: 1}
        article = find_article(connection, post.id)
    assert article
    shown = show_article(article)
    assert shown.html.startswith(f"<p>{SUMMARY}</p>"), "the pane has the title already"
    assert '<pre tabindex="0">import feast\nprint(1)</pre>' in shown.html
    assert (shown.pictures, "figure.png</span>" in shown.html) == (1, True)
    assert "온라인 저장소" not in entry, "the feed's own text stays"
    assert _asked(feed_server) == ["/robots.txt", "/a"]
    assert asyncio.run(app.page_reader.read_due()) == [], "a page is read once"


def test_nothing_is_read_unless_the_feed_asks_for_it(read: Any, feed_server: FeedServer) -> None:
    feed_server.play("/a", make_page(), content_type="text/html")
    app, found = read(feed=make_feed(feed_server, full_text=False))
    assert (found, _asked(feed_server)) == ([], [])
    assert _only(app).post.text_from is TextSource.FEED


@pytest.mark.parametrize("library", ["trafilatura", "lxml_html_clean"])
def test_without_the_extra_pages_are_told_once_and_left_until_it_is_there(
    library: str, make_app: Callable[..., App], feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "full_text needs trafilatura, which is not installed: pip install 'aggregator[pages]'"
    feed_server.play("/feed", make_rss(feed_server, "/a"))
    feed_server.play("/a", make_page(), content_type="text/html; charset=utf-8")
    app = make_app([make_feed(feed_server)])
    daemon = Daemon(app)
    with monkeypatch.context() as without, capture_logs() as logs:
        without.setitem(sys.modules, library, None)
        asyncio.run(app.visitor.visit_due())
        for _ in range(2):
            asyncio.run(daemon.read_pages())
        page = text_of(visit_page(app).log_in().read("/feeds/haneul"))
        with pytest.raises(MissingExtraError, match=re.escape(said)):
            asyncio.run(app.page_reader.read_due("haneul"))
    assert [log["reason"] for log in logs if log["event"] == "pages are not read"] == [said]
    assert f"Pages of posts not read: {said}" in html.unescape(page)
    assert (_asked(feed_server), _only(app).post.text_from) == ([], TextSource.FEED)
    asyncio.run(daemon.read_pages())
    assert _only(app).post.text_from is TextSource.PAGE


def test_only_the_newest_posts_with_little_text_are_read(read: Any, feed_server: FeedServer, clock: Clock) -> None:
    for path in ("/0", "/1", "/2", "/3"):
        feed_server.play(path, make_page(), content_type="text/html")
    _, found = read("/0", "/1", "/2", "/3", pages={"newest": 2})
    assert sorted(one.url.rpartition("/")[2] for one in found) == ["0", "1"]
    feed_server.requests.clear()
    clock.advance(days=400)
    _, found = read("/2", "/3")
    assert found == [], "what is older than the days that are set stays as it is"


def test_a_text_of_a_page_outlives_the_next_visit(read: Any, feed_server: FeedServer, clock: Clock) -> None:
    feed_server.play("/a", make_page(), content_type="text/html")
    app, _ = read()
    feed_server.play(
        "/feed", make_rss(feed_server, "/a", title="피처 스토어 도입기, 고침", summary=SUMMARY + " 고쳤습니다.")
    )
    clock.advance(days=1)
    asyncio.run(app.visitor.visit_due())
    post = _only(app).post
    assert (post.title, post.text_from) == ("피처 스토어 도입기, 고침", TextSource.PAGE)
    assert post.words > 400


@pytest.mark.parametrize(
    ("robots", "is_read"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: aggregator\nDisallow: /a\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nAllow: /a$", True),
        ("User-agent: *\nDisallow: /*a", False),
        ("<html>not found</html>", True),
        ("", True),
        ("User-agent: *\n" + "# filler\n" * 70_000 + "Disallow: /a", True),
        ("User-agent: *\nDisallow: /a\n" + "# filler\n" * 4_000_000, False),
    ],
)
def test_robots_txt_is_obeyed(robots: str, is_read: bool, read: Any, feed_server: FeedServer) -> None:
    feed_server.play("/robots.txt", robots, content_type="text/plain")
    feed_server.play("/a", make_page(), content_type="text/html")
    app, (found,) = read()
    assert found.outcome is (PageOutcome.TAKEN if is_read else PageOutcome.REFUSED)
    assert ("/a" in _asked(feed_server)) is is_read
    assert asyncio.run(app.page_reader.read_due()) == [], "either is final"


@pytest.mark.parametrize(
    ("status", "is_read"), [(404, True), (401, True), (403, True), (429, False), (500, False), (503, False)]
)
def test_what_a_missing_robots_txt_means(
    status: int, is_read: bool, read: Any, feed_server: FeedServer, clock: Clock
) -> None:
    feed_server.play("/robots.txt", "", status=status)
    feed_server.play("/a", make_page(), content_type="text/html")
    app, (found,) = read()
    assert ("/a" in _asked(feed_server)) is is_read
    assert found.outcome is (PageOutcome.TAKEN if is_read else PageOutcome.FAILED)
    if not is_read:
        assert "robots.txt of 127.0.0.1 cannot be read" in (found.reason or "")
        feed_server.play("/robots.txt", "", content_type="text/plain")
        assert asyncio.run(app.page_reader.read_due()) == [], "not at once"
        clock.advance(hours=2)
        (found,) = asyncio.run(app.page_reader.read_due())
        assert found.outcome is PageOutcome.TAKEN


def test_redirects_of_robots_txt_without_end_forbid_for_now(read: Any, feed_server: FeedServer) -> None:
    feed_server.redirect("/robots.txt", "/r")
    feed_server.redirect("/r", "/robots.txt")
    _, (found,) = read()
    assert (found.outcome, found.retry_at is not None) == (PageOutcome.FAILED, True)
    assert "redirects" in (found.reason or "")
    assert "/a" not in _asked(feed_server)


def test_robots_txt_is_asked_for_once_a_day_and_its_delay_is_kept(
    make_app: Callable[..., App], feed_server: FeedServer, clock: Clock
) -> None:
    feed_server.play("/robots.txt", "User-agent: *\nCrawl-delay: 0.3", content_type="text/plain")
    for path in ("/0", "/1", "/2"):
        feed_server.play(path, make_page(), content_type="text/html")
    feed_server.play("/feed", make_rss(feed_server, "/0", "/1", "/2"))
    app = make_app([make_feed(feed_server)])
    began: list[float] = []

    async def run() -> None:
        turns = app.page_reader.network.page_turns
        slept = turns.sleep

        async def sleep(seconds: float) -> None:
            began.append(seconds)
            await slept(0)

        turns.sleep = sleep
        await app.visitor.visit_due()
        await app.page_reader.read_due()
        await app.page_reader.read_due("haneul", again=True)

    asyncio.run(run())
    assert len(began) == 2, "two of three waited"
    assert all(0 < seconds <= 0.6 for seconds in began)
    assert _asked(feed_server).count("/robots.txt") == 1
    clock.advance(hours=25)
    feed_server.play("/feed", make_rss(feed_server, "/new"))
    asyncio.run(app.visitor.visit_due())
    asyncio.run(app.page_reader.read_due())
    assert _asked(feed_server).count("/robots.txt") == 2


@pytest.mark.parametrize(
    ("page", "headers", "content_type", "outcome", "reason"),
    [
        (make_page(head="<meta name='robots' content='noindex, noarchive'>"), {}, "text/html", "refused", "noarchive"),
        (make_page(), {"X-Robots-Tag": "noai"}, "text/html", "refused", "noai"),
        (make_page(), {"X-Robots-Tag": "aggregator: noarchive"}, "text/html", "refused", "noarchive"),
        (make_page(), {"X-Robots-Tag": "otherbot: noarchive"}, "text/html", "taken", ""),
        (make_page(head="<meta name='robots' content='noindex, max-image-preview:large'>"), {}, "text/html", "taken", ""),
        ("%PDF-1.7", {}, "application/pdf", "failed", "application/pdf"),
        ("", {}, "text/html", "failed", "not readable HTML"),
        (make_page("<p>쿠키 사용에 동의해 주세요. " + "저희는 파트너와 함께 쿠키를 씁니다. " * 60 + "</p>"), {}, "text/html", "kept", "does not contain"),
        (make_page("<p>페이지를 찾을 수 없습니다. " + "다른 글도 읽어 보세요. " * 60 + "</p>", title="404"), {}, "text/html", "kept", "does not contain"),
        (make_page(f"<p>{SUMMARY}</p>"), {}, "text/html", "kept", "no more than the feed"),
        ("<html><body></body></html>", {}, "text/html", "kept", "no text"),
        # A codec of Python's that is not a charset of pages.
        (make_page(f"<p>{SUMMARY}</p>"), {}, "text/html; charset=idna", "kept", "no more than the feed"),
    ],
)  # fmt: skip
def test_what_is_no_page_of_the_post_harms_nothing(
    page: str, headers: dict[str, str], content_type: str, outcome: str, reason: str, read: Any, feed_server: FeedServer
) -> None:
    feed_server.play("/a", page, content_type=content_type, headers=headers)
    app, (found,) = read()
    assert found.outcome == outcome
    assert reason in (found.reason or "")
    if outcome != "taken":
        post = _only(app).post
        assert (post.text, post.text_from, found.retry_at) == (SUMMARY, TextSource.FEED, None)


def test_failures_are_tried_again_some_times(read: Any, feed_server: FeedServer, clock: Clock) -> None:
    feed_server.play("/a", "down", status=503)
    app, (found,) = read()
    for attempt, hours in ((1, 1), (2, 12)):
        assert (found.outcome, found.attempts, found.status) == (PageOutcome.FAILED, attempt, 503)
        assert found.retry_at == clock.now + timedelta(hours=hours)
        assert asyncio.run(app.page_reader.read_due()) == []
        clock.advance(hours=hours)
        (found,) = asyncio.run(app.page_reader.read_due())
    assert (found.attempts, found.retry_at) == (3, None)
    clock.advance(days=30)
    assert asyncio.run(app.page_reader.read_due()) == []
    feed_server.play("/a", make_page(), content_type="text/html")
    (found,) = asyncio.run(app.page_reader.read_due("haneul", again=True))
    assert found.outcome is PageOutcome.TAKEN


def test_what_was_put_off_under_a_wrong_clock_is_tried_again(read: Any, feed_server: FeedServer, clock: Clock) -> None:
    feed_server.play("/a", "down", status=503)
    app, _ = read()
    clock.advance(days=-7)
    with app.database.writing() as connection:
        connection.execute(posts.update().values(published_at=clock.now))
    assert [found.attempts for found in asyncio.run(app.page_reader.read_due())] == [2]


def test_a_failure_of_our_own_is_told_and_counts_no_attempt(
    read: Any, feed_server: FeedServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise WorkerError("no parser process can be started")

    feed_server.play("/a", make_page(), content_type="text/html")
    with monkeypatch.context() as patch:
        patch.setattr("aggregator.pipeline.pages._Round._read", fail)
        app, (found,) = read()
    assert (found.outcome, found.attempts) == (PageOutcome.FAILED, 0)
    assert found.reason == "a failure of this program, not of the page: no parser process can be started"
    clock.advance(hours=1)
    (found,) = asyncio.run(app.page_reader.read_due())
    assert found.outcome is PageOutcome.TAKEN


def test_a_page_that_is_gone_is_not_tried_again(read: Any, feed_server: FeedServer) -> None:
    _, (found,) = read()
    assert (found.status, found.retry_at) == (404, None)


def test_hostile_pages_end_in_time_and_take_nothing_along(read: Any, feed_server: FeedServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>"
    feed_server.play_forever("/endless", head, b"word " * 20_000)
    feed_server.play_forever("/drip", head, b".", pause=0.05)
    feed_server.redirect("/private", "http://10.1.2.3/")
    feed_server.redirect("/far", "file:///etc/passwd")
    feed_server.play_raw("/bytes", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + bytes(range(256)) * 200)
    feed_server.play("/deep", "<div>" * 50_000, content_type="text/html")
    feed_server.play("/good", make_page(title=f"{TITLE}6"), content_type="text/html")
    paths = ("/endless", "/drip", "/private", "/far", "/bytes", "/deep", "/good")
    app, found = read(*paths, visits={"timeout_seconds": 2, "parser_processes": 1, "parse_seconds": 2})
    outcomes = {one.url.rpartition("/")[2]: one for one in found}
    assert outcomes["good"].outcome is PageOutcome.TAKEN
    for path in paths[:-1]:
        assert outcomes[path[1:]].outcome in {PageOutcome.FAILED, PageOutcome.KEPT}, outcomes[path[1:]]
    assert "no complete answer" in (outcomes["drip"].reason or "")
    assert "10.1.2.3" in (outcomes["private"].reason or "")
    with app.reading() as connection:
        assert {c.post.text for c in list_candidates(connection, DECEMBER) if c.post.text_from is TextSource.FEED} == {
            SUMMARY
        }


def test_robots_of_the_place_a_page_redirects_to_counts(read: Any, feed_server: FeedServer) -> None:
    feed_server.play("/robots.txt", "User-agent: *\nDisallow: /closed", content_type="text/plain")
    feed_server.redirect("/a", "/closed/a")
    feed_server.play("/closed/a", make_page(), content_type="text/html")
    app, (found,) = read()
    assert found.outcome is PageOutcome.REFUSED
    assert _only(app).post.text == SUMMARY


def test_a_daemon_that_is_killed_goes_on_with_the_pages_that_are_left(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    feed_server.play("/feed", make_rss(feed_server, "/0", "/1"))
    feed_server.play("/0", make_page(title=f"{TITLE}0"), content_type="text/html")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    feed_server.play_forever("/1", head, b".", pause=0.05)
    app = make_app([make_feed(feed_server)], visits={"timeout_seconds": 60})

    async def die() -> None:
        await app.visitor.visit_due()
        reading = asyncio.create_task(app.page_reader.read_due())
        while not await asyncio.to_thread(_count_rows, app):
            await asyncio.sleep(0.02)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(die())
    feed_server.play("/1", make_page(title=f"{TITLE}1"), content_type="text/html")
    (found,) = asyncio.run(app.page_reader.read_due())
    assert (found.url, found.outcome, found.attempts) == (f"{feed_server.address}/1", PageOutcome.TAKEN, 1)


def _count_rows(app: App) -> int:
    with app.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(pages)).scalar_one()


def test_a_copy_gets_the_address_that_its_page_names_and_keeps_it(
    read: Any, feed_server: FeedServer, clock: Clock
) -> None:
    home = "https://tech.haneul.example/posts/feature-store"
    feed_server.play(
        "/feature-store", make_page(head=f"<link rel='canonical' href='{home}?utm_source=x'>"), content_type="text/html"
    )
    app, (found,) = read("/feature-store")
    candidate = _only(app)
    assert (found.canonical_url, candidate.post.canonical_url, candidate.post.url) == (home, home, home)
    feed_server.play("/feed", make_rss(feed_server, "/feature-store", title="고친 제목"))
    clock.advance(days=1)
    asyncio.run(app.visitor.visit_due())
    again = _only(app).post
    assert (again.id, again.title, again.canonical_url) == (candidate.post.id, "고친 제목", home)
    with app.reading() as connection:
        assert connection.execute(sa.text("SELECT post_id FROM entries")).scalars().all() == [again.id]


def test_where_another_post_has_that_address_the_two_are_one(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    feed_server.play("/feed", make_rss(feed_server, "/copies/feature-store"))
    feed_server.play("/other", make_rss(feed_server, "/posts/feature-store"))
    canonical = f"<link rel='canonical' href='{feed_server.address}/posts/feature-store'>"
    for path in ("/copies/feature-store", "/posts/feature-store"):
        feed_server.play(path, make_page(head=canonical), content_type="text/html")
    app = make_app([make_feed(feed_server), make_feed(feed_server, full_text=False, key="other", path="/other")])
    asyncio.run(app.visitor.visit_due())
    asyncio.run(app.page_reader.read_due())
    with app.reading() as connection:
        by_address = {c.post.url.rpartition("/")[0]: c.post.id for c in list_candidates(connection, DECEMBER)}
        copy, original = by_address[f"{feed_server.address}/copies"], by_address[f"{feed_server.address}/posts"]
    app.judge.find_copies()
    with app.reading() as connection:
        assert [one.post.id for one in list_candidates(connection, DECEMBER)] == [original]
        assert get_candidate(connection, copy).post.copy_of == original
        (pair,) = list_pairs(connection, [copy])
    assert "names its address" in {reason.name for reason in pair.reasons}


@pytest.mark.parametrize(
    ("body", "title", "outcome", "said"),
    [
        (BODY, TITLE, PageOutcome.TAKEN, ["its page says isAccessibleForFree: false"]),
        (f"<p>{SUMMARY}</p>", TITLE, PageOutcome.KEPT, ["its page says isAccessibleForFree: false"]),
        # A wall or an error in its place says nothing of the post.
        (f"<p>{SUMMARY}</p>", "로그인", PageOutcome.KEPT, []),
    ],
)
def test_a_page_tells_who_may_read_it_whether_its_text_is_taken_or_not(
    body: str, title: str, outcome: PageOutcome, said: list[str], read: Any, feed_server: FeedServer
) -> None:
    free = '{"@type": "Article", "isAccessibleForFree": "False"}'
    head = f'<script type="application/ld+json">{free}</script>'
    feed_server.play("/a", make_page(body, title=title, head=head), content_type="text/html; charset=utf-8")
    app, (reading,) = read()
    assert reading.outcome is outcome
    assert [one.evidence for one in _only(app).post.said] == said
