"""What the workers of a cluster call: plain values in and out. Loads no Dask."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from aggregator import __version__
from aggregator.exceptions import WorkerError
from aggregator.fetch.retrieve import Retriever, RetrieverSettings
from aggregator.fetch.workers import WorkerPool
from aggregator.files import write_whole

_SIGN = "aggregator"
# From look to look whether somebody still waits for an answer that takes minutes.
_LOOK_SECONDS = 0.5
# Files that a worker keeps: of some homes, the model in use and the one before.
_MOST_KEPT = 4


class Kind(StrEnum):
    """What a unit needs of a worker: a processor, or a connection."""

    READ = "read"
    RETRIEVE = "retrieve"


@cache
def name_program() -> str:
    """Name what has to be the same at both ends, since functions and values travel as pickles."""
    from aggregator.build import find_commit

    return " ".join(
        filter(None, (__version__, find_commit(), f"python{sys.version_info.major}.{sys.version_info.minor}"))
    )


def name_offer(kind: Kind) -> str:
    """Name the resource of Dask by which a worker of this program offers to do units of a kind."""
    return f"{_SIGN} {name_program()} {kind}"


def make_offer(processes: int, connections: int) -> dict[str, float]:
    """Say how many units of each kind a worker does at once, as resources of Dask."""
    return {name_offer(Kind.READ): processes, name_offer(Kind.RETRIEVE): connections}


def find_program(resources: Mapping[str, float]) -> str | None:
    """Return which program a worker runs, by its resources; None if it is not one of this project."""
    names = (name.split(" ") for name in resources)
    return next((" ".join(words[1:-1]) for words in names if words[0] == _SIGN), None)


# --- on a worker ---

_pools: dict[tuple[str, int, float], WorkerPool] = {}
_retrievers: dict[tuple[object, RetrieverSettings], Retriever] = {}


def read(given: bytes, cpu_seconds: float, file: str = "") -> bytes:
    """Call what was packed, in a process with the limits of ``WorkerPool``; the answer is packed too.

    What needs a *file* gets the path of the kept one as its first argument.
    """

    async def run() -> Any:
        url, function, args, kwargs = _unpack(given)
        if file:
            args = (_find_kept(file), *args)
        return await _find_pool(cpu_seconds).run(url, function, *args, **kwargs)

    return _answer(lambda: asyncio.run(run()))


def read_apart(given: bytes, cpu_seconds: float) -> bytes:
    """Do the same for what takes minutes, in a process of its own: it ends within a second once the daemon takes the
    unit back or is gone, or this worker ends.
    """

    async def run() -> Any:
        url, function, args, kwargs = _unpack(given)
        with WorkerPool(1, cpu_seconds=cpu_seconds) as pool:
            reading = asyncio.create_task(pool.run(url, function, *args, **kwargs))
            while not (await asyncio.wait({reading}, timeout=_LOOK_SECONDS))[0]:
                if not _is_awaited():
                    raise WorkerError("nobody waits for the answer")
            return reading.result()

    return _answer(lambda: asyncio.run(run()))


def _is_awaited() -> bool:
    """Whether the scheduler still wants the answer of the unit of this thread; Dask itself lets it go on."""
    from distributed import Status, get_worker

    worker = get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return worker.status is Status.running and task is not None and task.state != "cancelled"


async def retrieve(given: bytes, settings: RetrieverSettings) -> bytes:
    """Retrieve a document over connections that are kept for the next one; the answer is packed."""
    # Of the event loop of this worker: it ends with the process.
    place = (asyncio.get_running_loop(), settings)
    if place not in _retrievers:
        opened = await settings.open().__aenter__()
        _retrievers.setdefault(place, opened)
    try:
        url, named = _unpack(given)
        answer = await _retrievers[place].retrieve(url, **named)
    except Exception as error:
        return pack((False, error))
    return pack((True, answer))


def keep(name: str, content: bytes) -> bytes:
    """Keep a file for the units to come. Another one of this name has the same content."""
    folder = _find_folder()
    folder.mkdir(exist_ok=True)
    write_whole(folder / name, lambda file: file.write(content))
    for old in sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)[:-_MOST_KEPT]:
        old.unlink(missing_ok=True)
    return pack((True, None))


def _find_kept(name: str) -> Path:
    path = _find_folder() / name
    if not path.is_file():
        raise WorkerError(f"{name} is not kept here")
    return path


def _find_folder() -> Path:
    from distributed import get_worker

    return Path(get_worker().local_directory) / "kept"


def close() -> None:
    """End the processes of the workers that ran in this process."""
    while _pools:
        _pools.popitem()[1].__exit__(None, None, None)
    _retrievers.clear()


def _find_pool(cpu_seconds: float) -> WorkerPool:
    from distributed import get_worker

    worker = get_worker()
    processes = int(worker.state.total_resources[name_offer(Kind.READ)])
    place = (worker.address, processes, cpu_seconds)
    # Two threads may both find none; what is left over has started no process yet.
    return _pools.setdefault(place, WorkerPool(processes, cpu_seconds=cpu_seconds))


def pack(value: object) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _answer(call: Callable[[], object]) -> bytes:
    try:
        return pack((True, call()))
    except Exception as error:
        try:
            return pack((False, error))
        except Exception:
            return pack((False, WorkerError(f"{type(error).__name__}: {error}")))


def _unpack(given: bytes) -> Any:
    try:
        return pickle.loads(given)  # noqa: S301 - a cluster runs what it is sent: docs/threats.md
    except Exception as error:
        raise WorkerError(f"a worker of the cluster cannot read what it is sent: {error}") from error


def unpack_answer(given: bytes) -> Any:
    """What a unit gave; what it raised is raised here. Raises WorkerError if it cannot be read."""
    succeeded, answer = _unpack(given)
    if succeeded:
        return answer
    raise answer
