"""Short ways to put posts into a database, as a visit would."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.app import App
from aggregator.config import Settings
from aggregator.digest.extent import Wanted
from aggregator.digest.read import read_digest
from aggregator.pipeline.home import Home
from aggregator.pipeline.publish import Imported, import_digest
from aggregator.storage.database import Database
from aggregator.storage.feeds import save_feeds
from aggregator.storage.updates import apply_updates
from aggregator.types import (
    DateSource,
    Entry,
    Feed,
    FeedState,
    FeedUpdate,
    Month,
    Outcome,
    PostDraft,
    Signal,
    Visit,
)
from world.feeds import FEED, NOW


def make_draft(number: int, **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "canonical_url": f"https://tech.haneul.example/{number}",
        "url": f"https://tech.haneul.example/{number}",
        "title": f"피처 스토어 도입기 {number}",
        "text": "실시간 추천을 위해 피처 스토어를 도입했습니다.",
        "words": 5,
        "links": (),
        "tags": (),
        "language": "ko",
        "published_at": NOW,
        "published_from": DateSource.PUBLISHED,
        "month": Month(2022, 12),
        "first_seen_at": NOW,
        "feed_key": "haneul",
        "organisation": "하늘상점",
        "at_home": True,
    }
    return PostDraft(**values | changes)


def make_update(*drafts: PostDraft, feed: Feed = FEED, signals: tuple[Signal, ...] = ()) -> FeedUpdate:
    """What a visit of *feed* would change that brought these posts, one entry each."""
    entries = tuple(
        Entry(
            feed_key=feed.key,
            key=f"tag:{draft.canonical_url.rpartition('/')[2]}",
            guid=f"tag:{draft.canonical_url.rpartition('/')[2]}",
            url=draft.url,
            canonical_url=draft.canonical_url,
            title=draft.title,
            content=f"<p>{draft.text}</p>",
            author=None,
            tags=draft.tags,
            published_at=draft.published_at,
            published_from=draft.published_from,
            published_raw=None,
            first_seen_at=draft.first_seen_at,
            fingerprint="f1",
        )
        for draft in drafts
    )
    state = FeedState(
        feed,
        etag='"e"',
        last_modified="then",
        last_visit_at=NOW,
        last_success_at=NOW,
        next_visit_at=NOW + timedelta(hours=1),
        last_outcome=Outcome.RETRIEVED,
    )
    visit = Visit(feed.key, NOW, 0.1, Outcome.RETRIEVED, 200, None, 10, len(drafts), len(drafts))
    return FeedUpdate(visit, state, entries, drafts, signals)


def store(database: Database, *updates: FeedUpdate) -> None:
    """Store updates with their feeds, beside those that are there."""
    from aggregator.storage.feeds import list_feed_states

    with database.writing() as connection:
        known = {state.feed.key: state.feed for state in list_feed_states(connection)}
        known |= {update.state.feed.key: update.state.feed for update in updates}
        save_feeds(connection, list(known.values()))
        apply_updates(connection, updates)


def home_of(database: Database, *, now: datetime = NOW, folder: Path = Path("no-folder")) -> Home:
    """A home around a database, for what a curator does in it; *folder* is where digests are written."""
    return Home(folder, Settings(), database, lambda: now)


def import_page(
    app: App, page: str, month: Month | None = None, *, named: Month | None = None, is_judged: bool = True
) -> Imported:
    """Read a published page, and judge what it changed, as the command does; what is not about guesses and scores does
    without.
    """
    read = read_digest(page, app.settings.merge_texts(None))
    imported = import_digest(app, read, Wanted(month, named=named))
    if is_judged:
        app.judge.judge_read(imported.months)
    return imported
