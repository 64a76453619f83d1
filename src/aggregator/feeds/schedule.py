"""When to visit a feed again. Pure: what is known of the feed and what its server asks for in, a moment out.

Retry-After is honoured as a floor (RFC 9110, 10.2.3), as are Cache-Control max-age and Expires (RFC 9111, 4.2.1) and
the ttl of RSS 2.0. Its skipHours and skipDays are kept free. Each failure doubles the wait. Jitter avoids a fixed
rhythm. No feed is ever given up: the longest wait is a day, unless the server asks for more.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from heapq import nlargest
from itertools import pairwise

from aggregator.dates.read import parse_date
from aggregator.types import QuietTimes

#: A monthly digest cannot lose a week, so failures and caching never delay a visit for longer.
LONGEST_WAIT = timedelta(hours=24)
#: A site that refuses this machine is asked rarely. Its window covers that time in nearly all cases.
LONGEST_REFUSED = timedelta(days=3)
#: A server may ask for more than that, up to this.
LONGEST_RETRY_AFTER = timedelta(days=7)

# As servers write them, also with a fraction or a unit.
_SECONDS = re.compile(r"\+?(\d++)(?:\.\d*+)?\s*+(?:s|secs?|seconds?)?", re.IGNORECASE)
#: How long a server that keeps answering 304 is believed (RFC 9110, 13.1).
LONGEST_TRUST = timedelta(hours=24)

_MINUTE = timedelta(minutes=1)
# Visits between two posts of a feed.
_VISITS_PER_POST = 12
# Newest posts that the habit is measured on; older ones show a former habit.
_HABIT_POSTS = 10
# Visits are spread over this share of the wait. Otherwise all feeds that start together would stay due together.
_JITTER = 0.1
# Too Many Requests (RFC 6585, 4) and Service Unavailable (RFC 9110, 15.6.4).
_OVERLOADED = {429, 503}
_ALL_HOURS = set(range(24))
_ALL_DAYS = set(range(7))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest time between two successful visits."""

    shortest: timedelta
    longest: timedelta


def measure_habit(dates: Sequence[datetime], now: datetime) -> timedelta | None:
    """The usual time between two posts: the median gap between the newest dates in a document.

    None if the dates show no habit; dates in the future are ignored.
    """
    newest = _list_newest(dates, now)
    if len(newest) < 2:
        return None
    return timedelta(
        seconds=statistics.median((later - earlier).total_seconds() for later, earlier in pairwise(newest))
    )


def measure_pace(dates: Sequence[datetime], now: datetime, bounds: Bounds) -> timedelta:
    """The time between visits, from the dates of the posts in a document: short if posts are frequent.

    For a feed without a habit it is the geometric middle of the bounds.
    """
    habit = measure_habit(dates, now)
    if habit is None:
        return timedelta(minutes=math.sqrt((bounds.shortest / _MINUTE) * (bounds.longest / _MINUTE)))
    # A feed that is silent for longer than its habit has a new habit.
    silence = now - _list_newest(dates, now)[0]
    return _within(max(habit, silence) / _VISITS_PER_POST, bounds)


def plan_after_success(
    now: datetime, pace: timedelta, *, fresh_for: timedelta | None, bounds: Bounds, quiet: QuietTimes, jitter: float
) -> datetime:
    """The next visit after a success. *fresh_for* is how long the server calls its response fresh, *quiet* when the
    feed wants no visits, *jitter* a random number from 0 to 1.
    """
    wait = _within(pace, bounds)
    wait = max(wait, min(fresh_for or timedelta(), LONGEST_WAIT))
    return put_off(now + _spread(wait, jitter), quiet)


def plan_after_failure(
    now: datetime,
    failures: int,
    *,
    retry_after: str | None,
    bounds: Bounds,
    quiet: QuietTimes,
    jitter: float,
    status: int | None = None,
    pace: timedelta | None = None,
    is_refused: bool = False,
) -> datetime:
    """The next visit after *failures* consecutive failures: soon after the first, then twice as long each time, up to a
    day. Retry-After is a floor. A server that is overloaded (429, 503) is not visited before the feed's own *pace*.
    One that refuses this machine is visited ever more rarely, from its pace up to three days.
    """
    wait = min(bounds.shortest * 2 ** min(failures, 20), LONGEST_WAIT)
    if is_refused:
        wait = min(_within(pace or bounds.shortest, bounds) * 2 ** min(failures - 1, 20), LONGEST_REFUSED)
    elif pace is not None and status in _OVERLOADED:
        wait = max(wait, _within(pace, bounds))
    asked = read_retry_after(retry_after, now)
    return put_off(now + max(_spread(wait, jitter), asked or timedelta()), quiet)


def wants_whole(full_at: datetime | None, silent_from: datetime | None, now: datetime) -> bool:
    """Whether a visit leaves out known validators, because some servers answer 304 for years. *full_at* is when the
    whole document last came; *silent_from* is when the feed became silent for longer than usual, from when it is
    requested at once.
    """
    if full_at is None or not now - LONGEST_TRUST < full_at <= now:
        return True
    return silent_from is not None and full_at < silent_from <= now


def put_off(moment: datetime, quiet: QuietTimes) -> datetime:
    """The first moment, in whole hours from this one, outside of quiet hours and days (RSS 2.0).

    Whole hours, so that not all visits planned for the quiet time fall on the minute of its end. If every hour or every
    day is quiet, that is ignored, so the delay is never longer than a week.
    """
    hours = set() if set(quiet.hours) >= _ALL_HOURS else set(quiet.hours)
    days = set() if set(quiet.days) >= _ALL_DAYS else set(quiet.days)
    while moment.hour in hours or moment.weekday() in days:
        moment += timedelta(hours=1)
    return moment


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for, in seconds or by date; None if it says nothing."""
    text = (text or "").strip(" \t\"'")
    if found := _SECONDS.fullmatch(text):
        # Ten digits are three centuries, and Python rejects very long numbers.
        seconds = int((found[1].lstrip("0") or "0")[:10])
        return min(timedelta(seconds=seconds), LONGEST_RETRY_AFTER)
    moment = _read_http_date(text) or parse_date(text)
    return min(max(moment - now, timedelta()), LONGEST_RETRY_AFTER) if moment else None


def read_freshness(cache_control: str | None, expires: str | None, now: datetime) -> timedelta | None:
    """How long Cache-Control and Expires call a response fresh; max-age overrides Expires, no-cache overrides both."""
    directives = dict(re.findall(r"([a-z-]+)(?:=\"?(\d+))?", (cache_control or "").lower()))
    if "no-cache" in directives or "no-store" in directives:
        return None
    if directives.get("max-age"):
        return timedelta(seconds=int(directives["max-age"][:9]))
    moment = _read_http_date(expires or "")
    return max(moment - now, timedelta()) if moment else None


def _list_newest(dates: Sequence[datetime], now: datetime) -> list[datetime]:
    # Posts of one moment were imported together, and show no rhythm.
    return nlargest(_HABIT_POSTS, {date for date in dates if date <= now})


def _read_http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _spread(wait: timedelta, jitter: float) -> timedelta:
    """Later and never earlier, so that the server's floor holds."""
    return timedelta(seconds=wait.total_seconds() * (1 + _JITTER * jitter))


def _within(wait: timedelta, bounds: Bounds) -> timedelta:
    return min(max(wait, bounds.shortest), bounds.longest)
