"""Classify: guesses the section and scope of posts, and finds what they disclose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.classify.fitting import name_file
from aggregator.exceptions import ModelNotTrainedError, WorkerError
from aggregator.fetch.workers import There
from aggregator.pipeline import Progress, ignore_progress
from aggregator.posts.disclosures import find_disclosures
from aggregator.storage import changes, judgements, posts
from aggregator.storage.changes import Derived
from aggregator.storage.database import Database
from aggregator.types import Guess, Month, Post, Taxonomy

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel
    from aggregator.fetch.workers import WorkerPool

_BATCH = 500
# Listing sorts everything that waits, so more than one batch is listed at once.
_LISTED = 20 * _BATCH
# Posts that one worker of a cluster is sent at once.
_PIECE = 100


def classify_posts(
    database: Database,
    model: SectionModel,
    *,
    now: datetime,
    present: Month | None,
    progress: Progress = ignore_progress,
    workers: WorkerPool | None = None,
    folder: Path | None = None,
) -> set[Month]:
    """Guess the section of every post without a guess, and of undecided posts in open months that another model
    guessed.

    *present* is the current month; None includes all months. *workers* of a cluster share in it: *folder* has the file
    of the model, which each of them is sent once. Returns the months of the posts.
    """
    months: set[Month] = set()
    guess = partial(guess_posts, model)
    if workers and folder:
        guess = partial(_guess_with, workers, name_file(folder, model.version), model)
    while True:
        with database.reading() as connection:
            opened = posts.list_open_months(connection, present) if present else None
            waiting = posts.list_unclassified(connection, model.version, _LISTED, months=opened)
        if not waiting:
            return months
        for start in range(0, len(waiting), _BATCH):
            found = _classify(database, guess, waiting[start : start + _BATCH], now)
            months |= {post.month for post in found}
            progress(len(found))


def _classify(
    database: Database, guess: Callable[[Sequence[Post]], list[Guess]], post_ids: Sequence[int], now: datetime
) -> list[Post]:
    with database.reading() as connection:
        behind = changes.list_behind(connection, Derived.GUESSES, among=post_ids)
        batch = list(posts.list_posts(connection, post_ids).values())
    guesses = guess(batch)
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


def _guess_with(workers: WorkerPool, file: Path, model: SectionModel, batch: Sequence[Post]) -> list[Guess]:
    here = partial(guess_posts, model)
    if len(batch) <= _PIECE:
        # This takes a moment, and the model is here.
        return here(batch)
    there = partial(guess_by_file, version=model.version, taxonomy=model.taxonomy)
    return workers.map(here, batch, size=_PIECE, there=There(file, there))


def guess_by_file(file: Path, batch: Sequence[Post], *, version: str, taxonomy: Taxonomy) -> list[Guess]:
    """Guess posts on another machine by the file of a model. Raises WorkerError if it cannot be read."""
    return guess_posts(_load(file, version, taxonomy), batch)


@lru_cache(1)
def _load(file: Path, version: str, taxonomy: Taxonomy) -> SectionModel:
    from aggregator.classify.model import load_model

    try:
        model = load_model(file, version, taxonomy)
    except ModelNotTrainedError as error:
        raise WorkerError(str(error)) from error
    if model is None:
        raise WorkerError(f"{file} is gone")
    return model
