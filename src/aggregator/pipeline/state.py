"""The state of a home: its feeds, open months, model and disk, for one screen and for monitoring."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.feeds.health import GAP_ATTENTION, Alarm, Health, find_alarm, judge_health
from aggregator.notices.due import MOST_TRIES
from aggregator.pipeline.home import Home
from aggregator.storage import candidates, changes, digests, feeds, health, models, notices, posts, progress
from aggregator.storage.changes import Derived
from aggregator.storage.database import Connection
from aggregator.types import Decision, DigestState, FittedModel, Month


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month whose digest is not published yet."""

    month: Month
    #: Draft, or None before it.
    state: DigestState | None
    #: How many posts of its shortlist, and posts that are back from a hold, have no verdict.
    undecided: int
    #: How many posts have which verdict.
    decided: Mapping[Decision, int]


@dataclass(frozen=True, slots=True)
class HomeState:
    """How a home is. Moments are in UTC."""

    at: datetime
    #: How many feeds are how; paused ones are not visited.
    feeds: Mapping[Health, int]
    #: How long the feed that is due longest has been due; zero if none is.
    overdue: timedelta
    last_success_at: datetime | None
    alarm: Alarm | None
    #: How many gaps were noticed in the last 30 days and are not closed.
    gaps: int
    #: How many posts are stored, and how many of them wait for a date or their day.
    posts: int
    waiting: int
    #: Of how many posts what is behind.
    behind: Mapping[Derived, int]
    #: Oldest first.
    months: tuple[MonthState, ...]
    model: FittedModel | None
    #: How many notices have not arrived everywhere.
    unsent: int
    database_bytes: int
    free_bytes: int


def look_at_state(home: Home) -> HomeState:
    """Look how a home is; reads only."""
    now = home.now
    with home.reading() as connection:
        states = feeds.list_feed_states(connection)
        gaps = health.list_gaps(connection, since=now - GAP_ATTENTION)
        due = [state.next_visit_at for state in states if state.next_visit_at and not state.paused_at]
        return HomeState(
            at=now,
            feeds=Counter(judge_health(state, now) for state in states),
            overdue=max(now - min(due, default=now), timedelta()),
            last_success_at=feeds.find_last_success(connection),
            alarm=find_alarm(states, now, timedelta(minutes=home.settings.visits.alarm_minutes)),
            gaps=sum(gap.is_open for gap in gaps),
            posts=posts.count_posts(connection),
            waiting=candidates.count_waiting(connection),
            behind={derived: changes.count_behind(connection, derived) for derived in Derived},
            months=tuple(_list_months(home, connection)),
            model=models.find_in_use(connection),
            unsent=len(notices.list_unsent(connection, MOST_TRIES)),
            database_bytes=home.database.measure_size(connection),
            free_bytes=shutil.disk_usage(home.folder).free,
        )


def _list_months(home: Home, connection: Connection) -> Iterator[MonthState]:
    """The open months, without those of which all that is approved stands on a page that was read, as in a list that
    was adopted.
    """
    present = home.current_month
    months = posts.list_open_months(connection, present)
    facts = {each.month for each in progress.list_month_facts(connection, present, home.zone)}
    states = dict(digests.list_digests(connection))
    undecided = progress.count_undecided(connection, months)
    decided = progress.count_decided(connection, months)
    for month in months:
        if month < present and month not in facts and decided.get(month, {}).get(Decision.APPROVE):
            continue
        yield MonthState(month, states.get(month), undecided.get(month, 0), decided.get(month, {}))
