"""The state of feeds in words. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import hide_credentials, readable_url
from aggregator.feeds.health import Alarm, Health
from aggregator.locales import mark, t, tn, tp
from aggregator.types import Feed, FeedState, Gap, Kind, Only, Outcome, QuietTimes, Recipe, Taxonomy, Visit, Withheld
from aggregator.words.reasons import say_reason

KINDS = {
    Kind.COMPANY: mark("company"),
    Kind.RESEARCH: mark("research"),
    Kind.INDIVIDUAL: mark("individual"),
    Kind.AWS: "AWS",
    Kind.SIGNAL: mark("signal, no posts"),
    Kind.ROUNDUP: mark("round-up, posts of others"),
}
NAMES = {
    Health.GONE: mark("gone"),
    Health.REFUSED: mark("refused"),
    Health.FAILING: mark("failing"),
    Health.SILENT: mark("silent"),
    Health.NEW: mark("not visited yet"),
    Health.WELL: mark("well"),
    Health.PAUSED: mark("paused"),
}
#: Shown if a failure has no reason.
NO_REASON = mark("no reason was recorded")
#: Characters of a shortened reason.
REASON = 140
#: How long a gap is shown in the list of feeds; the page of the feed shows all gaps.
RECENT = timedelta(days=90)
_DAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)


def list_kinds(taxonomy: Taxonomy, chosen: str = "") -> tuple[tuple[str, str], ...]:
    """The kinds to choose from, with their names. A publisher that a part may be reserved for is one where a part is,
    or if it is *chosen*.
    """
    offered = (kind for kind in KINDS if kind is not Kind.AWS or taxonomy.reserved or kind == chosen)
    return tuple((kind.value, t(KINDS[kind])) for kind in offered)


@dataclass(frozen=True, slots=True)
class When:
    """A moment, roughly and exactly."""

    said: str
    exact: str


def say_when(moment: datetime | None, now: datetime, zone: ZoneInfo) -> When | None:
    return When(words.distance(moment, now), words.day_and_time(moment, zone)) if moment else None


def say_state(health: Health) -> str:
    """Say the state of a feed in one word."""
    return tp("state of a feed", "new") if health is Health.NEW else t(NAMES[health])


def say_next_visit(state: FeedState, now: datetime, zone: ZoneInfo) -> When:
    moment = state.next_visit_at
    if state.paused_at:
        return When(t("paused"), t("since {moment}", moment=words.day_and_time(state.paused_at, zone)))
    if moment is None:
        return When(t("due now"), t("not visited yet"))
    if state.is_due(now):
        return When(t("due now"), words.day_and_time(moment, zone))
    return When(words.distance(moment, now), words.day_and_time(moment, zone))


def say_health(state: FeedState, health: Health, now: datetime, zone: ZoneInfo) -> str:
    """Say what follows the name of its state, such as "for 58 days" after "Silent"; often empty."""
    match health:
        case Health.PAUSED if state.paused_at:
            return t("since {moment}", moment=words.day(state.paused_at, zone))
        case Health.GONE:
            return t("for good, its site says")
        case Health.REFUSED:
            return t("{since}: the site refuses this machine", since=_say_failures(state, zone))
        case Health.FAILING:
            return _say_failures(state, zone)
        case Health.SILENT if state.newest_at and state.habit:
            length = words.span(now - state.newest_at)
            return t("for {length}, usually {rhythm}", length=length, rhythm=words.rhythm(state.habit))
    return ""


def list_remedies() -> tuple[str, ...]:
    """What may be done about a site that refuses this machine."""
    return (
        t("Ask the site to let your reader in: it tells its name, and visits.contact tells how to reach you."),
        t("Give the feed another address, such as one that the site has on another host."),
        t("Let it be visited through a proxy of yours: proxy in feeds.toml."),
        t("Add its posts by hand, and pause the feed."),
    )


def _say_failures(state: FeedState, zone: ZoneInfo) -> str:
    if state.failures <= 1 or state.failing_since is None:
        return t("at the last visit")
    since = words.day(state.failing_since, zone)
    return t("since {moment}, {number} times in a row", moment=since, number=f"{state.failures:,}")


def say_warning(state: FeedState) -> str:
    """Say what was wrong at the last visit of a feed that is not failing; often empty."""
    if state.failures or not state.last_reason:
        return ""
    if state.last_outcome is Outcome.FAILED:
        return t("The last visit did not succeed: {reason}", reason=say_reason(state.last_reason))
    return t("The document was read, but has a fault: {reason}", reason=say_reason(state.last_reason))


def say_gap(gap: Gap, zone: ZoneInfo) -> str:
    """Say between which days the gap is."""
    first, last = _find_days(gap, zone)
    return t("On {day}", day=first) if first == last else t("Between {first} and {last}", first=first, last=last)


def say_missed(gap: Gap, zone: ZoneInfo) -> str:
    """Say between which days something may have been missed."""
    first, last = _find_days(gap, zone)
    if first == last:
        return t("On {day} something may have been missed", day=first)
    return t("Between {first} and {last} something may have been missed", first=first, last=last)


def say_reading(gap: Gap, zone: ZoneInfo) -> str:
    """Say what became of reading a gap back: closed, under way, or why not; empty if it was never tried."""
    read = tn("{number} older page", "{number} older pages", gap.pages)
    found = tn("{number} new entry", "{number} new entries", gap.found)
    if gap.closed_at:
        day = words.day(gap.closed_at, zone)
        return t("closed on {day}: {pages} with {entries}", day=day, pages=read, entries=found)
    if gap.trouble:
        reason = say_reason(gap.trouble)
        if not gap.pages:
            return t("not closed: {reason}", reason=reason)
        return t("not closed by {pages} with {entries}: {reason}", pages=read, entries=found, reason=reason)
    if gap.next_url:
        return t("being read back: {pages} so far, with {entries}", pages=read, entries=found)
    return ""


def say_begin(gap: Gap, zone: ZoneInfo) -> str:
    """Say how far a new feed is read back."""
    return t("New, and read back to {day}", day=words.day(gap.since_at, zone))


def _find_days(gap: Gap, zone: ZoneInfo) -> tuple[str, str]:
    before, after = gap.newest_before_at or gap.since_at, gap.oldest_after_at or gap.noticed_at
    if after < before:  # Entries may come out of the order of their dates.
        before, after = gap.since_at, gap.noticed_at
    return words.day(before, zone), words.day(after, zone)


def say_visit(visit: Visit) -> str:
    """Say what a visit gave."""
    match visit.outcome:
        case Outcome.NOT_MODIFIED:
            return t("nothing new (not modified)")
        case Outcome.FAILED:
            return t("failed")
    if visit.left_out:
        return tn(
            "read, {number} new entry, of which the filter left out {left_out}",
            "read, {number} new entries, of which the filter left out {left_out}",
            visit.entries_new,
            left_out=f"{visit.left_out:,}",
        )
    if visit.entries_new:
        return tn("read, {number} new entry", "read, {number} new entries", visit.entries_new)
    return t("read, no new entries")


def say_only(only: Only) -> str:
    """Say which entries of a feed become posts."""
    said = []
    if only.words:
        said.append(t("entries with {words}", words=", ".join(f"“{word}”" for word in only.words)))
    if only.categories:
        said.append(t("entries of the categories {categories}", categories=", ".join(only.categories)))
    return "; ".join(said)


def say_verified(day: date) -> str:
    """Say on which day the address of a feed was known to answer."""
    return t("known to answer on {day}", day=day.isoformat())


def say_last_answer(state: FeedState, zone: ZoneInfo) -> str:
    """Say since when a feed that fails has not answered, as far as is known; often empty."""
    if state.last_success_at:
        return t("not since {day}", day=words.day(state.last_success_at, zone))
    if state.feed.verified:
        return t("never here, but known to answer on {day}", day=state.feed.verified.isoformat())
    return ""


def say_quiet(quiet: QuietTimes) -> str:
    """Say when a feed asks not to be visited; often empty."""
    said = []
    if quiet.days:
        said.append(t("on {days}", days=", ".join(t(_DAYS[day]) for day in quiet.days)))
    if quiet.hours:
        said.append(t("in the hours from {hours} (UTC)", hours=", ".join(f"{hour}:00" for hour in quiet.hours)))
    return "; ".join(said)


def say_withheld(found: Withheld) -> str:
    """``now “Serving”, at blog.example/serving``: what a feed has changed about a post that keeps its title and
    address.
    """
    title, address = found.title, readable_url(found.url) if found.url else ""
    if title and address:
        return t("now “{title}”, at {address}", title=title, address=address)
    return t("now “{title}”", title=title) if title else t("now at {address}", address=address)


def list_differences(feed: Feed, other: Feed | None) -> list[str]:
    """List the fields in which two descriptions of a feed differ; none if there is no *other*."""
    return [name for name in Feed.__slots__ if other is not None and getattr(feed, name) != getattr(other, name)]


def list_listed(state: FeedState) -> dict[str, Any]:
    """Return what feeds.toml says about the fields that differ from it."""
    return {name: _plain(hide(getattr(state.listed, name))) for name in list_differences(state.feed, state.listed)}


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Recipe | Only) else value


def hide(value: Any) -> Any:
    """Hide the secrets of an address; other values stay."""
    return hide_credentials(value) if isinstance(value, str) else value


def say_alarm(alarm: Alarm, now: datetime, zone: ZoneInfo) -> str:
    """``Nothing has succeeded for 3 hours: 14 feeds failed since 09:12.``, or that nothing has been visited."""
    length = words.span(now - alarm.since) or t("a minute")
    if not alarm.is_tried:
        return tn(
            "Nothing has been visited for {length}, and {number} feed is due.",
            "Nothing has been visited for {length}, and {number} feeds are due.",
            alarm.feeds,
            length=length,
        )
    return tn(
        "Nothing has succeeded for {length}: {number} feed failed since {moment}.",
        "Nothing has succeeded for {length}: {number} feeds failed since {moment}.",
        alarm.feeds,
        length=length,
        moment=words.time_of(alarm.since, now, zone),
    )
