"""The page of all feeds: how each one is in words, what asks for the curator first, and the alarm of every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from aggregator.app import App
from aggregator.exceptions import StorageError
from aggregator.pipeline import follow, publish
from aggregator.storage.feeds import list_feed_states
from aggregator.types import DigestState, Feed, FeedState, FeedUpdate, Gap, Kind, Outcome, Visit
from aggregator.web.feeds.done import Done
from aggregator.web.feeds.filter import PAGE, FeedsFilter, Show, find_list, read_filter
from clock import Clock
from feed_server import FeedServer
from world import (
    FEEDS,
    MONTH,
    NOW,
    SAMPLES,
    Curator,
    failed,
    fill,
    save_states,
    save_updates,
    silent,
    text_of,
    visit_page,
    visited,
)

REFUSED = Feed(
    "mulgyeol", "물결페이 기술 블로그", "https://tech.mulgyeol.example/rss", Kind.COMPANY, "ko", tags=("결제",)
)
GONE = Feed("closed", "The Closed Notebook", "https://closed.example/atom.xml", Kind.INDIVIDUAL, "en")
SILENT = Feed("sparrow", "Sparrow Letters", "https://sparrow.example/feed", Kind.INDIVIDUAL, "en")
NEW = Feed("quiet", "Quiet <Corner>", "https://quiet.example/feed", Kind.SIGNAL, "en")
REASON = "the answer is a web page and no feed: it asks to check the browser"


def row_of(page: str, key: str) -> str:
    """The text of a feed's row."""
    found = re.search(rf'<tr class="\w+" id="{key}">(.*?)</tr>', page, re.DOTALL)
    assert found, f"no row of {key}"
    return text_of(found[1])


def list_shown(page: str) -> list[str]:
    return re.findall(r'<tr class="\w+" id="([\w-]+)"', page)


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    """Six feeds that are well, and one in each kind of trouble."""
    app = make_app([*FEEDS, REFUSED, GONE, SILENT, NEW])
    numbers = fill(app, SAMPLES)
    save_states(
        app, [failed(REFUSED, REASON), failed(GONE, "the document is gone for good", status=410), silent(SILENT)]
    )
    return visit_page(app, numbers).log_in()


# --- in words ---


def test_the_summary_counts_what_is_not_well(curator: Curator) -> None:
    follow.pause_feed(curator.app, "lumen")
    page = text_of(curator.read("/feeds"))

    assert "2 of 8 feeds failed at the last visit. 1 feed not visited yet." in page
    assert (
        "1 feed is gone for good, its site says. 1 feed has been silent for longer than usual. 1 feed is paused."
        in page
    )


def test_what_needs_the_curator_comes_first(curator: Curator) -> None:
    follow.pause_feed(curator.app, "lumen")
    page = curator.read("/feeds")

    assert re.findall(r'<tr class="(\w+)" id', page) == [
        "gone", "failing", "silent", "new", *["well"] * 5, "paused"
    ]  # fmt: skip
    groups = [text_of(group) for group in re.findall(r'<tr class="group">(.*?)</tr>', page)]
    assert groups == [
        "Need you they bring nothing until they answer again",
        "To watch silent, or something may be missing",
        "Not visited yet",
        "Well",
        "Paused until you resume them",
    ]


def test_a_row_says_how_the_feed_is(curator: Curator) -> None:
    page = curator.read("/feeds")

    assert "물결페이 기술 블로그 company, tech.mulgyeol.example/rss" in row_of(page, "mulgyeol")
    assert f"Failing since 31 Dec 2022, 3 times in a row {REASON} none yet in 7 hours" in row_of(page, "mulgyeol")
    assert "Gone for good, its site says the document is gone for good" in row_of(page, "closed")
    assert "Silent for 60 days, usually every 4 days 60 days ago in 40 minutes" in row_of(page, "sparrow")
    assert "Not visited yet none yet due now" in row_of(page, "quiet")
    assert "Well none yet in 40 minutes" in row_of(page, "northwind")


