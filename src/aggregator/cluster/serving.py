"""Runs a worker or a scheduler of a cluster, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import structlog

from aggregator.cluster.link import HTTP, make_security, prepare
from aggregator.cluster.units import close, make_offer, name_program
from aggregator.exceptions import WorkerError
from aggregator.locales import t

log = structlog.get_logger()

#: A worker that says nothing for so long is given up, and its units are done by others.
SILENT_SECONDS = 30
# Between the loss of a scheduler and the next attempt to reach it.
_REST_SECONDS = 2.0
_ANY_PORT = 9


async def serve_worker(
    address: str, *, processes: int, connections: int, certificates: Path | None = None, host: str | None = None
) -> None:
    """Do the units of work that the scheduler at *address* sends, until SIGTERM or SIGINT.

    *processes* of them read documents at once, *connections* retrieve them. *host* is where this worker listens for the
    others; by default where this machine reaches the scheduler, and nowhere else. A scheduler that goes away is waited
    for. Raises MissingExtraError, and WorkerError if it cannot be started.
    """
    prepare()
    from distributed import Worker

    stopping = _hear_signals()
    with TemporaryDirectory(prefix="aggregator-worker-") as folder:
        while not stopping.is_set():
            log.info("this worker looks for its scheduler", scheduler=address, program=name_program())
            try:
                own = host or await asyncio.to_thread(_find_own_host, address)
            except (OSError, ValueError) as error:
                log.warning("the scheduler is not found", scheduler=address, reason=str(error))
                await _wait(stopping)
                continue
            worker = Worker(
                address,
                nthreads=processes + connections,
                resources=make_offer(processes, connections),
                security=make_security(certificates),
                local_directory=folder,
                memory_limit=0,
                host=own,
                dashboard=False,
                dashboard_address=HTTP,
            )
            await _serve(worker, stopping, "this worker does units of work")
            if not stopping.is_set():
                log.warning("the scheduler is gone; this worker looks for it again", scheduler=address)
                await _wait(stopping)
    close()


async def serve_scheduler(
    host: str, port: int, *, certificates: Path | None = None, silent_seconds: float = SILENT_SECONDS
) -> None:
    """Hand units of work to workers, until SIGTERM or SIGINT.

    Raises MissingExtraError, and WorkerError if it cannot be started.
    """
    prepare()
    from distributed import Scheduler

    protocol = "tls" if certificates else "tcp"
    scheduler = Scheduler(
        host=host,
        port=port,
        protocol=protocol,
        security=make_security(certificates),
        worker_ttl=silent_seconds,
        dashboard=False,
        dashboard_address=HTTP,
    )
    await _serve(scheduler, _hear_signals(), "this scheduler hands out units of work")


def _find_own_host(address: str) -> str | None:
    """The address of this machine on the way to a scheduler; None if the address names none. Raises OSError and
    ValueError.
    """
    host = urlsplit(address).hostname
    if not host:
        return None
    family, kind, _, _, place = socket.getaddrinfo(host, _ANY_PORT, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as way:
        # Sends nothing.
        way.connect(place)
        return str(way.getsockname()[0])


def _hear_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


async def _serve(server: object, stopping: asyncio.Event, said: str) -> None:
    """Run a server of Dask until it ends by itself, or this program is to stop."""
    stop = asyncio.create_task(stopping.wait())
    begin = asyncio.ensure_future(server)  # type: ignore[call-overload]
    await asyncio.wait({stop, begin}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not begin.done():
            begin.cancel()
            return
        if error := begin.exception():
            # Dask says that it failed, and why as the cause.
            reason = error.__cause__ or error
            said = t(
                "this part of the cluster cannot be started: {reason}", reason=str(reason) or type(reason).__name__
            )
            raise WorkerError(said) from error
        log.info(said, address=server.address)  # type: ignore[attr-defined]
        end = asyncio.create_task(server.finished())  # type: ignore[attr-defined]
        await asyncio.wait({stop, end}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        await server.close()  # type: ignore[attr-defined]


async def _wait(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), _REST_SECONDS)
