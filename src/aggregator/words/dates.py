"""What a curator should know about the date of a post, in sentences. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.dates.read import Precision, find_url_date
from aggregator.locales import mark, t
from aggregator.posts.dating import find_other_month
from aggregator.types import DateConfidence, DateSource, Month, Post, Wait

_DATED = {
    DateSource.UPDATED: mark("updated {day}"),
    DateSource.URL: mark("{day}, by its address"),
    DateSource.FIRST_SEEN: mark("first seen {day}"),
}


def say_dated(post: Post, zone: ZoneInfo) -> str:
    """Say the date of a post on the calendar of *zone*, and its source unless that is the feed. Some sources name only
    a month.
    """
    day = words.day(post.published_at, zone)
    match post.published_from:
        case DateSource.PUBLISHED:
            return day
        case DateSource.DIGEST | DateSource.CURATOR:
            return Month.of(post.published_at, zone).name
        case DateSource.URL:
            found = find_url_date(post.url)
            if found and found.precision is Precision.MONTH:
                return t("{month}, by its address", month=Month(found.year, found.month).name)
    return t(_DATED[post.published_from], day=day)


def list_doubts(post: Post, zone: ZoneInfo) -> list[str]:
    """List why the month of a post should be checked, or differs from that of its date; empty for most posts."""
    said = []
    if post.waits_for is Wait.DAY:
        said.append(t("Waits for its day, {day}.", day=words.day(post.published_at, zone)))
    elif post.waits_for is Wait.DATE:
        said.append(t("Waits for a date: the first visit of its feed gave none that can be believed."))
    elif post.waits_for is Wait.ADDING:
        said.append(t("It is not a candidate: that it was added is undone."))
    if month := find_other_month(post):
        said.append(t("The address says {month}.", month=month.name))
    if post.late_for:
        said.append(_say_late(post, post.late_for, zone))
    if post.confidence is DateConfidence.WEAK and not said and post.published_from is not DateSource.FIRST_SEEN:
        said.append(t("The date is uncertain."))
    return said


def _say_late(post: Post, own: Month, zone: ZoneInfo) -> str:
    if Month.of(post.first_seen_at, zone) <= own:
        return t("Moved here from {month}.", month=own.name)
    published, found = _say_published(post, zone), words.day(post.first_seen_at, zone)
    return t(
        "Late: published {published}, found {found}, too late for the digest of {month}.",
        published=published,
        found=found,
        month=own.name,
    )


def _say_published(post: Post, zone: ZoneInfo) -> str:
    if post.published_from is DateSource.CURATOR:
        return post.own_month.name
    return words.day(post.published_at, zone)