def test_the_name_leads_to_the_page_of_the_feed(curator: Curator) -> None:
    assert 'href="/feeds/mulgyeol"' in curator.read("/feeds")


def test_a_long_reason_is_shortened(curator: Curator) -> None:
    save_states(curator.app, [failed(REFUSED, "the server cannot be reached " + "again and " * 40 + "again")])

    row = row_of(curator.read("/feeds"), "mulgyeol")

    assert "the server cannot be reached again" in row
    assert " … none yet" in row
    assert row.count("again") < 20


def test_names_and_reasons_are_escaped(curator: Curator) -> None:
    save_states(curator.app, [failed(REFUSED, "<img src=x onerror=alert(1)>")])
    page = curator.read("/feeds")

    assert "Quiet &lt;Corner&gt;" in page
    assert "&lt;img src=x" in page
    assert "<img" not in page


def test_posts_of_the_last_twelve_months_are_a_row_of_bars(curator: Curator) -> None:
    page = curator.read("/feeds")

    said = "Posts from Jan 2022 to Dec 2022: Jan 0, Feb 0, Mar 0, Apr 0, May 0, Jun 0, Jul 0, Aug 0, Sep 0, Oct 0"
    assert f"<title>{said}, Nov 1, Dec 2</title>" in page  # of haneul
    assert page.count('<svg class="bars" role="img"') == 9, "a feed without posts of its own has none"


def test_recent_gaps_are_counted(curator: Curator) -> None:
    days = (3, 60, 91)
    gaps = [Gap("lumen", NOW - timedelta(days=day), NOW - timedelta(days=day + 6)) for day in days]
    state = visited(next(feed for feed in FEEDS if feed.key == "lumen"))
    save_updates(curator.app, [FeedUpdate(Visit("lumen", NOW, 0.1, Outcome.RETRIEVED), state, gap=gap) for gap in gaps])
    page = curator.read("/feeds")

    assert "feed 2 gaps, the last on 28 Dec none yet" in row_of(page, "lumen")
    assert "1 feed may have missed something in the last 90 days." in text_of(page)
    assert list_shown(page)[2] == "lumen"
    assert list_shown(curator.read("/feeds?show=attention")) == ["closed", "mulgyeol", "lumen"]


def test_the_share_printed_is_of_the_months_that_were_published(curator: Curator) -> None:
    curator.decide("실시간-추천", "approve")
    assert "–" in row_of(curator.read("/feeds"), "haneul")

    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)
    page = curator.read("/feeds")

    assert "1 of 2" in row_of(page, "haneul")
    assert "0 of 2" in row_of(page, "northwind")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "6 feeds not visited yet."),
        ([visited(feed) for feed in FEEDS], "All last visits succeeded (6 feeds)."),
        ([visited(FEEDS[0])], "All last visits succeeded (1 feed). 5 feeds not visited yet."),
    ],
)
def test_the_state_of_all_is_said_in_a_sentence(
    make_app: Callable[..., App], states: list[FeedState], said: str
) -> None:
    app = make_app(FEEDS)
    if states:
        save_states(app, states)

    assert said in text_of(visit_page(app).log_in().read("/feeds"))


def test_without_feeds_the_page_says_where_they_are_listed(make_app: Callable[..., App]) -> None:
    assert "feeds.toml" in visit_page(make_app()).log_in().read("/feeds")


def test_when_all_failed_the_network_is_suspected(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    save_states(app, [failed(feed, "the name cannot be resolved", 1) for feed in FEEDS])

    page = text_of(visit_page(app).log_in().read("/feeds"))

    assert "6 of 6 feeds failed at the last visit." in page
    assert "The network seems to be unreachable" in page
    assert "make demo" in page


def test_when_some_feeds_answer_the_network_is_not_suspected(curator: Curator) -> None:
    assert "the network" not in curator.read("/feeds")


# --- filters ---


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("show=attention", ["closed", "mulgyeol"]),
        ("show=gone", ["closed"]),
        ("show=failing", ["mulgyeol"]),
        ("show=silent", ["sparrow"]),
        ("show=new", ["quiet"]),
        ("show=paused", []),
        ("q=기술", ["mulgyeol", "haneul"]),
        ("q=기술 물결", ["mulgyeol"]),
        ("q=결제", ["mulgyeol"]),
        ("q=LUMEN.example", ["lumen"]),
        ("q=amazon", ["cloud"]),
        ("q=기술&show=well", ["haneul"]),
        ("q=nothing+like+this", []),
    ],
)
def test_the_list_is_filtered_by_state_and_by_words(curator: Curator, query: str, shown: list[str]) -> None:
    page = curator.read(f"/feeds?{query}")

    assert list_shown(page) == shown
    assert shown or "Show all feeds" in page


