"""Commits what was printed and corrected, if the settings say so: planned in the transaction of the change, done after
it, and tried again by the daemon until it succeeds, as long as others are told.
"""

from __future__ import annotations

import json
from pathlib import Path

from aggregator.digest.delivery import describe_commit, is_due
from aggregator.exceptions import WorkTreeError
from aggregator.locales import ENGLISH, speaking, t
from aggregator.locales.retelling import retell
from aggregator.pipeline import printouts
from aggregator.pipeline.home import Home
from aggregator.pipeline.printouts import Commit
from aggregator.pipeline.work_tree import FAILURES
from aggregator.storage import deliveries
from aggregator.storage.database import Connection
from aggregator.types import Delivery, DeliveryKind, Month


def commit_print(home: Home, month: Month, message: str = "") -> list[Path]:
    """Commit what is printed of a month now; returns the files, none if the last commit has all of it.

    Raises WorkTreeError if nothing of the month is printed, and what ``printouts.commit_files`` raises.
    """
    with home.reading() as connection:
        commit = printouts.plan_commit(home, connection, month, message)
    if not commit.files:
        raise WorkTreeError(t("nothing of {month} is printed yet", month=month.name))
    done = printouts.commit_files(commit)
    with home.database.writing() as connection:
        deliveries.remove_open(connection, month, DeliveryKind.COMMIT)
    return done


def plan(home: Home, connection: Connection, month: Month, commit: Commit | None = None) -> None:
    """Note that what is printed of a month, or another *commit* about it, is to be committed, if the settings say so.
    It takes the place of what was not committed yet of the same month.
    """
    if home.settings.digest.commit:
        commit = commit or printouts.plan_commit(home, connection, month)
        waiting = [each for each in deliveries.list_open(connection) if each.kind is DeliveryKind.COMMIT]
        files = [file for each in waiting if each.month == month for file in read_commit(each).files]
        body = describe_commit(list(dict.fromkeys(map(str, [*commit.files, *files]))), commit.message)
        deliveries.remove_open(connection, month, DeliveryKind.COMMIT)
        deliveries.add_deliveries(connection, [Delivery(month, DeliveryKind.COMMIT, body, home.now)])


def follow(home: Home, month: Month) -> None:
    """Commit what was planned for a month. Raises WorkTreeError, which says that the files stand."""
    with home.reading() as connection:
        found = [each for each in deliveries.list_open(connection) if each.kind is DeliveryKind.COMMIT]
    for delivery in found:
        if delivery.month == month and is_due(delivery, home.now):
            _follow(home, delivery)


def _follow(home: Home, delivery: Delivery) -> None:
    with home.database.writing() as connection:
        if not deliveries.claim(connection, delivery, home.now):
            return
    failure = try_commit(delivery)
    with home.database.writing() as connection:
        deliveries.note_end(connection, delivery, failure, home.now)
    if failure:
        why = retell(failure, FAILURES)
        raise WorkTreeError(t("{month} is printed, but it is not committed: {why}", month=delivery.month.name, why=why))


def try_commit(delivery: Delivery) -> str:
    """Commit what was planned; returns why that failed, in English, empty if it did not."""
    try:
        with speaking(ENGLISH):
            printouts.commit_files(read_commit(delivery))
    except WorkTreeError as error:
        return str(error)
    return ""


def read_commit(delivery: Delivery) -> Commit:
    """Read what is to be committed."""
    told = json.loads(delivery.body)
    return Commit(list(map(Path, told["files"])), told["message"])
