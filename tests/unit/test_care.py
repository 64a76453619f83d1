"""What is proposed about the feeds, and how the hosts of printed lines are followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.config import SHIPPED_TEXTS, load_config
from aggregator.digest.read import read_digest
from aggregator.feeds.care import Proposal, list_proposals, list_to_look_at
from aggregator.feeds.hosts import Way, list_hosts
from aggregator.places import find_shipped
from aggregator.shipped_feeds import ADDED, FORMER_ADDRESSES, FORMER_SITES
from aggregator.types import Feed, FeedState, FeedYield, Kind, SiteLook
from aggregator.words.care import list_cells, say_followed, say_proposal, write_table
from world import FEED, NOW

LONG_AGO = NOW - timedelta(days=400)
SOCAR = replace(FEED, key="socar", url=FORMER_ADDRESSES["socar"][0], site="https://tech.socarcorp.kr/")
MOVED = replace(SOCAR, url="https://tech.socar.kr/rss.xml")
#: How many feeds of the first list it still has.
FIRST = 122
HOSTS = Path(__file__).parents[2] / "docs" / "hosts.md"


def _list(*states: FeedState, shipped: tuple[Feed, ...] = (),
          by_hand: tuple[str, ...] = (), left: Mapping[str, str] = MappingProxyType({}),
          looks: tuple[SiteLook, ...] = (), **yields: FeedYield) -> list[Proposal]:  # fmt: skip
    theirs, looked = {feed.key: feed for feed in shipped}, {look.feed_key: look for look in looks}
    return list_proposals(states, {}, theirs, yields, by_hand, left=left, looks=looked, now=NOW)


def _propose(*states: FeedState, **given: Any) -> list[str]:
    return [each.name for each in _list(*states, **given)]


@pytest.mark.parametrize(
    ("feed", "shipped", "names"),
    [
        (SOCAR, (MOVED,), ["moved:socar"]),
        (SOCAR, (), ["dropped:socar"]),
        (MOVED, (MOVED,), []),
        # The curator's own address, or a feed of their own with the same key.
        (replace(SOCAR, url="https://socar.example/feed"), (MOVED,), []),
    ],
)
def test_the_shipped_list_knows_a_better_address(feed: Feed, shipped: tuple[Feed, ...], names: list[str]) -> None:
    failing = FeedState(feed, failures=9, failing_since=LONG_AGO) if names else FeedState(feed)
    assert _propose(failing, shipped=shipped) == names


@pytest.mark.parametrize(
    ("state", "is_dying"),
    [
        (FeedState(FEED, last_visit_at=NOW, failures=9, failing_since=LONG_AGO), True),
        (FeedState(FEED, last_visit_at=NOW, failures=1, last_status=410, failing_since=NOW), True),
        (FeedState(FEED, last_visit_at=NOW, failures=9, failing_since=NOW - timedelta(days=3)), False),
        (FeedState(FEED, last_visit_at=NOW, failures=9, failing_since=LONG_AGO, paused_at=NOW), False),
        (FeedState(FEED, last_visit_at=NOW, newest_at=LONG_AGO, habit=timedelta(days=9)), True),
        (FeedState(FEED, last_visit_at=NOW, newest_at=NOW - timedelta(days=90), habit=timedelta(days=9)), False),
    ],
)
def test_a_feed_that_fails_or_sleeps_for_long_is_dying(state: FeedState, is_dying: bool) -> None:
    assert _propose(state) == (["dying:haneul"] if is_dying else [])


def test_what_never_answered_is_not_said_to_have_stopped() -> None:
    never = FeedState(FEED, last_visit_at=NOW, failures=9, failing_since=LONG_AGO)
    stopped = replace(never, last_success_at=LONG_AGO)
    other = "https://tech.haneul.example/new.xml"
    for state, begin in [(never, "It has never answered; "), (stopped, "Nothing has come since 26 Nov 2021; ")]:
        (unknown,), (known,) = _list(state), _list(state, looks=(SiteLook(FEED.key, NOW, other),))
        site = (FEED.site or FEED.url).removeprefix("https://").rstrip("/")
        assert say_proposal(unknown, ZoneInfo("UTC")) == f"{begin}look at {site} for another feed"
        assert say_proposal(known, ZoneInfo("UTC")) == f"{begin}its site has tech.haneul.example/new.xml now"
        assert (unknown.can_be_taken, known.can_be_taken) == (False, True)
    taken = replace(stopped, feed=replace(FEED, url=other))
    assert [each.found for each in _list(taken, looks=(SiteLook(FEED.key, NOW, other),))] == [None]
    beside = FeedState(replace(FEED, key="other", url=other), last_visit_at=NOW)
    assert [each.found for each in _list(stopped, beside, looks=(SiteLook(FEED.key, NOW, other),))] == [None]


@pytest.mark.parametrize(
    ("state", "days", "is_due"),
    [
        ({"failures": 9, "failing_since": LONG_AGO}, None, True),
        ({"failures": 9, "failing_since": LONG_AGO}, 6, False),
        ({"failures": 9, "failing_since": LONG_AGO}, 7, True),
        ({"failures": 9, "failing_since": LONG_AGO, "last_status": 403}, None, False),
        ({"failures": 9, "failing_since": LONG_AGO, "paused_at": NOW}, None, False),
        ({}, None, False),
    ],
)
def test_the_site_of_a_dying_feed_is_due_once_a_week(state: dict[str, Any], days: int | None, is_due: bool) -> None:
    looks = {} if days is None else {FEED.key: SiteLook(FEED.key, NOW - timedelta(days=days), None)}
    assert bool(list_to_look_at([FeedState(FEED, last_visit_at=NOW, **state)], looks, NOW)) is is_due


OLD_ONES = tuple(replace(FEED, key=f"old{n}", url=f"https://old{n}.example/feed") for n in range(3))
NEW_ONES = tuple(replace(FEED, key=key, url=f"https://{key}.example/feed") for key in ("tldr-ai", "pycoders"))


@pytest.mark.parametrize(
    ("listed", "left", "names"),
    [
        (OLD_ONES, {}, ["new:pycoders", "new:tldr-ai"]),
        (OLD_ONES[:1], {"old1": OLD_ONES[1].url}, ["new:pycoders", "new:tldr-ai"]),
        # A list of the home's own.
        (OLD_ONES[:1], {}, []),
        # Left before, under its key or another one.
        (OLD_ONES, {"tldr-ai": "https://else.example/"}, ["new:pycoders"]),
        (OLD_ONES, {"daily": NEW_ONES[0].url}, ["new:pycoders"]),
        ((*OLD_ONES, replace(NEW_ONES[0], key="daily")), {}, ["new:pycoders"]),
    ],
)
def test_feeds_that_the_shipped_list_has_got_are_offered(
    listed: tuple[Feed, ...], left: dict[str, str], names: list[str]
) -> None:
    states = [FeedState(feed) for feed in listed]
    assert _propose(*states, shipped=(*OLD_ONES, *NEW_ONES), left=left) == names


def test_every_feed_of_the_shipped_list_says_since_when_it_is_there(tmp_path: Path) -> None:
    """A new one stands in ADDED, so that homes with a list of their own are offered it."""
    shipped = {feed.key for feed in load_config({}, home=tmp_path, file=find_shipped()).feeds}
    added = [key for keys in ADDED.values() for key in keys]
    assert set(added) <= shipped
    assert len(added) == len(set(added))
    assert len(shipped - set(added)) <= FIRST


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (FeedYield(30, 0, LONG_AGO), ["leave:haneul"]),
        (FeedYield(30, 1, LONG_AGO), []),
        (FeedYield(3, 0, LONG_AGO), []),
        (FeedYield(30, 0, NOW - timedelta(days=300)), []),
    ],
)
def test_a_feed_without_a_printed_post_in_a_year_may_be_left(given: FeedYield, names: list[str]) -> None:
    assert _propose(FeedState(FEED), haneul=given) == names


def test_a_host_that_is_added_by_hand_again_and_again_may_be_followed() -> None:
    by_hand = (
        *(f"https://nobody.example/{n}" for n in range(3)),
        *(f"https://tech.haneul.example/{n}" for n in range(3)),
    )
    assert _propose(FeedState(FEED), by_hand=(*by_hand, "https://once.example/1")) == ["follow:nobody.example"]


def test_a_site_that_lets_no_program_in_is_not_proposed_and_says_how_its_posts_come() -> None:
    posts = [f"https://www.coupang.jobs/kr/life/{n}" for n in range(9)]
    assert _propose(by_hand=tuple(posts)) == []
    for url, said in [
        (posts[0], "coupang.jobs refuses programs"),
        ("https://medium.com/coupang-engineering/a-1", "coupang.jobs refuses programs"),
        ("https://nobody.example/1", "the bookmarklet and `aggregator add`"),
    ]:
        (row,) = list_hosts([(url, None)], {})
        assert list_cells(row, None, NOW, ZoneInfo("UTC"))[4].startswith(said)


def test_a_line_is_followed_by_the_feed_whose_site_it_is_on() -> None:
    medium = Feed("airbnb", "Airbnb", "https://medium.com/feed/airbnb", Kind.COMPANY, "en", "https://medium.com/airbnb")
    ml = Feed("ml", "ML", "https://aws.amazon.com/b/ml/feed", Kind.AWS, "en", "https://aws.amazon.com/blogs/ml/")
    paper = Feed("paper", "Paper", "https://paper.example/feed", Kind.ROUNDUP, "en", "https://paper.example/")
    made = replace(FEED, key="made", site="https://made.example/news", tags=("generated",))
    feeds = {feed.key: feed for feed in (medium, ml, made, paper)}
    lines = [
        ("https://medium.com/airbnb/a-0123456789ab", None),
        ("https://medium.com/other/b-0123456789ab", None),
        ("https://aws.amazon.com/ko/blogs/ml/a", None),
        ("https://aws.amazon.com/blogs/other/a", None),
        ("https://www.made.example/blog/a", None),
        ("https://gone.example/a", "made"),
        # A round-up gives no posts of its own.
        ("https://paper.example/a", None),
    ]
    found = {(row.place, row.feed.key if row.feed else None, row.way) for row in list_hosts(lines, feeds)}
    assert found == {
        ("medium.com/airbnb", "airbnb", Way.FEED),
        ("medium.com/other", None, Way.BY_HAND),
        ("aws.amazon.com", "ml", Way.FEED),
        ("aws.amazon.com", None, Way.BY_HAND),
        ("made.example", "made", Way.GENERATED),
        ("gone.example", "made", Way.GENERATED),
        ("paper.example", None, Way.BY_HAND),
    }


def test_the_shipped_list_no_longer_says_what_it_said_before(tmp_path: Path) -> None:
    shipped = {feed.key: feed for feed in load_config({}, home=tmp_path, file=find_shipped()).feeds}
    now = {feed.url for feed in shipped.values()}
    before = {url for urls in FORMER_ADDRESSES.values() for url in urls}
    assert now.isdisjoint(before)
    assert {key for key in FORMER_SITES if key not in shipped} <= set(FORMER_ADDRESSES)


def test_the_document_has_a_row_for_each_host_of_the_page(shared: Path, tmp_path: Path) -> None:
    page = shared / "digest" / "README-2023-01.md"
    lines = read_digest(page.read_text(encoding="utf-8"), SHIPPED_TEXTS).digest.lines
    feeds = {feed.key: feed for feed in load_config({}, home=tmp_path, file=find_shipped()).feeds}
    rows = list_hosts([(line.url, None) for line in lines], feeds)
    zone, now = ZoneInfo("UTC"), datetime(2026, 11, 1, tzinfo=UTC)
    head = ("host", "lines", "followed by", "feed", "last result")
    table = write_table(head, [list_cells(row, None, now, zone) for row in rows])
    assert f"{table}\n{say_followed(rows)}\n" in HOSTS.read_text(encoding="utf-8")