def test_tabs_count_what_is_under_them(curator: Curator) -> None:
    tabs = "All 10 Need attention 2 Gone 1 Refused 0 Failing 1 Silent 1 Not visited yet 1 Well 6 Paused 0"

    assert tabs in text_of(curator.read("/feeds"))
    assert "All 2 Need attention 1 Gone 0 Refused 0 Failing 1" in text_of(curator.read("/feeds?q=기술"))


def test_tabs_keep_the_words(curator: Curator) -> None:
    page = curator.read("/feeds?q=기술")

    assert 'href="/feeds?show=failing&amp;q=%EA%B8%B0%EC%88%A0"' in page


@pytest.mark.parametrize("query", ["show=nonsense", "page=x", "page=-1", "page=99999", "done=nonsense&feed=nobody"])
def test_what_cannot_be_read_of_an_address_is_left_out(curator: Curator, query: str) -> None:
    assert len(list_shown(curator.read(f"/feeds?{query}"))) == 10


def test_a_long_list_has_pages(make_app: Callable[..., App]) -> None:
    feeds = [replace(SILENT, key=f"f{n}", name=f"Feed {n:03}", url=f"https://f{n}.example/") for n in range(PAGE + 3)]
    curator = visit_page(make_app(feeds)).log_in()

    first, second = curator.read("/feeds?q=feed"), curator.read("/feeds?q=feed&page=2")

    assert list_shown(first) == [f"f{n}" for n in range(PAGE)]
    assert list_shown(second) == [f"f{n}" for n in range(PAGE, PAGE + 3)]
    assert 'href="/feeds?q=feed&amp;page=2" rel="next"' in first
    assert f"{PAGE + 1} to {PAGE + 3} of {PAGE + 3}" in text_of(second)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/feeds", FeedsFilter()),
        ("/feeds?show=gone&q=%EA%B8%B0%EC%88%A0", FeedsFilter(Show.GONE, "기술")),
        ("/feeds/northwind", None),
        ("https://elsewhere.example/feeds", None),
        ("//elsewhere.example/feeds", None),
        ("", None),
    ],
)
def test_a_path_leads_back_to_the_list_only_when_it_is_ours(path: str, found: FeedsFilter | None) -> None:
    assert find_list(path) == found


@pytest.mark.parametrize("chosen", [FeedsFilter(), FeedsFilter(Show.WELL, "배 & 추천", page=3)])
def test_the_path_of_a_filter_reads_back(chosen: FeedsFilter) -> None:
    assert find_list(chosen.path) == chosen
    done = replace(chosen, feed="lumen", done=Done.PAUSE)
    assert find_list(chosen.path_to("lumen", Done.PAUSE)) == done


def test_what_is_read_of_an_address() -> None:
    assert read_filter(
        {"show": "attention", "q": "  두  단어 ", "page": "2", "feed": "x", "done": "busy"}
    ) == FeedsFilter(Show.ATTENTION, "두 단어", 2, "x", Done.BUSY)


# --- from the list ---


def test_a_feed_paused_in_the_list_stays_in_sight_and_can_be_resumed_there(curator: Curator) -> None:
    answer = curator.send("/feeds/mulgyeol/pause", next="/feeds?show=failing")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/feeds?show=failing&feed=mulgyeol&done=pause#mulgyeol"
    page = curator.read(answer.headers["location"])
    assert list_shown(page) == ["mulgyeol"]
    assert "물결페이 기술 블로그: Paused: it is not visited until you resume it." in text_of(page)
    assert "Paused since 31 Dec 2022" in row_of(page, "mulgyeol")
    assert "in the next" not in row_of(page, "mulgyeol")

    back = curator.send("/feeds/mulgyeol/resume", next="/feeds?show=failing").headers["location"]
    assert "Failing" in row_of(curator.read(back), "mulgyeol")


