"""The account of a month: how completely its feeds were visited, and what became of its posts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from aggregator.feeds.health import was_silent
from aggregator.types import Cause, Coverage, FeedCoverage, FeedFacts, Funnel, Gap, Month, Unknown, Weight

#: How many kinds of reasons are named.
_MOST_COUNTED = 4
_CAUSES = {str(cause): cause for cause in Cause}


def list_days(month: Month, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """List when the days of a month begin on the calendar of *zone*, up to the last that is over, and when that ends.

    It is the beginning of the month alone if no day of it is over.
    """
    first = month.last_day.replace(day=1)
    # Behind the last month that a calendar has is nothing.
    days = 0 if month > Month.of(now, zone) else month.last_day.day
    bounds = [datetime.combine(first + timedelta(days=day), time(), zone) for day in range(days + 1)]
    return [bounds[0], *(bound for bound in bounds[1:] if bound <= now)]


def make_coverage(
    month: Month,
    facts: Sequence[FeedFacts],
    gaps: Iterable[Gap],
    funnel: Funnel,
    days: Sequence[datetime],
    *,
    end: datetime,
    now: datetime,
    kept: timedelta,
    reasons: Iterable[Sequence[tuple[str, float]]] = (),
    weights: Mapping[Weight, float] | None = None,
) -> Coverage:
    """Make the account of a month from what is stored. *days* come from ``list_days``, *end* is the end of the month or
    now, *kept* is how long visits are kept, *reasons* are those of the proposed posts, and *weights* the factors in
    force.
    """
    start = days[0]
    known_from, unknown = _find_known(facts, start, now, kept)
    followed = [each for each in facts if _is_followed(each, start, end)]
    if unknown is Unknown.FORGOTTEN or (known_from and known_from >= end):
        followed = []
    return Coverage(
        month=month,
        made_at=now,
        known_from=known_from,
        unknown=unknown,
        feeds=tuple(_cover(each, days, end) for each in followed),
        gaps=tuple(sorted(_list_touching(gaps, start, end), key=lambda gap: (gap.since_at, gap.feed_key))),
        funnel=funnel,
        counted=_find_counted(reasons),
        weights=tuple((weight, factor) for weight, factor in (weights or {}).items() if factor != 1),
    )


def keep_deleted(taken: Coverage, kept: Coverage) -> Coverage:
    """Return the account of a month that is printed again, *taken* now, with what was deleted since it was *kept*:
    old visits, and old posts that nobody decided about.
    """
    if taken.unknown is Unknown.FORGOTTEN and kept.unknown is not Unknown.FORGOTTEN:
        taken = replace(taken, known_from=kept.known_from, unknown=kept.unknown, feeds=kept.feeds)
    now, then = taken.funnel, kept.funnel
    if now.candidates >= then.candidates:
        return taken
    counted = {
        name: getattr(then, name) for name in ("entries", "candidates", "copies", "out_of_scope", "proposed", "late")
    }
    undecided = max(0, then.candidates - now.approved - now.held - now.rejected)
    return replace(taken, funnel=replace(now, **counted, undecided=undecided), counted=kept.counted)


def _find_known(
    facts: Sequence[FeedFacts], start: datetime, now: datetime, kept: timedelta
) -> tuple[datetime | None, Unknown | None]:
    """From when on visits are known, and why not before."""
    if start < now - kept:
        return now - kept, Unknown.FORGOTTEN
    first = min((each.first_at for each in facts if each.first_at), default=now)
    # Visits of the first day tell about that day.
    return (first, Unknown.BEFORE) if first >= start + timedelta(days=1) else (None, None)


def _is_followed(facts: FeedFacts, start: datetime, end: datetime) -> bool:
    if facts.first_at is None or facts.visits:
        # Every feed that is followed is tried within minutes.
        return facts.first_at is not None
    is_left = not facts.is_followed or (facts.paused_at is not None and facts.paused_at <= start)
    return facts.first_at < end and not is_left


def _cover(facts: FeedFacts, days: Sequence[datetime], end: datetime) -> FeedCoverage:
    habit = None if facts.habit_minutes is None else timedelta(minutes=facts.habit_minutes)
    is_silent = facts.gives_posts and not facts.posts and was_silent(facts.newest_at, habit, days[0], end)
    return FeedCoverage(
        key=facts.key,
        name=facts.name,
        gives_posts=facts.gives_posts,
        succeeded=facts.visits - facts.failed,
        failed=facts.failed,
        days_missed=sum(
            place not in facts.good_days and _is_expected(facts, first, last)
            for place, (first, last) in enumerate(pairwise(days))
        ),
        is_silent=is_silent,
    )


def _is_expected(facts: FeedFacts, first: datetime, last: datetime) -> bool:
    """Whether the feed was to be visited on a day: it was followed already and still, and did not ask for rest."""
    if facts.first_at is None or facts.first_at >= last:
        return False
    until = facts.paused_at if facts.is_followed else facts.last_at
    if until is not None and until < last:
        return False
    # A day of the curator's may lie in two days of UTC.
    in_utc = {moment.astimezone(ZoneInfo("UTC")).weekday() for moment in (first, last - timedelta(seconds=1))}
    return not in_utc & facts.quiet_days


def _list_touching(gaps: Iterable[Gap], start: datetime, end: datetime) -> list[Gap]:
    return [gap for gap in gaps if gap.since_at < end and gap.noticed_at >= start]


def _find_counted(reasons: Iterable[Sequence[tuple[str, float]]]) -> tuple[Weight, ...]:
    """The kinds of reasons that gave the proposed posts most of their scores."""
    shares: Counter[Weight] = Counter()
    for of_post in reasons:
        for name, share in of_post:
            if share > 0 and (cause := _CAUSES.get(name)):
                shares[cause.weight] += share  # type: ignore[assignment] # a counter may hold any number
    return tuple(weight for weight, _ in shares.most_common(_MOST_COUNTED))
