"""Care for what is followed: proposes changes and writes them into feeds.toml; says how printed hosts are followed."""

from __future__ import annotations

import asyncio
import contextlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog

from aggregator.addresses.urls import hide_credentials
from aggregator.config import load_config, read_feeds_file
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.feeds.care import FEWEST_CANDIDATES, YEAR, Advice, Proposal, list_to_look_at
from aggregator.feeds.care import list_proposals as decide_proposals
from aggregator.feeds.hosts import HostRow
from aggregator.feeds.hosts import list_hosts as decide_hosts
from aggregator.locales import t
from aggregator.pipeline import history
from aggregator.pipeline.actions import record
from aggregator.pipeline.feeds_file import FeedsFile
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import add_shipped, change_listed, remove_feed
from aggregator.places import find_shipped, is_shipped
from aggregator.shipped_feeds import FORMER_ADDRESSES
from aggregator.storage import actions, care, feeds
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, Feed, FeedState, Month, SiteLook

if TYPE_CHECKING:
    from aggregator.pipeline.discovery import Discoverer

log = structlog.get_logger()

# At each of which a dozen addresses may be asked for.
_SITES_A_ROUND = 3

# What the shipped list says of an address, and what is said of that address alone: it goes with the old one.
_OF_ADDRESS = ("url", "site", "full_text")
_OF_ADDRESS_ALONE = ("recipe", "verified")


@dataclass(frozen=True, slots=True)
class Proposals:
    """What may be changed about what is followed, the most urgent first."""

    #: What the curator has not dismissed.
    made: tuple[Proposal, ...]
    #: What would be proposed if the curator had not dismissed it.
    dismissed: tuple[Proposal, ...]


def find_proposals(home: Home, connection: Connection, states: Sequence[FeedState]) -> Proposals:
    """Find what may be changed, given the followed feeds; brief states suffice."""
    since = Month.of(home.now - YEAR, home.zone)
    found = decide_proposals(
        states,
        feeds.list_listed(connection, FORMER_ADDRESSES),
        _load_shipped(),
        care.list_yields(connection, since, fewest=FEWEST_CANDIDATES),
        care.list_by_hand(connection, since),
        left=feeds.find_left(connection),
        looks=care.list_looks(connection),
        now=home.now,
    )
    names = care.list_dismissed(connection)
    made = tuple(each for each in found if each.name not in names)
    return Proposals(made, tuple(each for each in found if each.name in names))


def list_proposals(home: Home) -> list[Proposal]:
    """List what may be changed about what is followed, the most urgent first, without what was dismissed."""
    with home.reading() as connection:
        return list(find_proposals(home, connection, feeds.list_brief_states(connection)).made)


def choose_proposals(home: Home, name: str) -> list[Proposal]:
    """Return the proposal of this name that is made now; all feeds that are new if it is ``new``. Raises
    NotFoundError.
    """
    proposals = list_proposals(home)
    found = [each for each in proposals if name in {each.name, *([Advice.NEW] if each.advice is Advice.NEW else [])}]
    if not found:
        raise NotFoundError(t("nothing is proposed as {name}", name=repr(name)))
    return found


def dismiss(home: Home, name: str) -> None:
    """Let a proposal, or all that are ``new``, rest from now on. Raises NotFoundError."""
    proposals = choose_proposals(home, name)
    batch: int | None = None
    with home.database.writing() as connection:
        for proposal in proposals:
            key = None if proposal.advice in {Advice.FOLLOW, Advice.NEW} else proposal.about
            details = {"proposal": proposal.name}
            number = record(home, connection, ActionKind.FEED, feed_key=key, details=details, batch=batch)
            care.dismiss(connection, proposal.name, number)
            if batch is None and len(proposals) > 1:
                # They are undone together.
                batch = number
                actions.start_batch(connection, batch)


