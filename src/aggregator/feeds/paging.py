"""Which address has the entries before those of a document, and when reading back is done. Pure.

A document names it (RFC 5005: an archive or the next page; JSON Feed: ``next_url``), or its program is known to count
pages: WordPress. Reading back ends where an entry comes that was seen before the gap, or at the date before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from aggregator.addresses.sites import PLATFORMS
from aggregator.addresses.urls import host_of, origin_of
from aggregator.feeds.identity import Match
from aggregator.types import Gap, Month, ParsedFeed

#: Why a gap could not be closed; said again by ``words.reasons``.
NO_OLDER = "the feed names no older pages"
REPEATED = "its older pages repeat what is known"
ENDED = "its older pages end before they reach what was seen"

# A document says what it is before its first entry.
_HEAD = 20_000
_WORDPRESS = re.compile(rb"<generator>\s{0,99}https?://wordpress\.(?:org|com)/", re.IGNORECASE)
_COMPLETE = re.compile(rb"<fh:complete\b[^<>]{0,200}>", re.IGNORECASE)
# Addresses that WordPress gives its feeds, for sites that hide what they run on.
_WORDPRESS_PATH = re.compile(r"/feed(?:/rss2|/atom)?/?\Z")
_NUMBER = re.compile(r"[0-9]{1,4}")


# Marks the address of a sitemap among those of older pages; a fragment is not sent.
_OF_SITEMAP = "#sitemap"


class OlderPage(NamedTuple):
    """The address of a document with older entries."""

    url: str
    #: Whether the document names it; else it is a guess.
    is_named: bool


def find_older_page(parsed: ParsedFeed, body: bytes, url: str) -> OlderPage | None:
    """Find the page with older entries than those of the document at *url*, whose bytes are *body*."""
    head = body[:_HEAD]
    if _COMPLETE.search(head):
        return None
    if parsed.older_url:
        return OlderPage(parsed.older_url, is_named=True)
    place = urlsplit(url)
    parameters = parse_qsl(place.query, keep_blank_values=True)
    is_counted = "feed" in dict(parameters) or _WORDPRESS_PATH.search(place.path) is not None
    if not parsed.entries or not (is_counted or _WORDPRESS.search(head)):
        return None
    page = dict(parameters).get("paged", "1")
    if not _NUMBER.fullmatch(page):
        return None
    rest = [(name, value) for name, value in parameters if name != "paged"]
    query = urlencode([*rest, ("paged", str(int(page) + 1))])
    return OlderPage(urlunsplit(place._replace(query=query, fragment="")), is_named=False)


def begin_reading(gap: Gap, parsed: ParsedFeed, body: bytes, url: str) -> Gap:
    """The gap with the first older page to read, or the sitemap of the site where the document names none."""
    older = find_older_page(parsed, body, url)
    if older is None and not _COMPLETE.search(body[:_HEAD]):
        # The document may lie elsewhere than the blog.
        places = (parsed.site, *(entry.url for entry in parsed.entries), url)
        site = next((place for place in places if place and host_of(place)), None)
        # The sitemaps of a platform list its newest pages, of everybody.
        if site and host_of(site) not in PLATFORMS:
            return replace(gap, next_url=f"{origin_of(site)}/sitemap.xml{_OF_SITEMAP}")
    if older is None or older.url == url:
        return replace(gap, trouble=NO_OLDER)
    return replace(gap, next_url=older.url)


def is_of_sitemap(url: str) -> bool:
    """Whether a gap is read back from the sitemap of the site, and not from a page of its feed."""
    return url.endswith(_OF_SITEMAP)


def find_first_gap(
    feed_key: str, dates: Sequence[datetime], published: Collection[Month], *, now: datetime, zone: ZoneInfo
) -> Gap | None:
    """What a new feed may have given since the beginning of the open month and does not carry now: its *dates*
    begin later. The open month is this one, or the last one while its digest is the next to be published.
    """
    month = Month.of(now, zone)
    if month.shift(-1) not in published and month.shift(-2) in published:
        month = month.shift(-1)
    start = datetime.combine(month.last_day.replace(day=1), time(), zone)
    if not dates or min(dates) <= start:
        return None
    return Gap(feed_key, now, start.astimezone(now.tzinfo), oldest_after_at=min(dates), is_first=True)


def reaches_back(gap: Gap, matches: Sequence[Match], seen_before: Collection[str]) -> bool:
    """Whether a page reaches what was seen before the gap: an entry among *seen_before*, or the date.

    One old entry among newer ones, such as a pinned one, does not count: pages are in order, or mostly older.
    """
    if any(match.known and match.key in seen_before for match in matches):
        return True
    until = gap.newest_before_at or gap.since_at
    dates = [match.published_at for match in matches if match.published_at]
    if not dates:
        return False
    is_in_order = all(later >= earlier for later, earlier in pairwise(dates))
    return dates[-1] <= until if is_in_order else sum(date <= until for date in dates) * 2 > len(dates)


def go_on(
    gap: Gap, older: OlderPage | None, url: str, *, found: int, is_reached: bool, most: int, now: datetime
) -> Gap:
    """The gap after its page at *url* was read, with *found* new entries; *older* is the page before it, *most* the
    limit of pages.
    """
    after = replace(gap, pages=gap.pages + 1, found=gap.found + found, next_url=None, retry_at=None, attempts=0)
    if is_reached:
        return replace(after, closed_at=now)
    if older is None:
        return _end(after, now)
    # A server that does not count pages gives the same one again; named pages may share all with the newest one.
    if older.url == url or (not found and not older.is_named):
        return replace(after, trouble=REPEATED)
    if after.pages >= most:
        return replace(after, trouble=f"its older pages go on after {most:,}")
    return replace(after, next_url=older.url)


def end_at_missing(gap: Gap, reason: str, now: datetime) -> Gap:
    """The gap when its next page does not exist, which *reason* says."""
    after = replace(gap, next_url=None, retry_at=None, attempts=0)
    return _end(after, now) if gap.pages else replace(after, trouble=reason)


def _end(gap: Gap, now: datetime) -> Gap:
    """A new feed that was read to its end has given all; another one may have lost what lies between."""
    return replace(gap, closed_at=now) if gap.is_first else replace(gap, trouble=ENDED)
