"""Classify: guesses the section and scope of posts, and finds what they disclose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.pipeline import Progress, ignore_progress
from aggregator.posts.disclosures import find_disclosures
from aggregator.storage import judgements, posts
from aggregator.storage.database import Database
from aggregator.types import Guess, Month, Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel

_BATCH = 500


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
            batch = posts.list_unclassified(connection, model.version, _BATCH, months=opened)
        if not batch:
            return months
        guesses = guess_posts(model, batch)
        with database.writing(durable=False) as connection:
            # A visit or page may have changed the text meanwhile, and a verdict may rest on the stored guess.
            open_still = posts.list_unsettled(connection, batch)
            judgements.save_guesses(connection, [guess for guess in guesses if guess.post_id in open_still], now)
        months |= {post.month for post in batch}
        progress(len(batch))


def guess_posts(model: SectionModel, batch: Sequence[Post]) -> list[Guess]:
    """Guess the sections of posts, with what they disclose."""
    return [
        replace(guess, disclosures=found) if (found := find_disclosures(post)) else guess
        for post, guess in zip(batch, model.guess(batch), strict=True)
    ]