def test_a_visit_from_the_list_says_there_what_came_of_it(
    make_app: Callable[..., App], feed_server: FeedServer
) -> None:
    url = feed_server.play("/feed", '<rss version="2.0"><channel><title>t</title></channel></rss>')
    app = make_app([replace(FEEDS[0], url=url), replace(FEEDS[1], url=feed_server.address + "/missing")])
    curator = visit_page(app).log_in()

    well = curator.send("/feeds/northwind/visit", next="/feeds").headers["location"]
    ill = curator.send("/feeds/haneul/visit", next="/feeds").headers["location"]

    assert "Northwind TechBlog: Visited just now: read, no new entries." in text_of(curator.read(well))
    page = curator.read(ill)
    assert "하늘상점 기술 블로그: Visited just now: failed:" in text_of(page)
    assert 'class="box said failed"' in page
    with app.reading() as connection:
        outcomes = {state.feed.key: state.last_outcome for state in list_feed_states(connection)}
    assert outcomes == {"northwind": Outcome.RETRIEVED, "haneul": Outcome.FAILED}


def test_nobody_is_sent_to_another_site(curator: Curator) -> None:
    answer = curator.send("/feeds/lumen/pause", next="https://elsewhere.example/feeds")

    assert answer.headers["location"] == "/feeds/lumen?done=pause"


# --- the alarm ---


def all_failing(app: App, since: datetime, last_success: datetime) -> None:
    states: Sequence[FeedState] = [
        replace(failed(feed, "the name cannot be resolved", 4), failing_since=since, last_success_at=last_success)
        for feed in FEEDS
    ]
    save_states(app, states)


@pytest.mark.parametrize("path", ["/queue/2022-12", "/digest/2022-12", "/feeds", "/feeds/lumen"])
def test_the_alarm_stands_on_every_page(make_app: Callable[..., App], path: str) -> None:
    app = make_app(FEEDS)
    all_failing(app, NOW - timedelta(hours=3, minutes=10), NOW - timedelta(hours=3, minutes=40))

    page = text_of(visit_page(app).log_in().read(path))

    assert "Nothing has succeeded for 3 hours: 6 feeds failed since " in page


def test_the_alarm_stands_on_pages_of_errors_too_and_leads_to_the_feeds(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    all_failing(app, NOW - timedelta(hours=3), NOW - timedelta(hours=4))

    page = visit_page(app).log_in().read("/feeds/nobody", status=404)

    assert 'role="alert"' in page
    assert 'href="/feeds?show=attention"' in page


def test_who_is_not_logged_in_hears_no_alarm(make_app: Callable[..., App]) -> None:
    app = make_app(FEEDS)
    all_failing(app, NOW - timedelta(hours=3), NOW - timedelta(hours=4))

    assert 'role="alert"' not in visit_page(app).read("/feeds", status=401)


def test_no_alarm_while_something_succeeds(curator: Curator) -> None:
    assert 'role="alert"' not in curator.read("/feeds")


def test_an_alarm_of_yesterday_names_its_day(make_app: Callable[..., App], clock: Clock) -> None:
    app = make_app(FEEDS)
    all_failing(app, datetime(2022, 12, 30, 0, 12, tzinfo=UTC), datetime(2022, 12, 30, tzinfo=UTC))

    page = text_of(visit_page(app).log_in().read("/feeds"))

    assert "Nothing has succeeded for 1 day: 6 feeds failed since 30 Dec 2022, 09:" in page


def test_a_database_that_fails_is_said_although_no_alarm_can_be_found(
    curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: App) -> None:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(App, "reading", fail)

    with capture_logs():
        assert "The disk is gone." in curator.read("/feeds", status=503)
