"""When a post was published, how sure that is, and which month's candidates it joins. Pure.

The words of feeds are read by ``dates``; here is decided which of them is believed. ``docs/decisions/dates.md`` has the
reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator.dates.read import Precision, Zones, find_url_date, read_date
from aggregator.types import DateConfidence, DateSource, Entry, Month, Wait

#: A date may lie so far in the future of the visit and still be that of a post that is out: zones are mistaken.
TOLERANCE = timedelta(hours=36)
#: How many months after its own a post may be found and still be news for the next digest.
LATE_MONTHS = 2
# So many items of one document with one date are not an accident.
_MANY = 3


@dataclass(frozen=True, slots=True)
class PostDate:
    """When a post was published, as far as it can be told."""

    published_at: datetime
    source: DateSource
    confidence: DateConfidence
    #: Whether the feed gives its items this date whatever they are.
    is_suspected: bool = False


class Placement(NamedTuple):
    """The month whose candidates a post joins."""

    month: Month
    #: Its own month, where the digest of that was published before the post was found.
    late_for: Month | None = None


def find_suspects(moments: Iterable[datetime], zone: tzinfo) -> frozenset[datetime]:
    """The dates of the items of one document that are rather values of a program: one that all items share, as when
    the feed was built, and the first moment of a year, in *zone* or in UTC, that several share.
    """
    counts = Counter(moments)
    if len(counts) == 1 and counts.total() >= _MANY:
        return frozenset(counts)
    many = {moment for moment, count in counts.items() if count >= _MANY}
    return frozenset(moment for moment in many if any(map(_is_first_of_year, (moment, moment.astimezone(zone)))))


def _is_first_of_year(moment: datetime) -> bool:
    return (moment.month, moment.day, moment.hour, moment.minute, moment.second) == (1, 1, 0, 0, 0)


def date_post(entry: Entry, zones: Zones, suspects: frozenset[datetime] = frozenset()) -> PostDate:
    """The date of the post that an entry gives rise to: the feed's word, else that of the address, else first seen.

    *zones* are those of texts without one. If a suspected date and the address disagree, the address counts.
    """
    url_date = find_url_date(entry.url)
    read = read_date(entry.published_raw, zones)
    if entry.published_at is None or entry.published_from is None:
        suspected = False
    else:
        suspected = entry.published_at in suspects
        agrees = url_date.agrees_with(entry.published_at) if url_date else None
        if not suspected or agrees is not False:
            confidence = judge_confidence(
                entry.published_from,
                precision=read.precision if read else Precision.TIME,
                is_zone_known=read is None or read.is_zone_known,
                agrees_with_url=agrees,
                is_suspected=suspected,
            )
            return PostDate(entry.published_at, entry.published_from, confidence, suspected)
    if url_date:
        confidence = judge_confidence(DateSource.URL, precision=url_date.precision)
        return PostDate(url_date.get_moment(zones.publisher), DateSource.URL, confidence)
    return PostDate(entry.first_seen_at, DateSource.FIRST_SEEN, judge_confidence(DateSource.FIRST_SEEN))


def judge_confidence(
    source: DateSource,
    *,
    precision: Precision = Precision.TIME,
    is_zone_known: bool = True,
    agrees_with_url: bool | None = None,
    is_suspected: bool = False,
) -> DateConfidence:
    """How far the month of a post can be believed; *agrees_with_url* is None where the address names no date."""
    if source in {DateSource.DIGEST, DateSource.CURATOR}:
        return DateConfidence.SURE
    if source is DateSource.FIRST_SEEN or is_suspected or agrees_with_url is False:
        return DateConfidence.WEAK
    if source is DateSource.URL:
        return DateConfidence.FAIR if precision is Precision.DAY else DateConfidence.WEAK
    # What is open by some hours is settled by an address that says the same.
    is_exact = precision is Precision.TIME and is_zone_known
    if source is DateSource.PUBLISHED and (is_exact or agrees_with_url):
        return DateConfidence.SURE
    return DateConfidence.FAIR


def find_wait(date: PostDate, first_seen_at: datetime, *, is_first_visit: bool) -> Wait | None:
    """Why a post is kept out of the candidates for now; None for nearly all.

    What a feed carries at its first visit is of any age, so that a post without a date of its own is not new then.
    """
    if date.published_at > first_seen_at + TOLERANCE:
        return Wait.DAY
    if is_first_visit and (date.source is DateSource.FIRST_SEEN or date.is_suspected):
        return Wait.DATE
    return None


def place_post(own: Month, published: frozenset[Month], current: Month) -> Placement:
    """The month whose candidates a post of the month *own* joins: its own, or, where the digest of that is *published*
    and the post is found not long after, the next one whose digest is still open.

    *current* is the month of the day. Older months are never opened again, nor do their posts flood a later one.
    """
    if own not in published or own < current.shift(-LATE_MONTHS):
        return Placement(own)
    month = max(own.shift(1), current.shift(-1))
    while month in published:
        month = month.shift(1)
    return Placement(month, late_for=own)


def place_found_post(
    date: PostDate, wait: Wait | None, *, published: frozenset[Month], now: datetime, zone: ZoneInfo
) -> Placement:
    """Where a post goes at first sight, on the calendar of *zone*, the curator's; one that waits is placed later."""
    own = Month.of(date.published_at, zone)
    return Placement(own) if wait else place_post(own, published, Month.of(now, zone))
