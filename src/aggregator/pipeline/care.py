"""What is followed: taken over from feeds.toml; what the curator does to a feed (pause it, change it, give it another
address, take a move back); and the alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.config import Difference
from aggregator.config import compare_feeds as decide_difference
from aggregator.exceptions import ConfigError, FeedError
from aggregator.feeds.health import Alarm
from aggregator.feeds.health import find_alarm as decide_alarm
from aggregator.storage import feeds, health
from aggregator.storage.database import Database
from aggregator.types import Feed, FeedState, Move


def has_feeds(database: Database) -> bool:
    """Whether any feed was ever followed."""
    with database.reading() as connection:
        return feeds.has_feeds(connection)


def compare_feeds(database: Database, given: Sequence[Feed]) -> Difference:
    """What feeds.toml says otherwise than when it was last taken over."""
    with database.reading() as connection:
        return decide_difference(feeds.list_listed(connection), given)


def take_over(database: Database, given: Sequence[Feed], *, file: str, is_asked: bool = False) -> Difference:
    """Follow what feeds.toml says; returns what was new in it.

    Raises ConfigError where more than half of the feeds would go and nobody has asked for just that.
    """
    with database.writing() as connection:
        difference = decide_difference(feeds.list_listed(connection), given)
        if difference.is_drastic and not is_asked:
            raise ConfigError(
                f"{len(difference.gone)} of {difference.followed} feeds are no longer in it, so those that were taken "
                "over before are followed; `aggregator feeds apply` takes it over all the same",
                file=file,
            )
        feeds.save_feeds(connection, given)
    return difference


def pause_feed(database: Database, key: str, *, at: datetime | None) -> None:
    """Visit a feed no more, or again (None). Raises NotFoundError."""
    with database.writing() as connection:
        feeds.list_feed_states(connection, [key])
        feeds.set_paused(connection, key, at)


def change_feed(
    database: Database, key: str, change: Callable[[FeedState], Feed], *, reason: str, by: str, now: datetime
) -> Feed:
    """Follow a feed as *change* makes of it; another address is also recorded as a move. Returns the feed.

    Raises NotFoundError, and ConfigError when another feed has that address already.
    """
    with database.writing() as connection:
        (state,) = feeds.list_feed_states(connection, [key])
        feed = change(state)
        if feed.url != state.feed.url:
            if feed.url in feeds.list_addresses(connection):
                raise ConfigError(
                    f"{feed.url} is the address of another feed already", file="the change", key=f"feeds.{key}.url"
                )
            health.append_move(connection, Move(key, now, state.feed.url, feed.url, reason, by))
        feeds.change_feed(connection, feed)
    return feed


def undo_move(database: Database, move_id: int, *, by: str, now: datetime) -> Feed:
    """Go back to the address from before a move. Raises NotFoundError, and FeedError when the feed is elsewhere now."""
    with database.writing() as connection:
        move = health.get_move(connection, move_id)
        (state,) = feeds.list_feed_states(connection, [move.feed_key])
        if move.undone_at is not None or state.feed.url != move.to_url:
            raise FeedError(state.feed.url, f"the feed is at {state.feed.url} now; only its last move can be undone")
        feed = replace(state.feed, url=move.from_url)
        feeds.change_feed(connection, feed)
        health.mark_undone(connection, move_id, now)
        back = Move(move.feed_key, now, move.to_url, move.from_url, "the move was taken back", by)
        health.append_move(connection, back)
    return feed


def find_alarm(database: Database, *, now: datetime, after: timedelta) -> Alarm | None:
    """Whether nothing has succeeded for so long although visits were tried, or were due and not tried."""
    with database.reading() as connection:
        # Every page asks, and nearly always this is the answer.
        last = feeds.find_last_success(connection)
        if last is not None and now - after < last <= now:
            return None
        states = feeds.list_feed_states(connection)
    return decide_alarm(states, now, after)
