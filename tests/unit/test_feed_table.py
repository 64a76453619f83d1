"""How feeds are shown on a screen: charts, widths of Hangul, and text that must not steer a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from aggregator.cli.feed_health import FeedReport
from aggregator.cli.feed_table import build_details, build_table, clean, summarise
from aggregator.feeds.health import Health, judge_health, list_calls
from aggregator.types import FeedState, Gap, Kind, Month, Move, Outcome, QuietTimes, Trial, Visit
from world import FEED, NOW

SEOUL = ZoneInfo("Asia/Seoul")
WELL = FeedState(
    FEED,
    listed=FEED,
    last_visit_at=NOW - timedelta(hours=3),
    last_success_at=NOW - timedelta(hours=3),
    next_visit_at=NOW + timedelta(minutes=20),
    newest_at=NOW - timedelta(days=1),
    habit=timedelta(days=2),
    last_outcome=Outcome.RETRIEVED,
    entries=40,
)
MONTHS = [Month(2022, 12).shift(-back) for back in reversed(range(12))]
REASON = "there is no such document (HTTP 404), and the page that came instead says that the blog has moved to " * 2


def failing(state: FeedState, **changes: Any) -> FeedState:
    values: dict[str, Any] = {
        "failures": 9,
        "failing_since": NOW - timedelta(days=9),
        "last_outcome": Outcome.FAILED,
        "last_status": 404,
        "last_reason": REASON,
    }
    return replace(state, **values | changes)


def make_report(state: FeedState = WELL, health: Health = Health.WELL, **changes: Any) -> FeedReport:
    values: dict[str, Any] = {
        "calls": (),
        "posts": dict.fromkeys(MONTHS, 1),
        "given": 40,
        "printed": 12,
        "gaps": (),
        "moves": (),
        "visits": (),
    }
    return FeedReport(state, health, **values | changes)


def gap_at(noticed_at: datetime) -> Gap:
    return Gap(FEED.key, noticed_at, noticed_at - timedelta(days=2))


def show(*printed: object, width: int = 100, **options: Any) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, **options)
    for part in printed:
        console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@given(st.text())
def test_text_from_elsewhere_is_one_line_that_steers_nothing(text: str) -> None:
    assert clean(text).isprintable()


def test_words_and_hangul_are_left_as_they_are() -> None:
    assert clean(" 하늘상점 –\n“AI”\t[red] ") == "하늘상점 – “AI” [red]"
    assert clean("\x1b]0;title\x07\u202eevil") == "�]0;title��evil"


REPORTS = [
    make_report(failing(WELL), Health.FAILING, calls=("failing",)),
    make_report(
        replace(WELL, feed=replace(FEED, key="a-key-of-twenty-one", name="다산모빌리티 데이터 플랫폼 기술 블로그")),
        gaps=(gap_at(NOW - timedelta(days=3)),),
        calls=("gap",),
    ),
    make_report(replace(WELL, feed=replace(FEED, key="talk", name="Talk", kind=Kind.SIGNAL)), given=0, printed=0),
    make_report(replace(WELL, paused_at=NOW - timedelta(days=4), last_success_at=None), Health.PAUSED),
    make_report(replace(WELL, feed=replace(FEED, key="odd", name="Odd\x1b[31m [bold]\nName"))),
]


@pytest.mark.parametrize("width", [100, 80])
def test_the_table_fits_and_its_columns_stand_below_each_other(width: int) -> None:
    lines = show(build_table(REPORTS, NOW, SEOUL), width=width).splitlines()

    assert max(cell_len(line) for line in lines) <= width
    posts = re.compile(r"(?<=  )12(?=  )|no posts")
    places = [cell_len(line[: found.start()]) for line in lines if (found := posts.search(line))]
    assert len(places) == len(REPORTS)
    assert len(set(places)) == 1
    heads = [line for line in lines if line.lstrip().startswith("state")]
    assert cell_len(heads[0][: heads[0].index("12 months")]) == places[0]


def test_every_row_has_its_facts_and_its_trouble_in_words_below() -> None:
    shown = show(build_table(REPORTS, NOW, SEOUL))

    rows = [" ".join(line.split()) for line in shown.splitlines()]
    assert rows[2] == "failing haneul 하늘상점 기술 블로그 3 h ago in 20 min 12 30%"
    assert "since 22 Dec 2022, 9 times in a row: there is no such document (HTTP 404)" in rows[3]
    # The reason goes on where the line ends, in full.
    assert " ".join(rows[3:6]).count("the blog has moved to") == 2
    text = " ".join(rows)
    assert "12 1 30% Between 26 Dec 2022 and 28 Dec 2022 something may have been missed" in text
    assert "well talk Talk 3 h ago in 20 min no posts well" not in text
    assert "well talk Talk 3 h ago in 20 min no posts" in text
    assert "never – 12 30% since 27 Dec 2022" in text
    assert "well odd Odd�[31m [bold] Name" in text


def test_without_colours_there_are_none_and_no_mark_is_lost() -> None:
    plain = show(build_table(REPORTS, NOW, SEOUL), force_terminal=True, no_color=True, legacy_windows=False)
    coloured = show(
        build_table(REPORTS, NOW, SEOUL), force_terminal=True, color_system="standard", legacy_windows=False
    )
    steering = re.compile(r"\x1b\[[\d;]*m")
    assert "\x1b[31m" in coloured
    assert not re.search(r"\x1b\[[\d;]*3\dm", plain)
    assert steering.sub("", coloured) == steering.sub("", plain) == show(build_table(REPORTS, NOW, SEOUL))


@pytest.mark.parametrize(
    ("state", "gaps", "calls"),
    [
        (WELL, [], ()),
        (FeedState(FEED), [], ()),
        (failing(WELL), [], ("failing",)),
        (failing(WELL, last_status=410), [], ("gone",)),
        (WELL, [gap_at(NOW - timedelta(days=29))], ("gap",)),
        (WELL, [gap_at(NOW - timedelta(days=31))], ()),
        (failing(WELL), [gap_at(NOW - timedelta(days=29))], ("failing", "gap")),
        # What was paused was decided upon.
        (failing(WELL, paused_at=NOW), [gap_at(NOW - timedelta(days=1))], ()),
        # A feed may be silent for good reasons.
        (replace(WELL, newest_at=NOW - timedelta(days=365)), [], ()),
    ],
)
def test_what_calls_the_curator(state: FeedState, gaps: list[Gap], calls: tuple[str, ...]) -> None:
    assert list_calls(judge_health(state, NOW), gaps, NOW) == calls


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ([], "0 feeds. None needs attention."),
        ([make_report()], "1 feed: 1 well. None needs attention."),
        (REPORTS, "5 feeds: 1 failing, 3 well, 1 paused. 2 need attention."),
        (
            [make_report(replace(WELL, next_visit_at=NOW - timedelta(hours=2)))],
            "1 feed: 1 well. None needs attention. 1 is overdue by more than an hour: is the daemon running?",
        ),
        ([make_report(replace(WELL, next_visit_at=NOW - timedelta(minutes=50)))], "1 feed: 1 well. None needs attention."),
        (
            [make_report(replace(WELL, next_visit_at=NOW - timedelta(days=2), paused_at=NOW), Health.PAUSED)],
            "1 feed: 1 paused. None needs attention.",
        ),
    ],
)  # fmt: skip
def test_the_summary_counts_states(reports: list[FeedReport], said: str) -> None:
    assert summarise(reports, NOW) == said


def test_the_details_of_a_feed_are_all_that_is_known() -> None:
    state = replace(
        failing(WELL, last_reason="there is none", last_excerpt="<!doctype html>\n<title>\x1b[2J로그인</title>"),
        listed=replace(FEED, name="하늘상점", url="https://old.example/rss", tags=()),
        trial=Trial("https://new.example/feed", NOW - timedelta(days=1), 4),
        quiet=QuietTimes(hours=(0, 1), days=(5,)),
    )
    report = make_report(
        state,
        Health.FAILING,
        posts={month: 5 if month.month == 12 else 0 for month in MONTHS},
        gaps=(Gap("haneul", NOW, NOW - timedelta(days=3), NOW - timedelta(days=5), NOW - timedelta(days=1)),),
        moves=(Move("haneul", NOW, "https://old.example/rss", FEED.url, "it says so", "curator", NOW, id=7),),
        visits=(Visit("haneul", NOW, 0.25, Outcome.FAILED, 404, "there is none", 2048, id=7),),
    )

    parts = build_details(report, NOW, SEOUL, trial=timedelta(days=3), origin="https://tech.haneul.example")

    rows = [" ".join(line.split()) for line in show(*parts, width=200).splitlines()]
    assert rows == [
        "haneul 하늘상점 기술 블로그: failing",
        "address https://tech.haneul.example/feed.xml",
        "state failing since 22 Dec 2022, 9 times in a row",
        "last visit 3 hours ago (31 Dec 2022, 18:00)",
        "last success 3 hours ago (31 Dec 2022, 18:00)",
        "next visit in 20 minutes (31 Dec 2022, 21:20)",
        "last error there is none",
        "response “<!doctype html> <title>�[2J로그인</title>”",
        "entries 40, the newest from 30 Dec 2022",
        "posts 5 in 12 months: Dec 2022 5",
        "printed 12 of 40 posts (30%)",
        "asks for rest on Saturday; in the hours from 0:00, 1:00 (UTC)",
        "credentials sent only to https://tech.haneul.example",
        "redirect to https://new.example/feed since 30 Dec 2022, 21:00, 4 visits agreed; adopted after 3 days and 3 visits",
        "name changed 하늘상점 기술 블로그; feeds.toml says 하늘상점",
        "url changed https://tech.haneul.example/feed.xml; feeds.toml says https://old.example/rss",
        "tags changed ml; feeds.toml says none",
        "move 7 31 Dec 2022, 21:00: from https://old.example/rss to https://tech.haneul.example/feed.xml: it says so (curator); undone 31 Dec 2022, 21:00",
        "gap Between 26 Dec 2022 and 30 Dec 2022, noticed 31 Dec 2022, 21:00; the visit before was 28 Dec 2022, 21:00",
        "visit 7 31 Dec 2022, 21:00: failed: there is none (HTTP 404, 2 kB, 0.25 s)",
    ]
