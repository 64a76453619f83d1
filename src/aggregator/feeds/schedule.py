"""When to come back to a feed. Pure: what is known of the feed and what its server asks for in, a moment out.

The policy follows what feed readers are asked for: Retry-After is a floor (RFC 9110, 10.2.3), so are Cache-Control
max-age and Expires (RFC 9111, 4.2.1) and the ttl of RSS 2.0; its skipHours and skipDays are kept free; failures wait
longer each time; nobody is visited in a fixed rhythm. Nothing is ever given up: the longest wait is a day, unless the
server itself asks for more.
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

#: A monthly digest cannot lose a week, so that no feed is left alone for longer because of failures or caching.
LONGEST_WAIT = timedelta(hours=24)
#: A server may ask for more than that, but not to be forgotten.
LONGEST_RETRY_AFTER = timedelta(days=7)

# As servers write them, also with a fraction or a unit.
_SECONDS = re.compile(r"\+?(\d++)(?:\.\d*+)?\s*+(?:s|secs?|seconds?)?", re.IGNORECASE)
#: How long a server is believed that keeps saying that nothing has changed (RFC 9110, 13.1).
LONGEST_TRUST = timedelta(hours=24)

_MINUTE = timedelta(minutes=1)
# A feed is visited so many times between two of its posts.
_VISITS_PER_POST = 12
# Posts that tell the present habit; older ones tell the habit of another year.
_HABIT_POSTS = 10
# Visits are spread over this share of the wait, lest all feeds of one start come due together for ever.
_JITTER = 0.1
# Too Many Requests (RFC 6585, 4) and Service Unavailable (RFC 9110, 15.6.4).
_OVERLOADED = {429, 503}
_ALL_HOURS = set(range(24))
_ALL_DAYS = set(range(7))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest time between two visits that go well."""

    shortest: timedelta
    longest: timedelta


def measure_habit(dates: Sequence[datetime], now: datetime) -> timedelta | None:
    """The usual time between two posts, from the dates of those in a document: the median gap between the newest.

    None where the dates tell no habit; dates in the future are none.
    """
    newest = _list_newest(dates, now)
    if len(newest) < 2:
        return None
    return timedelta(
        seconds=statistics.median((later - earlier).total_seconds() for later, earlier in pairwise(newest))
    )


def measure_pace(dates: Sequence[datetime], now: datetime, bounds: Bounds) -> timedelta:
    """How often to look at a feed, from the dates of the posts in its document: often where posts are frequent.

    A feed whose dates tell no habit is looked at in the middle of the bounds, by proportion.
    """
    habit = measure_habit(dates, now)
    if habit is None:
        return timedelta(minutes=math.sqrt((bounds.shortest / _MINUTE) * (bounds.longest / _MINUTE)))
    # A feed that has been silent for longer than its habit has another habit now.
    silence = now - _list_newest(dates, now)[0]
    return _within(max(habit, silence) / _VISITS_PER_POST, bounds)


def plan_after_success(
    now: datetime, pace: timedelta, *, fresh_for: timedelta | None, bounds: Bounds, quiet: QuietTimes, jitter: float
) -> datetime:
    """The next visit after one that went well. *fresh_for* is how long the server calls its answer fresh, *quiet* when
    the feed asks for no visit, *jitter* a random number from 0 to 1.
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
) -> datetime:
    """The next visit after the *failures*-th failure in a row: soon after the first, which may pass, then twice as long
    each time, up to a day. A Retry-After of the server is a floor; and who answers that it is asked too much is visited
    no sooner than at the feed's own *pace*.
    """
    wait = min(bounds.shortest * 2 ** min(failures, 20), LONGEST_WAIT)
    if pace is not None and status in _OVERLOADED:
        wait = max(wait, _within(pace, bounds))
    asked = read_retry_after(retry_after, now)
    return put_off(now + max(_spread(wait, jitter), asked or timedelta()), quiet)


def wants_whole(full_at: datetime | None, silent_from: datetime | None, now: datetime) -> bool:
    """Whether a visit asks for the whole document although validators are known: some servers answer for years that
    nothing has changed. *full_at* is when the whole document last came, *silent_from* when the feed became silent for
    longer than usual: then it is asked at once.
    """
    if full_at is None or not now - LONGEST_TRUST < full_at <= now:
        return True
    return silent_from is not None and full_at < silent_from <= now


def put_off(moment: datetime, quiet: QuietTimes) -> datetime:
    """The first moment in whole hours from this one that is not in a quiet hour or on a quiet day (RSS 2.0).

    Whole hours, lest all that was planned for the quiet time fall on the minute of its end. Who calls every hour or
    every day quiet says nothing, so that the end is never further than a week.
    """
    hours = set() if set(quiet.hours) >= _ALL_HOURS else set(quiet.hours)
    days = set() if set(quiet.days) >= _ALL_DAYS else set(quiet.days)
    while moment.hour in hours or moment.weekday() in days:
        moment += timedelta(hours=1)
    return moment


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait, in seconds or by date; None where it says nothing."""
    text = (text or "").strip(" \t\"'")
    if found := _SECONDS.fullmatch(text):
        # Ten digits are three centuries, and Python refuses to read the longest numbers.
        seconds = int((found[1].lstrip("0") or "0")[:10])
        return min(timedelta(seconds=seconds), LONGEST_RETRY_AFTER)
    moment = _read_http_date(text) or parse_date(text)
    return min(max(moment - now, timedelta()), LONGEST_RETRY_AFTER) if moment else None


def read_freshness(cache_control: str | None, expires: str | None, now: datetime) -> timedelta | None:
    """How long Cache-Control and Expires call an answer fresh; max-age goes before Expires, no-cache before both."""
    directives = dict(re.findall(r"([a-z-]+)(?:=\"?(\d+))?", (cache_control or "").lower()))
    if "no-cache" in directives or "no-store" in directives:
        return None
    if directives.get("max-age"):
        return timedelta(seconds=int(directives["max-age"][:9]))
    moment = _read_http_date(expires or "")
    return max(moment - now, timedelta()) if moment else None


def _list_newest(dates: Sequence[datetime], now: datetime) -> list[datetime]:
    # Posts of one moment came in one go, and tell no rhythm.
    return nlargest(_HABIT_POSTS, {date for date in dates if date <= now})


def _read_http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _spread(wait: timedelta, jitter: float) -> timedelta:
    """Later and never earlier, so that what the server asks for holds."""
    return timedelta(seconds=wait.total_seconds() * (1 + _JITTER * jitter))


def _within(wait: timedelta, bounds: Bounds) -> timedelta:
    return min(max(wait, bounds.shortest), bounds.longest)
