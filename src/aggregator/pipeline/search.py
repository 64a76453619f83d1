"""Search: indexes stored posts."""

from __future__ import annotations

from aggregator.pipeline import Progress, ignore_progress
from aggregator.storage import changes, search
from aggregator.storage.changes import Derived
from aggregator.storage.database import Database

# The terms are made inside the transaction, so this keeps other writers waiting for a fraction of a second.
_INDEX_BATCH = 200


def index_new(database: Database, *, anew: bool = False, progress: Progress = ignore_progress) -> int:
    """Index every post that is new or has changed, or all posts (*anew*); return how many."""
    if anew:
        with database.writing() as connection:
            changes.put_all_behind(connection, Derived.SEARCH)
    with database.reading() as connection:
        # The newest first: they are looked for most.
        waiting = list(changes.list_behind(connection, Derived.SEARCH))[::-1]
    for start in range(0, len(waiting), _INDEX_BATCH):
        batch = waiting[start : start + _INDEX_BATCH]
        with database.writing(durable=False) as connection:
            search.index_posts(connection, batch)
        progress(len(batch))
    if len(waiting) > _INDEX_BATCH:
        with database.writing(durable=False) as connection:
            search.settle_index(connection)
    return len(waiting)
