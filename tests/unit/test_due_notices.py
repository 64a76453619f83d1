"""Which notices are due, when one is sent again, and the hours in which none is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest

from aggregator.config.settings import NoticeSettings
from aggregator.feeds.health import Alarm
from aggregator.notices.due import MOST_TRIES, Facts, is_quiet, list_due, sort_messages
from aggregator.types import Acceptance, DigestState, FittedModel, Month, MonthFacts, MonthPlan, Notice, NoticeKind
from aggregator.words.notices import say_service
from world import FEEDS, NOW, failed, visited

# When the month is printed.
FAR, NEAR, PAST = (NOW + timedelta(days=days) for days in (3, 2, -4))
DRAFTED = MonthFacts(Month(2022, 12), DigestState.DRAFT, approved=3, undecided=5)
WEEK = timedelta(days=7)
BROKEN = replace(failed(FEEDS[0], "there is no such document"), failing_since=NOW - WEEK)
ALARM = Alarm(NOW - timedelta(hours=3), feeds=6)
MODEL = FittedModel("sections-2", NOW, NOW, "recipe", "sections-1", {}, Acceptance.REFUSED, "Worse.")

DRAFT, CLOSING = ("draft", "2022-12"), ("closing", "2022-12")
FEED = ("feed", f"northwind {(NOW - WEEK).isoformat()}")


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        (Facts(), []),
        (Facts(DRAFTED, FAR), [DRAFT]),
        (Facts(DRAFTED, NEAR), [DRAFT, CLOSING]),
        (Facts(DRAFTED, PAST), [DRAFT, CLOSING]),
        (Facts(replace(DRAFTED, undecided=0), NEAR), [DRAFT]),
        (Facts(replace(DRAFTED, is_print_undone=True), NEAR), [DRAFT]),
        (Facts(replace(DRAFTED, plan=MonthPlan(is_closed=True)), NEAR), [DRAFT]),
        (Facts(replace(DRAFTED, state=None), NEAR), []),
        # There is nothing to look at.
        (Facts(replace(DRAFTED, approved=0, undecided=0), NEAR), []),
        (Facts(replace(DRAFTED, state=DigestState.PRINTED), NEAR), []),
        (Facts(feeds=[visited(FEEDS[1]), BROKEN]), [FEED]),
        (Facts(feeds=[replace(BROKEN, failing_since=NOW - WEEK + timedelta(seconds=1))]), []),
        (Facts(feeds=[replace(BROKEN, paused_at=NOW)]), []),
        # The network is broken, and not the feeds.
        (Facts(feeds=[BROKEN], alarm=ALARM, succeeded_at=NOW - WEEK), [("alarm", (NOW - WEEK).isoformat())]),
        (Facts(alarm=ALARM), [("alarm", "never")]),
        (Facts(model=MODEL), [("model", "sections-2")]),
        (Facts(model=replace(MODEL, acceptance=Acceptance.OFFERED)), []),
    ],
)
def test_what_is_due(facts: Facts, due: Sequence[tuple[str, str]]) -> None:
    assert [each[:2] for each in list_due(facts, NOW, NoticeSettings())] == due


def test_only_the_wanted_kinds_are_due_and_without_a_day_of_print_no_month_closes() -> None:
    facts = Facts(DRAFTED, PAST, feeds=[BROKEN], model=MODEL)
    wanted = NoticeSettings(kinds="closing, model")  # type: ignore[arg-type] # as in the environment
    assert [due.kind for due in list_due(facts, NOW, wanted)] == ["closing", "model"]
    assert [due.kind for due in list_due(replace(facts, prints_at=None), NOW, wanted)] == ["model"]


@pytest.mark.parametrize(
    ("quiet_hours", "quiet", "loud"),
    [
        ("22:00-07:30", ["22:00", "23:59", "00:00", "07:29"], ["07:30", "12:00", "21:59"]),
        ("01:00-05:00", ["01:00", "04:59"], ["00:59", "05:00", "23:00"]),
        ("00:00-00:00", [], ["00:00", "12:00"]),
        ("", [], ["03:00"]),
    ],
)
def test_quiet_hours(quiet_hours: str, quiet: Sequence[str], loud: Sequence[str]) -> None:
    assert all(is_quiet(quiet_hours, time.fromisoformat(clock)) for clock in quiet)
    assert not any(is_quiet(quiet_hours, time.fromisoformat(clock)) for clock in loud)


def _tried(tries: int, minutes: float) -> Notice:
    return Notice(NoticeKind.ALARM, "never", "…", NOW, ("MAIL",), tries, NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("notice", "is_sent"),
    [
        (Notice(NoticeKind.ALARM, "never", "…", NOW, ("MAIL",)), True),
        (_tried(1, 4.9), False),
        (_tried(1, 5), True),
        (_tried(2, 9.9), False),
        (_tried(2, 10), True),
        (_tried(MOST_TRIES - 1, 319), False),
        (_tried(MOST_TRIES - 1, 320), True),
        # Its last try was under a clock that was ahead.
        (_tried(2, -60), True),
    ],
)
def test_what_did_not_arrive_is_sent_again_ever_later(notice: Notice, is_sent: bool) -> None:
    assert sort_messages([notice], ["MAIL"], NOW) == ({"MAIL": [notice]} if is_sent else {})


def test_a_message_goes_where_it_is_missing_and_has_twenty_notices_at_most() -> None:
    many = [Notice(NoticeKind.FEED, str(number), "…", NOW, ("MAIL",)) for number in range(30)]
    one = Notice(NoticeKind.MODEL, "2", "…", NOW, ("GONE", "SLACK"))
    assert sort_messages([*many, one], ["MAIL", "SLACK"], NOW) == {"MAIL": many[:20], "SLACK": [one]}


@pytest.mark.parametrize(
    ("url", "service"), [("slack://token/a/b", "slack"), ("MAILTO://a:b@c.example", "mailto"), ("secret", "")]
)
def test_of_a_url_only_its_service_is_shown(url: str, service: str) -> None:
    assert say_service(url) == service
