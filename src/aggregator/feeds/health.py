"""The health of feeds, and the alarm if nothing succeeds at all. Pure: states and the time in, a judgement out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.addresses.urls import host_of
from aggregator.types import FeedState, Gap

#: A feed is silent if its newest post is older than this many times its habit, plus a fortnight. Over the recorded
#: histories, living feeds are then called silent on 4 % of their days; docs/decisions/identity.md has the figures.
SILENCE_HABITS = 4
SILENCE_GRACE = timedelta(days=14)

#: How long a gap calls for the curator: the digests that it touches may still be unprinted.
GAP_ATTENTION = timedelta(days=30)

_GONE = 410
# Answers that mean this machine or program rather than the document: Forbidden, Not Acceptable, Too Many Requests,
# Unavailable For Legal Reasons.
_REFUSALS = {403, 406, 429, 451}


class Health(StrEnum):
    """The health of a feed; what needs the curator most comes first."""

    GONE = "gone"
    REFUSED = "refused"
    FAILING = "failing"
    SILENT = "silent"
    NEW = "new"
    WELL = "well"
    PAUSED = "paused"


_PLACES = {health: place for place, health in enumerate(Health)}
_BROKEN = {Health.GONE, Health.REFUSED, Health.FAILING}


@dataclass(frozen=True, slots=True)
class Alarm:
    """No visit has succeeded for a while: all failed, or they were due and none was made."""

    #: The time of the first of these failures, or since when no visit was made.
    since: datetime
    #: How many feeds have been failing since, or are due.
    feeds: int
    #: Whether visits were made; False if they were due and none was made.
    is_tried: bool = True


def judge_health(state: FeedState, now: datetime) -> Health:
    """The health of a feed. *Gone* is what its server says (410, RFC 9110, 15.5.11), *refused* that it refuses this
    machine; any other failure is *failing*.
    """
    if state.paused_at:
        return Health.PAUSED
    if state.last_visit_at is None:
        return Health.NEW
    if state.failures:
        if is_refusal(state.last_status, state.last_wall):
            return Health.REFUSED
        return Health.GONE if state.last_status == _GONE else Health.FAILING
    return Health.SILENT if is_silent(state, now) else Health.WELL


def is_refusal(status: int | None, wall: str | None) -> bool:
    """Whether a failure means that the site refuses this machine: by its status, or by bot protection."""
    return wall is not None or status in _REFUSALS


def list_calls(health: Health, gaps: Sequence[Gap], now: datetime) -> tuple[str, ...]:
    """Why a feed of this health calls for the curator: gone, refused, failing, gap; empty if it does not.

    A silent feed is shown as such but does not call, because among many feeds some are always silent. A paused feed
    does not call either: the curator paused it.
    """
    if health is Health.PAUSED:
        return ()
    # A gap that was noticed while the clock was wrong must not call for years.
    missed = any(abs(now - gap.noticed_at) <= GAP_ATTENTION for gap in gaps if gap.is_open)
    return (*([health.value] if health in _BROKEN else []), *(["gap"] if missed else []))


def measure_urgency(state: FeedState, health: Health, *, needs_attention: bool) -> tuple[bool, int, float]:
    """The place of a feed in lists: first what needs attention, then by its health, then by how long it has failed."""
    since = state.failing_since
    return not needs_attention, _PLACES[health], since.timestamp() if since else math.inf


def is_silent(state: FeedState, now: datetime) -> bool:
    """Whether a feed has had no new post for longer than its habit suggests.

    Never true for a feed with fewer than two dated posts: it has no habit.
    """
    silent_from = find_silence(state)
    return silent_from is not None and now > silent_from


def find_silence(state: FeedState) -> datetime | None:
    """From when a feed counts as silent if nothing new comes; None if it has no habit."""
    return _find_silence(state.newest_at, state.habit)


def was_silent(newest_at: datetime | None, habit: timedelta | None, start: datetime, end: datetime) -> bool:
    """Whether a feed that gave nothing between two moments was silent at the end, given its newest post of now.

    If that is younger, the newest of then is not known; it was not after the start.
    """
    silent_from = _find_silence(newest_at and min(newest_at, start), habit)
    return silent_from is not None and end > silent_from


def _find_silence(newest_at: datetime | None, habit: timedelta | None) -> datetime | None:
    return None if newest_at is None or habit is None else newest_at + SILENCE_HABITS * habit + SILENCE_GRACE


def find_alarm(states: Sequence[FeedState], now: datetime, after: timedelta) -> Alarm | None:
    """Find out whether the network, the name server or this machine has a problem, rather than single feeds.

    There is an alarm if no visit of any feed has succeeded for *after*, and in that time either all feeds are failing,
    or feeds of two hosts began to fail. Feeds that were broken before and feeds that are not due say nothing. Visits
    must have been made over half of that time, because a machine that slept made none. Paused feeds do not count, but
    their successes before do. There is also an alarm if feeds have been due for *after* and none was visited.

    Times in the future were recorded while the clock was wrong, and are ignored.
    """
    last_success = max((at for state in states if (at := state.last_success_at) and at <= now), default=None)
    followed = [state for state in states if not state.paused_at]
    if last_success is not None and now - last_success < after:
        return None
    return _find_failures(followed, last_success, now, after) or _find_standstill(followed, now, after)


def _find_failures(
    followed: Sequence[FeedState], last_success: datetime | None, now: datetime, after: timedelta
) -> Alarm | None:
    failing = [state for state in followed if state.failing_since]
    fresh = [s for s in failing if s.failing_since and (last_success is None or s.failing_since > last_success)]
    if not failing or (len(failing) < len(followed) and len({host_of(state.feed.url) for state in fresh}) < 2):
        return None
    concerned = fresh or failing
    since = min(state.failing_since for state in concerned if state.failing_since)
    since = max(since, last_success or since)
    last_try = max(state.last_visit_at or since for state in concerned)
    if now - since < after or last_try - since < after / 2:
        return None
    return Alarm(since, len(concerned))


def _find_standstill(followed: Sequence[FeedState], now: datetime, after: timedelta) -> Alarm | None:
    due = [at for state in followed if (at := state.next_visit_at) and at <= now]
    if not due:
        return None
    since = max([min(due), *(at for state in followed if (at := state.last_visit_at) and at <= now)])
    return Alarm(since, len(due), is_tried=False) if now - since >= after else None
