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
        commit = _add_waiting(connection, month, commit)
    done = _commit(home, commit)
    with home.database.writing() as connection:
        deliveries.remove_open(connection, month, DeliveryKind.COMMIT)
    return done


def plan(home: Home, connection: Connection, month: Month, commit: Commit | None = None) -> None:
    """Note that what is printed of a month, or another *commit* about it, is to be committed, if the settings say so.
    It takes the place of what was not committed yet of the same month.
    """
    if home.settings.digest.commit:
        commit = _add_waiting(connection, month, commit or printouts.plan_commit(home, connection, month))
        body = describe_commit(list(map(str, commit.files)), commit.message)
        deliveries.remove_open(connection, month, DeliveryKind.COMMIT)
        deliveries.add_deliveries(connection, [Delivery(month, DeliveryKind.COMMIT, body, home.now)])


def follow(home: Home, month: Month) -> None:
    """Commit what was planned for a month. Raises WorkTreeError, which says that the files stand."""
    with home.reading() as connection:
        found = _list_waiting(connection, month)
    for delivery in found:
        if is_due(delivery, home.now):
            _follow(home, delivery)


def _commit(home: Home, commit: Commit) -> list[Path]:
    if home.rehearsal is None:
        return printouts.commit_files(commit)
    home.rehearsal.keep_back(DeliveryKind.COMMIT, ", ".join(map(str, commit.files)), commit.message)
    return list(commit.files)


def _add_waiting(connection: Connection, month: Month, commit: Commit) -> Commit:
    """Add the files that wait to be committed with the same month, such as those of other months that a correction
    changed.
    """
    files = [file for each in _list_waiting(connection, month) for file in read_commit(each).files]
    return Commit(list(dict.fromkeys([*commit.files, *files])), commit.message)


def _list_waiting(connection: Connection, month: Month) -> list[Delivery]:
    waiting = deliveries.list_open(connection)
    return [each for each in waiting if each.kind is DeliveryKind.COMMIT and each.month == month]


def _follow(home: Home, delivery: Delivery) -> None:
    with home.database.writing() as connection:
        if not deliveries.claim(connection, delivery, home.now):
            return
    failure = try_commit(home, delivery)
    with home.database.writing() as connection:
        deliveries.note_end(connection, delivery, failure, home.now)
    if failure:
        why = retell(failure, FAILURES)
        raise WorkTreeError(t("{month} is printed, but it is not committed: {why}", month=delivery.month.name, why=why))


def try_commit(home: Home, delivery: Delivery) -> str:
    """Commit what was planned; returns why that failed, in English, empty if it did not."""
    try:
        with speaking(ENGLISH):
            _commit(home, read_commit(delivery))
    except WorkTreeError as error:
        return str(error)
    return ""


def read_commit(delivery: Delivery) -> Commit:
    """Read what is to be committed."""
    told = json.loads(delivery.body)
    return Commit(list(map(Path, told["files"])), told["message"])
