"""The connection of the daemon to the scheduler of a cluster, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future as Waiting
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from aggregator.cluster.units import Kind, close, find_program, make_offer, name_offer, name_program
from aggregator.exceptions import MissingExtraError, WorkerError
from aggregator.locales import t

if TYPE_CHECKING:
    from distributed import Client, Future
    from distributed.security import Security

log = structlog.get_logger()

# Seconds between two looks at the workers, for one answer of the scheduler, and between two attempts to reach it.
_LOOK_SECONDS = 1.0
_ANSWER_SECONDS = 10.0
_REST_SECONDS = 5.0
# Units that are sent for each that a worker does at once, so that it never waits for the next. What waits longer waits
# here: a scheduler keeps all that it is sent in memory.
_AHEAD = 2
#: The names of the files in the folder of certificates.
CA_FILE, CERTIFICATE_FILE, KEY_FILE = "ca.pem", "certificate.pem", "key.pem"
_LOCAL = "local:"
_SETTINGS = {
    # Samples of what each thread is doing cost more than they tell.
    "distributed.worker.profile.enabled": False,
    # A document of 30 MB is fine.
    "distributed.admin.large-graph-warning-threshold": "1 GiB",
    "distributed.diagnostics.nvml": False,
    # Dask always listens for HTTP too; nothing is answered there.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
#: Where it does: on this machine, at any free port.
HTTP = "127.0.0.1:0"


class LostError(Exception):
    """The cluster gave no answer; this says nothing about the unit."""


@dataclass(frozen=True, slots=True)
class ClusterState:
    """How a cluster is: the workers that are used, and those of another version that are not."""

    #: Empty if the scheduler was not reached.
    scheduler: str
    #: By address, how many units of each kind it does at once.
    workers: Mapping[str, Mapping[Kind, int]] = field(default_factory=dict)
    #: By address, which program it runs.
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def room(self) -> dict[Kind, int]:
        """How many units of each kind are done at once."""
        return {kind: sum(offered[kind] for offered in self.workers.values()) for kind in Kind}


NOT_REACHED = ClusterState("")


class Link:
    """Sends units of work to the workers of a cluster, and knows how many there are.

    *address* leads to a scheduler, such as ``tcp://10.1.0.7:8786``, or ``local:2`` for two workers in this process,
    which no other machine reaches. A link that breaks is made again.
    """

    def __init__(self, address: str, *, certificates: Path | None, connections: int) -> None:
        check_installed()
        self._address, self._certificates = address, certificates
        self._connections = connections
        self._begun, self._tried = threading.Event(), threading.Event()
        self._client: Client | None = None
        self._state = NOT_REACHED
        self._said = ""
        #: What is under way, and the worker that it is bound to.
        self._under_way: dict[Future[bytes], str] = {}
        self._taken: Counter[Kind] = Counter()
        #: By host, the worker that retrieves from it now, and how many of its answers are awaited.
        self._hosts: dict[str, tuple[str, int]] = {}
        #: How often a worker went away, for monitoring.
        self.lost_workers = 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="cluster", daemon=True)
        self._thread.start()
        self._begun.wait()

    def stop(self) -> None:
        """End the connection, and local workers with it."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_ANSWER_SECONDS)

    @property
    def state(self) -> ClusterState:
        """How the cluster was a moment ago."""
        return self._state

    def wait(self) -> ClusterState:
        """Wait until the first attempt to reach the scheduler has come to an end."""
        self._tried.wait(2 * _ANSWER_SECONDS)
        return self._state

    def ask(
        self, kind: Kind, function: Callable[..., Any], *args: Any, seconds: float, host: str = "", worker: str = ""
    ) -> Waiting[bytes]:
        """Have a function called by a worker; those with a *host* only by the worker that has this host now, those with
        the address of a *worker* only by this one.

        The future raises LostError if the cluster gives no answer, or none within *seconds* after it was sent.
        """
        return asyncio.run_coroutine_threadsafe(self._ask(kind, function, args, seconds, host, worker), self._loop)

    # --- in the thread ---

    async def _live(self) -> None:
        self._loop, self._stopping, self._change = asyncio.get_running_loop(), asyncio.Event(), asyncio.Condition()
        holding = asyncio.create_task(self._hold())
        self._begun.set()
        await self._stopping.wait()
        holding.cancel()
        await asyncio.wait({holding}, timeout=_ANSWER_SECONDS)

    async def _ask(
        self, kind: Kind, function: Callable[..., Any], args: tuple[Any, ...], seconds: float, host: str, worker: str
    ) -> bytes:
        async with self._change:
            await self._change.wait_for(
                lambda: self._taken[kind] < (most := _AHEAD * self._state.room.get(kind, 0)) or not most
            )
            client = self._client
            if client is None or not self._state.room.get(kind):
                raise LostError("the cluster has no worker")
            if worker and worker not in self._state.workers:
                raise LostError("the worker is gone")
            self._taken[kind] += 1
            address = self._lend(host) if host else worker
        try:
            return await self._submit(client, kind, function, args, seconds, address)
        except TimeoutError as error:
            raise LostError(f"a worker gave no answer within {seconds:g} seconds") from error
        except Exception as error:
            # What a unit raises is in its answer.
            raise LostError(str(error) or type(error).__name__) from error
        finally:
            self._taken[kind] -= 1
            if host:
                self._give_back(host)
            async with self._change:
                self._change.notify_all()

    async def _submit(
        self,
        client: Client,
        kind: Kind,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        seconds: float,
        address: str,
    ) -> bytes:
        where = [address] if address else None
        future = client.submit(function, *args, pure=False, resources={name_offer(kind): 1}, workers=where)
        self._under_way[future] = address
        try:
            async with asyncio.timeout(seconds):
                return await future  # type: ignore[no-any-return]
        finally:
            del self._under_way[future]
            future.release()

    def _lend(self, host: str) -> str:
        """The worker that a host belongs to while requests to it are under way, else the one that its name chooses."""
        address, number = self._hosts.get(host, ("", 0))
        if address not in self._state.workers:
            # By rendezvous: a worker that comes or goes moves only its share of the hosts.
            address, number = max(self._state.workers, key=lambda one: blake2b(f"{host} {one}".encode()).digest()), 0
        self._hosts[host] = address, number + 1
        return address

    def _give_back(self, host: str) -> None:
        address, number = self._hosts.get(host, ("", 0))
        if number > 1:
            self._hosts[host] = address, number - 1
        else:
            self._hosts.pop(host, None)

    async def _hold(self) -> None:
        """Reach the scheduler, and again whenever it was lost."""
        while True:
            try:
                async with self._open() as client:
                    await self._watch(client)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self._say("the cluster cannot be reached; its work is done here", str(error) or type(error).__name__)
            await self._set(None, NOT_REACHED)
            self._tried.set()
            await asyncio.sleep(_REST_SECONDS)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Client]:
        prepare()
        from distributed import Client, LocalCluster

        if not self._address.startswith(_LOCAL):
            async with reach(self._address, self._certificates) as client:
                yield client
            return
        workers = int(self._address.removeprefix(_LOCAL))
        try:
            async with (
                # In this process: what a unit needs is done in the processes of the workers' pools.
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1 + self._connections,
                    processes=False,
                    resources=make_offer(1, self._connections),
                    memory_limit=0,
                    scheduler_kwargs={"dashboard": False},
                    dashboard_address=HTTP,
                    worker_dashboard_address=HTTP,
                    asynchronous=True,
                    silence_logs=logging.CRITICAL,
                ) as cluster,
                Client(cluster, asynchronous=True, set_as_default=False, timeout=_ANSWER_SECONDS) as client,
            ):
                yield client
        finally:
            await asyncio.to_thread(close)

    async def _watch(self, client: Client) -> None:
        """Look at the workers, until the scheduler is gone."""
        while client.status == "running":
            await self._set(client, await _ask_state(client))
            self._tried.set()
            await asyncio.sleep(_LOOK_SECONDS)
        raise OSError("its scheduler is gone")

    async def _set(self, client: Client | None, state: ClusterState) -> None:
        before, self._state, self._client = self._state, state, client
        self._tell(before, state)
        gone = [
            future
            for future, address in self._under_way.items()
            if not state.workers or (address and address not in state.workers)
        ]
        for future in gone:
            # Else it would wait for a worker to come.
            with suppress(Exception):
                await asyncio.wait_for(future.cancel(), _LOOK_SECONDS)
        async with self._change:
            self._change.notify_all()

    def _tell(self, before: ClusterState, now: ClusterState) -> None:
        come = now.workers.keys() - before.workers.keys()
        # Without the scheduler nothing is known of them.
        gone = before.workers.keys() - now.workers.keys() if now.scheduler else ()
        self.lost_workers += len(gone)
        for address in sorted(gone):
            log.warning("a worker of the cluster is gone; its work is done again", worker=address)
        for address in sorted(come):
            log.info(
                "a worker of the cluster is here",
                worker=address,
                **{str(k): n for k, n in now.workers[address].items()},
            )
        for address in sorted(now.others.keys() - before.others.keys()):
            log.warning(
                "a worker of the cluster is not used: it runs another version",
                worker=address,
                runs=now.others[address],
                needed=name_program(),
            )
        if now.scheduler and not now.workers:
            self._say("the cluster has no worker; its work is done here", now.scheduler)
        elif now.workers:
            self._said = ""

    def _say(self, event: str, reason: str) -> None:
        """Log something once, until it has passed."""
        if self._said != event:
            log.warning(event, cluster=self._address, reason=reason)
        self._said = event


