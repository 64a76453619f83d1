"""The state of feeds in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import hide_credentials, readable_url
from aggregator.feeds.health import Alarm, Health
from aggregator.types import Feed, FeedState, Gap, Kind, Outcome, QuietTimes, Visit, Withheld

KINDS = {
    Kind.COMPANY: "company",
    Kind.RESEARCH: "research",
    Kind.INDIVIDUAL: "individual",
    Kind.AWS: "AWS",
    Kind.SIGNAL: "signal, no posts",
}
NAMES = {
    Health.GONE: "gone",
    Health.FAILING: "failing",
    Health.SILENT: "silent",
    Health.NEW: "not visited yet",
    Health.WELL: "well",
    Health.PAUSED: "paused",
}
#: Shown if a failure has no reason.
NO_REASON = "no reason was recorded"
#: Characters of a shortened reason.
REASON = 140
#: How long a gap is shown in the list of feeds; the page of the feed shows all gaps.
RECENT = timedelta(days=90)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class When:
    """A moment, roughly and exactly."""

    said: str
    exact: str


def say_when(moment: datetime | None, now: datetime, zone: ZoneInfo) -> When | None:
    return When(words.distance(moment, now), words.day_and_time(moment, zone)) if moment else None


def say_next_visit(state: FeedState, now: datetime, zone: ZoneInfo) -> When:
    moment = state.next_visit_at
    if state.paused_at:
        return When("paused", f"since {words.day_and_time(state.paused_at, zone)}")
    if moment is None:
        return When("due now", "not visited yet")
    if state.is_due(now):
        return When("due now", words.day_and_time(moment, zone))
    return When(words.distance(moment, now), words.day_and_time(moment, zone))


def say_health(state: FeedState, health: Health, now: datetime, zone: ZoneInfo) -> str:
    """Say what follows the name of its state, such as "for 58 days" after "Silent"; often empty."""
    match health:
        case Health.PAUSED if state.paused_at:
            return f"since {words.day(state.paused_at, zone)}"
        case Health.GONE:
            return "for good, its site says"
        case Health.FAILING:
            return _say_failures(state, zone)
        case Health.SILENT if state.newest_at and state.habit:
            return f"for {words.span(now - state.newest_at)}, usually {words.rhythm(state.habit)}"
    return ""


def _say_failures(state: FeedState, zone: ZoneInfo) -> str:
    if state.failures <= 1 or state.failing_since is None:
        return "at the last visit"
    return f"since {words.day(state.failing_since, zone)}, {state.failures:,} times in a row"


def say_warning(state: FeedState) -> str:
    """Say what was wrong at the last visit of a feed that is not failing; often empty."""
    if state.failures or not state.last_reason:
        return ""
    if state.last_outcome is Outcome.FAILED:
        return f"The last visit did not succeed: {state.last_reason}"
    return f"The document was read, but has a fault: {state.last_reason}"


def say_gap(gap: Gap, zone: ZoneInfo) -> str:
    """Say between which days something may have been missed."""
    before, after = gap.newest_before_at or gap.since_at, gap.oldest_after_at or gap.noticed_at
    if after < before:  # Entries may come out of the order of their dates.
        before, after = gap.since_at, gap.noticed_at
    first, last = words.day(before, zone), words.day(after, zone)
    return f"On {first}" if first == last else f"Between {first} and {last}"


def say_visit(visit: Visit) -> str:
    """Say what a visit gave."""
    match visit.outcome:
        case Outcome.NOT_MODIFIED:
            return "nothing new (not modified)"
        case Outcome.FAILED:
            return "failed"
    if visit.entries_new:
        new = f"{visit.entries_new:,} new {'entry' if visit.entries_new == 1 else 'entries'}"
        return f"read, {new}"
    return "read, no new entries"


def say_quiet(quiet: QuietTimes) -> str:
    """Say when a feed asks not to be visited; often empty."""
    days = ", ".join(_DAYS[day] for day in quiet.days)
    hours = ", ".join(f"{hour}:00" for hour in quiet.hours)
    return "; ".join(filter(None, (f"on {days}" if days else "", f"in the hours from {hours} (UTC)" if hours else "")))


def say_withheld(found: Withheld) -> str:
    """``now “Serving”, at blog.example/serving``: what a feed has changed about a post that keeps its title and
    address.
    """
    told = (f"“{found.title}”" if found.title else "", f"at {readable_url(found.url)}" if found.url else "")
    return f"now {', '.join(filter(None, told))}"


def list_differences(feed: Feed, other: Feed | None) -> list[str]:
    """List the fields in which two descriptions of a feed differ; none if there is no *other*."""
    return [name for name in Feed.__slots__ if other is not None and getattr(feed, name) != getattr(other, name)]


def list_listed(state: FeedState) -> dict[str, Any]:
    """Return what feeds.toml says about the fields that differ from it."""
    return {name: hide(getattr(state.listed, name)) for name in list_differences(state.feed, state.listed)}


def hide(value: Any) -> Any:
    """Hide the secrets of an address; other values stay."""
    return hide_credentials(value) if isinstance(value, str) else value


def say_alarm(alarm: Alarm, now: datetime, zone: ZoneInfo) -> str:
    """``Nothing has succeeded for 3 hours: 14 feeds failed since 09:12.``, or that nothing has been visited."""
    feeds = words.count(alarm.feeds, "feed")
    span = words.span(now - alarm.since) or "a minute"
    if not alarm.is_tried:
        return f"Nothing has been visited for {span}, and {feeds} {words.are(alarm.feeds)} due."
    return f"Nothing has succeeded for {span}: {feeds} failed since {words.time_of(alarm.since, now, zone)}."
