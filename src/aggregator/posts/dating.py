"""When a post was published, how sure that is, and which month's candidates it joins. Pure.

``dates`` parses the dates of feeds; this decides which date is believed. ``docs/decisions/dates.md`` has the reasons.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator.dates.read import Precision, UrlDate, Zones, find_url_date, read_date
from aggregator.locales import t
from aggregator.types import DateConfidence, DateSource, Entry, Month, Post, Wait

#: How far in the future of the visit a date of a published post may be, because zones are often wrong.
TOLERANCE = timedelta(hours=36)
#: How many months after its own month a post is still news for the next digest.
LATE_MONTHS = 2
# A date that stands alone is looked for in so many paragraphs.
_FIRST_TEXTS, _LONGEST_DATE = 5, 60
_BEFORE_DATE = re.compile(
    r"(?:posted|published|written|date|작성일자?|게시일|등록일|발행일)(?: on)? ?[:：|]? ?", re.IGNORECASE
)
# This many items of one document with one date are not an accident.
_MANY = 3


@dataclass(frozen=True, slots=True)
class PostDate:
    """When a post was published, as far as that is known."""

    published_at: datetime
    source: DateSource
    confidence: DateConfidence
    #: Whether the feed gives this date to any item.
    is_suspected: bool = False


class Placement(NamedTuple):
    """The month whose candidates a post joins."""

    month: Month
    #: Its own month, if the digest of that month was published before the post was found.
    late_for: Month | None = None


def find_suspects(moments: Iterable[datetime], zone: tzinfo) -> frozenset[datetime]:
    """Dates in one document that a program probably made: one that all items share, such as the time of the build, and
    the first moment of a year, in *zone* or in UTC, that several share.
    """
    counts = Counter(moments)
    if len(counts) == 1 and counts.total() >= _MANY:
        return frozenset(counts)
    many = {moment for moment, count in counts.items() if count >= _MANY}
    return frozenset(moment for moment in many if any(map(_is_first_of_year, (moment, moment.astimezone(zone)))))


def _is_first_of_year(moment: datetime) -> bool:
    return (moment.month, moment.day, moment.hour, moment.minute, moment.second) == (1, 1, 0, 0, 0)


def date_post(entry: Entry, zones: Zones, suspects: frozenset[datetime] = frozenset()) -> PostDate:
    """The date of an entry's post: from the feed, else from the address, else the time it was first seen.

    *zones* are for dates without a zone. If one of *suspects* and the address disagree, the address counts.
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
    """How far the month of a post can be believed; *agrees_with_url* is None if the address has no date."""
    if source in {DateSource.DIGEST, DateSource.CURATOR}:
        return DateConfidence.SURE
    if source is DateSource.FIRST_SEEN or is_suspected or agrees_with_url is False:
        return DateConfidence.WEAK
    if source is DateSource.URL:
        return DateConfidence.FAIR if precision is Precision.DAY else DateConfidence.WEAK
    # If a date is uncertain by some hours, an address with the same date settles it.
    is_exact = precision is Precision.TIME and is_zone_known
    if source is DateSource.PUBLISHED and (is_exact or agrees_with_url):
        return DateConfidence.SURE
    return DateConfidence.FAIR


def find_wait(date: PostDate, first_seen_at: datetime, *, is_first_visit: bool) -> Wait | None:
    """Why a post is kept out of the candidates for now; None for nearly all.

    At the first visit the posts of a feed are of any age, so a post without a date is not news then.
    """
    if date.published_at > first_seen_at + TOLERANCE:
        return Wait.DAY
    if is_first_visit and (date.source is DateSource.FIRST_SEEN or date.is_suspected):
        return Wait.DATE
    return None


def place_post(own: Month, published: frozenset[Month], current: Month) -> Placement:
    """The month whose candidates a post of the month *own* joins: its own, or, if the digest of that is *published* and
    the post is found soon after, the next one whose digest is still open.

    *current* is today's month. Older months are never reopened, and their posts do not flood a later one.
    """
    if own not in published or own < current.shift(-LATE_MONTHS):
        return Placement(own)
    return Placement(find_next_open(own, published, current), late_for=own)


def place_added_post(own: Month, wanted: Month | None, published: frozenset[Month], current: Month) -> Placement:
    """The month whose candidates a post joins that the curator adds: the one *wanted*, else its own. If the digest of
    that is *published*, or if it is long over, the next open one: whoever adds a post wants it to be printed.

    Raises ValueError if it is wanted before it was published.
    """
    if wanted is not None and wanted < own:
        raise ValueError(t("it was published in {own}, after {month}", own=own.name, month=wanted.name))
    if wanted is None:
        is_over = own in published or own < current.shift(-LATE_MONTHS)
        wanted = find_next_open(own, published, current) if is_over else own
    return Placement(wanted, late_for=own if own < wanted else None)


def find_next_open(month: Month, published: frozenset[Month], current: Month) -> Month:
    """The first month after this one, and not before last month, whose digest is not *published*."""
    month = max(month.shift(1), current.shift(-1))
    while month in published:
        month = month.shift(1)
    return month


def place_found_post(
    date: PostDate, wait: Wait | None, *, published: frozenset[Month], now: datetime, zone: ZoneInfo
) -> Placement:
    """The placement of a new post, on the calendar of *zone*, the curator's; a post that waits is placed later."""
    own = Month.of(date.published_at, zone)
    return Placement(own) if wait else place_post(own, published, Month.of(now, zone))


def find_other_month(post: Post) -> Month | None:
    """Find the month that the address names; None if it may be that of the date."""
    found = find_url_date(post.url)
    if found is None or post.published_from in {DateSource.URL, DateSource.CURATOR}:
        return None
    month = Month(found.year, found.month)
    # A digest names only a month.
    agrees = (
        month == post.own_month if post.published_from is DateSource.DIGEST else found.agrees_with(post.published_at)
    )
    return None if agrees else month


def find_text_month(post: Post, texts: Sequence[str]) -> Month | None:
    """Find the month of a date that stands alone among the first *texts* of a post; None if it may be that of the
    post's date, or if the curator or an address gave that.
    """
    if post.published_from in {DateSource.URL, DateSource.CURATOR, DateSource.DIGEST}:
        return None
    for text in texts[:_FIRST_TEXTS]:
        if len(text) <= _LONGEST_DATE and (found := read_date(_BEFORE_DATE.sub("", text, count=1))):
            there = found.moment
            alike = UrlDate(there.year, there.month).agrees_with(post.published_at)
            return None if alike else Month(there.year, there.month)
    return None
