"""Deletes what is old and was never decided.

What the curator said, what was printed, and what an open month needs stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from aggregator.pipeline import Progress, ignore_progress
from aggregator.pipeline.home import Home
from aggregator.posts.roundups import ISSUE_AGE
from aggregator.review.tending import is_unfinished
from aggregator.storage import forgetting, progress, roundups
from aggregator.storage.database import Connection
from aggregator.storage.digests import list_published
from aggregator.types import Month

# Families of copies in a transaction, so that other writers wait for a fraction of a second.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted, or would be."""

    #: Posts of earlier months, by the months of their candidates.
    before: Month
    #: Whether an open month is the reason that it is not later.
    is_held_back: bool
    #: The number of rows by table.
    rows: Mapping[str, int]


def preview(home: Home, before: Month) -> Forgotten:
    """Count what ``forget`` would delete."""
    with home.reading() as connection:
        bound = _find_bound(home, connection, before)
        return Forgotten(bound, bound < before, forgetting.count_old(connection, bound))


def forget(home: Home, before: Month, done: Progress = ignore_progress) -> Forgotten:
    """Delete the posts of months *before* one that nobody decided about, with all that is theirs alone.

    What a feed still brings stays, and so does all from the oldest open month on. It can be interrupted at any time.
    """
    with home.reading() as connection:
        bound = _find_bound(home, connection, before)
        families = forgetting.list_old(connection, bound)
    rows: Counter[str] = Counter()
    for start in range(0, len(families), _BATCH):
        some = [post_id for family in families[start : start + _BATCH] for post_id in family]
        # What is lost in a power cut is deleted again.
        with home.database.writing(durable=False) as connection:
            rows.update(forgetting.delete_old(connection, some, bound))
        done(len(some))
    return Forgotten(bound, bound < before, dict(rows))


def forget_by_settings(home: Home) -> Forgotten | None:
    """Do the same as the settings say, counted from the month that was published last; None if they keep all, or if
    nothing was published.

    A clock that is years ahead deletes nothing more, and neither does a pause of the curator.
    """
    months = home.settings.retention.undecided_months
    if not months:
        return None
    with home.reading() as connection:
        published = list_published(connection)
    return forget(home, min(max(published).shift(1), home.current_month).shift(-months)) if published else None


def forget_issues(home: Home) -> int:
    """Forget the issues of round-ups that no open month can need, and what they link to; return how many."""
    with home.database.writing(durable=False) as connection:
        bound = _find_bound(home, connection, home.current_month)
        start = datetime.combine(bound.last_day.replace(day=1), time(), home.zone)
        return roundups.forget_issues(connection, start - ISSUE_AGE)


def _find_bound(home: Home, connection: Connection, before: Month) -> Month:
    """Return the wanted month, or the oldest one with something to decide or print, at the latest the last month."""
    facts = progress.list_month_facts(connection, home.current_month, home.zone)
    return min([before, home.current_month.shift(-1), *(each.month for each in facts if is_unfinished(each))])