async def look(address: str, certificates: Path | None) -> ClusterState:
    """Ask a scheduler how its cluster is. Raises MissingExtraError, and WorkerError if it cannot be reached."""
    prepare()
    try:
        async with reach(address, certificates) as client:
            return await _ask_state(client)
    except (OSError, ValueError, RuntimeError) as error:
        raise WorkerError(
            t("the cluster at {address} cannot be reached: {reason}", address=address, reason=error)
        ) from error


async def _ask_state(client: Client) -> ClusterState:
    return read_identity(await asyncio.wait_for(client.scheduler.identity(), _ANSWER_SECONDS))


def read_identity(told: Mapping[str, Any]) -> ClusterState:
    """Read what a scheduler says of itself: which workers run this program, and which another version of it."""
    workers: dict[str, dict[Kind, int]] = {}
    others: dict[str, str] = {}
    for address, worker in told["workers"].items():
        program = find_program(resources := worker["resources"])
        if program == name_program():
            workers[address] = {kind: int(resources.get(name_offer(kind), 0)) for kind in Kind}
        elif program is not None:
            others[address] = program
    return ClusterState(told["address"], workers, others)


def check_installed() -> None:
    """Raises MissingExtraError without Dask."""
    if find_spec("distributed") is None:
        raise MissingExtraError("cluster", "distributed", "cluster")


