"""Followed feeds: applies feeds.toml, carries out what the curator does to a feed (pause, change, give it another
address), and raises the alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from aggregator.addresses.urls import HIDDEN, hide_credentials, list_secret_parameters
from aggregator.config import Difference
from aggregator.config import change_feed as decide_change
from aggregator.config import compare_feeds as decide_difference
from aggregator.exceptions import ConfigError, FeedError
from aggregator.feeds.health import Alarm
from aggregator.feeds.health import find_alarm as decide_alarm
from aggregator.locales import t
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.storage import feeds, health
from aggregator.storage.database import Connection, Database
from aggregator.types import ActionKind, Feed, FeedState, Move

#: How long visits are kept.
VISITS_KEPT = timedelta(days=400)


def has_feeds(database: Database) -> bool:
    """Whether any feed was ever followed."""
    with database.reading() as connection:
        return feeds.has_feeds(connection)


def compare_feeds(database: Database, given: Sequence[Feed]) -> Difference:
    """Compare feeds.toml with its state when it was last applied."""
    with database.reading() as connection:
        return decide_difference(feeds.list_listed(connection), given)


def take_over(database: Database, given: Sequence[Feed], *, file: str, is_asked: bool = False) -> Difference:
    """Follow the *given* feeds of feeds.toml; return the differences.

    Raises ConfigError if more than half of the feeds would be removed, unless *is_asked*.
    """
    with database.writing() as connection:
        difference = decide_difference(feeds.list_listed(connection), given)
        if not is_asked:
            refuse_drastic(connection, given, file=file)
        feeds.save_feeds(connection, given)
    return difference


def refuse_drastic(connection: Connection, given: Sequence[Feed], *, file: str) -> None:
    """Raise ConfigError if more than half of the feeds would be removed, as with a wrong file."""
    difference = decide_difference(feeds.list_listed(connection), given)
    if difference.is_drastic:
        raise ConfigError(
            t(
                "{gone} of {followed} feeds are missing from it, so it was not applied and "
                "all of them are still followed; `aggregator feeds apply` applies it anyway",
                gone=len(difference.gone),
                followed=difference.followed,
            ),
            file=file,
        )


def pause_feed(home: Home, key: str) -> None:
    """Pause a feed until it is resumed. Raises NotFoundError."""
    with home.database.writing() as connection:
        _pause(home, connection, key, is_paused=True)


def resume_feed(home: Home, key: str) -> None:
    """Resume a paused feed, from the next round on. Raises NotFoundError."""
    with home.database.writing() as connection:
        _pause(home, connection, key, is_paused=False)


def _pause(home: Home, connection: Connection, key: str, *, is_paused: bool) -> None:
    (state,) = feeds.list_feed_states(connection, [key])
    was_paused = state.paused_at is not None
    if was_paused != is_paused:
        feeds.set_paused(connection, key, home.now if is_paused else None)
        record(home, connection, ActionKind.FEED, feed_key=key, changes={"paused": (was_paused, is_paused)})


def change_feed(home: Home, key: str, changes: Mapping[str, Any]) -> Feed:
    """Change the name, organisation, language, kind, weight, tags, site, url or full_text of a feed, overriding
    feeds.toml.

    Returns the changed feed. Raises NotFoundError, and ConfigError for a value that is not valid in feeds.toml either,
    or for the address of another feed. A move that the curator goes back on is not made again automatically.
    """
    return _follow(home, key, lambda state: decide_change(state.feed, changes), "the curator gave another address")


def read_address(home: Home, key: str, typed: str) -> str:
    """Read a new address of a feed. The present one is shown with its secrets hidden; if it comes back like that, it
    stays. Raises NotFoundError, and ConfigError for another address with hidden secrets.
    """
    with home.reading() as connection:
        (state,) = feeds.list_feed_states(connection, [key])
    if typed == hide_credentials(state.feed.url):
        return state.feed.url
    if HIDDEN in list_secret_parameters(typed):
        message = t("{hidden} stands for a secret that is not shown; type the whole address", hidden=HIDDEN)
        raise ConfigError(message, file=t("the change"), key=f"feeds.{key}.url")
    return typed


def reset_feed(home: Home, key: str) -> Feed:
    """Follow a feed again as feeds.toml says. Raises NotFoundError."""
    return _follow(home, key, lambda state: state.listed or state.feed, "the address of feeds.toml again")


def _follow(home: Home, key: str, change: Callable[[FeedState], Feed], reason: str) -> Feed:
    """Change a feed; a new address is also recorded as a move."""
    with home.database.writing() as connection:
        (state,) = feeds.list_feed_states(connection, [key])
        feed = change(state)
        if changes := _compare(state.feed, feed):
            _store(home, connection, state.feed, feed, reason)
            record(home, connection, ActionKind.FEED, feed_key=key, changes=changes)
    return feed


def _compare(before: Feed, after: Feed) -> dict[str, tuple[Any, Any]]:
    """By field, what a feed is followed with before and after, as JSON."""
    old, new = _describe(before), _describe(after)
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def _describe(feed: Feed) -> dict[str, Any]:
    """The fields that can change, as JSON."""
    return feeds.write_columns(feed)


def _store(home: Home, connection: Connection, before: Feed, after: Feed, reason: str) -> None:
    if after.url != before.url:
        if feeds.find_followed(connection, [after.url]):
            raise ConfigError(
                t("{address} is already the address of another feed", address=hide_credentials(after.url)),
                file=t("the change"),
                key=f"feeds.{after.key}.url",
            )
        health.refuse_move(connection, after.key, from_url=after.url, to_url=before.url, at=home.now)
        health.append_move(connection, Move(after.key, home.now, before.url, after.url, reason, home.curator))
    feeds.change_feed(connection, after)


def put_back(home: Home, connection: Connection, key: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """Give the fields of a feed their values from before some changes.

    Raises NotFoundError, FeedError if one of them has changed again since, and ConfigError if another feed has the
    address by now.
    """
    (state,) = feeds.list_feed_states(connection, [key])
    present = _describe(state.feed) | {"paused": state.paused_at is not None}
    for name, (_, after) in changes.items():
        if present[name] != after:
            said = t("{field} of the feed has changed again since; undo the later change first", field=name)
            raise FeedError(state.feed.url, said)
    if "paused" in changes:
        feeds.set_paused(connection, key, home.now if changes["paused"][0] else None)
    wanted = {name: before for name, (before, _) in changes.items() if name != "paused"}
    if wanted:
        _store(home, connection, state.feed, decide_change(state.feed, wanted), "the change was taken back")


def find_alarm(home: Home) -> Alarm | None:
    """Return an alarm if no visit has succeeded for ``visits.alarm_minutes`` although visits were tried or due."""
    if home.rehearsal and not home.rehearsal.visits:
        return None
    now, after = home.now, timedelta(minutes=home.settings.visits.alarm_minutes)
    with home.reading() as connection:
        # Every page asks this, and nearly always the answer is here.
        last = feeds.find_last_success(connection)
        if last is not None and now - after < last <= now:
            return None
        states = feeds.list_feed_states(connection)
    return decide_alarm(states, now, after)


def forget_visits(home: Home) -> int:
    """Remove visits older than they are kept, except the newest 100 of each feed; return how many."""
    with home.database.writing(durable=False) as connection:
        return health.forget_visits(connection, home.now - VISITS_KEPT, keep=100)
