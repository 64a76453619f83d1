"""What the curator may want to change about what is followed. Pure: what is followed and what came of it in, proposals
out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from aggregator.addresses.urls import canonicalise_url
from aggregator.feeds.health import Health, judge_health
from aggregator.feeds.hosts import Followers, name_place
from aggregator.shipped_feeds import ADDED, FORMER_ADDRESSES, WALLED
from aggregator.types import Feed, FeedState, FeedYield, SiteLook

#: A feed that has failed for so long, and so often, is dying.
DYING = timedelta(days=14)
_DYING_FAILURES = 5
#: A feed is asleep if it is silent for its habit and has given nothing for so long.
ASLEEP = timedelta(days=365)
#: The time over which what a feed gave is looked at, and how many candidates it has to have given.
YEAR = timedelta(days=365)
FEWEST_CANDIDATES = 12
#: The site of a dying feed is looked at again after so long.
LOOK_AGAIN = timedelta(days=7)
#: So many posts of one host that no feed gave are again and again.
FEWEST_BY_HAND = 3


class Advice(StrEnum):
    """What a proposal is about, the most urgent first."""

    #: The shipped list has another address for a feed whose address it had before.
    MOVED = "moved"
    #: The shipped list has given a feed up.
    DROPPED = "dropped"
    #: A feed fails or is gone; its site may have another one.
    DYING = "dying"
    #: Nothing that a feed gave in a year was printed.
    LEAVE = "leave"
    #: A host whose posts the curator adds by hand again and again.
    FOLLOW = "follow"
    #: The shipped list has got a feed that the home never had.
    NEW = "new"


_WRITTEN = frozenset({Advice.MOVED, Advice.DROPPED, Advice.LEAVE, Advice.NEW})


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that the curator may want to change."""

    advice: Advice
    #: The key of a feed, or a host.
    about: str
    #: The new address of a feed that has moved, that of a new one, or the site to look at for another one.
    url: str | None = None
    #: The address of another feed that was found at the site of a dying one.
    found: str | None = None
    #: The name of a new feed.
    title: str = ""
    #: How many candidates a feed gave, or how many posts a host.
    number: int = 0
    #: Since when a feed has given nothing; None if it never answered.
    since: datetime | None = None
    #: Since when the shipped list has a new feed.
    added: date | None = None

    @property
    def can_be_taken(self) -> bool:
        """Whether it can be written into feeds.toml as it is."""
        return self.advice in _WRITTEN or self.found is not None

    @property
    def is_of_shipped(self) -> bool:
        """Whether the shipped list says it."""
        return self.advice in {Advice.MOVED, Advice.DROPPED, Advice.NEW}

    @property
    def name(self) -> str:
        """``moved:socar``: what it is dismissed and taken by."""
        return f"{self.advice}:{self.about}"


def list_proposals(
    states: Sequence[FeedState],
    listed: Mapping[str, Feed],
    shipped: Mapping[str, Feed],
    yields: Mapping[str, FeedYield],
    by_hand: Iterable[str],
    *,
    left: Mapping[str, str],
    looks: Mapping[str, SiteLook],
    now: datetime,
) -> list[Proposal]:
    """List what may be changed, the most urgent first.

    *states* are the followed feeds, *listed* what feeds.toml says about those that the shipped list had at another
    address, *shipped* the feeds of the shipped list by key, *yields* what feeds gave that gave enough to be judged,
    *by_hand* the addresses of approved and printed posts of a year that no feed gave, *left* the addresses of the feeds
    that were followed before by key, *looks* what was found at sites.
    """
    followed = {state.feed.url for state in states}
    fresh = {key: look.url for key, look in looks.items() if look.url not in followed}
    found = [
        *_compare_with_shipped(states, listed, shipped),
        *(proposal for state in states if (proposal := _judge_life(state, fresh.get(state.feed.key), now))),
        *(proposal for state in states if (proposal := _judge_yield(state, yields.get(state.feed.key), now))),
        *_list_unfollowed(states, by_hand),
        *_list_new(states, listed, shipped, left),
    ]
    # What the shipped list knows better about a feed is the remedy for what is wrong with it.
    known = {each.about for each in found if each.advice in {Advice.MOVED, Advice.DROPPED}}
    chosen = [each for each in found if each.advice is not Advice.DYING or each.about not in known]
    order = list(Advice)
    return sorted(chosen, key=lambda each: (order.index(each.advice), -each.number, each.about))


