"""Deliver: tells other programs of the prints and corrections that they are to be told of, git among them.

A print that was begun to be told, and never noted as such, is told again.
"""

from __future__ import annotations

import asyncio
import shlex
import threading
from pathlib import Path

import structlog

from aggregator.config import Config
from aggregator.digest.delivery import COMMAND_SECONDS, is_due, list_files, sign
from aggregator.exceptions import RetrieveError
from aggregator.pipeline import commits
from aggregator.pipeline.home import Home
from aggregator.pipeline.network import open_retriever
from aggregator.processes import run_command
from aggregator.storage import deliveries
from aggregator.types import Delivery, DeliveryKind

log = structlog.get_logger()

#: Bytes of what a command writes that are logged, and characters of these that a failure says.
_OUTPUT = 4000
_SAID = 300


async def deliver_due(home: Home, config: Config, stopping: threading.Event) -> None:
    """Tell others of the prints that they are to be told of now, oldest first.

    A command that fails waits for the curator; a webhook and a commit are tried again for a day. Raises StoppedError.
    """
    for delivery in await asyncio.to_thread(_list_due, home):
        if not await asyncio.to_thread(_claim, home, delivery):
            continue
        if delivery.kind is DeliveryKind.COMMIT:
            failure = await asyncio.to_thread(commits.try_commit, home, delivery)
        elif home.rehearsal:
            failure = ""
            settings = home.settings.digest
            to = shlex.join(settings.after_print) if delivery.kind is DeliveryKind.COMMAND else settings.after_print_url
            home.rehearsal.keep_back(delivery.kind, to, delivery.month.name)
        elif delivery.kind is DeliveryKind.COMMAND:
            failure = await asyncio.to_thread(_run, home, config, delivery, stopping)
        else:
            failure = await _send(home, config, delivery)
        await asyncio.to_thread(_note, home, delivery, failure)


def _list_due(home: Home) -> list[Delivery]:
    settings = home.settings.digest
    wanted = {
        DeliveryKind.COMMAND: settings.after_print,
        DeliveryKind.WEBHOOK: settings.after_print_url,
        DeliveryKind.COMMIT: settings.commit,
    }
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