def propose_again(home: Home, name: str) -> None:
    """Let a dismissed proposal be made again: what dismissed it is undone, and others that were dismissed with it stay
    so. Raises NotFoundError.
    """
    with home.database.writing() as connection:
        numbers = care.find_dismissals(connection, name)
        if not numbers:
            raise NotFoundError(t("{name} was not dismissed", name=repr(name)))
        history.take_back(home, connection, numbers)


def take(home: Home, file: FeedsFile, name: str) -> None:
    """Write what a proposal says into feeds.toml: another address, a feed less, a feed more, or all that are ``new``.

    A home that follows the shipped list gets one of its own to leave a feed. Raises NotFoundError, ConfigError for a
    proposal that needs more than that, or that the shipped list says itself, and StorageError.
    """
    proposals = choose_proposals(home, name)
    first = proposals[0]
    if is_shipped(file.file) and first.is_of_shipped:
        said = t("this home follows the shipped list; `aggregator feeds apply` applies it as it is now")
        raise ConfigError(said, file=str(file.file))
    if not first.can_be_taken:
        said = t("{name} is for you to decide; it is not written by itself", name=first.name)
        raise ConfigError(said, file="feeds.toml")
    if first.advice is Advice.NEW:
        add_shipped(home, file, {each.about: each.url or "" for each in proposals})
    elif first.advice is Advice.MOVED:
        change_listed(home, file, first.about, _list_changes(read_feeds_file(file.file), first.about))
    elif first.found:
        change_listed(home, file, first.about, {"url": first.found} | dict.fromkeys(_OF_ADDRESS_ALONE))
    else:
        remove_feed(home, file, first.about)


async def look_at_sites(home: Home, discoverer: Discoverer) -> int:
    """Look at the sites of some dying feeds for other feeds, as far as robots.txt allows; return how many were found.

    What is found is proposed, and nothing is followed.
    """
    found = 0
    for state in await asyncio.to_thread(_list_to_look_at, home):
        url = None
        with contextlib.suppress(NotFoundError):
            best = (await discoverer.find(state.feed.site or state.feed.url, by_itself=True)).best
            url = best.feed.url if best and not (best.is_asleep or best.lead.is_comments) else None
        await asyncio.to_thread(_save_look, home, SiteLook(state.feed.key, home.now, url))
        log.info("site looked at", feed=state.feed.key, found=hide_credentials(url) if url else None)
        found += url is not None
    return found


def _list_to_look_at(home: Home) -> list[FeedState]:
    with home.reading() as connection:
        states, looks = feeds.list_feed_states(connection), care.list_looks(connection)
    return list_to_look_at(states, looks, home.now)[:_SITES_A_ROUND]


def _save_look(home: Home, look: SiteLook) -> None:
    with home.database.writing(durable=False) as connection:
        # Meanwhile it may have got another key.
        if feeds.find_keys(connection, [look.feed_key]):
            care.save_look(connection, look)


def list_hosts(home: Home) -> tuple[list[HostRow], dict[str, FeedState]]:
    """List how the hosts of printed lines are followed, and the states of the feeds by key."""
    with home.reading() as connection:
        states = {state.feed.key: state for state in feeds.list_feed_states(connection)}
        lines = care.list_printed_places(connection)
    return decide_hosts(lines, {key: state.feed for key, state in states.items()}), states


def _list_changes(text: str, key: str) -> dict[str, Any]:
    """What the shipped list says otherwise about the address of a feed."""
    ours = tomllib.loads(text).get("feeds", {}).get(key, {})
    theirs = tomllib.loads(find_shipped().read_text(encoding="utf-8"))["feeds"][key]
    names = (*(name for name in _OF_ADDRESS if name in theirs), *_OF_ADDRESS_ALONE)
    return {name: theirs.get(name) for name in names if theirs.get(name) != ours.get(name)}


@cache
def _load_shipped() -> dict[str, Feed]:
    """The feeds of the shipped list by key; it does not change while the program runs."""
    file = find_shipped()
    return {feed.key: feed for feed in load_config({}, home=file.parent, file=file).feeds}
