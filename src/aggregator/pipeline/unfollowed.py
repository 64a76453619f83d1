"""Looks for the feeds of the places of a list that nobody follows yet. Reads; stores nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.exceptions import NotFoundError
from aggregator.feeds.discovery.places import Place, Rest, find_doubt, list_places
from aggregator.feeds.discovery.proposal import choose_key
from aggregator.feeds.hosts import Followers
from aggregator.pipeline import Progress, ignore_progress
from aggregator.pipeline.discovery import Finder, Followed, FoundFeed, NoFeedError
from aggregator.pipeline.listing import name_address
from aggregator.types import Feed

#: Places of one list that are looked at, those with the most lines.
MOST_PLACES = 40
#: At once, and seconds for one and for all.
_AT_ONCE, _SECONDS, _ALL_SECONDS = 8, 60.0, 300.0


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A feed that was found, and why it is not followed by itself."""

    feed: Feed
    doubt: Rest


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at a place."""

    place: Place
    #: The feed that surely has its posts; None if none does.
    sure: FoundFeed | None = None
    others: tuple[Doubtful, ...] = ()
    #: The key of the feed that is followed already and has its posts.
    followed_as: str | None = None
    #: Why nobody looked, or that nothing was found; None if something was.
    rest: Rest | None = None
    #: What its server said, in English; often empty.
    reason: str = ""


async def look_for_feeds(
    urls: Sequence[str], feeds: Mapping[str, Feed], finder: Finder, progress: Progress = ignore_progress
) -> list[Looked]:
    """Look for feeds of the addresses that *feeds* do not follow, as far as robots.txt allows and the time suffices:
    the places with the most addresses first, the others with why nobody looked.
    """
    followers = Followers(feeds.values())
    places = list_places(url for url in urls if followers.find(url) is None)
    followed = Followed({name_address(feed.url): key for key, feed in feeds.items()}, {}, feeds.keys())
    asked = [place for place in places if place.rest is None][:MOST_PLACES]
    free, looks = asyncio.Semaphore(_AT_ONCE), dict[str, Looked]()

    async def look(place: Place) -> None:
        async with free:
            looks[place.url] = await _look(place, followed, finder)
        progress(1)

    tasks = [asyncio.create_task(look(place)) for place in asked]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_ALL_SECONDS)
        for task in late:
            task.cancel()
        # What was cancelled closes its connections first; a mistake of our own is raised.
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for failed in results:
            if isinstance(failed, Exception):
                raise failed
    return _settle([looks.get(place.url) or Looked(place, rest=place.rest or Rest.UNASKED) for place in places], feeds)


async def _look(place: Place, followed: Followed, finder: Finder) -> Looked:
    try:
        async with asyncio.timeout(_SECONDS):
            discovery = await finder.find(place.url, followed, by_itself=True)
    except TimeoutError:
        return Looked(place, rest=Rest.LATE)
    except NotFoundError as error:
        tried = error.tried if isinstance(error, NoFeedError) else ()
        return Looked(place, rest=Rest.NOTHING, reason=tried[0].reason if tried else "")
    sure, others = None, list[Doubtful]()
    for each in discovery.found:
        doubt = find_doubt(each.lead, each.sample, place.url, finder.clock()) or (Rest.SECOND if sure else None)
        if doubt:
            others.append(Doubtful(each.feed, doubt))
        elif each.followed_as:
            return Looked(place, followed_as=each.followed_as)
        else:
            sure = each
    return Looked(place, sure, tuple(others))


def _settle(looks: Sequence[Looked], feeds: Mapping[str, Feed]) -> list[Looked]:
    """What was found at once, one after the other: each feed and each key once."""
    known, taken = {name_address(feed.url): key for key, feed in feeds.items()}, set(feeds)

    def settle(look: Looked) -> Looked:
        if look.sure is None:
            return look
        feed = look.sure.feed
        if key := known.get(name_address(feed.url)):
            return replace(look, sure=None, others=(), followed_as=key)
        if feed.key in taken:
            feed = replace(feed, key=choose_key(feed.url, feed.name, taken))
        taken.add(feed.key)
        known[name_address(feed.url)] = feed.key
        return replace(look, sure=replace(look.sure, feed=feed))

    return [settle(look) for look in looks]
