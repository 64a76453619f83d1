"""What follows a print: its editions, and what others are to be told of it.

It is stored with the print itself, so that each print is told, also after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aggregator.digest.delivery import describe_correction, describe_print, find_state
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.pipeline import printouts, receipts
from aggregator.pipeline.editions import remove_editions, write_editions
from aggregator.pipeline.home import Home
from aggregator.storage import deliveries, digests
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest
from aggregator.types import Delivery, DeliveryKind, DeliveryState, DigestState, Month


def follow_print(
    home: Home, connection: Connection, month: Month, *, before: StoredDigest | None = None, takes: bool = True
) -> None:
    """Write the editions and receipts of a digest that was just printed, and note that others are to be told.

    *before* is what was stored of the month until then; *takes* is as in ``receipts.renew``. Raises StorageError if an
    edition cannot be written.
    """
    own, *pages = printouts.list_files(home, connection, month)
    beside = receipts.renew(home, connection, month, takes=takes)
    files = [own, *write_editions(home, connection, month), *([beside] if beside else ()), *pages]
    stored = digests.get_digest(connection, month)
    replaced = before.digest if before and before.state is DigestState.PRINTED else None
    body = describe_print(month, stored.digest, replaced, [str(each) for each in files], stored.made_at)
    _tell(home, connection, month, body)


def follow_correction(
    home: Home,
    connection: Connection,
    months: Sequence[Month],
    files: Sequence[Path],
    *,
    added: Sequence[str],
    removed: Sequence[str],
) -> list[Path]:
    """Write the editions and receipts of digests again whose lines were just put right in *files*, and note that others
    are to be told of it. *months* are those of the lines, at least one. Returns all files that were written.

    Raises StorageError if an edition cannot be written.
    """
    written = dict.fromkeys(files)
    for month in months:
        stored = digests.find_digest(connection, month)
        if stored and stored.state is DigestState.PRINTED:
            written |= dict.fromkeys(write_editions(home, connection, month))
        if beside := receipts.renew(home, connection, month):
            written[beside] = None
    body = describe_correction(max(months), list(map(str, written)), added, removed, home.now)
    _tell(home, connection, max(months), body)
    return list(written)


def _tell(home: Home, connection: Connection, month: Month, body: str) -> None:
    wanted = {
        DeliveryKind.COMMAND: home.settings.digest.after_print,
        DeliveryKind.WEBHOOK: home.settings.digest.after_print_url,
    }
    deliveries.add_deliveries(connection, [Delivery(month, kind, body, home.now) for kind in wanted if wanted[kind]])


def follow_undo(home: Home, connection: Connection, month: Month) -> None:
    """Remove the editions of a digest that is not printed any more; what was not told yet of it never is."""
    remove_editions(home, connection, month)
    deliveries.remove_open(connection, month)


def list_last(home: Home, month: Month | None = None) -> list[Delivery]:
    """List what came of telling the last print of each month, newest first, or of one month."""
    with home.reading() as connection:
        return deliveries.list_last(connection, month)


def begin_again(home: Home, month: Month) -> None:
    """Let the last print of a month be told again where that failed. Raises DigestError if it did not fail."""
    with home.database.writing() as connection:
        last = deliveries.list_last(connection, month)
        failed = [each for each in last if find_state(each, home.now) is DeliveryState.FAILED]
        if not failed:
            raise DigestError(t("nothing has failed after the print of {month}", month=month.name))
        for each in failed:
            deliveries.begin_again(connection, each, home.now)