def _compare_with_shipped(
    states: Sequence[FeedState], listed: Mapping[str, Feed], shipped: Mapping[str, Feed]
) -> Iterator[Proposal]:
    """An address that the list never had is the curator's own, and is left alone."""
    followed = {state.feed.url for state in states}
    for state in states:
        key, url = state.feed.key, listed.get(state.feed.key, state.feed).url
        if {url, state.feed.url}.isdisjoint(FORMER_ADDRESSES.get(key, ())):
            continue
        if key not in shipped:
            yield Proposal(Advice.DROPPED, key)
        elif shipped[key].url not in followed and shipped[key].url != url:
            yield Proposal(Advice.MOVED, key, shipped[key].url)


def list_to_look_at(states: Sequence[FeedState], looks: Mapping[str, SiteLook], now: datetime) -> list[FeedState]:
    """List the dying feeds whose sites are to be looked at again, the longest not looked at first. A site that refuses
    this machine is left.
    """
    due = []
    for state in states:
        look = looks.get(state.feed.key)
        is_due = look is None or abs(now - look.at) >= LOOK_AGAIN
        if is_due and _find_death(state, now) and judge_health(state, now) is not Health.REFUSED:
            due.append((look is not None, look.at if look else now, state))
    return [state for *_, state in sorted(due, key=lambda each: (*each[:2], each[2].feed.key))]


def _judge_life(state: FeedState, found: str | None, now: datetime) -> Proposal | None:
    since = _find_death(state, now)
    if since is None:
        return None
    return Proposal(Advice.DYING, state.feed.key, state.feed.site or state.feed.url, found, since=since.at)


@dataclass(frozen=True, slots=True)
class _Death:
    """That a feed is dying, and since when; None if it never answered."""

    at: datetime | None


def _find_death(state: FeedState, now: datetime) -> _Death | None:
    sleeps = state.newest_at is not None and now - state.newest_at >= ASLEEP
    # Most feeds are well, and judging each takes as long as the rest of this.
    if not (state.failures or sleeps):
        return None
    health = judge_health(state, now)
    fails = state.failures >= _DYING_FAILURES and state.failing_since and now - state.failing_since >= DYING
    if health is Health.GONE or (fails and health is not Health.PAUSED):
        return _Death(state.last_success_at)
    if health is Health.SILENT and sleeps:
        return _Death(state.newest_at)
    return None


def _judge_yield(state: FeedState, given: FeedYield | None, now: datetime) -> Proposal | None:
    if given is None or state.paused_at or not state.feed.kind.gives_posts:
        return None
    if given.chosen or given.posts < FEWEST_CANDIDATES or given.first_at is None or now - given.first_at < YEAR:
        return None
    return Proposal(Advice.LEAVE, state.feed.key, number=given.posts)


def _list_unfollowed(states: Sequence[FeedState], by_hand: Iterable[str]) -> Iterator[Proposal]:
    addresses = list(by_hand)
    often = {place for place, number in Counter(map(name_place, addresses)).items() if number >= FEWEST_BY_HAND}
    if not often:
        return
    followers = Followers(state.feed for state in states)
    counts = Counter(name_place(url) for url in addresses if name_place(url) in often and followers.find(url) is None)
    for place, number in counts.items():
        if number >= FEWEST_BY_HAND and place not in WALLED:
            yield Proposal(Advice.FOLLOW, place, f"https://{place}", number=number)


def _list_new(
    states: Sequence[FeedState], listed: Mapping[str, Feed], shipped: Mapping[str, Feed], left: Mapping[str, str]
) -> Iterator[Proposal]:
    """What the shipped list has got since the home took it over. A home that never had most of the list has one of its
    own, and what it had and left, under any key, is not wanted.
    """
    had = {state.feed.key for state in states} | left.keys()
    added = {key for keys in ADDED.values() for key in keys}
    first = shipped.keys() - added
    if 2 * len(first & had) <= len(first):
        return
    followed = (feed.url for feed in (*(state.feed for state in states), *listed.values()))
    addresses = {canonicalise_url(url) for url in (*followed, *left.values())}
    for day, keys in ADDED.items():
        for key in keys:
            feed = shipped.get(key)
            if feed and key not in had and canonicalise_url(feed.url) not in addresses:
                yield Proposal(Advice.NEW, key, feed.url, title=feed.name, added=day)
