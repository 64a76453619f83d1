"""What follows a print: its editions, and other programs that are told of it.

What is to be told is stored with the print itself, so that each print is told, also after a crash. A print that was
begun to be told, and never noted as such, is told again.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import structlog

from aggregator.config import Config
from aggregator.digest.delivery import COMMAND_SECONDS, describe_print, find_state, is_due, list_files, sign
from aggregator.exceptions import DigestError, RetrieveError
from aggregator.locales import t
from aggregator.pipeline import printouts
from aggregator.pipeline.editions import remove_editions, write_editions
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import open_retriever
from aggregator.processes import run_command
from aggregator.storage import deliveries, digests
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest
from aggregator.types import Delivery, DeliveryKind, DeliveryState, DigestState, Month

log = structlog.get_logger()

#: Bytes of what a command writes that are logged, and characters of these that a failure says.
_OUTPUT = 4000
_SAID = 300


def follow_print(home: Home, connection: Connection, month: Month, *, before: StoredDigest | None = None) -> None:
    """Write the editions of a digest that was just printed, and note that others are to be told.

    *before* is what was stored of the month until then. Raises StorageError if an edition cannot be written.
    """
    own, *pages = printouts.list_files(home, connection, month)
    files = [own, *write_editions(home, connection, month), *pages]
    settings, stored = home.settings.digest, digests.get_digest(connection, month)
    replaced = before.digest if before and before.state is DigestState.PRINTED else None
    body = describe_print(month, stored.digest, replaced, [str(each) for each in files], stored.made_at)
    wanted = {DeliveryKind.COMMAND: settings.after_print, DeliveryKind.WEBHOOK: settings.after_print_url}
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


async def deliver_due(home: Home, config: Config, stopping: threading.Event) -> None:
    """Tell others of the prints that they are to be told of now, oldest first.

    A command that fails waits for the curator, and a webhook is tried again for a day. Raises StoppedError.
    """
    for delivery in await asyncio.to_thread(_list_due, home):
        if not await asyncio.to_thread(_claim, home, delivery):
            continue
        if delivery.kind is DeliveryKind.COMMAND:
            failure = await asyncio.to_thread(_run, home, config, delivery, stopping)
        else:
            failure = await _send(home, config, delivery)
        await asyncio.to_thread(_note, home, delivery, failure)


def _list_due(home: Home) -> list[Delivery]:
    settings = home.settings.digest
    wanted = {DeliveryKind.COMMAND: settings.after_print, DeliveryKind.WEBHOOK: settings.after_print_url}
    with home.reading() as connection:
        return [each for each in deliveries.list_open(connection) if wanted[each.kind] and is_due(each, home.now)]


def _claim(home: Home, delivery: Delivery) -> bool:
    with home.database.writing() as connection:
        return deliveries.claim(connection, delivery, home.now)


def _note(home: Home, delivery: Delivery, failure: str) -> None:
    with home.database.writing() as connection:
        deliveries.note_end(connection, delivery, failure, home.now)
    about = {"month": str(delivery.month), "kind": str(delivery.kind)}
    if failure:
        log.warning("print not told", **about, reason=failure)
    else:
        log.info("print told", **about)


def _run(home: Home, config: Config, delivery: Delivery, stopping: threading.Event) -> str:
    """Run the command; returns why it failed, empty if it did not."""
    files = list_files(delivery)
    own = {"AGGREGATOR_MONTH": str(delivery.month), "AGGREGATOR_HOME": str(home.folder)}
    try:
        code, output = run_command(
            stopping,
            home.settings.digest.after_print,
            given=delivery.body.encode(),
            environment={**config.plain_environment, **own, "AGGREGATOR_FILES": "\n".join(files)},
            folder=Path(files[0]).parent,
            seconds=COMMAND_SECONDS,
            most_output=_OUTPUT,
        )
    except (OSError, ValueError) as error:
        # A name with a zero byte is a ValueError.
        return f"it cannot be started: {getattr(error, 'strerror', None) or error}"
    if output:
        log.info("the command after the print said", month=str(delivery.month), output=output)
    if code is None:
        return f"it took more than {COMMAND_SECONDS} seconds"
    if code < 0:
        return f"it was ended by signal {-code}"
    said = " ".join(output[-_SAID:].split())
    return "" if code == 0 else f"it ended with exit code {code}" + (f": {said}" if said else "")


async def _send(home: Home, config: Config, delivery: Delivery) -> str:
    """Send it to the webhook; returns why it was not accepted, empty if it was."""
    body = delivery.body.encode()
    headers = {"X-Aggregator-Delivery": str(delivery.id)}
    try:
        async with open_retriever(home.settings.visits) as retriever:
            url = home.settings.digest.after_print_url
            await retriever.send(url, body, headers | sign(body, config.print_secret, home.now))
    except RetrieveError as error:
        return error.reason
    return ""
