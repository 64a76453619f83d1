"""Nothing is lost while the window of a feed holds what came between two visits, and where it does not, that is told."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.app import App, open_app
from aggregator.config import Config, Settings
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.health import list_gaps
from aggregator.storage.tables import entries, posts
from aggregator.types import Feed, Kind, Outcome
from clock import Clock
from databases import Sqlite
from feed_server import FeedServer, serve_feeds
from profiles import costly

WINDOW = 4
START = datetime(2022, 12, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 2 * WINDOW), min_size=1, max_size=6), st.randoms(use_true_random=False))
@costly
@example([WINDOW, WINDOW, WINDOW - 1], None)
@example([1, WINDOW + 3], None)
def test_every_entry_is_stored_once_or_its_loss_is_told(sqlite: Sqlite, arrivals: list[int], shuffle: object) -> None:
    with serve_feeds() as server, _following(server, sqlite) as (app, clock):
        published = gaps = 0
        shown: set[int] = set()
        for arrived in arrivals:
            clock.advance(days=1)
            # All that was in the window is gone: something may have passed unseen.
            gaps += bool(published and arrived >= WINDOW)
            published += arrived
            shown |= set(_publish(server, published, shuffle))
            (visit,) = asyncio.run(app.visitor.visit_now(["haneul"]))
            assert visit.outcome is not Outcome.FAILED
        with app.reading() as connection:
            stored = connection.execute(sa.select(entries.c.guid)).scalars().all()
            assert connection.execute(sa.select(sa.func.count()).select_from(posts)).scalar_one() == len(stored)
            assert len(list_gaps(connection)) == gaps
        assert sorted(stored) == sorted(f"tag:{number}" for number in shown)
        assert gaps or not shown or shown == set(range(min(shown), published + 1)), "no gap, and yet a hole"


@contextmanager
def _following(server: FeedServer, sqlite: Sqlite) -> Iterator[tuple[App, Clock]]:
    feed = Feed("haneul", "하늘상점", server.play("/feed.xml", ""), Kind.COMPANY, "ko")
    visits = {"parser_processes": 0, "host_pause_seconds": 0, "allowed_networks": ["127.0.0.0/8"]}
    clock = Clock(START)
    with tempfile.TemporaryDirectory() as home:
        sqlite.create_migrated(Path(home) / "aggregator.sqlite")
        config = Config(Path(home), Path("feeds.toml"), Settings.model_validate({"visits": visits}), (feed,))
        with open_app(config, clock=clock, random=lambda: 0.5) as app:
            yield app, clock


def _publish(server: FeedServer, published: int, shuffle: object) -> list[int]:
    """The newest posts, in any order; returns their numbers."""
    numbers = list(range(max(1, published - WINDOW + 1), published + 1))
    if shuffle is not None:
        shuffle.shuffle(numbers)  # type: ignore[attr-defined]
    items = "".join(
        f"<item><guid isPermaLink='false'>tag:{number}</guid><title>글 {number}</title><link>/{number}</link>"
        f"<pubDate>{format_datetime(START + timedelta(hours=number))}</pubDate></item>"
        for number in numbers
    )
    server.play("/feed.xml", f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>")
    return numbers


def test_what_is_followed_is_what_the_state_says(sqlite: Sqlite) -> None:
    """A round through the whole house: a gap is on record, and the next visit goes on from the new window."""
    with serve_feeds() as server, _following(server, sqlite) as (app, clock):
        for published in (2, 20, 21):
            _publish(server, published, None)
            clock.advance(days=2)
            asyncio.run(app.visitor.visit_now(["haneul"]))
        with app.reading() as connection:
            (state,) = list_feed_states(connection)
            (gap,) = list_gaps(connection)
    assert gap.since_at == START + timedelta(days=2)
    assert gap.noticed_at == START + timedelta(days=4)
    assert gap.newest_before_at == START + timedelta(hours=2)
    assert gap.oldest_after_at == START + timedelta(hours=17)
    assert state.newest_at == START + timedelta(hours=21)
