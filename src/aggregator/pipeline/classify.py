"""Classify: guesses the section and scope of posts, and finds what they disclose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.pipeline import Progress, ignore_progress
from aggregator.posts.disclosures import find_disclosures
from aggregator.storage import changes, judgements, posts
from aggregator.storage.changes import Derived
from aggregator.storage.database import Database
from aggregator.types import Guess, Month, Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel

_BATCH = 500
# Listing sorts everything that waits, so more than one batch is listed at once.
_LISTED = 20 * _BATCH


def classify_posts(
    database: Database,
    model: SectionModel,
    *,
    now: datetime,
    present: Month | None,
    progress: Progress = ignore_progress,
) -> set[Month]:
    """Guess the section of every post without a guess, and of undecided posts in open months that another model
    guessed.

    *present* is the current month; None includes all months. Returns the months of the posts.
    """
    months: set[Month] = set()
    while True:
        with database.reading() as connection:
            opened = posts.list_open_months(connection, present) if present else None
            waiting = posts.list_unclassified(connection, model.version, _LISTED, months=opened)
        if not waiting:
            return months
        for start in range(0, len(waiting), _BATCH):
            found = _classify(database, model, waiting[start : start + _BATCH], now)
            months |= {post.month for post in found}
            progress(len(found))


def _classify(database: Database, model: SectionModel, post_ids: Sequence[int], now: datetime) -> list[Post]:
    with database.reading() as connection:
        behind = changes.list_behind(connection, Derived.GUESSES, among=post_ids)
        batch = list(posts.list_posts(connection, post_ids).values())
    guesses = guess_posts(model, batch)
    with database.writing(durable=False) as connection:
        # A verdict may rest on the stored guess. A text that was changed meanwhile is guessed again.
        settled = posts.list_settled(connection, post_ids)
        unsettled = [guess for guess in guesses if guess.post_id not in settled]
        judgements.save_guesses(connection, unsettled, now, of=behind)
    return batch


def guess_posts(model: SectionModel, batch: Sequence[Post]) -> list[Guess]:
    """Guess the sections of posts, with what they disclose."""
    return [
        replace(guess, disclosures=found) if (found := find_disclosures(post)) else guess
        for post, guess in zip(batch, model.guess(batch), strict=True)
    ]
