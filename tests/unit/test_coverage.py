"""The account of a month: what is known of its visits, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.digest.account import list_said, write_comment
from aggregator.digest.chosen import write_chosen
from aggregator.evaluate.coverage import keep_deleted, list_days, make_coverage
from aggregator.locales import speaking
from aggregator.shipped import SHIPPED
from aggregator.types import (
    Cause,
    Coverage,
    Digest,
    FeedFacts,
    Funnel,
    Gap,
    Line,
    Month,
    Texts,
    Unknown,
    Weight,
)

SEOUL = ZoneInfo("Asia/Seoul")
OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 5, tzinfo=UTC)
KEPT = timedelta(days=400)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = frozenset(range(31))
FEED = FeedFacts(
    "northwind", "Northwind", True, True, None, LONG_AGO, NOW, 40, 2, EVERY, frozenset(), 3, NOW, 1440.0
)  # fmt: skip


def day(number: int) -> datetime:
    """The beginning of a day of October in Seoul."""
    return datetime(2026, 10, number, tzinfo=SEOUL)


def take(*facts: FeedFacts, month: Month = OCTOBER, now: datetime = NOW, gaps: tuple[Gap, ...] = ()) -> Coverage:
    days = list_days(month, SEOUL, now)
    return make_coverage(month, facts, gaps, Funnel(), days, end=max(days[-1], days[0]), now=now, kept=KEPT)


@pytest.mark.parametrize(
    ("now", "days"),
    [(NOW, 31), (day(1), 0), (day(3) + timedelta(hours=5), 2), (datetime(2026, 9, 1, tzinfo=UTC), 0)],
)
def test_only_days_that_are_over_count(now: datetime, days: int) -> None:
    assert len(list_days(OCTOBER, SEOUL, now)) == days + 1


def test_the_last_month_of_the_calendar_has_no_day_that_is_over() -> None:
    assert len(list_days(Month(9999, 12), SEOUL, NOW)) == 1


def test_a_day_of_a_clock_change_ends_at_midnight() -> None:
    berlin = list_days(OCTOBER, ZoneInfo("Europe/Berlin"), NOW)
    assert berlin[25].astimezone(UTC) - berlin[24].astimezone(UTC) == timedelta(hours=25)


@pytest.mark.parametrize(
    ("facts", "missed"),
    [
        (FEED, 0),
        (replace(FEED, good_days=EVERY - {3, 4}), 2),
        # It was followed later, paused since, or removed.
        (replace(FEED, first_at=day(11) + timedelta(hours=9), good_days=frozenset(range(10, 31))), 0),
        (replace(FEED, paused_at=day(6), good_days=frozenset(range(5))), 0),
        (replace(FEED, is_followed=False, last_at=day(5) + timedelta(hours=1), good_days=frozenset(range(4))), 0),
        # On Saturdays it asks for rest: a Saturday of UTC touches two days of Seoul.
        (replace(FEED, quiet_days=frozenset({5}), good_days=EVERY - {2, 3, 9}), 0),
        (replace(FEED, quiet_days=frozenset({5}), good_days=EVERY - {2, 3, 5}), 1),
    ],
)
def test_a_day_without_success_counts_while_the_feed_is_followed(facts: FeedFacts, missed: int) -> None:
    (feed,) = take(facts).feeds
    assert feed.days_missed == missed


@pytest.mark.parametrize(
    ("facts", "is_listed"),
    [
        (FEED, True),
        (replace(FEED, visits=0, failed=0, good_days=frozenset()), True),
        (replace(FEED, visits=0, failed=0, first_at=NOW - timedelta(days=2)), False),
        (replace(FEED, visits=0, failed=0, first_at=None, last_at=None), False),
        (replace(FEED, visits=0, failed=0, paused_at=LONG_AGO), False),
        (replace(FEED, visits=0, failed=0, is_followed=False), False),
        (replace(FEED, visits=5, failed=0, is_followed=False), True),
    ],
)
def test_feeds_that_were_followed_in_the_month_are_listed(facts: FeedFacts, is_listed: bool) -> None:
    assert bool([feed for feed in take(FEED, replace(facts, key="other")).feeds if feed.key == "other"]) == is_listed


@pytest.mark.parametrize(
    ("facts", "is_silent"),
    [
        (replace(FEED, posts=0), True),
        (replace(FEED, posts=0, newest_at=LONG_AGO), True),
        (FEED, False),
        # It rarely gives anything, or has no habit yet.
        (replace(FEED, posts=0, habit_minutes=30 * 1440.0), False),
        (replace(FEED, posts=0, habit_minutes=None), False),
        (replace(FEED, posts=0, gives_posts=False), False),
    ],
)
def test_a_feed_is_silent_by_its_own_habit(facts: FeedFacts, is_silent: bool) -> None:
    (feed,) = take(facts).feeds
    assert feed.is_silent == is_silent


def test_what_is_not_known_is_said() -> None:
    late = replace(FEED, first_at=day(12), good_days=frozenset(range(11, 31)))
    begun = take(late)
    assert (begun.unknown, begun.known_from) == (Unknown.BEFORE, day(12))
    assert begun.feeds[0].days_missed == 0
    assert "Collected since 2026-10-12" in list_said(begun, SEOUL)[0].sentences[0]

    before = take(replace(FEED, first_at=NOW - timedelta(days=1)))
    assert (before.unknown, before.feeds) == (Unknown.BEFORE, ())
    assert list_said(before, SEOUL)[0].sentences == ("Its visits are not known: nothing was collected here yet.",)

    old = take(FEED, month=Month(2025, 9))
    assert (old.unknown, old.feeds) == (Unknown.FORGOTTEN, ())
    assert list_said(old, SEOUL)[0].sentences == (
        "Its visits are not known: the month is longer ago than visits are kept.",
    )


def test_a_further_print_keeps_what_was_deleted_since_the_first() -> None:
    first = replace(take(FEED), funnel=Funnel(candidates=90, copies=4, proposed=30, approved=20, undecided=70))
    assert keep_deleted(first, first) == first
    years = NOW + timedelta(days=800)
    now = replace(take(FEED, now=years), funnel=Funnel(candidates=22, approved=21, rejected=1))
    again = keep_deleted(now, first)
    assert (again.feeds, again.unknown, again.made_at) == (first.feeds, None, years)
    assert again.funnel == Funnel(candidates=90, copies=4, proposed=30, approved=21, rejected=1, undecided=68)


def test_gaps_that_touch_the_month_make_a_feed_incomplete() -> None:
    gap = Gap("northwind", day(2), day(1) - timedelta(days=3))
    found = take(FEED, replace(FEED, key="lumen", name="Lumen", good_days=EVERY - {7}), gaps=(
        gap, replace(gap, since_at=NOW, noticed_at=NOW), replace(gap, noticed_at=day(1) - timedelta(days=1)),
    ))  # fmt: skip
    assert found.gaps == (gap,)
    assert [feed.key for feed in found.incomplete] == ["lumen", "northwind"]
    said = {one.name: " ".join(one.sentences) for one in list_said(found, SEOUL)}
    assert said["Feeds"] == (
        "0 of 2 feeds complete: visited with success on every day, without a gap. 80 visits, 4 failed. "
        "Days without a successful visit: Lumen (1 day)."
    )
    assert said["Gaps"] == "Something may have been missed of Northwind."


FUNNEL = Funnel(
    candidates=412, copies=31, out_of_scope=120, proposed=25, approved=14, approved_below=2, held=1, rejected=5,
    undecided=392, reasons=(("shallow", 3), ("", 2)), late=3, too_late=1, sampled=5, sampled_decided=4,
)  # fmt: skip


def test_what_became_of_the_posts_is_said() -> None:
    said = {one.name: " ".join(one.sentences) for one in list_said(replace(take(FEED), funnel=FUNNEL), SEOUL)}
    assert said["Late"].startswith("3 posts were found after the month had ended. 1 post was too late")
    assert said["Posts"] == "412 candidates. 31 copies of them. 120 likely out of scope and not proposed. 25 proposed."
    assert said["Decided"] == (
        "14 approved, 1 held, 5 rejected, 392 undecided. 2 of the approved were not proposed. "
        "Rejected as: shallow 3, without a reason 2."
    )
    assert said["Spot check"] == "5 drawn below the shortlist, 4 decided, 0 approved."


def test_a_comment_cannot_be_ended_by_a_name() -> None:
    comment = write_comment(take(replace(FEED, name="--> <b>", good_days=frozenset())), SEOUL)
    assert comment.count("-->") == 1
    assert comment.endswith("\n-->\n")


def test_how_an_issue_was_chosen_says_what_is_stored() -> None:
    texts = Texts(
        "", {part: part.heading for part in SHIPPED.parts}, {topic: topic.heading for topic in SHIPPED.topics}
    )
    line = Line(SHIPPED.parse_section("2.4"), "Serving", "https://a.example/", OCTOBER)
    found = replace(
        make_coverage(
            OCTOBER, [FEED], (), FUNNEL, list_days(OCTOBER, SEOUL, NOW), end=NOW, now=NOW, kept=KEPT,
            reasons=[[(Cause.DEPTH, 0.3), (Cause.TOPIC_FIT, 1.2), (Cause.EVENT, -2.0), ("rule 3", 9.0)]],
            weights={Weight.DEPTH: 2.0, Weight.POPULARITY: 0.0, Weight.SERIES: 1.0},
        )
    )  # fmt: skip
    assert found.counted == (Weight.TOPIC_FIT, Weight.DEPTH)
    english = write_chosen(Digest(texts, (line,)), found)
    assert "1 source was followed." in english
    assert "412 posts of the month were collected, 25 proposed, and a person chose 1." in english
    assert "topic fit" in english.lower()
    assert "count more than it was learned: Depth." in english
    assert "does not let this count: Popularity." in english
    with speaking("ko"):
        assert "412" in write_chosen(Digest(texts, (line,)), found)
