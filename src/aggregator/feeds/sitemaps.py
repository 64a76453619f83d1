"""Reads a feed back from the sitemap of its site, where the feed names no older pages. Pure.

A sitemap names addresses, and when they changed last. Those of the blog that may be of the gap are read as pages, which
say title and date. Only pages beside the posts that are known count: under their path, and as deep as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.addresses.urls import canonicalise_url, host_of, origin_of
from aggregator.dates.read import EARLIEST
from aggregator.exceptions import ParseError
from aggregator.feeds.archives import draft_older
from aggregator.feeds.formats.common import build_feed
from aggregator.feeds.paging import NO_OLDER
from aggregator.feeds.recipes.items import ListedItem, Reading, build_found
from aggregator.feeds.recipes.sitemap import MOST_ADDRESSES, read_places
from aggregator.feeds.update import VisitRules
from aggregator.types import ArchivePage, FeedState, Gap, KnownEntry, ListedPage, Month, Retrieved

#: Sitemaps that are read for one gap, those that they list included.
MOST_SITEMAPS = 5


class Named(NamedTuple):
    """What a sitemap names for a gap, that which changed last first."""

    #: Addresses of pages that may be posts of the gap.
    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    #: Whether it lists the blog at all.
    lists_blog: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the posts of a blog are: their host, the beginning of their paths, and how deep these are."""

    host: str
    path: tuple[str, ...]
    depths: frozenset[int]

    def holds(self, url: str) -> bool:
        names = _split(url)
        return host_of(url) == self.host and len(names) in self.depths and names[: len(self.path)] == self.path


def find_until(gap: Gap) -> datetime:
    """Return the moment back to which a gap is read."""
    return gap.newest_before_at or gap.since_at


def name_pages(answer: Retrieved, known: Sequence[KnownEntry], until: datetime) -> Named:
    """Find what a sitemap names that changed since *until* and is not among the stored entries. Raises ParseError."""
    try:
        is_index, places = read_places(answer.body)
    except ValueError as error:
        raise ParseError(answer.url, str(error)) from error
    newest = sorted(places, key=lambda one: one[1], reverse=True)[:MOST_ADDRESSES]
    if is_index:
        site = origin_of(answer.url)
        here = (url for url, at in newest if origin_of(url) == site and (at == EARLIEST or at >= until))
        return Named(sitemaps=tuple(here)[:MOST_SITEMAPS])
    blog = _find_place(known)
    if blog is None:
        return Named()
    own = [(url, at) for url, at in newest if blog.holds(url)]
    stored = {entry.canonical_url for entry in known}
    pages = (url for url, at in own if at >= until and canonicalise_url(url) not in stored)
    # Without dates nobody knows which are of the gap.
    return Named(tuple(dict.fromkeys(pages)), lists_blog=any(at > EARLIEST for _, at in own))


def _find_place(known: Sequence[KnownEntry]) -> _Place | None:
    urls = [entry.url or entry.canonical_url for entry in known]
    hosts = Counter(host_of(url) for url in urls)
    if not hosts:
        return None
    host = hosts.most_common(1)[0][0]
    paths = [_split(url) for url in urls if host_of(url) == host]
    shared = 0
    while all(shared < len(path) - 1 and path[shared] == paths[0][shared] for path in paths):
        # The year of all known posts is not part of the place of the blog.
        if paths[0][shared].isdecimal():
            break
        shared += 1
    return _Place(host, paths[0][:shared], frozenset(map(len, paths)))


def _split(url: str) -> tuple[str, ...]:
    return tuple(name for name in urlsplit(url).path.split("/") if name)


def decide_pages(
    state: FeedState,
    gap: Gap,
    url: str,
    pages: Sequence[ListedPage],
    known: Sequence[KnownEntry],
    *,
    lists_blog: bool,
    waiting: int,
    published: frozenset[Month],
    opened: frozenset[Month] | None = None,
    rules: VisitRules,
    now: datetime,
) -> ArchivePage:
    """Decide what the *pages* that were read for a gap change; *waiting* others are named by the sitemap at *url*. A
    page without title or date is not taken for a post. *published* and *opened* are as in ``decide_archive``.
    """
    items = tuple(
        ListedItem(page.url, page.title, page.date, page.summary, has_date=True)
        for page in pages
        if page.read_at and page.date
    )
    parsed = build_feed(build_found(Reading("sitemap", items=items), url), url)
    until = find_until(gap)
    found = draft_older(
        state, parsed, url, known, since=until, published=published, opened=opened, rules=rules, now=now
    )
    after = replace(gap, pages=gap.pages + len(pages), found=gap.found + len(found.entries), retry_at=None, attempts=0)
    if waiting and after.pages >= rules.archive_pages:
        after = replace(after, next_url=None, trouble=f"its older pages go on after {rules.archive_pages:,}")
    elif not waiting:
        after = replace(after, next_url=None, closed_at=now) if lists_blog else end_without(after, now)
    return ArchivePage(after, found.entries, found.posts, found.signals)


def end_without(gap: Gap, now: datetime) -> Gap:
    """Return a gap for which the site has no sitemap. A new feed has missed nothing, for it was not followed."""
    after = replace(gap, next_url=None, retry_at=None, attempts=0)
    return replace(after, closed_at=now) if gap.is_first else replace(after, trouble=NO_OLDER)
