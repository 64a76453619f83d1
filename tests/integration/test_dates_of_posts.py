"""Dates of posts from the feed to the printed line: doubted openly, waited for, never moved, and late ones told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.app import App
from aggregator.config import SHIPPED_TEXTS
from aggregator.exceptions import ReviewError
from aggregator.pipeline import publish, review
from aggregator.pipeline.months import give_month, release_arrived
from aggregator.scheduler import Daemon
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates, digests, posts
from aggregator.storage.database import Database
from aggregator.storage.outlines import list_outlines
from aggregator.storage.updates import list_known_entries
from aggregator.types import (
    Candidate,
    Correction,
    DateConfidence,
    DateSource,
    Decision,
    Digest,
    DigestState,
    Feed,
    Kind,
    Month,
    Wait,
)
from clock import Clock
from feed_server import FeedServer
from world import FEED, NOW, Curator, home_of, import_page, make_draft, make_update, store, visit_page

SEOUL = ZoneInfo("Asia/Seoul")
NOV, DEC, JAN = Month(2022, 11), Month(2022, 12), Month(2023, 1)
UNDATED = {
    "published_from": DateSource.FIRST_SEEN,
    "confidence": DateConfidence.WEAK,
    "waits_for": Wait.DATE,
}
DATED = {"published_at": datetime(2022, 11, 3, 3, tzinfo=UTC), "month": NOV, "confidence": DateConfidence.SURE}


def _get(database: Database, number: int = 1) -> Candidate:
    with database.reading() as connection:
        return candidates.get_candidate(connection, number)


def _publish(database: Database, month: Month) -> None:
    with database.writing() as connection:
        digests.save_digest(connection, month, DigestState.PRINTED, Digest(SHIPPED_TEXTS), [], NOW)


# --- stored, on both databases ---


def test_what_waits_is_no_candidate_and_is_counted_apart(database: Database) -> None:
    store(database, make_update(make_draft(1), make_draft(2, **UNDATED)))
    with database.reading() as connection:
        assert [candidate.post.id for candidate in candidates.list_candidates(connection, DEC)] == [1]
        assert [outline.post_id for outline in list_outlines(connection, DEC)] == [1]
        assert posts.count_candidates(connection) == {DEC: 1}
        assert candidates.count_waiting(connection) == 1
        (waiting,) = candidates.list_waiting(connection, limit=10)
    assert (waiting.post.id, waiting.post.waits_for) == (2, Wait.DATE)


def test_a_month_of_which_all_posts_wait_is_not_listed(database: Database) -> None:
    store(database, make_update(make_draft(1, **UNDATED)))
    with database.reading() as connection:
        assert posts.count_candidates(connection) == {}


@pytest.mark.parametrize("first", [UNDATED, UNDATED | {"waits_for": None}])
def test_a_post_without_a_date_gets_the_first_that_is_given_and_keeps_it(
    database: Database, first: dict[str, object]
) -> None:
    store(database, make_update(make_draft(1, **first)))
    store(database, make_update(make_draft(1, **DATED)))
    post = _get(database).post
    assert (post.published_at, post.published_from) == (DATED["published_at"], DateSource.PUBLISHED)
    assert (post.month, post.waits_for, post.confidence) == (NOV, None, DateConfidence.SURE)
    store(database, make_update(make_draft(1, published_at=NOW, month=DEC)))
    assert _get(database).post.published_at == DATED["published_at"]


def test_an_entry_without_a_date_gets_the_first_that_is_given_and_keeps_it(database: Database) -> None:
    update = make_update(make_draft(1))
    (entry,) = update.entries
    for number, (raw, moment) in enumerate([("soon", None), ("2022.11.03", NOW), ("2022.11.09", NOW + timedelta(6))]):
        source = DateSource.PUBLISHED if moment else None
        said = replace(entry, published_raw=raw, published_at=moment, published_from=source, fingerprint=str(number))
        store(database, replace(update, entries=(said,)))
    with database.reading() as connection:
        (known,) = list_known_entries(connection, "haneul")
    assert (known.published_raw, known.published_at, known.fingerprint) == ("2022.11.03", NOW, "2")


def test_a_date_that_a_person_decided_upon_does_not_move(database: Database) -> None:
    store(database, make_update(make_draft(1, **UNDATED)))
    give_month(home_of(database), 1, DEC)
    store(database, make_update(make_draft(1, **DATED)))
    post = _get(database).post
    assert (post.month, post.own_month, post.published_from, post.waits_for) == (DEC, DEC, DateSource.CURATOR, None)


def test_the_curator_s_month_of_a_printed_digest_makes_a_late_find(database: Database) -> None:
    _publish(database, NOV)
    store(database, make_update(make_draft(1, **UNDATED), make_draft(2)))
    candidate = give_month(home_of(database), 1, NOV)
    assert (candidate.post.month, candidate.post.late_for, candidate.post.own_month) == (DEC, NOV, NOV)
    # A post that does not wait stays among the candidates of its month; only what is printed changes.
    candidate = give_month(home_of(database), 2, NOV)
    assert (candidate.post.month, candidate.post.late_for) == (DEC, None)
    assert candidate.correction
    assert candidate.correction.month == NOV


def test_a_post_joins_the_candidates_when_its_day_has_come(database: Database) -> None:
    day = NOW + timedelta(days=20)
    store(database, make_update(make_draft(1, published_at=day, month=JAN, waits_for=Wait.DAY)))
    assert release_arrived(home_of(database, now=day - timedelta(seconds=1))) == set()
    assert _get(database).post.waits_for is Wait.DAY
    assert release_arrived(home_of(database, now=day)) == {JAN}
    assert _get(database).post.waits_for is None
    assert release_arrived(home_of(database, now=day)) == set()


def test_a_corrected_date_of_the_future_ends_the_waiting(database: Database) -> None:
    slip = {"published_at": datetime(2032, 11, 3, tzinfo=UTC), "month": Month(2032, 11), "waits_for": Wait.DAY}
    store(database, make_update(make_draft(1, **slip)))
    store(database, make_update(make_draft(1, **DATED)))
    assert (_get(database).post.month, _get(database).post.waits_for) == (NOV, None)


def test_a_post_of_a_read_digest_stays_in_its_month_when_its_feed_is_found(database: Database) -> None:
    _publish(database, NOV)
    line = make_draft(1, feed_key=None, published_from=DateSource.DIGEST, month=NOV, at_home=False)
    with database.writing() as connection:
        posts.add_posts(connection, [line])
    store(database, make_update(make_draft(1, month=DEC, late_for=NOV)))
    post = _get(database).post
    assert (post.feed_key, post.published_from, post.month, post.late_for) == (
        "haneul",
        DateSource.PUBLISHED,
        NOV,
        None,
    )


def test_the_post_s_own_site_brings_its_date_but_takes_none_away(database: Database) -> None:
    planet = replace(FEED, key="planet", url="https://planet.example/feed", site="https://planet.example/")
    away = {"feed_key": "planet", "at_home": False}
    store(database, make_update(*(make_draft(number, **away) for number in (1, 2)), feed=planet))
    store(database, make_update(make_draft(1, **DATED), make_draft(2, **UNDATED)))
    first, second = (_get(database, number).post for number in (1, 2))
    assert (first.feed_key, first.published_at, first.month) == ("haneul", DATED["published_at"], NOV)
    assert (second.feed_key, second.published_at, second.month, second.waits_for) == ("haneul", NOW, DEC, None)


# --- the whole road ---


def _document(*items: tuple[str, str]) -> str:
    listed = "".join(
        f"<item><title>피처 스토어 도입기 {path}</title><link>https://tech.haneul.example{path}</link>"
        f"<guid>{path}</guid>{f'<pubDate>{date}</pubDate>' if date else ''}</item>"
        for path, date in items
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title>{listed}</channel></rss>'


class Road:
    """A feed, the App that visits it, and a curator."""

    def __init__(self, app: App, feed_server: FeedServer, clock: Clock) -> None:
        self.app, self._server, self._clock = app, feed_server, clock

    def visit(self, day: datetime, *items: tuple[str, str]) -> None:
        self._clock.now = day
        self._server.play("/feed.xml", _document(*items))
        asyncio.run(self.app.visitor.visit_now(["haneul"]))
        self.app.judge.judge_new()

    def get(self, path: str) -> Candidate:
        with self.app.reading() as connection:
            number = posts.find_post_id(connection, f"https://tech.haneul.example{path}")
            assert number
            return candidates.get_candidate(connection, number)

    def approve(self, path: str) -> None:
        number = self.get(path).post.id
        review.decide(
            self.app,
            number,
            Decision.APPROVE,
            correction=Correction(number, "", NOW, section=SHIPPED.parse_section("2.4")),
        )

    def open_page(self, *paths: str) -> Curator:
        return visit_page(self.app, {path: self.get(path).post.id for path in paths}).log_in()


@pytest.fixture
def road(make_app: Callable[..., App], feed_server: FeedServer, clock: Clock) -> Road:
    url = feed_server.play("/feed.xml", _document())
    app = make_app([Feed("haneul", "하늘상점", url, Kind.COMPANY, "ko", organisation="하늘상점")])
    return Road(app, feed_server, clock)


def _text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_late_find_is_told_and_printed_with_its_own_month(road: Road) -> None:
    early = ("/early", "Thu, 10 Nov 2022 10:00:00 +0900")
    late = ("/late", "Mon, 28 Nov 2022 10:00:00 +0900")
    road.visit(datetime(2022, 12, 1, 3, tzinfo=UTC), early)
    road.approve("/early")
    publish.make_digest(road.app, NOV, DigestState.PRINTED)
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), late, early)

    said = "Late: published 28 Nov 2022, found 7 Dec 2022, too late for the digest of Nov 2022."
    assert said in _text(road.open_page("/late").read_post("/late"))
    assert (road.get("/early").post.late_for, road.get("/early").post.month) == (None, NOV)

    road.approve("/late")
    (line,) = publish.compose_month(road.app, DEC).lines
    assert (line.url, line.month) == ("https://tech.haneul.example/late", NOV)
    assert "(Nov 2022, 하늘상점)" in publish.make_digest(road.app, DEC, DigestState.PRINTED).read_text(encoding="utf-8")


def test_the_page_shows_an_address_that_says_another_month(road: Road) -> None:
    dates = {
        "/2022/03/old": "Thu, 01 Dec 2022 10:00:00 +0900",
        "/2022/11/30/edge": "Thu, 01 Dec 2022 00:30:00 +0900",
        "/2022/12/same": "Fri, 02 Dec 2022 10:00:00 +0900",
        "/2022/12/05/undated": "",
    }
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), *dates.items())
    curator = road.open_page(*dates)
    assert len(curator.list_shown("/queue/2022-12?show=all")) == len(dates)
    panes = {path: _text(curator.read_post(path)) for path in dates}
    assert [path for path, pane in panes.items() if "The address says" in pane] == ["/2022/03/old"]
    assert "The address says Mar 2022." in panes["/2022/03/old"]
    assert "5 Dec 2022, by its address" in panes["/2022/12/05/undated"]
    assert road.get("/2022/03/old").post.confidence is DateConfidence.WEAK
    assert road.get("/2022/12/05/undated").post.published_from is DateSource.URL


def test_undated_posts_wait_until_the_curator_gives_them_a_month(road: Road) -> None:
    dated = ("/dated", "Thu, 01 Dec 2022 10:00:00 +0900")
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), ("/old", ""), ("/older", ""), dated)
    curator = road.open_page()
    number = road.get("/old").post.id

    assert "2 posts wait for a date" in _text(curator.read("/queue/2022-12"))
    waiting = curator.read("/waiting")
    assert f'id="post-{number}"' in waiting
    assert 'value="2022-12"' in waiting
    assert f'id="post-{road.get("/dated").post.id}"' not in waiting
    with pytest.raises(ReviewError, match="waits for a date and is not a candidate yet"):
        road.approve("/old")

    answer = curator.send(f"/posts/{number}/month", month="2022-11")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/waiting?done={number}")
    assert "is now a candidate of Nov 2022" in _text(curator.read(f"/waiting?done={number}"))
    candidate = road.get("/old")
    assert (candidate.post.month, candidate.post.waits_for) == (NOV, None)
    assert candidate.score
    assert "1 post waits for a date" in _text(curator.read("/queue/2022-12"))

    # New ones are new: they need not wait.
    road.visit(datetime(2022, 12, 8, 3, tzinfo=UTC), ("/new", ""), ("/old", ""), ("/older", ""), dated)
    assert (road.get("/new").post.month, road.get("/new").post.waits_for) == (DEC, None)
    # And the feed gives another its date at last.
    road.visit(datetime(2022, 12, 9, 3, tzinfo=UTC), ("/older", "Sun, 02 Oct 2022 10:00:00 +0900"), dated)
    assert (road.get("/older").post.month, road.get("/older").post.waits_for) == (Month(2022, 10), None)


def test_pages_that_are_no_posts_are_rejected_one_or_all_of_a_source(road: Road) -> None:
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), ("/about", ""), ("/jobs", ""), ("/team", ""))
    curator = road.open_page()
    about, jobs, team = (road.get(path).post.id for path in ("/about", "/jobs", "/team"))

    answer = curator.send(f"/posts/{about}/not-a-post")

    assert (answer.status_code, answer.headers["location"][:19]) == (303, "/waiting?rejected=1")
    verdict = road.get("/about").verdict
    assert verdict
    assert (verdict.decision, verdict.reason) == (Decision.REJECT, "not a post")
    said = curator.read(answer.headers["location"])
    assert "as not a post." in said
    assert _list_waiting(said) == {jobs, team}
    assert 'action="/history/1/undo"' in said
    assert curator.send(f"/posts/{about}/not-a-post").headers["location"] == "/waiting"

    curator.send("/history/1/undo")
    assert "as not a post" not in curator.read("/waiting?rejected=1")
    answer = curator.send(f"/posts/{jobs}/source/not-a-post")

    said = curator.read(answer.headers["location"])
    assert "Rejected 3 posts as not a post." in said
    assert _list_waiting(said) == set()
    undo = re.search(r'action="(/history/\d+/undo)"', said)
    assert undo
    curator.send(undo[1])
    assert _list_waiting(curator.read("/waiting")) == {about, jobs, team}
    assert curator.send("/posts/999/not-a-post").status_code == 409
    assert curator.send("/posts/999/source/not-a-post").status_code == 404
    assert curator.read("/waiting?rejected=999", status=404)


def _list_waiting(page: str) -> set[int]:
    return {int(number) for number in re.findall(r'<article class="entry" id="post-(\d+)"', page)}


@pytest.mark.parametrize("month", ["", "December", "2022-13", "99999-01"])
def test_what_is_no_month_is_refused(road: Road, month: str) -> None:
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), ("/old", ""))
    number = road.get("/old").post.id
    assert road.open_page().send(f"/posts/{number}/month", month=month).status_code == 422
    assert road.get("/old").post.waits_for is Wait.DATE


def test_giving_a_month_needs_the_token_of_a_form(road: Road) -> None:
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), ("/old", ""))
    number = road.get("/old").post.id
    assert road.open_page().send(f"/posts/{number}/month", month="2022-12", token="no").status_code == 403
    assert visit_page(road.app).client.get("/waiting", follow_redirects=False).status_code in {303, 401, 403}
    assert road.get("/old").post.waits_for is Wait.DATE


def test_the_daemon_lets_a_post_in_when_its_day_has_come(road: Road, clock: Clock) -> None:
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), ("/soon", "Wed, 21 Dec 2022 10:00:00 +0900"))
    daemon = Daemon(road.app)
    asyncio.run(daemon.visit_and_judge())
    assert (road.get("/soon").post.waits_for, road.get("/soon").score) == (Wait.DAY, None)
    assert "Waits for its day, 21 Dec 2022." in _text(road.open_page().read("/waiting"))
    clock.now = datetime(2022, 12, 21, 1, tzinfo=UTC)
    asyncio.run(daemon.visit_and_judge())
    assert road.get("/soon").post.waits_for is None
    assert road.get("/soon").score


def test_a_published_digest_gives_a_waiting_post_its_month(road: Road) -> None:
    road.visit(datetime(2022, 12, 7, 3, tzinfo=UTC), ("/old", ""))
    road.visit(datetime(2022, 12, 8, 3, tzinfo=UTC), ("/dated", "Thu, 10 Nov 2022 10:00:00 +0900"), ("/old", ""))
    road.approve("/dated")
    text = publish.make_digest(road.app, NOV, DigestState.DRAFT).read_text(encoding="utf-8").replace("/dated", "/old")
    import_page(road.app, text, NOV)
    candidate = road.get("/old")
    assert (candidate.post.waits_for, candidate.post.own_month, candidate.printed_in) == (None, NOV, NOV)
