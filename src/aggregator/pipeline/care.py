"""Care for what is followed: proposes changes and writes them into feeds.toml; says how printed hosts are followed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any

from aggregator.config import Config, load_config
from aggregator.config.document import change_feed, remove_feed
from aggregator.exceptions import ConfigError, NotFoundError
from aggregator.feeds.care import YEAR, Advice, Proposal
from aggregator.feeds.care import list_proposals as decide_proposals
from aggregator.feeds.hosts import HostRow
from aggregator.feeds.hosts import list_hosts as decide_hosts
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline.home import Home
from aggregator.places import find_shipped, is_shipped
from aggregator.storage import care, feeds
from aggregator.types import Feed, FeedState, Month

#: What of a feed an address belongs to.
_OF_ADDRESS = ("url", "site", "recipe", "verified", "full_text")


def list_proposals(home: Home, states: Sequence[FeedState] | None = None) -> list[Proposal]:
    """List what may be changed about what is followed, the most urgent first, without what was dismissed."""
    now, since = home.now, Month.of(home.now - YEAR, home.zone)
    with home.reading() as connection:
        followed = feeds.list_feed_states(connection) if states is None else states
        return decide_proposals(
            followed,
            _load_shipped(),
            care.list_yields(connection, since),
            care.list_by_hand(connection, since),
            dismissed=care.list_dismissed(connection),
            now=now,
        )


def find_proposal(home: Home, name: str) -> Proposal:
    """Return a proposal that is made now. Raises NotFoundError."""
    found = next((each for each in list_proposals(home) if each.name == name), None)
    if found is None:
        raise NotFoundError(t("nothing is proposed as {name}", name=repr(name)))
    return found


def dismiss(home: Home, name: str) -> Proposal:
    """Make a proposal no more. Raises NotFoundError."""
    proposal = find_proposal(home, name)
    with home.database.writing() as connection:
        care.dismiss(connection, proposal.name, home.curator, home.now)
    return proposal


def propose_again(home: Home, name: str) -> None:
    """Let a dismissed proposal be made again. Raises NotFoundError."""
    with home.database.writing() as connection:
        if name not in care.list_dismissed(connection):
            raise NotFoundError(t("{name} was not dismissed", name=repr(name)))
        care.forget_dismissal(connection, name)


def take(home: Home, config: Config, name: str) -> Proposal:
    """Write what a proposal says into feeds.toml, where a running daemon finds it: the address of the shipped list, or
    a feed less. Raises NotFoundError, and ConfigError for a proposal that needs more than that, or for the shipped
    file.
    """
    proposal = find_proposal(home, name)
    if is_shipped(config.file):
        said = t("this home follows the shipped list; `aggregator feeds apply` applies it as it is now")
        raise ConfigError(said, file=str(config.file))
    try:
        text = config.file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(t("cannot be read: {error}", error=error.strerror), file=str(config.file)) from error
    _write(config, _edit(text, proposal))
    return proposal


def _edit(text: str, proposal: Proposal) -> str:
    """The text of feeds.toml as the proposal says. Raises NotFoundError, and ConfigError."""
    if proposal.advice is Advice.MOVED:
        return change_feed(text, proposal.about, _list_changes(text, proposal.about))
    if proposal.advice in {Advice.DROPPED, Advice.LEAVE}:
        return remove_feed(text, proposal.about)
    said = t("{name} is for you to decide; it is not written by itself", name=proposal.name)
    raise ConfigError(said, file="feeds.toml")


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
    return {name: theirs.get(name) for name in _OF_ADDRESS if name in theirs and theirs[name] != ours.get(name)}


def _write(config: Config, text: str) -> None:
    """Write feeds.toml whole if it can be loaded with its new text. Raises ConfigError."""
    trial = config.file.with_name(f".{config.file.name}.new")
    write_whole(trial, text)
    try:
        load_config(config.environment, home=config.home, file=trial)
        write_whole(config.file, text, mode=config.file.stat().st_mode & 0o777)
    finally:
        trial.unlink(missing_ok=True)


@cache
def _load_shipped() -> dict[str, Feed]:
    """The feeds of the shipped list by key; it does not change while the program runs."""
    file = find_shipped()
    return {feed.key: feed for feed in load_config({}, home=file.parent, file=file).feeds}