def prepare() -> None:
    """Load Dask as it is used here. Raises MissingExtraError."""
    check_installed()
    import dask
    import distributed  # noqa: F401 - its loggers are there from then on

    dask.config.set(_SETTINGS)
    for name in list(logging.root.manager.loggerDict):
        # What matters is said by this program, in the form of its log.
        if name.split(".")[0] in {"distributed", "tornado", "bokeh"}:
            logging.getLogger(name).handlers.clear()
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def reach(address: str, certificates: Path | None) -> Client:
    """A connection to a scheduler, as an async context manager."""
    from distributed import Client

    security = make_security(certificates)
    return Client(address, asynchronous=True, security=security, set_as_default=False, timeout=_ANSWER_SECONDS)


def make_security(certificates: Path | None) -> Security | None:
    """Encrypt all connections, and believe only who has a certificate of the same authority; None does neither.

    Raises WorkerError if the certificates cannot be read.
    """
    from distributed.security import Security

    if certificates is None:
        return None
    own = {"cert": str(certificates / CERTIFICATE_FILE), "key": str(certificates / KEY_FILE)}
    named = {f"tls_{role}_{what}": path for role in ("client", "scheduler", "worker") for what, path in own.items()}
    security = Security(require_encryption=True, tls_ca_file=str(certificates / CA_FILE), **named)
    try:
        security.get_connection_args("client")
    except OSError as error:
        said = t("the certificates in {folder} cannot be read: {reason}", folder=certificates, reason=error)
        raise WorkerError(said) from error
    return security
