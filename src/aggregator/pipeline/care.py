"""Care for what is followed: proposes changes and writes them into feeds.toml; says how printed hosts are followed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aggregator.config import load_config, read_feeds_file
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.feeds.care import FEWEST_CANDIDATES, YEAR, Advice, Proposal
from aggregator.feeds.care import list_proposals as decide_proposals
from aggregator.feeds.hosts import HostRow
from aggregator.feeds.hosts import list_hosts as decide_hosts
from aggregator.locales import t
from aggregator.pipeline import history
from aggregator.pipeline.actions import record
from aggregator.pipeline.feeds_file import FeedsFile
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import change_listed, remove_feed
from aggregator.places import find_shipped, is_shipped
from aggregator.shipped_feeds import FORMER_ADDRESSES
from aggregator.storage import care, feeds
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, Feed, FeedState, Month

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
        now=home.now,
    )
    names = care.list_dismissed(connection)
    made = tuple(each for each in found if each.name not in names)
    return Proposals(made, tuple(each for each in found if each.name in names))


def list_proposals(home: Home) -> list[Proposal]:
    """List what may be changed about what is followed, the most urgent first, without what was dismissed."""
    with home.reading() as connection:
        return list(find_proposals(home, connection, feeds.list_brief_states(connection)).made)


def find_proposal(home: Home, name: str) -> Proposal:
    """Return a proposal that is made now. Raises NotFoundError."""
    found = next((each for each in list_proposals(home) if each.name == name), None)
    if found is None:
        raise NotFoundError(t("nothing is proposed as {name}", name=repr(name)))
    return found


def dismiss(home: Home, name: str) -> Proposal:
    """Let a proposal rest from now on. Raises NotFoundError."""
    proposal = find_proposal(home, name)
    key = None if proposal.advice is Advice.FOLLOW else proposal.about
    with home.database.writing() as connection:
        number = record(home, connection, ActionKind.FEED, feed_key=key, details={"proposal": name})
        care.dismiss(connection, name, number)
    return proposal


def propose_again(home: Home, name: str) -> None:
    """Let a dismissed proposal be made again: what dismissed it is undone. Raises NotFoundError."""
    with home.reading() as connection:
        numbers = care.find_dismissals(connection, name)
    if not numbers:
        raise NotFoundError(t("{name} was not dismissed", name=repr(name)))
    for number in numbers:
        history.undo(home, number)


def take(home: Home, file: FeedsFile, name: str) -> Proposal:
    """Write what a proposal says into feeds.toml: the address of the shipped list, or a feed less.

    A home that follows the shipped list gets one of its own to leave a feed. Raises NotFoundError, ConfigError for a
    proposal that needs more than that, or that the shipped list says itself, and StorageError.
    """
    proposal = find_proposal(home, name)
    if is_shipped(file.file) and proposal.advice in {Advice.MOVED, Advice.DROPPED}:
        said = t("this home follows the shipped list; `aggregator feeds apply` applies it as it is now")
        raise ConfigError(said, file=str(file.file))
    if proposal.advice is Advice.MOVED:
        change_listed(home, file, proposal.about, _list_changes(read_feeds_file(file.file), proposal.about))
    elif proposal.advice in {Advice.DROPPED, Advice.LEAVE}:
        remove_feed(home, file, proposal.about)
    else:
        said = t("{name} is for you to decide; it is not written by itself", name=proposal.name)
        raise ConfigError(said, file="feeds.toml")
    return proposal


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
