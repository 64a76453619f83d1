"""How the hosts of printed lines are followed: by which feed, or by hand. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from aggregator.addresses.sites import PLATFORMS
from aggregator.addresses.urls import canonicalise_url, host_of
from aggregator.shipped_feeds import FORMER_SITES, WALLED
from aggregator.types import Feed

# Hosts where one feed says nothing about the pages beside it.
_SHARED = PLATFORMS | {"aws.amazon.com"}
# The mark of a feed that somebody else makes of the site's pages.
_GENERATED = "generated"


class Way(StrEnum):
    """How a host is followed."""

    FEED = "feed"
    GENERATED = "generated"
    RECIPE = "recipe"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host of printed lines, or what a publisher has on a shared one."""

    place: str
    lines: int
    #: None if it is followed by hand.
    feed: Feed | None
    way: Way
    #: The site that would have to be followed, and lets no program in.
    wall: str | None = None


class Followers:
    """Which feed follows the site of an address."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._sites: dict[str, list[tuple[str, Feed]]] = {}
        for feed in feeds:
            if not feed.kind.gives_posts:
                continue
            for site in (feed.site or feed.url, *FORMER_SITES.get(feed.key, ())):
                # A site with a folder for its language stands for the folder of any.
                for host, path in dict.fromkeys((_take_apart(site), _take_apart(canonicalise_url(site)))):
                    self._sites.setdefault(host, []).append((path, feed))

    def find(self, url: str) -> Feed | None:
        """Find the feed whose site is the longest beginning of an address; else the only one on its host, unless many
        publishers share that.
        """
        # As it is written first: the canonical form of a page of Medium does not say whose it is.
        for host, path in (_take_apart(url), _take_apart(canonicalise_url(url))):
            sites = self._sites.get(host, [])
            if found := [(len(site), feed) for site, feed in sites if f"{path}/".startswith(f"{site}/")]:
                return max(found, key=lambda each: each[0])[1]
            feeds = {feed.key: feed for _, feed in sites}
            if len(feeds) == 1 and host not in _SHARED:
                return next(iter(feeds.values()))
        return None


def name_place(url: str) -> str:
    """The host of an address; on a host of many publishers with the first folder, which says whose a page is."""
    host, path = _take_apart(url)
    first = path.strip("/").split("/")[0]
    return f"{host}/{first}" if host in PLATFORMS and first else host


def list_hosts(lines: Iterable[tuple[str, str | None]], feeds: Mapping[str, Feed]) -> list[HostRow]:
    """List the places of printed lines with how they are followed: those with the most lines first, then by name.

    A line is an address, and the key of the feed that its post came from, if it came from one.
    """
    followers = Followers(feeds.values())
    counts: Counter[tuple[str, str | None]] = Counter()
    for url, key in lines:
        feed = (feeds.get(key) if key else None) or followers.find(url)
        counts[name_place(url), feed.key if feed else None] += 1
    rows = [
        HostRow(
            place, number, feed := feeds[key] if key else None, _find_way(feed), None if feed else WALLED.get(place)
        )
        for (place, key), number in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row.lines, row.place, row.feed.key if row.feed else ""))


def count_followed(rows: Sequence[HostRow]) -> tuple[int, int]:
    """How many of the lines come from hosts that are followed, and how many there are."""
    return sum(row.lines for row in rows if row.way is not Way.BY_HAND), sum(row.lines for row in rows)


def _find_way(feed: Feed | None) -> Way:
    if feed is None:
        return Way.BY_HAND
    if feed.recipe:
        return Way.RECIPE
    return Way.GENERATED if _GENERATED in feed.tags else Way.FEED


def _take_apart(url: str) -> tuple[str, str]:
    """Host and path of an address, without a slash at the end."""
    return host_of(url), urlsplit(url).path.rstrip("/")
