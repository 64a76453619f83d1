"""A month's life in the daemon's hands: judged as posts arrive, drafted on its day, printed once the review is finished."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.pipeline import history, plans, review
from aggregator.scheduler import Daemon
from aggregator.storage.candidates import list_candidates
from aggregator.storage.digests import list_digests
from aggregator.storage.narrowing import Narrowing
from aggregator.storage.search import find_posts
from aggregator.text.terms import parse_query
from aggregator.types import Candidate, Decision, DigestState, Feed, Kind, Month
from clock import Clock
from feed_server import FeedServer
from world import text_of, visit_page

DECEMBER = Month(2022, 12)
DOCUMENT = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>하늘상점</title>
<item><title>피처 스토어 도입기</title><link>https://tech.haneul.example/1</link>
<pubDate>Thu, 01 Dec 2022 10:00:00 +0900</pubDate></item>
<item><title>LLM 서빙 비용 줄이기</title><link>https://tech.haneul.example/2</link>
<pubDate>Fri, 30 Dec 2022 10:00:00 +0900</pubDate></item>{}</channel></rss>"""


@pytest.fixture
def app(make_app: Callable[..., App], feed_server: FeedServer, clock: Clock) -> App:
    clock.now = datetime(2022, 12, 31, 3, tzinfo=UTC)
    url = feed_server.play("/feed.xml", DOCUMENT.format(""))
    feed = Feed("haneul", "하늘상점", url, Kind.COMPANY, "ko", organisation="하늘상점")
    # What a model of few rows thinks of the scope is not what this is about.
    return make_app([feed], shortlist={"out_of_scope": 1.0})


def _list(app: App) -> list[Candidate]:
    with app.reading() as connection:
        return list_candidates(connection, DECEMBER)


def _digests(app: App) -> list[tuple[Month, DigestState]]:
    with app.reading() as connection:
        return list_digests(connection)


def test_what_arrives_is_judged(app: App, feed_server: FeedServer, clock: Clock) -> None:
    daemon = Daemon(app)
    asyncio.run(daemon.visit_and_judge())
    assert [candidate.score.rank for candidate in _list(app) if candidate.score] == [1, 2]
    feed_server.play(
        "/feed.xml",
        DOCUMENT.format(
            "<item><title>추천 랭킹 개선기</title><link>https://tech.haneul.example/3</link>"
            "<pubDate>Sat, 31 Dec 2022 10:00:00 +0900</pubDate></item>"
        ),
    )
    asyncio.run(daemon.visit_and_judge())
    assert len(_list(app)) == 2, "the feed was not due yet"
    clock.advance(hours=13)
    asyncio.run(daemon.visit_and_judge())
    assert [candidate.score.rank for candidate in _list(app) if candidate.score] == [1, 2, 3]
    with app.reading() as connection:
        assert len(find_posts(connection, parse_query("추천 랭킹"), Narrowing())) == 1


def test_the_month_is_drafted_on_its_day_and_printed_when_the_review_is_finished(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What measuring comes to takes seconds, and is told of in test_weights.py.
    measured: list[datetime] = []
    monkeypatch.setattr(Daemon, "_measure", lambda _: measured.append(clock.now))
    daemon = Daemon(app)
    asyncio.run(daemon.visit_and_judge())
    asyncio.run(daemon.tend_months())
    assert _digests(app) == [(Month(2022, 11), DigestState.DRAFT)], "November is over, December is not"

    # 15:30 on the last day of December in Greenwich is January in Seoul.
    clock.now = datetime(2022, 12, 31, 15, 30, tzinfo=UTC)
    asyncio.run(daemon.tend_months())
    assert _digests(app)[0] == (DECEMBER, DigestState.DRAFT)
    draft: Path = app.digest_folder / "2022-12.draft.md"
    assert "피처 스토어" not in draft.read_text("utf-8")

    first, second = _list(app)
    review.decide(app, first.post.id, Decision.APPROVE)
    asyncio.run(daemon.tend_months())
    assert first.post.title in draft.read_text("utf-8"), "the draft follows the verdicts"

    clock.now = datetime(2023, 1, 6, tzinfo=UTC)
    asyncio.run(daemon.tend_months())
    assert _digests(app)[0] == (DECEMBER, DigestState.DRAFT), "one post of the shortlist is still undecided"

    review.decide(app, second.post.id, Decision.REJECT, reason="shallow")
    asyncio.run(daemon.tend_months())
    assert _digests(app)[0] == (DECEMBER, DigestState.PRINTED)
    printed = (app.digest_folder / "2022-12.md").read_text("utf-8")
    assert not draft.exists()
    assert first.post.title in printed
    assert second.post.title not in printed

    history.undo(app)
    asyncio.run(daemon.tend_months())
    assert (app.digest_folder / "2022-12.md").read_text("utf-8") == printed, "what is printed is frozen"
    assert len(measured) == 6, "at each tick"


def test_what_is_found_after_a_month_was_closed_is_pending_for_the_next(
    app: App,
    feed_server: FeedServer,
    clock: Clock,
    call_console: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    asyncio.run(app.visitor.visit_now(["haneul"]))
    clock.now = datetime(2023, 1, 3, 3, tzinfo=UTC)
    plans.close_month(app, DECEMBER)
    clock.advance(hours=1)
    feed_server.play(
        "/feed.xml",
        DOCUMENT.format(
            "<item><title>늦은 글</title><link>https://tech.haneul.example/3</link>"
            "<pubDate>Sat, 31 Dec 2022 10:00:00 +0900</pubDate></item>"
        ),
    )
    asyncio.run(app.visitor.visit_now(["haneul"]))
    assert [one.post.title for one in _list(app)] == ["LLM 서빙 비용 줄이기", "피처 스토어 도입기"]

    curator = visit_page(app).log_in()
    queue, listed = curator.read("/queue/2023-01"), curator.read("/queue/2023-01?show=all&late=2022-12")
    assert '<a href="/queue/2023-01?show=all&amp;late=2022-12">1 post came after Dec 2022 was closed</a>' in queue
    assert "늦은 글" in listed
    assert "늦은 글" not in curator.read("/queue/2023-01?show=all&late=2022-11")
    page = text_of(curator.read("/digest/2022-12"))
    assert "1 post came after Dec 2022 was closed ; they are in Jan 2023" in page
    assert "Counted posts until 31 Dec 2022; what is found now comes into Jan 2023" in page
    assert "Draft on 1 Jan 2023, 00:00, then kept up to date Review closed: what is undecided is left out" in page
    assert f"File {app.digest_folder / '2022-12.draft.md'}" in page
    assert "1 post came after Dec 2022 was closed" in text_of(curator.read("/digest/2023-01"))
    told = call_console("--home", str(app.folder), "digest", "status", "2022-12", "--json").stdout
    # The visits are logged before. A command knows no clock but the machine's, on which another month takes it up.
    status = json.loads(told[told.index("{") :])
    assert (status["month"], status["is_closed"]) == ("2022-12", True)
    assert status["files"] == [str(app.digest_folder / "2022-12.draft.md")]

    plans.reopen(app, DECEMBER)
    assert len(_list(app)) == 3
    page = text_of(curator.read("/digest/2022-12"))
    assert "Counted posts until 31 Dec 2022, if they are found before it is closed or printed" in page
    assert "Review until 5 Jan 2023, 09:00, longer if something is undecided" in page
    history.undo(app)
    assert len(_list(app)) == 2, "closed again, and the post is in January"
